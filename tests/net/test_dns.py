"""Questions to the DNS: every way they can end, asked of a server on loopback."""

import socket
import time

import pytest

from smtp_workbench.net.dns import Dns, Status
from smtp_workbench.net.resolve import resolve
from smtp_workbench.settings.transport import Family
from support.name_server import serve_names

ZONE = """
$TTL 60
@ MX 10 mail
@ TXT "v=spf1 " "-all"
mail A 127.0.0.1
mail AAAA ::1
alias CNAME mail
bytes TXT "\\255x"
"""
REVERSE = "1.0.0 PTR mail.example.org.\n"


async def test_what_there_is_and_what_there_is_not() -> None:
    with serve_names({"example.org.": ZONE, "127.in-addr.arpa.": "$TTL 60\n" + REVERSE}) as server:
        dns = Dns(server.address)
        found = await dns.ask("example.org", "MX")
        assert (found.status, found.texts()) == (Status.FOUND, ("10 mail.example.org.",))
        assert (await dns.ask("example.org", "TXT")).texts() == ("v=spf1 -all",)
        assert (await dns.ask("bytes.example.org", "TXT")).texts() == ("\ufffdx",)
        assert (await dns.ask("alias.example.org", "A")).texts() == ("127.0.0.1",)
        assert (await dns.names_of("127.0.0.1")).texts() == ("mail.example.org.",)
        assert (await dns.ask("mail.example.org", "TLSA")).status is Status.NO_SUCH_RECORD
        missing = await dns.ask("nowhere.example.org", "MX")
        assert missing.status is Status.NO_SUCH_NAME
        assert missing.detail == "nowhere.example.org does not exist"
        assert not found.secure


async def test_a_question_is_asked_once() -> None:
    with serve_names({"example.org.": ZONE}) as server:
        dns = Dns(server.address)
        for _ in range(3):
            await dns.ask("example.org", "MX")
            await dns.ask("nowhere.example.org", "MX")
        assert sorted(server.asked) == ["example.org MX", "nowhere.example.org MX"]


async def test_an_answer_too_long_for_udp_comes_by_tcp() -> None:
    long = "\n".join(f'@ TXT "{number:0200d}"' for number in range(20))
    with serve_names({"example.org.": "$TTL 60\n" + long}) as server:
        found = await Dns(server.address).ask("example.org", "TXT")
        assert len(found.records) == 20
        assert server.asked == ["example.org TXT"] * 2


async def test_an_answer_says_whether_it_was_validated() -> None:
    with serve_names({"example.org.": ZONE}, secure=True) as server:
        assert (await Dns(server.address).ask("example.org", "MX")).secure


async def test_silence_and_a_broken_zone_are_failures_with_a_reason() -> None:
    silent, broken = frozenset({"s.example.org"}), frozenset({"b.example.org"})
    with serve_names({"example.org.": ZONE}, silent=silent, broken=broken) as server:
        dns = Dns(server.address, limit=0.3)
        began = time.monotonic()
        quiet = await dns.ask("s.example.org", "A")
        assert time.monotonic() - began < 2
        assert quiet.status is Status.FAILED
        assert quiet.detail == "s.example.org A: no answer within 0.3 s"
        failed = await dns.ask("b.example.org", "A")
        assert failed.status is Status.FAILED
        assert "SERVFAIL" in failed.detail


@pytest.mark.parametrize("name", ["a..b", "x" * 300, "bad\udcffname", ""])
async def test_a_name_that_can_not_be_is_a_failure_too(name: str) -> None:
    with serve_names({"example.org.": ZONE}) as server:
        assert (await Dns(server.address).ask(name, "A")).status is not Status.FOUND


async def test_it_resolves_hosts_for_connections() -> None:
    with serve_names({"example.org.": ZONE}) as server:
        dns = Dns(server.address)
        for family, wanted in (
            (Family.ANY, ("127.0.0.1", "::1")),
            (Family.IPV6, ("::1",)),
        ):
            found = await resolve("mail.example.org", family, limit=5, resolver=dns.addresses)
            assert found == wanted
        with pytest.raises(socket.gaierror):
            await dns.addresses("nowhere.example.org", Family.ANY)


@pytest.mark.parametrize(
    ("server", "good"),
    [
        ("192.0.2.53", True),
        ("192.0.2.53:5353", True),
        ("2001:db8::53", True),
        ("[2001:db8::53]", True),
        ("[::1]:5353", True),
        ("dns.example.org", False),
        ("192.0.2.53:0", False),
        ("192.0.2.53:65536", False),
        ("192.0.2.53:x", False),
        ("[::1]5353", False),
        ("[::1", False),
    ],
)
async def test_a_resolver_is_named_by_its_address(server: str, good: bool) -> None:
    if good:
        Dns(server)
        return
    with pytest.raises(ValueError, match=r"^resolver: "):
        Dns(server)
