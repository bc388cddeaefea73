"""Each export is taken by the program it is for, which sends a message with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formats import programs
from formats.round_trips import NASTY
from smtp_workbench.formats.format import Export
from smtp_workbench.formats.omission import SECURITY_NAMES
from smtp_workbench.formats.registry import by_id
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.transport import Security
from support.practice import practice_server

ASCII = "".join(filter(str.isascii, NASTY))
CONSUMERS: dict[str, Callable[[Export, Path, Path], None]] = {
    "nodemailer": programs.node,
    "nodemailer-json": programs.node,
    "nodemailer-url": programs.node,
    "nodemailer-pool": programs.node,
    "smtplib": programs.python,
    "aiosmtplib": programs.python,
    "phpmailer": programs.phpmailer,
    "symfony": programs.symfony,
    "go-net-smtp": programs.go_smtp,
    "jakarta-mail": programs.jakarta,
    "ruby-net-smtp": programs.ruby_smtp,
    "ruby-mail": programs.ruby_mail,
    "django": programs.django,
    "flask-mail": programs.flask_mail,
    "rails": programs.rails,
    "laravel": programs.laravel,
    "wordpress": programs.wordpress,
}
ONLY_ASCII = ("django", "flask-mail")
"""They log in by smtplib, which says so in `assumed`."""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Sandbox]]:
    with practice_server(NASTY) as nasty, practice_server(ASCII) as ascii_only:
        yield {"nasty": nasty, "ascii": ascii_only}


@pytest.mark.real_server
@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("format_id", CONSUMERS)
def test_its_own_program_sends_with_it(
    format_id: str, security: Security, servers: dict[str, Sandbox], tmp_path: Path
) -> None:
    sandbox = servers["ascii" if format_id in ONLY_ASCII else "nasty"]
    target = by_id(format_id)
    assert target
    transport = sandbox.transport(security)
    ca_file = Path(transport.tls.ca_file)
    # Not every program can be told the certificate's name, so the host is the name.
    tls = replace(transport.tls, server_name="")
    export = target.write(replace(transport, host="localhost", tls=tls), sandbox.password)
    if security is Security.PLAINTEXT and SECURITY_NAMES[security] in export.left_out:
        pytest.skip("it has no way to say so")
    sandbox.inbox.clear()
    CONSUMERS[format_id](export, tmp_path, ca_file)
    [message] = sandbox.inbox
    assert message.user == sandbox.user
    assert bool(message.tls) is (security is not Security.PLAINTEXT)
