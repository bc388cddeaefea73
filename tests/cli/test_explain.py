"""explain, as a script sees it: one text, a log on standard input, many cases a line each."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smtp_workbench.settings import presets

from .test_command_line import answer, call

CERTIFICATE = (
    "Peer certificate CN=`vs1.freehosting.host' did not match expected CN=`smtp.gmail.com'"
)
BRIDGE = "535 5.7.8 Username and Password not accepted"


def piped(data: bytes, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "smtp_workbench", "explain", *arguments],
        input=data,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def lines(*cases: object) -> list[dict[str, Any]]:
    """Return the answers to *cases*."""
    done = call("explain", "--jsonl", "-", stdin="".join(json.dumps(case) + "\n" for case in cases))
    assert (done.returncode, done.stderr) == (0, "")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(cases)
    return found


def test_one_text_is_answered() -> None:
    found = answer("explain", "535 5.7.8 Error: authentication failed", "--port", "587")
    assert found["cause"] == "bad_credentials"
    assert {"cause", "title", "explanation", "fixes", "confidence", "also"} <= set(found)


def test_a_line_is_answered_for_each_line(tmp_path: Path) -> None:
    cases = [
        {"text": "getaddrinfo ENOTFOUND smtp.example.invalid", "port": None, "stage": "dns"},
        {"text": "the cat sat on the mat"},
    ]
    text = "".join(json.dumps(case) + "\r\n" for case in cases)
    (tmp_path / "cases.jsonl").write_bytes(b"\xef\xbb\xbf" + text.encode())
    from_stdin = call("explain", "--jsonl", "-", stdin=text)
    from_file = call("explain", "--jsonl", str(tmp_path / "cases.jsonl"))
    assert from_stdin.stdout == from_file.stdout
    causes = [json.loads(line)["cause"] for line in from_file.stdout.splitlines()]
    assert causes == ["name_not_found", "unknown"]


@pytest.mark.parametrize(
    "besides",
    [
        {},
        {"port": None, "security": None, "stage": None, "host": None, "provider": None},
        {"port": "many", "security": "nonsense", "stage": 7, "host": [], "provider": {}},
        {"port": True, "also": [], "id": "e1", "client": "a client"},
        {"port": 10**30},
    ],
)
def test_what_is_not_told_or_makes_no_sense_changes_nothing(besides: dict[str, object]) -> None:
    (found,) = lines({"text": "connect ECONNREFUSED 192.0.2.1:587", **besides})
    assert found["cause"] == "connection_refused"


def test_a_guess_is_called_one_and_what_else_it_could_be_is_told() -> None:
    sure = call("explain", "534 5.7.9 Application-specific password required").stdout
    assert "[app_password_required]" in sure
    told = call("explain", "550 5.7.1 no thanks").stdout
    assert ", a guess]" in told
    assert "It could also be: " in told


def test_a_case_without_a_text_is_unknown_and_ends_nothing() -> None:
    found = lines({"text": None}, {}, {"text": ""}, {"text": "\ud83d half of a character"})
    assert [item["cause"] for item in found] == ["unknown"] * 4


def test_line_ends_inside_of_a_text_are_read() -> None:
    reply = "534-5.7.9 Application-specific password\r\n534 5.7.9 required."
    (found,) = lines({"text": reply})
    assert found["cause"] == "app_password_required"


def test_words_and_numbers_are_taken_as_people_write_them() -> None:
    silent = "Error: Greeting never received"
    told = lines(
        {"text": silent, "port": "465", "security": "STARTTLS"},
        {"text": silent, "port": 465, "security": "none"},
        {"text": silent, "port": 587, "security": "starttls"},
    )
    causes = [item["cause"] for item in told]
    assert causes == ["tls_server_on_plain_port", "tls_server_on_plain_port", "no_greeting"]


def test_a_provider_counts_by_its_name() -> None:
    told = lines({"text": BRIDGE, "provider": "Gmail (via cPanel host)"}, {"text": BRIDGE})
    assert "Gmail" in told[0]["title"]
    assert "Gmail" not in told[1]["title"]
    assert {item["cause"] for item in told} == {"app_password_required"}


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("Gmail", "gmail"),
        ("microsoft365", "microsoft365"),
        ("Yahoo", "yahoo"),
        ("NetEase 163", "163"),
        ("Amazon SES (EC2)", "ses"),
        ("web.de", "web-de"),
        ("Proton Bridge", "proton-bridge"),
        ("mail", None),
        ("", None),
        ("Barracuda", None),
    ],
)
def test_a_provider_is_found_by_what_people_call_it(name: str, preset: str | None) -> None:
    found = presets.by_name(name)
    assert (found.id if found else None) == preset


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_log_is_read_in_whatever_it_was_written(encoding: str) -> None:
    text = "Zeitüberschreitung der Verbindung"
    found = piped(f"{text}\r\n".encode(encoding), "-", "--json")
    assert (found["cause"], found["evidence"]) == ("connect_timeout", text)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("x", "--port", "0"), "--port"),
        (("x", "--port", "70000"), "--port"),
        (("x", "--port", "many"), "--port"),
        (("x", "--security", "maybe"), "--security"),
        (("x", "--stage", "nowhere"), "--stage"),
        (("",), "TEXT"),
        (("--jsonl", "/nowhere/cases.jsonl"), "/nowhere/cases.jsonl"),
    ],
)
def test_words_that_are_off_are_named_in_one_line(arguments: tuple[str, ...], word: str) -> None:
    done = call("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert word in done.stderr


@pytest.mark.parametrize("bad", ["{", "[1]", "[" * 100_000])
def test_a_line_that_is_no_object_is_named(bad: str) -> None:
    done = call("explain", "--jsonl", "-", stdin='{"text": "x"}\n' + bad + "\n")
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_party_in_the_middle_is_named() -> None:
    found = answer("explain", CERTIFICATE, "--host", "smtp.gmail.com", "--stage", "TLS")
    assert found["cause"] == "outbound_smtp_redirected"
    assert "smtp.gmail.com" in found["title"]


def test_what_a_log_holds_can_not_drive_the_terminal() -> None:
    done = call("explain", "535 5.7.8 \x1b]0;title\x07 authentication failed")
    assert "\x1b" not in done.stdout
    assert r"\x1b]0;title\x07" in done.stdout


def test_a_text_that_is_read_in_part_says_so() -> None:
    done = call("explain", "-", stdin="550 5.1.1 no such user\n" + "the cat sat\n" * 20_000)
    assert done.returncode == 0
    assert "only the last 200,000 of 240,0" in done.stderr


def test_what_to_do_about_the_unknown_is_a_whole_sentence() -> None:
    unknown = answer("explain", "the cat sat on the mat")["fixes"][0]["label"]
    named = answer("explain", "the cat sat", "--host", "mx.example.org")["fixes"][0]["label"]
    assert unknown.endswith("runs the server")
    assert named.endswith("runs mx.example.org")
