"""`send` as a script sees it: a process, its output and its exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smtp_workbench.message.draft import Draft
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.faults import FAULTS
from support.mail_script import MailScript
from support.scripted import Peer, serve

from .test_command_line import KEYS, answer, call

SENT = KEYS | {"delivered", "queue_id", "attempts"}
PEOPLE = ("--from", "Me <me@example.org>", "--to", "you@example.org")


def at(port: int) -> tuple[str, ...]:
    return (f"smtp://127.0.0.1:{port}/?ignoreTLS=true", *PEOPLE)


def test_send_sandbox_does_the_whole_job_without_a_further_word() -> None:
    found = answer("send", "sandbox")
    assert set(found) == SENT
    assert found["ok"] is True
    assert found["delivered"] == "accepted"
    assert found["queue_id"]
    assert [stage["stage"] for stage in found["stages"]][-5:] == [
        "auth",
        "mail",
        "rcpt",
        "data",
        "quit",
    ]
    assert [item["accepted"] for item in found["recipients"]] == [True]


MET_BY_SENDING = [item for item in FAULTS if item.stage == "data" and not item.special]


@pytest.mark.parametrize("fault", MET_BY_SENDING, ids=lambda item: item.id)
def test_a_fault_that_only_a_send_meets_gets_its_cause(fault: Fault, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(os.urandom(1_500_000))
    words = ("--fault", fault.id, "--timeout", "2", "--attach", str(large))
    found = answer("send", "sandbox", *words, status=1)
    # One that announces its limit refuses before anything is sent (RFC 1870).
    stage = "mail" if fault.id == "size-limit" else "data"
    assert (found["failed_stage"], found["diagnosis"]["cause"]) == (stage, fault.cause)
    assert found["delivered"] in {"refused", "unknown", "not_sent", None}


def test_every_option_of_the_message_is_in_the_message(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "page.html").write_text("<p>hello</p>")
    script = MailScript()
    with serve(script) as server:
        answer(
            "send", *at(server.port), "--to", "Two <two@example.org>", "--cc", "c@example.org",
            "--bcc", "hidden@example.org", "--reply-to", "r@example.org", "--subject", "Prüfung",
            "--text", "the text", "--html-file", str(tmp_path / "page.html"),
            "--attach", str(tmp_path / "report.pdf"), "--header", "X-Run: 7",
            "--priority", "high", "--encoding", "base64", "--sender", "s@example.org",
            "--dsn", "success,failure",
        )  # fmt: skip
    message = script.messages[0].decode()
    for piece in (
        "From: Me <me@example.org>",
        "Sender: s@example.org",
        "two@example.org",
        "Cc: c@example.org",
        "Reply-To: r@example.org",
        "X-Run: 7",
        "X-Priority: 1",
        'filename="report.pdf"',
        "Content-Transfer-Encoding: base64",
        "text/html",
    ):
        assert piece in message, piece
    assert "hidden" not in message
    assert script.commands[1].startswith("MAIL FROM:<s@example.org>")
    recipients = [line.split()[1] for line in script.commands if line.startswith("RCPT")]
    assert recipients == [f"TO:<{name}@example.org>" for name in ("you", "two", "c", "hidden")]
    assert "NOTIFY=SUCCESS,FAILURE" in script.commands[2]


def test_the_envelope_may_differ_from_the_header() -> None:
    script = MailScript()
    with serve(script) as server:
        answer("send", *at(server.port), "--envelope-from", "<>", "--envelope-to", "x@example.org")
    assert script.commands[1].startswith("MAIL FROM:<> ")
    assert [line for line in script.commands if line.startswith("RCPT")] == [
        "RCPT TO:<x@example.org>"
    ]


def test_an_eml_goes_out_octet_for_octet(tmp_path: Path) -> None:
    octets = b"From: a@example.org\r\nTo: b@example.org\r\nSubject:   odd  \r\n\r\n.x\r\n"
    (tmp_path / "one.eml").write_bytes(octets)
    script = MailScript()
    with serve(script) as server:
        target = f"smtp://127.0.0.1:{server.port}/?ignoreTLS=true"
        found = answer("send", target, "--eml", str(tmp_path / "one.eml"))
    assert not any(item["field"].startswith("message.") for item in found["findings"])
    assert script.messages == [octets]
    assert script.commands[1].startswith("MAIL FROM:<a@example.org>")


def test_what_a_message_in_json_says_in_vain_is_told(tmp_path: Path) -> None:
    logo = {"filename": "logo.png", "href": "https://example.org/logo.png"}
    (tmp_path / "one.json").write_text(json.dumps({"text": "kept", "attachments": [logo]}))
    script = MailScript()
    with serve(script) as server:
        done = call("send", *at(server.port), "--message-json", str(tmp_path / "one.json"))
    assert done.returncode == 0
    assert done.stderr.startswith("left out: ")
    assert "attachments[0]" in done.stderr
    assert b"kept" in script.messages[0]


def test_a_message_in_json_that_is_to_be_signed_needs_the_key(tmp_path: Path) -> None:
    dkim = {"domainName": "example.org", "keySelector": "s1", "privateKey": "-----BEGIN"}
    (tmp_path / "one.json").write_text(json.dumps({"text": "kept", "dkim": dkim}))
    done = call("send", "127.0.0.1:9", *PEOPLE, "--message-json", str(tmp_path / "one.json"))
    assert done.returncode == 2
    assert "--dkim-key: " in done.stderr


def test_what_is_odd_about_the_message_is_among_the_findings() -> None:
    with serve(MailScript()) as server:
        found = answer("send", *at(server.port), "--text", "See the attached file")
    told = {item["field"] for item in found["findings"]}
    assert {"message.subject", "message.attachments"} <= told


def test_text_comes_from_standard_input() -> None:
    script = MailScript()
    with serve(script) as server:
        answer("send", *at(server.port), "--text-file", "-", stdin="typed here")
    assert b"typed here" in script.messages[0]


def test_a_refused_recipient_is_status_1_with_the_others_told() -> None:
    script = MailScript(answers={"RCPT TO:<two@example.org>": b"550 5.1.1 no such user\r\n"})
    with serve(script) as server:
        found = answer("send", *at(server.port), "--to", "two@example.org", status=1)
    assert found["ok"] is False
    assert found["delivered"] == "partly"
    assert found["failed_stage"] == "rcpt"
    assert found["diagnosis"]["cause"] == "unknown_recipient"
    assert [(item["address"], item["accepted"]) for item in found["recipients"]] == [
        ("you@example.org", True),
        ("two@example.org", False),
    ]


def test_retry_waits_and_tells_both_tries() -> None:
    soon = [b"451 4.7.1 Greylisted, try again in 1 seconds\r\n"]

    def once(_peer: Peer) -> bytes:
        return soon.pop() if soon else b"250 ok\r\n"

    with serve(MailScript(answers={"RCPT": once})) as server:
        found = answer("send", *at(server.port), "--retry", "2")
    assert found["ok"] is True
    assert [attempt["cause"] for attempt in found["attempts"]] == ["greylisted", None]
    assert found["attempts"][0]["again_after"] == 1


def test_fallback_takes_the_next_server() -> None:
    script = MailScript()
    with (
        serve(MailScript(answers={"MAIL": b"452 4.5.3 daily sending quota exceeded\r\n"})) as first,
        serve(script) as second,
    ):
        other = f"smtp://127.0.0.1:{second.port}/?ignoreTLS=true"
        found = answer("send", *at(first.port), "--fallback", other)
    assert found["ok"] is True
    assert len(found["attempts"]) == 2
    assert found["target"]["port"] == second.port
    assert len(script.messages) == 1


def test_count_sends_many_and_sums_up() -> None:
    script = MailScript()
    with serve(script) as server:
        found = answer("send", *at(server.port), "--count", "30", "--connections", "3")
    assert found["ok"] is True
    assert found["repeat"]["accepted"] == 30
    assert found["repeat"]["latency_ms"]["p50"] > 0
    assert len(script.messages) == 30
    assert len({message.split(b"Message-ID")[1][:60] for message in script.messages}) == 30


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--to", "a@b\r\nRCPT TO:<x@y>"), "--to"),
        (("--to", "not an address"), "to"),
        (("--header", "no colon here"), "--header"),
        (("--header", "X-A: 1\r\nBcc: x@y"), "--header:"),
        (("--attach", "/no/such/file"), "--attach"),
        (("--text-file", "/no/such/file"), "--text-file"),
        (("--eml", "/no/such/file"), "--eml:"),
        (("--dsn", "sometimes"), "--dsn"),
        (("--count", "0"), "--count"),
        (("--connections", "3"), "--count"),
        (("--retry", "1", "--count", "2"), "--retry"),
        (("--template", "nonsense"), "--template"),
        (("--subject", "a\r\nBcc: x@y"), "--subject:"),
        (("--eml", os.devnull, "--text", "lost"), "--text"),
        (("--eml", os.devnull, "--dkim-domain", "example.org"), "--dkim-domain"),
        (("--dkim-selector", "s1"), "--dkim-domain"),
        (("--dkim-domain", "example.org", "--dkim-key", "/no/such/file"), "--dkim-key:"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(words: tuple[str, ...], named: str) -> None:
    done = call("send", "127.0.0.1:9", *PEOPLE, *words)
    assert done.returncode == 2, done.stdout
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert named in done.stderr


def test_many_messages_to_others_need_a_yes() -> None:
    done = call("send", "mail.example.com:587", *PEOPLE, "--count", "21")
    assert done.returncode == 2
    assert "--yes" in done.stderr


def test_the_table_for_people_tells_what_became_of_it() -> None:
    done = call("send", "sandbox")
    assert done.returncode == 0
    assert "✓ data" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("Sent: ")


def test_ctrl_c_in_the_middle_says_that_it_was_not_sent(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(os.urandom(30_000_000))

    def stuck(peer: Peer, octets: int) -> bool:
        if octets > 200_000:
            process.send_signal(signal.SIGINT)
            peer.wait_for_close()
            return True
        return False

    with serve(MailScript(in_message=stuck)) as server:
        command = [sys.executable, "-m", "smtp_workbench", "send", *at(server.port)]
        process = subprocess.Popen(
            [*command, "--attach", str(big), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, error = process.communicate(timeout=30)
    assert process.returncode == 130, error
    found: dict[str, Any] = json.loads(output)
    assert found["ok"] is False
    assert found["delivered"] == "not_sent"
    assert error == ""


def test_a_draft_needs_nothing_that_the_call_can_not_say() -> None:
    """Every field of a draft has its option, or a reason not to have one."""
    of_the_window = {"derive_text", "invitation", "message_id", "date", "in_reply_to"}
    of_the_window |= {"references", "list_unsubscribe", "one_click", "retries", "fallback"}
    said = {"author", "to", "cc", "bcc", "reply_to", "sender", "subject", "text", "html"}
    said |= {"attachments", "headers", "priority", "charset", "encoding", "untouched"}
    said |= {"envelope_from", "envelope_to", "dsn", "dkim", "pipelining", "chunking", "count"}
    assert said | of_the_window == set(Draft.__dataclass_fields__)
