"""Verify against real servers: what works, works; what does not has its stage and its cause."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Auth,
    Protocol,
    Security,
    Timeouts,
    Tls,
    Transport,
    Trust,
)
from smtp_workbench.smtp.envelope import Envelope
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify
from support.leaks import find_leak
from support.servers import dovecot as dovecot_module
from support.servers.server import PASSWORD, USER, MailServer
from support.servers.smtp_server import TOKEN

pytestmark = pytest.mark.real_server

STARTTLS, IMPLICIT = Security.STARTTLS, Security.IMPLICIT_TLS
PLAINTEXT, IF_OFFERED = Security.PLAINTEXT, Security.STARTTLS_IF_OFFERED
LIMITS = Timeouts(dns=5, connect=5, greeting=5, socket=10, total=30)
SENDER, STRANGER, NOBODY = "a@sender.example", "b@elsewhere.example", "nobody@workbench.test"
WRONG = "wr0ng-Passw0rd"

PASSWORD_MECHANISMS = {
    "postfix": ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"),
    "dovecot": ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"),
    "exim": ("CRAM-MD5", "PLAIN", "LOGIN"),
    "smtp_server": ("CRAM-MD5", "PLAIN", "LOGIN"),
}
"""The strongest first: what an automatic choice has to take."""
TOKEN_MECHANISMS = {
    "postfix": ("XOAUTH2", "OAUTHBEARER"),
    "dovecot": ("XOAUTH2", "OAUTHBEARER"),
    "smtp_server": ("XOAUTH2",),
}
ROLES = {"submission": STARTTLS, "submissions": IMPLICIT}
SERVERS = tuple(PASSWORD_MECHANISMS)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> MailServer:
    """The server that the test's parameter names; only that one is started."""
    found: MailServer = request.getfixturevalue(request.param)
    return found


on_every_server = pytest.mark.parametrize("server", SERVERS, indirect=True)


def transport(
    server: MailServer,
    role: str,
    security: Security,
    *,
    user: str | None = USER,
    mechanism: str = "",
    **changes: Any,
) -> Transport:
    return Transport(
        host=server.host,
        port=server.ports[role],
        security=security,
        auth=Auth(user=user or "", mechanism=mechanism),
        tls=Tls(trust=Trust.CA_FILE, ca_file=str(server.ca_file), **changes.pop("tls", {})),
        timeouts=LIMITS,
        **changes,
    )


async def run(
    settings: Transport, password: str = PASSWORD, recipients: tuple[str, ...] | None = None
) -> Report:
    secret = Secret(password) if settings.auth.user else None
    envelope = None if recipients is None else Envelope(SENDER, recipients)
    report = await verify(settings, secret, envelope=envelope)
    assert secret is None or find_leak(json.dumps(report.as_json()), password) is None
    return report


def outcome(report: Report, settings: Transport) -> tuple[Stage | None, str | None]:
    """Return where it ended and why, as a user is told."""
    diagnosis = diagnose(report, settings)
    return report.failed_stage, diagnosis.cause if diagnosis else None


def cases(table: dict[str, tuple[str, ...]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("server", "mechanism"),
        [(name, mechanism) for name, row in table.items() for mechanism in row],
        indirect=["server"],
    )


# Log-in


@pytest.mark.parametrize("role", ROLES)
@on_every_server
async def test_the_right_password_goes_through_every_stage(server: MailServer, role: str) -> None:
    report = await run(settings := transport(server, role, ROLES[role]))
    assert outcome(report, settings) == (None, None)
    assert report.ok
    stages = "dns connect tls greeting ehlo auth quit"
    if role == "submission":
        stages = "dns connect greeting ehlo starttls tls ehlo auth quit"
    assert [stage.stage.value for stage in report.stages] == stages.split()
    assert report.tls is not None
    assert report.tls.trusted


@pytest.mark.parametrize("name", SERVERS)
async def test_the_automatic_choice_is_the_strongest_mechanism(
    name: str, request: pytest.FixtureRequest
) -> None:
    server: MailServer = request.getfixturevalue(name)
    report = await run(transport(server, "submission", STARTTLS))
    assert report.mechanism == PASSWORD_MECHANISMS[name][0]


@cases(PASSWORD_MECHANISMS)
async def test_each_mechanism_tells_right_from_wrong(server: MailServer, mechanism: str) -> None:
    settings = transport(server, "submission", STARTTLS, mechanism=mechanism)
    report = await run(settings)
    assert (report.ok, report.mechanism) == (True, mechanism)
    report = await run(settings, WRONG)
    assert outcome(report, settings) == (Stage.AUTH, "bad_credentials")
    assert report.reply is not None
    assert report.reply.code == 535


@on_every_server
async def test_a_wrong_password_over_implicit_tls_is_bad_credentials(server: MailServer) -> None:
    settings = transport(server, "submissions", IMPLICIT)
    assert outcome(await run(settings, WRONG), settings) == (Stage.AUTH, "bad_credentials")


@on_every_server
async def test_an_unknown_user_is_bad_credentials(server: MailServer) -> None:
    settings = transport(server, "submission", STARTTLS, user="nobody@workbench.test")
    assert outcome(await run(settings), settings) == (Stage.AUTH, "bad_credentials")


@cases(TOKEN_MECHANISMS)
async def test_a_token_is_taken_and_an_expired_one_is_not(
    server: MailServer, mechanism: str, request: pytest.FixtureRequest
) -> None:
    nodemailers = request.node.callspec.params["server"] == "smtp_server"
    settings = transport(server, "submission", STARTTLS, mechanism=mechanism)
    report = await run(settings, TOKEN if nodemailers else dovecot_module.token())
    assert (report.ok, report.mechanism) == (True, mechanism)
    report = await run(settings, dovecot_module.token(lifetime=-60))
    assert outcome(report, settings) == (Stage.AUTH, "oauth_token_rejected")
    assert report.failure is not None
    assert "bearer" in report.failure.evidence or "invalid_token" in report.failure.evidence


@pytest.mark.parametrize("server", ["exim", "smtp_server"], indirect=True)
async def test_a_mechanism_that_is_not_offered_is_tried_when_named(server: MailServer) -> None:
    settings = transport(server, "submission", STARTTLS, mechanism="SCRAM-SHA-256")
    report = await run(settings)
    assert outcome(report, settings) == (Stage.AUTH, "no_common_auth_mechanism")
    assert report.reply is not None
    assert report.reply.code == 504


async def test_a_server_without_auth_says_so(postfix: MailServer) -> None:
    settings = transport(postfix, "relay", PLAINTEXT)
    assert outcome(await run(settings), settings) == (Stage.AUTH, "auth_not_offered")


@pytest.mark.parametrize(
    ("server", "role"),
    [("postfix", "submission"), ("postfix", "optional"), ("exim", "submission")],
    indirect=["server"],
)
async def test_auth_that_is_offered_after_tls_only_says_so(server: MailServer, role: str) -> None:
    settings = transport(server, role, PLAINTEXT)
    assert outcome(await run(settings), settings) == (Stage.AUTH, "auth_not_offered_before_tls")


# TLS


@on_every_server
async def test_implicit_tls_on_a_starttls_port_meets_plaintext(server: MailServer) -> None:
    settings = transport(server, "submission", IMPLICIT)
    report = await run(settings)
    assert outcome(report, settings) == (Stage.TLS, "plaintext_server_on_tls_port")


@on_every_server
async def test_starttls_on_an_implicit_tls_port_meets_silence(server: MailServer) -> None:
    settings = transport(server, "submissions", STARTTLS)
    settings = replace(settings, timeouts=replace(LIMITS, greeting=0.5))
    report = await run(settings)
    assert outcome(report, settings) == (Stage.GREETING, "tls_server_on_plain_port")
    assert report.seconds < 2


@pytest.mark.parametrize("role", ROLES)
@on_every_server
async def test_an_authority_that_is_not_known_is_not_trusted(
    server: MailServer, role: str, tmp_path: Path
) -> None:
    trustme.CA(organization_name="Others").cert_pem.write_to_path(str(tmp_path / "other.pem"))
    settings = transport(server, role, ROLES[role])
    settings = replace(settings, tls=replace(settings.tls, ca_file=str(tmp_path / "other.pem")))
    report = await run(settings)
    assert outcome(report, settings) == (Stage.TLS, "untrusted_ca")
    assert report.tls is not None
    assert report.tls.leaf is not None
    assert "localhost" in report.tls.leaf.names


@pytest.mark.parametrize("role", ROLES)
@on_every_server
async def test_a_certificate_for_other_names_names_them(server: MailServer, role: str) -> None:
    settings = transport(server, role, ROLES[role], tls={"server_name": "smtp.example.com"})
    report = await run(settings)
    assert outcome(report, settings) == (Stage.TLS, "hostname_mismatch")
    assert report.failure is not None
    assert "localhost" in report.failure.evidence


async def test_a_client_certificate_is_asked_for_and_taken(postfix: MailServer) -> None:
    settings = transport(postfix, "client_certificate", STARTTLS, user=None)
    report = await run(settings)
    assert outcome(report, settings)[1] == "client_certificate_required"
    own = {"client_certificate": str(postfix.client_certificate)}
    settings = transport(postfix, "client_certificate", STARTTLS, user=None, tls=own)
    assert (await run(settings)).ok


async def test_starttls_that_is_not_offered_stops_before_the_password(postfix: MailServer) -> None:
    settings = transport(postfix, "relay", STARTTLS)
    report = await run(settings)
    assert outcome(report, settings) == (Stage.STARTTLS, "starttls_not_offered")


async def test_plaintext_where_starttls_is_required_is_told_at_the_sender(
    postfix: MailServer,
) -> None:
    settings = transport(postfix, "submission", PLAINTEXT, user=None)
    report = await run(settings, recipients=())
    assert outcome(report, settings) == (Stage.MAIL, "starttls_required_by_server")


async def test_starttls_if_offered_goes_either_way(postfix: MailServer) -> None:
    encrypted = await run(transport(postfix, "optional", IF_OFFERED))
    assert encrypted.ok
    assert encrypted.tls is not None
    readable = await run(transport(postfix, "plaintext", IF_OFFERED))
    assert readable.ok
    assert readable.tls is None


# Envelope


@pytest.mark.parametrize(
    ("server", "role", "security"),
    [("postfix", "relay", PLAINTEXT), ("exim", "submission", STARTTLS)],
    indirect=["server"],
)
async def test_a_stranger_may_write_to_the_servers_own_users_only(
    server: MailServer, role: str, security: Security
) -> None:
    settings = transport(server, role, security, user=None)
    assert (await run(settings, recipients=(USER,))).ok
    report = await run(settings, recipients=(STRANGER,))
    assert outcome(report, settings) == (Stage.RCPT, "relay_denied")
    report = await run(settings, recipients=(NOBODY,))
    assert outcome(report, settings) == (Stage.RCPT, "unknown_recipient")


@pytest.mark.parametrize("server", ["postfix", "exim"], indirect=True)
async def test_a_log_in_opens_the_relay(server: MailServer) -> None:
    assert (await run(transport(server, "submission", STARTTLS), recipients=(STRANGER,))).ok


async def test_one_refused_recipient_of_three_is_not_ok(postfix: MailServer) -> None:
    settings = transport(postfix, "relay", PLAINTEXT, user=None)
    report = await run(settings, recipients=(USER, NOBODY, USER))
    assert outcome(report, settings) == (Stage.RCPT, "unknown_recipient")
    assert [answered.accepted for answered in report.recipients] == [True, False, True]


@pytest.mark.parametrize("server", ["dovecot", "smtp_server"], indirect=True)
async def test_mail_without_the_log_in_that_is_wanted_says_so(server: MailServer) -> None:
    settings = transport(server, "submission", STARTTLS, user=None)
    report = await run(settings, recipients=(USER,))
    assert outcome(report, settings) == (Stage.MAIL, "auth_required")


# LMTP

on_each_lmtp = pytest.mark.parametrize("server", ["dovecot", "smtp_server"], indirect=True)


@on_each_lmtp
async def test_lmtp_answers_for_each_recipient(server: MailServer) -> None:
    settings = transport(server, "lmtp", PLAINTEXT, user=None, protocol=Protocol.LMTP)
    assert (await run(settings, recipients=(USER,))).ok
    report = await run(settings, recipients=(NOBODY,))
    assert outcome(report, settings) == (Stage.RCPT, "unknown_recipient")


@on_each_lmtp
async def test_smtp_to_an_lmtp_server_is_told(server: MailServer) -> None:
    settings = transport(server, "lmtp", PLAINTEXT, user=None)
    assert outcome(await run(settings), settings) == (Stage.EHLO, "lmtp_not_smtp")


@on_every_server
async def test_lmtp_to_an_smtp_server_is_told(server: MailServer) -> None:
    settings = transport(server, "submission", STARTTLS, user=None, protocol=Protocol.LMTP)
    assert outcome(await run(settings), settings) == (Stage.EHLO, "smtp_not_lmtp")


# The command line


def call(server: MailServer, url: str, password: str, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "smtp_workbench", "verify", url, "--json"),
            *("--user", USER, "--password-env", "THE_PASSWORD", "--ca-file", server.ca_file),
            *("--timeout", "10", *more),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "THE_PASSWORD": password},
    )
    assert done.stderr == ""
    assert find_leak(done.stdout, password) is None
    answer: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1)
    return answer


@on_every_server
def test_the_command_line_tells_the_same(server: MailServer) -> None:
    starttls = f"smtp://{server.host}:{server.ports['submission']}?requireTLS=true"
    implicit = f"smtps://{server.host}:{server.ports['submissions']}"
    for url in (starttls, implicit):
        right = call(server, url, PASSWORD)
        assert (right["ok"], right["diagnosis"]) == (True, None)
        assert right["tls"]["trusted"] is True
    wrong = call(server, starttls, WRONG)
    assert (wrong["failed_stage"], wrong["diagnosis"]["cause"]) == ("auth", "bad_credentials")
    assert wrong["reply"]["code"] == 535
