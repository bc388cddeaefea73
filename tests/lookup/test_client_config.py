"""The parser of Mozilla's format: whatever comes, it answers or refuses in one sentence."""

import re
import time
from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.lookup.candidate import Source, discovered
from smtp_workbench.lookup.client_config import LONGEST, SOCKETS, parse
from smtp_workbench.settings.transport import Security

GOOD = """<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="x"><displayName> An  Example </displayName>
<incomingServer type="imap"/><incomingServer type="pop3"/>
<outgoingServer type="smtp"><hostname>smtp.x</hostname><port>587</port>
<socketType>STARTTLS</socketType><username>me</username>
<authentication>OAuth2</authentication><authentication> password-cleartext </authentication>
<restriction/></outgoingServer>
<outgoingServer><hostname>
  second.x
</hostname></outgoingServer></emailProvider></clientConfig>"""
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)


def test_all_of_a_file_is_read() -> None:
    config = parse(GOOD)
    assert config.name == "An Example"
    assert config.incoming == ("imap", "pop3")
    first, second = config.outgoing
    assert (first.host, first.port, first.socket, first.user) == (
        "smtp.x",
        "587",
        "STARTTLS",
        "me",
    )
    assert first.methods == ("OAuth2", "password-cleartext")
    assert first.others == ("restriction",)
    assert (second.host, second.methods) == ("second.x", ())


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_anything_is_answered_or_refused(document: bytes | str) -> None:
    refused(document)


@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.binary(max_size=12))
def test_a_damaged_file_is_answered_or_refused(start: int, length: int, junk: bytes) -> None:
    octets = GOOD.encode()
    refused(octets[:start] + junk + octets[start + length :])


@given(st.sampled_from(["hostname", "port", "username", "socketType"]), XML_TEXT)
def test_a_value_comes_out_as_it_stands_or_is_refused_later(name: str, text: str) -> None:
    element = f"<x><outgoingServer><{name}>{escape(text)}</{name}></outgoingServer></x>"
    (server,) = parse(element).outgoing
    values = {
        "hostname": server.host,
        "port": server.port,
        "username": server.user,
        "socketType": server.socket,
    }
    assert values[name] == text
    with suppress(ValueError):
        made = discovered(
            server.host or "smtp.example.org",
            server.port or "465",
            Security.IMPLICIT_TLS,
            source=Source.AUTOCONFIG,
            detail="x",
            user=server.user,
        )
        port = made.change.fields["port"]
        assert isinstance(port, int)
        assert 0 < port < 65536
        assert re.fullmatch(r"[a-z0-9_.:-]+", str(made.change.fields["host"]))


ATTRIBUTES = " ".join(f"a{number} CDATA 'v'" for number in range(LONGEST // 36))


@pytest.mark.parametrize(
    "document",
    [
        "<a>" * (LONGEST // 3),
        "<a>" * (LONGEST // 7) + "</a>" * (LONGEST // 7),
        "<x>" + "<outgoingServer/>" * (LONGEST // 17),
        "<x>" + "<outgoingServer/>" * (LONGEST // 18) + "</x>",
        "<x " + " ".join(f"a{n}=''" for n in range(LONGEST // 10)) + "/>",
        f"<{'x' * (LONGEST - 3)}/>",
        "<!--" * (LONGEST // 4),
        f"<!DOCTYPE x [<!ATTLIST y {ATTRIBUTES}>]><x>{'<y/>' * (LONGEST // 9)}</x>",
        "<x>" * LONGEST,
    ],
    ids=lambda document: document[:20],
)
def test_the_worst_that_can_come_is_read_in_no_time(document: str) -> None:
    began = time.monotonic()
    refused(document)
    assert time.monotonic() - began < 1


def test_a_dtd_and_a_file_that_is_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="safe"):
        parse(GOOD.replace("<clientConfig", "<!DOCTYPE clientConfig><clientConfig"))
    with pytest.raises(ValueError, match="longer than 64 KiB"):
        parse(GOOD + " " * LONGEST)


def test_every_socket_type_has_a_meaning() -> None:
    assert set(SOCKETS.values()) == {
        Security.IMPLICIT_TLS,
        Security.STARTTLS,
        Security.PLAINTEXT,
    }


def refused(document: str | bytes) -> None:
    reason = "-"
    try:
        assert parse(document).outgoing
    except ValueError as error:
        reason = str(error)
    assert reason.isprintable()
    assert reason
