"""Discovery over NSD, a real name server, with zones as domains publish them."""

import json
from collections.abc import Iterator

import pytest

from smtp_workbench.__main__ import main
from support.needed import need
from support.servers.nsd import PROGRAM, nsd

pytestmark = pytest.mark.real_server

MANY = "\n".join(f"_submissions._tcp SRV {n} 0 465 relay-{n:03}" for n in range(90))
ZONES = {
    "good.test": """
@ MX 10 mx
@ TXT "v=spf1 mx -all"
_submissions._tcp SRV 20 1 465 second
_submissions._tcp SRV 10 1 465 first
_submission._tcp SRV 0 0 0 .
""",
    "hosted.test": "@ MX 1 aspmx.l.google.com.\n@ MX 5 alt1.aspmx.l.google.com.\n",
    "alias.test": "_submissions._tcp CNAME _submissions._tcp.good.test.\n",
    "quiet.test": "@ MX 0 .\n",
    "wild.test": "* A 127.0.0.1\n",
    "long.test": MANY + "\n",
}


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    need("nsd", there=PROGRAM.exists())
    with nsd(ZONES) as address:
        yield address


def found(
    capsys: pytest.CaptureFixture[str], resolver: str, address: str, status: int = 0
) -> tuple[list[str], str]:
    """Return `host:port security` of each candidate, and all notes."""
    assert main(["discover", address, "--resolver", resolver, "--json"]) == status
    answer = json.loads(capsys.readouterr().out)
    rows = [f"{row['host']}:{row['port']} {row['security']}" for row in answer["candidates"]]
    return rows, " ".join(note["text"] for note in answer["notes"])


@pytest.mark.parametrize(
    ("domain", "hosts"),
    [
        ("good.test", ["first.good.test:465 implicit", "second.good.test:465 implicit"]),
        ("alias.test", ["first.good.test:465 implicit", "second.good.test:465 implicit"]),
        ("hosted.test", ["smtp.gmail.com:587 starttls", "smtp.gmail.com:465 implicit"]),
        ("long.test", [f"relay-{n:03}.long.test:465 implicit" for n in range(16)]),
        (
            "wild.test",
            [
                "smtp.wild.test:465 implicit",
                "smtp.wild.test:587 starttls",
                "mail.wild.test:465 implicit",
                "mail.wild.test:587 starttls",
            ],
        ),
    ],
)
def test_a_domain_is_found(
    capsys: pytest.CaptureFixture[str], resolver: str, domain: str, hosts: list[str]
) -> None:
    assert found(capsys, resolver, f"jane@{domain}")[0] == hosts


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("quiet.test", "null MX"),
        ("missing.good.test", "does not exist"),
        ("elsewhere.test", "REFUSED"),
    ],
)
def test_what_is_not_there_is_said(
    capsys: pytest.CaptureFixture[str], resolver: str, domain: str, text: str
) -> None:
    rows, notes = found(capsys, resolver, f"jane@{domain}", status=1)
    assert rows == []
    assert text in notes


def test_a_service_that_is_not_offered_is_said(
    capsys: pytest.CaptureFixture[str], resolver: str
) -> None:
    assert "does not offer _submission._tcp" in found(capsys, resolver, "jane@good.test")[1]
