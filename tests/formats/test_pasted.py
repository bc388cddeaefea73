"""Texts as people paste them, of documentation and of projects, and what is understood of them."""

from contextlib import suppress
from typing import Any

import pytest

from formats import pasted_code, pasted_frameworks
from smtp_workbench.formats.registry import by_id, recognise
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, Transport


@pytest.mark.parametrize(
    ("format_id", "text", "fields", "secret"), [*pasted_code.PASTED, *pasted_frameworks.PASTED]
)
def test_a_pasted_text_is_recognised_and_understood(
    format_id: str, text: str, fields: dict[str, Any], secret: str | None
) -> None:
    best, _ = recognise(text)[0]
    assert best.id == format_id
    assert best.read
    change = best.read(text).change
    assert {name: change.fields.get(name) for name in fields} == fields
    assert change.secret == (Secret(secret) if secret else None)
    change.apply(Transport())


def read(format_id: str, text: str) -> Any:
    found = by_id(format_id)
    assert found
    assert found.read
    return found.read(text)


def test_a_wrong_combination_is_taken_as_it_stands_and_the_checks_speak_of_it() -> None:
    text = "nodemailer.createTransport({host: 'smtp.gmail.com', port: 587, secure: true})"
    transport = read("nodemailer", text).change.apply(Transport())
    assert (transport.port, transport.security) == (587, Security.IMPLICIT_TLS)
    assert "port_wants_starttls" in {found.label for found in check(transport)}


def test_what_means_nothing_here_and_what_is_not_known_is_told() -> None:
    found = read(
        "nodemailer",
        "createTransport({host: process.env.H, port: 'abc', dkim: {}, debug: true, lmtp: true,"
        " auth: {user: f(x), pass: `p${x}`}})",
    )
    assert set(found.ignored) >= {"dkim", "debug", "port"}
    assert found.change.secret is None
    assert found.change.fields["protocol"] is Protocol.LMTP
    notes = " ".join(found.notes)
    assert "host comes from the environment variable H" in notes
    assert "auth.user is computed" in notes
    assert "auth.pass is computed" in notes


def test_a_certificate_in_the_text_is_no_file_name() -> None:
    text = "createTransport({host: 'h', secure: true, tls: {ca: '-----BEGIN CERTIFICATE-----'}})"
    found = read("nodemailer", text)
    assert "tls.ca_file" not in found.change.fields
    assert "save it as a file" in found.notes[0]


@pytest.mark.parametrize("text", ["", "hello", "{}", "[]", "a: 1", "x = 1", "<a/>", "port=25\n"])
def test_other_texts_are_recognised_as_nothing(text: str) -> None:
    assert recognise(text) == []


@pytest.mark.parametrize(
    ("format_id", "text"),
    [
        ("smtplib", "smtplib.SMTP(__import__('os').system('touch run'), 25).login('u', eval('1'))"),
        ("django", "EMAIL_HOST = open('run', 'w')\nEMAIL_PORT = 25"),
        (
            "spring-yaml",
            "spring:\n  mail:\n    host: !!python/object/apply:os.system ['touch run']",
        ),
        (
            "nodemailer",
            "createTransport({host: require('fs').writeFileSync('run', ''), secure: 1})",
        ),
        ("rails", "config.action_mailer.smtp_settings = { address: `touch run`, port: 25 }"),
    ],
)
def test_nothing_is_run(
    format_id: str, text: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        assert "host" not in read(format_id, text).change.fields
    except ValueError as error:
        assert "YAML" in str(error)  # noqa: PT017  # a tag of Python's is refused
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 50_000, "createTransport(" + "{a:" * 50_000, "\n" * 100_000,
     "EMAIL_HOST = " + "(" * 5_000, "spring:\n  mail: " + "[" * 20_000, "'" * 100_000,
     'MAIL_MAILER="' + "\\" * 100_000],
    ids=["lists", "json", "objects", "lines", "python", "yaml", "quotes", "backslashes"],
)  # fmt: skip
@pytest.mark.timeout(20)
def test_a_hostile_text_is_done_with_soon(text: str) -> None:
    for found, _ in recognise(text):
        assert found.read
        with suppress(ValueError):
            found.read(text)
