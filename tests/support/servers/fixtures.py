"""Real servers, each started once a session when the first test asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers import dovecot as dovecot_module
from support.servers import exim as exim_module
from support.servers import postfix as postfix_module
from support.servers import smtp_server as smtp_server_module
from support.servers.dovecot import Dovecot
from support.servers.server import MailServer, free_ports


def _need(*packages: str, there: bool, root: bool = True) -> None:
    """Skip what asks for a server that can't run here; on CI, fail it."""
    if there and (os.geteuid() == 0 or not root):
        return
    reason = f"needs {', '.join(packages)}, which `packaging/test` brings when root runs it"
    if there:
        reason = f"{', '.join(packages)} can be started by root only"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def mail_system() -> Iterator[tuple[MailServer, Dovecot]]:
    """Postfix and Dovecot, which need each other: log-ins there, mail to send on here."""
    programs = (postfix_module.PROGRAM, dovecot_module.PROGRAM, *dovecot_module.PROTOCOLS)
    packages = ("postfix", "dovecot-core", "dovecot-lmtpd", "dovecot-submissiond", "dovecot-imapd")
    _need(*packages, there=all(map(Path.exists, programs)))
    ports = free_ports(*postfix_module.SERVICES)
    with (
        dovecot_module.dovecot(ports["relay"]) as dovecot,
        postfix_module.postfix(ports, dovecot.auth_socket, dovecot.server.ports["lmtp"]) as postfix,
    ):
        yield postfix, dovecot


@pytest.fixture(scope="session")
def postfix(mail_system: tuple[MailServer, Dovecot]) -> MailServer:
    """Postfix, log-ins by Dovecot."""
    return mail_system[0]


@pytest.fixture(scope="session")
def dovecot(mail_system: tuple[MailServer, Dovecot]) -> MailServer:
    """Dovecot's own LMTP and submission."""
    return mail_system[1].server


@pytest.fixture(scope="session")
def exim() -> Iterator[MailServer]:
    """Exim."""
    _need("exim4-daemon-light", there=exim_module.PROGRAM.exists())
    with exim_module.exim() as server:
        yield server


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[MailServer]:
    """Nodemailer's smtp-server."""
    there = smtp_server_module.node() is not None
    _need("nodejs", "npm's smtp-server", there=there, root=False)
    with smtp_server_module.smtp_server() as server:
        yield server
