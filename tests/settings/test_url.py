"""The smtp URL, both ways."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smtp_workbench.settings.secret import Secret, split_password
from smtp_workbench.settings.transport import Protocol, Security, Transport, Trust
from smtp_workbench.settings.url import parse, parse_host, write

from .transports import transports

LEGIBLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "security", "port"),
    [
        ("smtp://mail.example.com", Security.STARTTLS_IF_OFFERED, 587),
        ("smtps://mail.example.com", Security.IMPLICIT_TLS, 465),
        ("lmtp://mail.example.com", Security.STARTTLS_IF_OFFERED, 24),
        ("SMTP://mail.example.com:2525/", Security.STARTTLS_IF_OFFERED, 2525),
        ("smtp://mail.example.com?requireTLS=true", Security.STARTTLS, 587),
        ("smtp://mail.example.com?ignoreTLS=true", Security.PLAINTEXT, 587),
        ("smtp://mail.example.com?secure=true", Security.IMPLICIT_TLS, 465),
        ("smtps://mail.example.com?requireTLS=true", Security.IMPLICIT_TLS, 465),
    ],
)
def test_scheme_and_booleans_have_four_meanings(text: str, security: Security, port: int) -> None:
    transport = parse(text).change.apply(Transport())
    assert (transport.security, transport.effective_port) == (security, port)


def test_everything_of_a_login_is_decoded() -> None:
    parsed = parse("smtp://me%40example.com:p%3Aa%2Fss%20w@[2001:db8::1]:587")
    transport = parsed.change.apply(Transport())
    assert (transport.host, transport.auth.user) == ("2001:db8::1", "me@example.com")
    assert parsed.change.secret == Secret("p:a/ss w")


def test_options_go_by_their_nodemailer_names() -> None:
    parsed = parse(
        "smtp://h?name=me.example&localAddress=127.0.0.2&connectionTimeout=1500"
        "&tls.rejectUnauthorized=false&tls.servername=other&authMethod=login&pool=true"
        "&maxConnections=2&rateDelta=2000&from=a%40b.example&tls.minVersion=TLSv1.3"
    )
    transport = parsed.change.apply(Transport())
    assert transport.ehlo_name == "me.example"
    assert transport.source_address == "127.0.0.2"
    assert transport.timeouts.connect == 1.5
    assert transport.tls.trust is Trust.NONE
    assert transport.tls.server_name == "other"
    assert transport.tls.minimum_version == "TLSv1.3"
    assert transport.auth.mechanism == "LOGIN"
    assert transport.pool.enabled
    assert transport.pool.max_connections == 2
    assert transport.pool.rate_delta == 2.0
    assert transport.sender == "a@b.example"
    assert parse("smtp://h?auth.type=oauth2").change.fields["auth.mechanism"] == "XOAUTH2"
    assert parse("smtp://h?lmtp=true").change.fields["protocol"] is Protocol.LMTP


def test_unknown_options_are_named_and_known_ones_without_effect_too() -> None:
    parsed = parse("smtp://h?colour=red&debug=true&shape=round")
    assert parsed.unknown == ("colour", "shape")
    assert parsed.ignored == ("debug",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("http://h", "http"),
        ("mail.example.com", "not smtp"),
        ("smtp://h:99999", "port"),
        ("smtp://h:0", "port"),
        ("smtp://h:abc", "port"),
        ("smtp://h/path", "path"),
        ("smtp://h?requireTLS=maybe", "requireTLS"),
        ("smtp://h?maxMessages=many", "maxMessages"),
        ("smtp://h?tls.minVersion=SSLv3", "tls.minVersion"),
        ("smtp://h?auth.type=magic", "auth.type"),
        ("smtp://h\r\nRSET", "line end"),
        ("smtp://me%0d%0aRSET@h", "user"),
        ("smtp://me:p%00w@h", "password"),
        ("smtp://h?name=a%0ab", "name"),
    ],
)
def test_what_is_wrong_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse(text)


def test_an_error_never_shows_the_password() -> None:
    for text in ("smtp://me:hunter2@h:99999", "smtp://me:hunter2@h/path", "smtp://me:hunter2@h\n"):
        with pytest.raises(ValueError, match="URL") as caught:
            parse(text)
        assert "hunter2" not in str(caught.value)


def test_a_url_is_written_without_the_password_unless_it_is_handed_in() -> None:
    transport = parse("smtps://me:secret@h").change.apply(Transport())
    assert write(transport) == "smtps://me@h"
    assert write(transport, Secret("p@ss w")) == "smtps://me:p%40ss%20w@h"


@given(transports(LEGIBLE), st.none() | LEGIBLE)
def test_what_is_written_reads_back_equal(transport: Transport, password: str | None) -> None:
    # A URL has no place for a port or a host that none could use.
    assume(transport.port is None or 1 <= transport.port <= 65535)
    assume(transport.host and not set(transport.host) & set("[]"))
    assume(":" not in transport.host or transport.host == "::1")
    assume(transport.host == transport.host.strip())
    # A file or fingerprint that is not trusted in is of no use, and is not written.
    assume(transport.tls.trust not in (Trust.SYSTEM,) or not transport.tls.ca_file)
    assume(transport.tls.trust is Trust.FINGERPRINT or not transport.tls.fingerprint)
    assume(transport.tls.trust is not Trust.CA_FILE or transport.tls.ca_file)
    secret = Secret(password) if password else None
    parsed = parse(write(transport, secret))
    assert parsed.change.apply(Transport()) == transport
    assert parsed.change.secret == secret
    assert parsed.unknown == ()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, f"smtp://{text}"):
        try:
            parse(candidate).change.apply(Transport())
        except ValueError as error:
            assert str(error)  # noqa: PT017  # both outcomes are right


@pytest.mark.parametrize(
    ("text", "host", "port", "security"),
    [
        ("mail.example.com", "mail.example.com", None, Security.STARTTLS),
        ("mail.example.com:587", "mail.example.com", 587, Security.STARTTLS),
        ("mail.example.com:465", "mail.example.com", 465, Security.IMPLICIT_TLS),
        ("mail.example.com:25", "mail.example.com", 25, Security.STARTTLS_IF_OFFERED),
        ("[::1]:2525", "::1", 2525, Security.STARTTLS_IF_OFFERED),
        ("::1", "::1", None, Security.STARTTLS),
        ("127.0.0.1:1025", "127.0.0.1", 1025, Security.STARTTLS_IF_OFFERED),
    ],
)
def test_a_host_may_have_a_port(text: str, host: str, port: int, security: Security) -> None:
    transport = parse_host(text).apply(Transport())
    assert (transport.host, transport.port, transport.security) == (host, port, security)


@pytest.mark.parametrize("text", ["", " ", "h:", "h:abc", "h:99999", "a\nb"])
def test_a_host_that_can_not_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|host"):
        parse_host(text)


def test_a_proxy_password_is_taken_out() -> None:
    assert split_password("socks5://u:p%40w@proxy:1080") == ("socks5://u@proxy:1080", Secret("p@w"))
    assert split_password("http://proxy:3128") == ("http://proxy:3128", None)


def test_a_password_of_the_proxy_is_a_secret_wherever_it_comes_from() -> None:
    change = parse("smtp://h?proxy=socks5%3A%2F%2Fu%3As3cret%40p%3A1080").change
    assert change.fields["proxy"] == "socks5://u@p:1080"
    assert change.proxy_secret == Secret("s3cret")
    assert "s3cret" not in str(change.as_json())
