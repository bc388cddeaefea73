"""What a domain publishes on its web server, good and broken, over HTTPS on loopback."""

import ssl
from collections.abc import Sequence
from typing import Any

import pytest

from smtp_workbench.lookup.candidate import Source
from smtp_workbench.lookup.client_config import LONGEST
from smtp_workbench.lookup.discover import Discovery, discover
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import LARGEST, Web
from smtp_workbench.settings.transport import Family
from support.certificates import authority, server_context
from support.name_server import serve_names
from support.web_server import WebServer, serve_pages

ADDRESS = "jane+news@example.org"
QUERY = "?emailaddress=jane%2Bnews%40example.org"
OWN = f"autoconfig.example.org/mail/config-v1.1.xml{QUERY}"
WELL_KNOWN = "example.org/.well-known/autoconfig/mail/config-v1.1.xml"
DATABASE = "autoconfig.thunderbird.net/v1.1/example.org"
NAMES = ("example.org", "autoconfig.example.org", "autoconfig.thunderbird.net", "cdn.example.net")


def server(**more: str) -> str:
    """Return an `outgoingServer` with some of its values replaced."""
    values = {
        "hostname": "smtp.example.org",
        "port": "465",
        "socketType": "SSL",
        "username": "%EMAILADDRESS%",
        "authentication": "password-cleartext",
        **more,
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f'<outgoingServer type="smtp">{inner}</outgoingServer>'


def config(*servers: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<clientConfig version="1.1">'
        '<emailProvider id="example.org"><domain>example.org</domain>'
        '<incomingServer type="imap"><hostname>imap.example.org</hostname></incomingServer>'
        f"{''.join(servers)}</emailProvider></clientConfig>"
    )


async def loopback(name: str, family: Family) -> Sequence[str]:
    del name, family
    return ["127.0.0.1"]


async def discovered(
    https: WebServer | None, http: WebServer | None = None, limit: float = 5, **more: Any
) -> Discovery:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    web = Web(context, loopback, limit, http.port if http else 1, https.port if https else 1)
    with serve_names({"example.org.": "$TTL 60\n@ TXT x\n"}) as names:
        return await discover(ADDRESS, Dns(names.address), web, **more)


async def over_https(pages: dict[str, Any], **more: Any) -> Discovery:
    with serve_pages(pages, context=server_context(*NAMES)) as https:
        return await discovered(https, **more)


def rows(found: Discovery) -> list[tuple[object, ...]]:
    names = ("host", "port", "security", "user", "mechanism", "source")
    return [tuple(item.as_json()[name] for name in names) for item in found.candidates]


def notes(found: Discovery, source: Source = Source.AUTOCONFIG) -> str:
    return " ".join(note.text for note in found.notes if note.source is source)


@pytest.mark.parametrize("place", [OWN, WELL_KNOWN])
async def test_the_domains_own_file_is_read_from_both_places(place: str) -> None:
    pages = {place: config(server(), server(port="587", socketType="STARTTLS"))}
    found = await over_https(pages)
    user = ADDRESS
    assert rows(found) == [
        ("smtp.example.org", 465, "implicit", user, None, "autoconfig"),
        ("smtp.example.org", 587, "starttls", user, None, "autoconfig"),
    ]
    assert place.partition("?")[0] in found.candidates[0].detail
    assert found.candidates[0].confirmed


async def test_nothing_there_and_nobody_there_are_notes_without_the_address() -> None:
    nothing, nobody = await over_https({}), await discovered(None)
    assert notes(nothing).count("nothing there (HTTP 404)") == 2
    assert notes(nobody).count("config-v1.1.xml: ") == 2
    assert "jane" not in notes(nothing) + notes(nobody)


async def test_nothing_is_fetched_by_http_without_a_yes() -> None:
    with serve_pages({OWN: config(server())}) as http:
        assert rows(await discovered(None, http)) == []
        assert http.asked == []
        found = await discovered(None, http, insecure=True)
    assert rows(found) == [("smtp.example.org", 465, "implicit", ADDRESS, None, "autoconfig-http")]
    assert "without HTTPS" in found.candidates[0].detail


async def test_http_is_not_asked_where_https_answers() -> None:
    with serve_pages({OWN: config(server(hostname="other.example.org"))}) as http:
        with serve_pages({OWN: config(server())}, context=server_context(*NAMES)) as https:
            found = await discovered(https, http, insecure=True)
        assert http.asked == []
    assert [row[0] for row in rows(found)] == ["smtp.example.org"]


async def test_the_database_is_asked_with_a_yes_of_its_own() -> None:
    pages = {DATABASE: config(server(hostname="db.example.org"))}
    with serve_pages(pages, context=server_context(*NAMES)) as https:
        assert rows(await discovered(https)) == []
        assert not any("thunderbird" in page for page in https.asked)
        found = await discovered(https, ispdb=True)
    assert rows(found) == [("db.example.org", 465, "implicit", ADDRESS, None, "ispdb")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"username": "%EMAILLOCALPART%"}, ("jane+news", None)),
        ({"username": "%EMAILLOCALPART%.%EMAILDOMAIN%"}, ("jane+news.example.org", None)),
        ({"username": "%REALNAME%"}, (None, None)),
        ({"username": ""}, (None, None)),
        ({"username": "shared-login"}, ("shared-login", None)),
        ({"authentication": "none"}, (None, None)),
        ({"authentication": "password-encrypted"}, (ADDRESS, "CRAM-MD5")),
        ({"authentication": "OAuth2"}, (ADDRESS, "XOAUTH2")),
        (
            {"authentication": "OAuth2</authentication><authentication>password-cleartext"},
            (ADDRESS, None),
        ),
        ({"authentication": "GSSAPI"}, (ADDRESS, None)),
    ],
)
async def test_user_and_mechanism(
    given: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    found = await over_https({OWN: config(server(**given))})
    assert [row[3:5] for row in rows(found)] == [expected]


async def test_a_host_with_a_placeholder_is_filled_in() -> None:
    found = await over_https({OWN: config(server(hostname="mail.%EMAILDOMAIN%"))})
    assert rows(found)[0][0] == "mail.example.org"


async def test_plaintext_comes_last_however_it_is_listed() -> None:
    listed = (server(port="25", socketType="plain"), server())
    found = await over_https({OWN: config(*listed)})
    assert [row[2] for row in rows(found)] == ["implicit", "plaintext"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"port": "0"}, "not a number from 1 to 65535"),
        ({"port": "65536"}, "not a number from 1 to 65535"),
        ({"port": "\uff14\uff16\uff15"}, "not a number from 1 to 65535"),
        ({"port": "-1"}, "not a number from 1 to 65535"),
        ({"port": ""}, "not a number from 1 to 65535"),
        ({"hostname": ""}, "not a host name"),
        ({"hostname": "smtp.example.org:465"}, "not a host name"),
        ({"hostname": "smtp.example.org&#13;&#10;QUIT"}, "not a host name"),
        ({"hostname": "a b"}, "not a host name"),
        ({"hostname": "%REALNAME%"}, "not a host name"),
        ({"hostname": "x" * 300}, "too long"),
        ({"username": "jane&#13;&#10;MAIL FROM:x"}, "control character"),
        ({"username": "jane\u202emoc.elpmaxe"}, "control character"),
        ({"username": "x" * 400}, "too long"),
        ({"socketType": "SSLv2"}, "socketType 'SSLV2'"),
        ({"socketType": ""}, "socketType ''"),
    ],
)
async def test_what_can_not_be_is_refused_and_the_next_server_taken(
    given: dict[str, str], reason: str
) -> None:
    found = await over_https({OWN: config(server(**given), server(hostname="good.example.org"))})
    assert [row[0] for row in rows(found)] == ["good.example.org"]
    assert reason in notes(found)
    assert all(text not in notes(found) for text in "\r\n\0")


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'  # each ten times the one before
        for n in range(9)
    )
    + "]>"
)
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (config(server(hostname="&j;"), before=BOMB), "not XML that is safe"),
        (config(server(hostname="&a;"), before=FILE), "not XML that is safe"),
        ("<html><body>Welcome!</body></html>", "no outgoingServer"),
        ("<!DOCTYPE html><html><br><p>Welcome!", "not XML"),
        ("", "not XML"),
        (b"\xff\xfe\x00", "not XML"),
        (config(server()).encode("utf-16")[:-5], "not XML"),
        (config(server()).replace("UTF-8", "x-unknown"), "not XML"),
        (config(server()).replace("UTF-8", "gb2312"), "not XML"),
        (config().encode(), "no outgoingServer"),
        (config(server().replace('"smtp"', '"exchange"')), "no outgoingServer"),
        ("x" * (LARGEST + 1), "longer than 256 KiB"),
        (config(server()) + " " * LONGEST, "longer than 64 KiB"),
        (None, "no answer within 0.5 s"),
        ("-> http://example.org/config.xml", "only HTTPS is followed"),
    ],
)
async def test_a_file_that_can_not_be_used_is_a_note(body: str | bytes | None, reason: str) -> None:
    found = await over_https({OWN: body}, limit=0.5 if body is None else 5)
    assert rows(found) == []
    assert reason in notes(found)
    assert "config-v1.1.xml" in notes(found)


async def test_other_encodings_are_read() -> None:
    text = config(server(username="jörg"))
    for encoding in ("utf-16", "iso-8859-1"):
        body = text.replace("UTF-8", encoding).encode(encoding)
        assert rows(await over_https({OWN: body}))[0][3] == "jörg"


async def test_a_redirect_to_https_is_followed() -> None:
    pages = {OWN: "-> https://cdn.example.net/c.xml", "cdn.example.net/c.xml": config(server())}
    assert len((await over_https(pages)).candidates) == 1


async def test_a_certificate_that_nobody_vouches_for_is_a_note() -> None:
    pages = {OWN: config(server())}
    with serve_pages(pages, context=server_context("wrong.example")) as https:
        found = await discovered(https)
        assert https.asked == []
    assert rows(found) == []
    assert "certificate" in notes(found).lower()


async def test_a_long_list_of_servers_is_cut() -> None:
    found = await over_https({OWN: config(*(server(port=str(n)) for n in range(1, 100)))})
    assert len(found.candidates) == 16


async def test_both_places_at_once_make_one_list() -> None:
    pages = {OWN: config(server()), WELL_KNOWN: config(server(), server(port="4650"))}
    found = await over_https(pages)
    assert [row[1] for row in rows(found)] == [465, 4650]
