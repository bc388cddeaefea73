"""Detection against real servers: what it finds is how they are configured."""

import pytest

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.smtp.candidate import Candidate, limits
from smtp_workbench.smtp.guesses import of_host
from smtp_workbench.smtp.probe import probe
from smtp_workbench.smtp.ranking import rank
from support.servers.server import PASSWORD, USER, MailServer

pytestmark = pytest.mark.real_server

IMPLICIT, STARTTLS, PLAINTEXT = Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT
TRUTH = {
    ("submission", STARTTLS): True,
    ("submission", PLAINTEXT): True,
    ("submissions", IMPLICIT): True,
    ("relay", STARTTLS): False,
    ("relay", PLAINTEXT): True,
    ("optional", STARTTLS): True,
    ("optional", PLAINTEXT): True,
    ("plaintext", STARTTLS): False,
    ("plaintext", PLAINTEXT): True,
}
"""What `support.servers.postfix` sets each service to."""


async def detected(
    server: MailServer, *roles: str, user: str = "", secret: Secret | None = None
) -> tuple[Candidate, ...]:
    base = Transport(
        tls=Tls(trust=Trust.CA_FILE, ca_file=str(server.ca_file)),
        auth=Auth(user=user),
        timeouts=limits(8),
    )
    ports = dict.fromkeys(server.ports[role] for role in roles)
    return await probe(of_host(server.host, ports), base, secret)


async def test_every_service_of_postfix_is_found_as_it_is_set(postfix: MailServer) -> None:
    roles = dict.fromkeys(role for role, _ in TRUTH)
    found = await detected(postfix, *roles)
    names = {port: role for role, port in postfix.ports.items()}
    assert {(names[item.port], item.security): item.ok for item in found} == TRUTH
    offered = {(names[item.port], item.security) for item in found if item.auth}
    assert offered == {
        ("submission", STARTTLS),
        ("submissions", IMPLICIT),
        ("optional", STARTTLS),
        ("plaintext", PLAINTEXT),
    }
    first = rank(found)[0].candidate
    assert (names[first.port], first.security) == ("submissions", IMPLICIT)


@pytest.mark.parametrize(("password", "ok"), [(PASSWORD, True), ("wr0ng-Passw0rd", False)])
async def test_dovecot_and_its_log_in(dovecot: MailServer, password: str, ok: bool) -> None:
    roles = [role for role in ("submission", "submissions") if role in dovecot.ports]
    found = await detected(dovecot, *roles, user=USER, secret=Secret(password))
    (chosen,) = [item for item in found if item.login is not None]
    assert chosen.security is IMPLICIT
    assert chosen.ok is ok
