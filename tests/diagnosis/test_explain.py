"""Pasted text: real messages of real servers and programs, and anything else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnosis.collected import known, read, told
from smtp_workbench.diagnosis.catalogue import causes
from smtp_workbench.diagnosis.explain import Context, explain

MESSAGES = read("errors.jsonl")
LABELS = frozenset(causes())


def test_what_is_not_the_cause_is_at_least_possible() -> None:
    far_off = [
        (message["id"], message["cause"], found)
        for message in MESSAGES
        if (found := told(message).cause) not in {message["cause"], *message["also"]}
    ]
    assert len(far_off) <= 0.03 * len(MESSAGES), far_off


@pytest.mark.parametrize(
    "text", ["", " \n", "all went well", "the cat sat on the mat", "250 2.0.0 OK", "\0\x1b[31m"]
)
def test_what_tells_nothing_is_unknown_and_no_guess(text: str) -> None:
    diagnosis = explain(text)
    assert (diagnosis.cause, diagnosis.confidence) == ("unknown", 0.0)


@given(st.text(), st.sampled_from([None, "auth", "tls", "data", "nonsense"]), st.integers())
def test_no_text_is_too_strange(text: str, stage: str | None, port: int) -> None:
    diagnosis = explain(text, Context(port=port, stage=stage))
    assert diagnosis.cause in LABELS


@given(st.sampled_from(MESSAGES), st.lists(st.sampled_from(["DEBUG connected", "250 OK", ""])))
def test_a_log_around_a_message_changes_nothing(message: dict[str, Any], log: list[str]) -> None:
    around = "\n".join(["DEBUG starting", *log, message["text"], *log])
    assert explain(around, known(message)).cause == told(message).cause


def test_the_decisive_line_of_a_log_is_the_evidence() -> None:
    log = [f"2026-11-21 12:00:{i % 60:02} DEBUG working on item {i}" for i in range(2000)]
    log.insert(1200, "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6")
    diagnosis = explain("\n".join(log), Context(stage="auth"))
    assert diagnosis.cause == "bad_credentials"
    assert diagnosis.evidence.startswith("535 5.7.8")


def test_a_reply_of_several_lines_is_read_as_one() -> None:
    text = (
        "534-5.7.9 Application-specific password\r\n534 5.7.9 required. Learn more at "
        "https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp"
    )
    for form in (text, text.replace("\r\n", "\\r\\n"), f"error: '{text}'"):
        assert explain(form).cause == "app_password_required"


def test_the_port_decides_what_silence_means() -> None:
    text = "Error: Greeting never received"
    assert explain(text, Context(465, "starttls")).cause == "tls_server_on_plain_port"
    assert explain(text, Context(587, "starttls")).cause == "no_greeting"


def test_the_name_of_a_provider_is_told() -> None:
    diagnosis = explain(
        "534-5.7.9 Application-specific password required", Context(host="smtp.gmail.com")
    )
    assert "Gmail" in f"{diagnosis.title} {diagnosis.explanation}"


def test_other_causes_are_as_likely_or_nearly_so() -> None:
    data = Context(stage="data")
    # By its codes alone it could be the content, but the words leave no doubt.
    assert explain("550 5.7.1 no", data).cause == "content_rejected"
    blocked = explain("554 5.7.1 Client host [192.0.2.7] blocked using zen.spamhaus.org", data)
    assert blocked.cause == "client_ip_blocked"
    assert "content_rejected" not in blocked.also


@pytest.mark.parametrize("text", ["item 432 done", "job 550 of 600 done, error rate 0"])
def test_a_number_in_a_sentence_is_no_reply(text: str) -> None:
    assert explain(text).cause == "unknown"
