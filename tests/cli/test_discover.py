"""discover, as a script and a person see it."""

import json
from typing import Any

import pytest

from support.name_server import serve_names

from .test_command_line import call

ZONE = """$TTL 60
@ MX 10 mx
_submissions._tcp SRV 0 1 465 smtp
_submission._tcp SRV 0 0 0 .
"""


def answer(*arguments: str, status: int = 0) -> Any:
    done = call("discover", *arguments, "--json")
    assert done.returncode == status, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_the_answer_is_one_object() -> None:
    with serve_names({"example.org.": ZONE}) as names:
        found = answer("jane@example.org", "--resolver", names.address)
    assert set(found) == {"address", "candidates", "notes"}
    assert found["address"] == "jane@example.org"
    (candidate,) = found["candidates"]
    assert candidate.pop("detail").startswith("The SRV record of _submissions._tcp.example.org")
    assert candidate == {
        "host": "smtp.example.org",
        "port": 465,
        "security": "implicit",
        "user": "jane@example.org",
        "mechanism": None,
        "source": "srv",
        "confirmed": True,
        "also": [],
    }
    assert {note["source"] for note in found["notes"]} == {"srv", "mx"}
    assert all(set(note) == {"source", "text"} for note in found["notes"])


def test_nothing_found_is_status_1_with_the_reasons() -> None:
    with serve_names({"example.org.": "$TTL 60\n@ MX 0 .\n"}) as names:
        found = answer("jane@example.org", "--resolver", names.address, status=1)
        assert found["candidates"] == []
        assert any("null MX" in note["text"] for note in found["notes"])
        read = call("discover", "jane@example.org", "--resolver", names.address)
    assert "Nothing is known for jane@example.org." in read.stdout
    assert "--fetch" in read.stdout


def test_a_person_reads_a_row_and_a_reason_for_each() -> None:
    with serve_names({"example.org.": "$TTL 60\nsmtp A 127.0.0.1\n"}) as names:
        read = call("discover", "jane@example.org", "--resolver", names.address)
    assert read.returncode == 0
    assert read.stdout.startswith(
        "? smtp.example.org:465 · implicit · jane@example.org · guess\n    A usual name and port"
    )


def test_a_fetch_is_made_only_when_it_is_allowed() -> None:
    with serve_names({"example.org.": ZONE}) as names:
        answer("jane@example.org", "--resolver", names.address)
        assert not any("autoconfig" in asked for asked in names.asked)
        found = answer("jane@example.org", "--resolver", names.address, "--fetch")
        assert "autoconfig.example.org A" in names.asked
    notes = [note["text"] for note in found["notes"] if note["source"] == "autoconfig"]
    assert len(notes) == 2
    assert any("autoconfig.example.org" in text for text in notes)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["jane"], "address: "),
        (["jane@example.org\r\nX: y"], "address: "),
        (["jane@example.org", "--resolver", "dns.example"], "resolver: "),
        (["jane@example.org", "--resolver", "127.0.0.1:99999"], "resolver: "),
        ([], "ADDRESS"),
    ],
)
def test_what_is_off_is_said_in_one_line(arguments: list[str], field: str) -> None:
    done = call("discover", *arguments, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert field in done.stderr
    assert len(done.stderr.splitlines()) == 1
