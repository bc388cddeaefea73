"""From an address to servers, over a name server on loopback: good zones and broken ones."""

import asyncio
from typing import Any

import pytest

from smtp_workbench.lookup.candidate import Source
from smtp_workbench.lookup.discover import Discovery, discover
from smtp_workbench.net.dns import Dns
from smtp_workbench.settings.transport import Security, Transport
from support.name_server import serve_names

ADDRESS = "jane@example.org"


async def of_zone(zone: str, address: str = ADDRESS, **more: Any) -> Discovery:
    """Discover with *zone* as all that example.org publishes."""
    with serve_names({"example.org.": "$TTL 60\n" + zone}, **more) as server:
        return await discover(address, Dns(server.address, limit=1))


def servers(found: Discovery, *sources: Source) -> list[str]:
    """Return `host:port security` of each candidate, of *sources* only if any are given."""
    rows = [item.as_json() for item in found.candidates if item.source in (sources or Source)]
    return [f"{row['host']}:{row['port']} {row['security']}" for row in rows]


def notes(found: Discovery, source: Source) -> str:
    return " ".join(note.text for note in found.notes if note.source is source)


async def test_srv_records_come_in_their_order_and_implicit_tls_first() -> None:
    found = await of_zone("""
_submission._tcp SRV 0 1 587 smtp
_submissions._tcp SRV 20 0 465 last
_submissions._tcp SRV 10 5 465 light
_submissions._tcp SRV 10 50 4650 heavy
""")
    assert servers(found) == [
        "heavy.example.org:4650 implicit",
        "light.example.org:465 implicit",
        "last.example.org:465 implicit",
        "smtp.example.org:587 starttls",
    ]
    first = found.candidates[0]
    assert (first.source, first.confirmed) == (Source.SRV, True)
    assert first.change.apply(Transport()).auth.user == ADDRESS
    assert "_submissions._tcp.example.org" in first.detail
    assert "priority 10, weight 50" in first.detail


async def test_port_465_is_implicit_tls_under_the_older_name_too() -> None:
    found = await of_zone("_submission._tcp SRV 0 1 465 smtp\n")
    assert servers(found) == ["smtp.example.org:465 implicit"]


async def test_a_dot_says_that_the_service_is_not_offered() -> None:
    found = await of_zone("_submissions._tcp SRV 0 0 0 .\n_submission._tcp SRV 0 0 587 smtp\n")
    assert servers(found) == ["smtp.example.org:587 starttls"]
    assert "does not offer _submissions._tcp" in notes(found, Source.SRV)


async def test_a_host_of_another_domain_is_said_unless_the_record_is_signed() -> None:
    zone = "_submissions._tcp SRV 0 0 465 mail.elsewhere.example.\n"
    assert "another domain" in (await of_zone(zone)).candidates[0].detail
    signed = (await of_zone(zone, secure=True)).candidates[0].detail
    assert "another domain" not in signed
    assert "DNSSEC" in signed


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("0 0 0 smtp", "the port '0'"),
        ("0 0 465 bad\\013\\010host", "not a host name"),
        ("0 0 465 sp\\032ace", "not a host name"),
    ],
)
async def test_a_record_that_can_not_be_is_a_note(record: str, reason: str) -> None:
    found = await of_zone(f"_submissions._tcp SRV {record}\n")
    assert servers(found) == []
    assert reason in notes(found, Source.SRV)


async def test_a_flood_of_records_is_cut() -> None:
    many = "\n".join(f"_submissions._tcp SRV 0 0 465 host{number:03}" for number in range(200))
    assert len((await of_zone(many)).candidates) == 16


@pytest.mark.parametrize(
    ("exchanger", "expected"),
    [
        ("aspmx.l.google.com.", "smtp.gmail.com:587 starttls"),
        ("example-org.mail.protection.outlook.com.", "smtp.office365.com:587 starttls"),
        ("example-org.a-v1.mx.microsoft.", "smtp.office365.com:587 starttls"),
        ("mx.zoho.eu.", "smtp.zoho.eu:465 implicit"),
        ("in1-smtp.messagingengine.com.", "smtp.fastmail.com:465 implicit"),
        ("mx00.ionos.de.", "smtp.ionos.com:587 starttls"),
        ("mxbiz1.qq.com.", "smtp.exmail.qq.com:465 implicit"),
        ("mx2.qq.com.", "smtp.qq.com:465 implicit"),
        ("mxext1.mailbox.org.", "smtp.mailbox.org:465 implicit"),
        ("MX1.MAIL.OVH.NET.", "ssl0.ovh.net:465 implicit"),
    ],
)
async def test_who_takes_mail_in_tells_the_provider(exchanger: str, expected: str) -> None:
    found = await of_zone(f"@ MX 10 {exchanger}\n@ MX 20 mx.unknown.example.\n")
    best = found.candidates[0]
    assert servers(found)[0] == expected
    assert best.source is Source.MX
    assert exchanger.lower().rstrip(".") in best.detail


async def test_the_preferred_exchanger_that_is_known_counts() -> None:
    zone = "@ MX 20 mx.zoho.eu.\n@ MX 10 aspmx.l.google.com.\n@ MX 5 backup.unknown.example.\n"
    assert servers(await of_zone(zone))[0] == "smtp.gmail.com:587 starttls"


async def test_a_filter_says_nothing_of_the_provider() -> None:
    found = await of_zone("@ MX 10 mx0a-1.pphosted.com.\n@ MX 20 aspmx.l.google.com.\n")
    assert servers(found) == []
    assert "Proofpoint" in notes(found, Source.MX)


async def test_a_null_mx_and_a_domain_that_does_not_exist_are_said() -> None:
    nothing = await of_zone("@ MX 0 .\n")
    assert "null MX" in notes(nothing, Source.MX)
    assert nothing.candidates == ()
    missing = await of_zone("@ A 127.0.0.1\n", "jane@missing.example.org")
    assert notes(missing, Source.MX) == "missing.example.org does not exist in the DNS."
    assert missing.candidates == ()


async def test_guesses_are_names_that_exist_and_not_confirmed() -> None:
    found = await of_zone(
        "@ MX 10 mx\n@ TXT x\nsmtp A 127.0.0.1\nmx AAAA ::1\nmail TXT here-but-no-address\n"
    )
    assert servers(found, Source.GUESS) == [
        "smtp.example.org:465 implicit",
        "smtp.example.org:587 starttls",
        "mx.example.org:465 implicit",
        "mx.example.org:587 starttls",
    ]
    assert not any(item.confirmed for item in found.candidates)


async def test_a_name_that_can_not_be_looked_up_is_not_said_to_be_missing() -> None:
    broken = frozenset({"smtp.example.org"})
    found = await of_zone("smtp A 127.0.0.1\nmail A 127.0.0.1\n", broken=broken)
    assert servers(found) == ["mail.example.org:465 implicit", "mail.example.org:587 starttls"]
    assert "SERVFAIL" in notes(found, Source.GUESS)
    nothing = await of_zone("@ TXT x\n")
    assert notes(nothing, Source.GUESS).startswith("None of smtp.example.org, mail.example.org")


async def test_nothing_is_guessed_where_somebody_says() -> None:
    found = await of_zone("_submission._tcp SRV 0 0 587 out\nsmtp A 127.0.0.1\nout A 127.0.0.1\n")
    assert servers(found) == ["out.example.org:587 starttls"]


async def test_a_name_server_that_fails_gives_notes_and_the_rest_goes_on() -> None:
    broken = frozenset({"_submissions._tcp.example.org"})
    silent = frozenset({"example.org"})
    found = await of_zone("_submission._tcp SRV 0 0 587 out\n", silent=silent, broken=broken)
    assert servers(found) == ["out.example.org:587 starttls"]
    assert "SERVFAIL" in notes(found, Source.SRV)
    assert "no answer within 1 s" in notes(found, Source.MX)


async def test_a_server_that_several_name_stands_once_with_all_of_them() -> None:
    with serve_names(
        {
            "gmail.com.": "$TTL 60\n@ MX 5 gmail-smtp-in.l.google.com.\n"
            "_submissions._tcp SRV 5 0 465 smtp.gmail.com.\n"
        }
    ) as server:
        found = await discover("jane@gmail.com", Dns(server.address))
    assert servers(found) == ["smtp.gmail.com:587 starttls", "smtp.gmail.com:465 implicit"]
    assert [item.source for item in found.candidates] == [Source.PRESET] * 2
    assert set(found.candidates[1].also) == {Source.SRV, Source.MX}


async def test_what_another_source_knows_of_the_user_fills_a_gap() -> None:
    with serve_names(
        {"disroot.org.": "$TTL 60\n_submission._tcp SRV 0 0 587 disroot.org.\n"}
    ) as server:
        found = await discover("jane@disroot.org", Dns(server.address))
    best = found.candidates[0]
    assert best.source is Source.PRESET
    assert best.change.fields["auth.user"] == "jane@disroot.org"
    assert best.change.fields["auth.mechanism"] == "LOGIN"


async def test_the_observer_sees_each_source_answer() -> None:
    seen: list[Discovery] = []
    with serve_names({"example.org.": "$TTL 60\n@ MX 5 aspmx.l.google.com.\n"}) as server:
        found = await discover(ADDRESS, Dns(server.address), observer=seen.append)
    assert seen[-1] == found
    assert [len(item.asking) for item in seen] == [3, 2, 1, 0]
    assert all(Source.AUTOCONFIG not in item.asking for item in seen)


async def test_nothing_but_the_dns_is_asked() -> None:
    with serve_names({"example.org.": "$TTL 60\nsmtp A 127.0.0.1\n"}) as server:
        await discover(ADDRESS, Dns(server.address))
        assert not any("autoconfig" in question for question in server.asked)
        assert {question.split()[1] for question in server.asked} == {"MX", "SRV", "A", "AAAA"}


async def test_it_can_be_stopped() -> None:
    with serve_names(
        {"example.org.": "$TTL 60\n@ TXT x\n"}, silent=frozenset({"example.org"})
    ) as at:
        asked = asyncio.Event()
        task = asyncio.create_task(
            discover(ADDRESS, Dns(at.address, limit=60), observer=lambda _found: asked.set())
        )
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("address", "domain", "user"),
    [
        ("jane@bücher.example", "xn--bcher-kva.example", "jane@bücher.example"),
        ("jane+news@example.org", "example.org", "jane+news@example.org"),
        ('"jane doe"@example.org', "example.org", '"jane doe"@example.org'),
        ("Jane Doe <jane@EXAMPLE.org>", "example.org", "jane@EXAMPLE.org"),
        (" jane@example.org\n", "example.org", "jane@example.org"),
    ],
)
async def test_addresses_of_all_kinds(address: str, domain: str, user: str) -> None:
    with serve_names({f"{domain}.": "$TTL 60\n_submissions._tcp SRV 0 0 465 smtp\n"}) as server:
        found = await discover(address, Dns(server.address))
    assert servers(found) == [f"smtp.{domain}:465 implicit"]
    assert found.candidates[0].change.fields["auth.user"] == user


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jane",
        "@example.org",
        "jane@",
        "jane@-bad-.example",
        "jane@exa mple.org",
        "a@example.org, b@example.org",
        "jane@example.org\r\nRCPT TO:<x@example.org>",
        "ja\0ne@example.org",
        "jane@[127.0.0.1]",
        f"jane@{'x' * 64}.example",
    ],
)
async def test_what_is_no_address_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(ValueError, match=r"^address: [^\n]*$"):
        await discover(address, Dns("127.0.0.1:1"))


async def test_a_change_is_ready_for_the_form() -> None:
    found = await of_zone("_submissions._tcp SRV 0 0 465 smtp\n")
    applied = found.candidates[0].change.apply(Transport())
    assert (applied.host, applied.effective_port) == ("smtp.example.org", 465)
    assert applied.security is Security.IMPLICIT_TLS
