"""Each tool takes its export and sends with it, or its real parser reads it."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formats import mailers
from formats.programs import program
from formats.round_trips import NASTY
from smtp_workbench.formats.format import Export
from smtp_workbench.formats.omission import SECURITY_NAMES, UNCHECKED
from smtp_workbench.formats.registry import by_id
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from support.practice import practice_server

PLAIN = {"mutt": "PLAIN"}
"""Mechanisms that are told: NeoMutt's own choice leaves out the first response, which the sandbox
wants with SCRAM."""
WITHOUT_BLANKS = "p'\"\\$%&{}`日本!"
"""What ssmtp.conf can hold of a difficult password: it has no quotes."""
CONSUMERS: dict[str, Callable[[Export, Path, Sandbox], None]] = {
    "curl": mailers.curl,
    "swaks": mailers.swaks,
    "msmtp": mailers.msmtp,
    "postfix": mailers.postfix,
    "exim": mailers.exim,
    "ssmtp": mailers.ssmtp,
    "nullmailer": mailers.nullmailer,
    "git-send-email": mailers.git,
    "mutt": mailers.mutt,
    "courier": mailers.courier,
    "gitlab": mailers.gitlab,
}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Sandbox]]:
    with practice_server(NASTY) as nasty, practice_server(WITHOUT_BLANKS) as solid:
        yield {"nasty": nasty, "solid": solid}


def reachable(sandbox: Sandbox, security: Security, mechanism: str = "") -> Transport:
    """Return settings of the sandbox by its name, as not every tool knows a certificate's name."""
    transport = sandbox.transport(security)
    return replace(
        transport,
        host="localhost",
        tls=replace(transport.tls, server_name=""),
        auth=Auth(user=sandbox.user, mechanism=mechanism),
    )


@pytest.mark.real_server
@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("format_id", CONSUMERS)
def test_its_own_program_sends_with_it(
    format_id: str, security: Security, servers: dict[str, Sandbox], tmp_path: Path
) -> None:
    sandbox = servers["solid" if format_id == "ssmtp" else "nasty"]
    target = by_id(format_id)
    assert target
    export = target.write(reachable(sandbox, security, PLAIN.get(format_id, "")), sandbox.password)
    if SECURITY_NAMES[security] in export.left_out:
        pytest.skip("it has no way to say so")
    sandbox.inbox.clear()
    CONSUMERS[format_id](export, tmp_path, sandbox)
    [message] = sandbox.inbox
    assert message.user == sandbox.user
    assert bool(message.tls) is (security is not Security.PLAINTEXT)


@pytest.mark.real_server
@pytest.mark.parametrize("format_id", ["curl", "swaks", "msmtp", "git-send-email", "mutt", "exim"])
def test_the_placeholder_takes_the_password_from_the_environment(
    format_id: str,
    servers: dict[str, Sandbox],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = servers["nasty"]
    target = by_id(format_id)
    assert target
    export = target.write(reachable(sandbox, Security.STARTTLS, PLAIN.get(format_id, "")), None)
    assert sandbox.password.reveal() not in export.text
    monkeypatch.setenv("SMTP_PASSWORD", sandbox.password.reveal())
    sandbox.inbox.clear()
    CONSUMERS[format_id](export, tmp_path, sandbox)
    [message] = sandbox.inbox
    assert message.user == sandbox.user


@pytest.mark.real_server
@pytest.mark.parametrize(
    "format_id", ["curl", "swaks", "msmtp", "postfix", "exim", "nullmailer", "git-send-email"]
)
def test_a_certificate_of_another_authority_is_refused_unless_any_is_accepted(
    format_id: str, servers: dict[str, Sandbox], tmp_path: Path
) -> None:
    """What is said about trust is what the tool does."""
    sandbox = servers["nasty"]
    target = by_id(format_id)
    assert target
    transport = reachable(sandbox, Security.STARTTLS)
    for trust in (Trust.SYSTEM, Trust.NONE):
        export = target.write(replace(transport, tls=Tls(trust=trust)), sandbox.password)
        assert UNCHECKED not in export.left_out
        if trust is Trust.NONE and "accepting any certificate" in export.left_out:
            continue
        sandbox.inbox.clear()
        folder = tmp_path / trust
        folder.mkdir()
        if trust is Trust.SYSTEM:
            with pytest.raises(AssertionError):
                CONSUMERS[format_id](export, folder, sandbox)
            assert not len(sandbox.inbox)
        else:
            CONSUMERS[format_id](export, folder, sandbox)
            assert len(sandbox.inbox) == 1


@pytest.mark.real_server
@pytest.mark.parametrize("security", [Security.IMPLICIT_TLS, Security.STARTTLS])
def test_openssl_verifies_the_certificate_and_speaks_smtp(
    security: Security, servers: dict[str, Sandbox], tmp_path: Path
) -> None:
    target = by_id("openssl")
    assert target
    transport = servers["nasty"].transport(security)
    output = mailers.openssl(target.write(transport, None), tmp_path)
    assert "Verification: OK" in output
    assert "Verified peername: localhost" in output


def test_openssl_has_no_command_without_tls() -> None:
    target = by_id("openssl")
    assert target
    with pytest.raises(ValueError, match="never use TLS"):
        target.write(Transport(host="x", security=Security.PLAINTEXT), None)


@pytest.mark.real_server
@pytest.mark.parametrize("format_id", ["curl", "msmtp", "swaks"])
def test_the_certificates_name_may_be_another_than_the_host(
    format_id: str, servers: dict[str, Sandbox], tmp_path: Path
) -> None:
    sandbox = servers["nasty"]
    target = by_id(format_id)
    assert target
    export = target.write(sandbox.transport(Security.STARTTLS), sandbox.password)
    assert "server name" not in export.left_out
    sandbox.inbox.clear()
    CONSUMERS[format_id](export, tmp_path, sandbox)
    assert len(sandbox.inbox) == 1


@pytest.mark.real_server
@pytest.mark.parametrize("password", ["a^b^^c:d::e;<f>", '"q"', "#end\\", "$(id) `id` |&*?[x]~!"])
def test_a_password_with_what_some_tool_takes_for_its_own_is_left_alone(
    password: str, tmp_path: Path
) -> None:
    """Such as `^` for Exim, quotes at both ends for msmtp, `#` for Git, commands for a shell."""
    with practice_server(password) as sandbox:
        for format_id, consumer in CONSUMERS.items():
            target = by_id(format_id)
            assert target
            transport = reachable(sandbox, Security.STARTTLS, "PLAIN")
            try:
                export = target.write(transport, sandbox.password)
            except ValueError:
                assert format_id == "ssmtp"
                continue
            sandbox.inbox.clear()
            (tmp_path / format_id).mkdir()
            consumer(export, tmp_path / format_id, sandbox)
            assert len(sandbox.inbox) == 1, format_id


@pytest.mark.parametrize("password", ["a b", "a#b", "a=b", "tab\there"])
def test_ssmtp_refuses_a_password_that_its_file_cannot_hold(password: str) -> None:
    target = by_id("ssmtp")
    assert target
    settings = Transport(host="smtp.example.com", auth=Auth(user="me"))
    with pytest.raises(ValueError, match=r"ssmtp\.conf can't hold"):
        target.write(settings, Secret(password))


@pytest.mark.real_server
def test_git_reads_every_value_as_it_was(tmp_path: Path) -> None:
    git = program("git", "git")
    target = by_id("git-send-email")
    assert target
    settings = Transport(host="smtp.example.com", sender="Me <me@x>", auth=Auth(user="# ;"))
    mailers.write(target.write(settings, Secret(NASTY)), tmp_path)
    for name, value in {
        "smtpPass": NASTY,
        "smtpUser": "# ;",
        "from": "Me <me@x>",
        "smtpServerPort": "587",
    }.items():
        command = [git, "config", "-f", tmp_path / ".gitconfig", f"sendemail.{name}"]
        done = subprocess.run(command, capture_output=True, check=True)
        assert done.stdout.decode() == value + "\n"


def test_exim_refuses_a_caret_that_would_end_the_user() -> None:
    """After the NUL, which is a `^` too, it would be the first of two."""
    target = by_id("exim")
    assert target
    settings = Transport(host="smtp.example.com", auth=Auth(user="me"))
    with pytest.raises(ValueError, match="at the beginning of a user or password"):
        target.write(settings, Secret("^x"))


@pytest.mark.parametrize("password", ["-x", "<>"])
def test_swaks_gets_no_password_that_it_takes_for_something_else(password: str) -> None:
    target = by_id("swaks")
    assert target
    settings = Transport(host="smtp.example.com", auth=Auth(user="me"))
    with pytest.raises(ValueError, match="a meaning of its own"):
        target.write(settings, Secret(password))


def test_a_secret_is_no_word_of_a_command() -> None:
    """Other users of a machine see the words of each command that runs."""
    for format_id in ("curl", "swaks"):
        target = by_id(format_id)
        assert target
        settings = Transport(host="smtp.example.com", auth=Auth(user="me"))
        text = target.write(settings, Secret("open-sesame")).text
        command = text[text.index(f"{format_id} ") :]
        assert "open-sesame" not in command
        assert "open-sesame" in text
