"""What the live checks say, and that their fixes help."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.resource import read_toml
from smtp_workbench.settings.change import Change, Severity
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.files import FileFacts, FileTrouble
from smtp_workbench.settings.findings import finding
from smtp_workbench.settings.login_checks import KNOWN_MECHANISMS
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.auth import MECHANISMS

from .transports import transports

GOOD = Transport(host="smtp.example.com")
PASSWORD = Secret("a good password")


def settings(**fields: object) -> Transport:
    return Change({name.replace("__", "."): value for name, value in fields.items()}).apply(GOOD)


def labels(transport: Transport, **more: object) -> set[str]:
    return {item.label for item in check(transport, **more)}  # type: ignore[arg-type]


def test_good_settings_have_no_findings() -> None:
    assert check(settings(auth__user="me@example.com"), secret=PASSWORD) == ()


CASES: list[tuple[dict[str, object], str]] = [
    ({"host": ""}, "host_missing"),
    ({"host": "a_b..c"}, "host_invalid"),
    ({"host": "smtps://me@mail.example.com:465"}, "host_is_url"),
    ({"host": "https://mail.example.com/x"}, "host_is_url"),
    ({"host": "mail.example.com:2525"}, "host_has_port"),
    ({"host": "[::1]:25"}, "host_has_port"),
    ({"host": "mail.example.com/path"}, "host_has_path"),
    ({"host": "me@example.com"}, "host_is_address"),
    ({"host": "mail.example.com."}, "host_trailing_dot"),
    ({"host": " mail.example.com"}, "stray_characters"),
    ({"host": "'mail.example.com',"}, "stray_characters"),
    ({"auth__user": '"me"'}, "stray_characters"),
    ({"auth__user": "me\r\nRSET"}, "control_character"),
    ({"ehlo_name": "a\nb"}, "control_character"),
    ({"host": "bücher.example"}, "host_idn"),
    ({"host": "smpt.gmail.com"}, "host_near"),
    ({"host": "imap.example.com"}, "host_not_smtp"),
    ({"host": "pop3.example.com"}, "host_not_smtp"),
    ({"host": "192.0.2.1"}, "address_without_server_name"),
    ({"port": 0}, "port_invalid"),
    ({"port": 70000}, "port_invalid"),
    ({"port": 993}, "port_is_for_reading"),
    ({"port": 465}, "port_wants_implicit_tls"),
    ({"port": 465, "security": "plaintext"}, "port_wants_implicit_tls"),
    ({"port": 587, "security": "implicit"}, "port_wants_starttls"),
    ({"port": 25, "security": "implicit"}, "port_wants_starttls"),
    ({"port": 2525, "security": "implicit"}, "port_wants_starttls"),
    ({"port": 2587, "security": "implicit"}, "port_wants_starttls"),
    ({"port": 25}, "port_relay"),
    ({"port": 25, "protocol": "lmtp"}, "lmtp_on_port_25"),
    ({"host": "smtp.gmail.com", "port": 2525}, "port_not_of_provider"),
    ({"security": "if-offered"}, "security_opportunistic"),
    ({"security": "plaintext", "auth__user": "me"}, "plaintext_credentials"),
    ({"tls__trust": "none"}, "certificate_check_off"),
    ({"tls__trust": "ca-file"}, "ca_file_missing"),
    ({"tls__trust": "fingerprint", "tls__fingerprint": "12:34"}, "fingerprint_invalid"),
    ({"tls__client_key": "key.pem"}, "client_key_alone"),
    ({"tls__minimum_version": "TLSv1"}, "old_tls_allowed"),
    ({"auth__mechanism": "NTLM"}, "mechanism_unknown"),
    ({"auth__user": "me"}, "user_without_password"),
    ({"host": "smtp.sendgrid.net", "auth__user": "me@example.com"}, "user_not_fixed"),
    ({"host": "smtp.gmail.com", "auth__user": "me"}, "user_not_address"),
    (
        {"host": "smtp.gmail.com", "auth__user": "me@gmail.com", "sender": "me@example.com"},
        "sender_not_own",
    ),
    ({"ehlo_name": "my computer"}, "ehlo_name_invalid"),
    ({"ehlo_name": "[not an address]"}, "ehlo_name_invalid"),
    ({"source_address": "eth0"}, "source_address_invalid"),
    ({"proxy": "ftp://proxy.example"}, "proxy_invalid"),
    ({"proxy": "socks5://"}, "proxy_invalid"),
    ({"timeouts__connect": 0.0}, "timeout_absurd"),
    ({"timeouts__socket": 1e6}, "timeout_absurd"),
    ({"pool__max_connections": 0}, "pool_absurd"),
]


def typed(fields: dict[str, object]) -> Transport:
    """Return settings with the enums' values in the form's own types."""
    plain = settings()
    for path, value in fields.items():
        name = path.replace("__", ".")
        group, _, leaf = name.rpartition(".")
        now = getattr(getattr(plain, group) if group else plain, leaf)
        fits = isinstance(value, str) and not isinstance(now, str | None.__class__)
        kind = type(now) if fits or (type(now) is not str and isinstance(value, str)) else None
        plain = Change({name: kind(value) if kind else value}).apply(plain)
    return plain


@pytest.mark.parametrize(
    ("fields", "label"), CASES, ids=[f"{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_trouble_is_found_on_its_field(fields: dict[str, object], label: str) -> None:
    transport = typed(fields)
    (found, *_) = [item for item in check(transport) if item.label == label]
    assert found.message
    assert "{" not in found.message


@pytest.mark.parametrize(
    ("fields", "label"), CASES, ids=[f"{c[1]}-{i}" for i, c in enumerate(CASES)]
)
def test_each_fix_makes_its_finding_go_away(fields: dict[str, object], label: str) -> None:
    transport = typed(fields)
    for item in check(transport):
        if item.label == label:
            for fix in item.fixes:
                after = check(fix.change.apply(transport))
                assert (item.label, item.field) not in {(each.label, each.field) for each in after}


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "127.0.0.1", "port": 1025},
        {"host": "mobile.charter.net", "port": 587, "security": "implicit"},
        {"host": "localhost", "security": "plaintext", "port": 1025},
    ],
)
def test_a_port_never_forbids(fields: dict[str, object]) -> None:
    found = check(typed(fields))
    assert not [item for item in found if item.severity is Severity.BLOCKING]


def test_fixes_do_what_they_say() -> None:
    (found, *_) = [i for i in check(settings(port=465)) if i.label == "port_wants_implicit_tls"]
    applied = [fix.change.apply(settings(port=465)) for fix in found.fixes]
    assert [(item.port, item.security) for item in applied] == [
        (465, "implicit"),
        (587, "starttls"),
    ]


def test_a_pasted_url_is_split_into_fields_and_secret() -> None:
    pasted = settings(host="smtps://me:pass%40word@mail.example.com:465")
    (found, *_) = [item for item in check(pasted) if item.label == "host_is_url"]
    change = found.fixes[0].change
    assert change.secret == Secret("pass@word")
    split = change.apply(pasted)
    assert (split.host, split.port, split.security) == ("mail.example.com", 465, "implicit")


@pytest.mark.parametrize(("text", "clean"), [("pw \n", "pw"), (" pw", "pw"), ("pw\r\n", "pw")])
def test_a_password_with_a_stray_end_is_cleaned(text: str, clean: str) -> None:
    transport = settings(auth__user="me@example.com")
    (found,) = check(transport, secret=Secret(text))
    assert found.label == "secret_stray_characters"
    assert found.fixes[0].change.secret == Secret(clean)
    assert "pw" not in found.message


def test_a_password_alone_is_not_used() -> None:
    assert labels(GOOD, secret=PASSWORD) == {"password_without_user"}


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        (FileFacts("x", FileTrouble.MISSING), "file_missing"),
        (FileFacts("x", FileTrouble.UNREADABLE, "denied"), "file_unreadable"),
        (FileFacts("x", FileTrouble.NOT_PEM), "file_not_pem"),
        (FileFacts("x", FileTrouble.WRONG_CONTENT, "a key"), "file_wrong_content"),
        (FileFacts("x", FileTrouble.ENCRYPTED), "file_encrypted"),
        (FileFacts("x", matches=False), "key_mismatch"),
        (FileFacts("x", not_after=NOW - timedelta(1)), "certificate_file_expired"),
        (FileFacts("x", not_before=NOW + timedelta(1)), "certificate_file_not_yet"),
    ],
)
def test_files_are_judged_by_their_facts(facts: FileFacts, label: str) -> None:
    transport = settings(tls__client_certificate="x")
    assert label in labels(transport, files={"tls.client_certificate": facts}, now=NOW)


def test_blocking_findings_come_first() -> None:
    found = check(settings(port=25, tls__trust="ca-file", proxy="nonsense"))
    severities = [item.severity is Severity.BLOCKING for item in found]
    assert severities == sorted(severities, reverse=True)


def test_the_known_mechanisms_are_those_of_the_engine() -> None:
    assert set(KNOWN_MECHANISMS) == set(MECHANISMS)


@given(transports(), st.text() | st.none())
def test_nothing_that_can_be_typed_breaks_the_checks(
    transport: Transport, text: str | None
) -> None:
    for item in check(transport, secret=Secret(text) if text is not None else None):
        assert item.message
        for fix in item.fixes:
            fix.change.apply(transport)


def test_every_text_can_be_filled_in() -> None:
    class Anything(dict[str, object]):
        def __missing__(self, key: str) -> str:
            return key

    for label, texts in read_toml("findings.toml").items():
        assert set(texts) >= {"text"}
        for key, text in texts.items():
            assert text.format_map(Anything()), (label, key)
        Severity(texts.get("severity", "warning"))
    with pytest.raises(KeyError):
        finding("host", "no_such_label")
