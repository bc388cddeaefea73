"""What client programs, libraries and systems print, in the languages that they print it in."""

import re
from typing import Any

import pytest

from diagnosis.collected import read
from smtp_workbench.diagnosis.explain import Context, explain
from smtp_workbench.diagnosis.languages import phrases, spoken_in, translated
from smtp_workbench.resource import read_toml

CLIENTS = read("clients.jsonl")
"""Labelled before the rules saw them, in four rounds; 62, 65, 78 and 80 % were right then."""
PHRASES = read_toml("diagnosis/localised.toml")["phrase"]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase["english"][:40])
def test_a_phrase_is_known_and_a_near_miss_is_not(phrase: dict[str, Any]) -> None:
    for said in phrase["said"]:
        told = f"smtp.example.com: {said} (1)"
        assert phrase["english"] in translated(told, spoken_in(told))
    assert translated(phrase["miss"], spoken_in(phrase["miss"])) == phrase["miss"]
    assert phrase["source"]


@pytest.mark.parametrize("pair", read_toml("diagnosis/localised_stems.toml")["pair"])
def test_two_stems_of_words_in_a_line_say_what_happened(pair: dict[str, Any]) -> None:
    sample, miss = pair["sample"], pair["miss"]
    assert translated(sample, spoken_in(sample)).endswith(f" = {pair['english']}")
    assert translated(miss, spoken_in(miss)) == miss
    assert pair["source"]


def test_english_is_not_taken_for_another_language() -> None:
    english = {entry["english"].lower() for entry in PHRASES}
    assert not [said for said in phrases() for text in english if said in text]
    for text in english:
        assert translated(text, spoken_in(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "GET /contact HTTP/1.1\nHost: example.com\n\nHTTP/1.1 404 Not Found",
        '192.0.2.1 - - [21/Nov/2026:12:00:00 +0000] "POST /api/send HTTP/1.1" 500 1240 "-" "curl"',
        "AxiosError: Request failed with status code 404",
        "502 Bad Gateway",
        "500 Internal Server Error",
        "SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.users' doesn't exist",
        "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)",
        "PDOException: SQLSTATE[HY000] [2002] Connection refused",
        "ORA-01017: invalid username/password; logon denied",
        "psycopg2.OperationalError: could not connect to server: Connection refused, port 5432",
        "2026-11-21 12:00:00 INFO  started in 4.535 seconds (process running for 5.454)",
        "npm WARN deprecated request@2.88.2: request has been deprecated",
        "Message sent: <550e8400-e29b-41d4-a716-446655440000@example.com>",
        "250 2.0.0 Ok: queued as 4F5502535A",
        "235 2.7.0 Authentication successful",
        "220 mail.example.com ESMTP Postfix\n250-PIPELINING\n250-SIZE 55000000\n250 STARTTLS",
        (
            "Nov 21 12:00:01 mx postfix/smtp[535]: 454550421A: to=<joe@example.com>,"
            " relay=mx.example.net[192.0.2.55]:25, delay=0.55, delays=0.1/0/0.2/0.25, dsn=2.0.0,"
            " status=sent (250 2.0.0 OK)"
        ),
        'File "app.py", line 535, in main\n    total = compute(454, 550)\nZeroDivisionError: x',
        "The quick brown fox jumps over port 25 of the lazy dog at 5:35 on 4/21",
        "Der Brief wurde am 25. Mai um 4:50 Uhr versandt.",
        "邮件发送成功",
        "ModuleNotFoundError: No module named 'smtplib2'",
        "error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'",
        "git@example.com: Permission denied (publickey).",
        "Access to fetch at 'https://api.example' from origin 'x' has been blocked by CORS policy",
        "Invoice 550 was rejected by the customer",
    ],
)  # fmt: skip
def test_what_is_not_about_a_failure_of_mail_is_unknown(text: str) -> None:
    diagnosis = explain(text)
    assert (diagnosis.cause, diagnosis.confidence) == ("unknown", 0.0)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (r"(535, b'Error: \xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb')", "app_password_required"),
        (r"b'\xe6\x8b\x92\xe7\xbb\x9d\xe8\xbf\x9e\xe6\x8e\xa5'", "connection_refused"),
    ],
)  # fmt: skip
def test_bytes_that_a_program_printed_as_escapes_are_read(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize("port", [25, 587])
def test_a_time_out_on_port_25_is_most_likely_a_block(port: int) -> None:
    for text in (
        f"Error: connect ETIMEDOUT 192.0.2.7:{port}",
        f"connect to mx[192.0.2.7]:{port}: Die Wartezeit für die Verbindung ist abgelaufen",
    ):
        expected = "port_blocked" if port == 25 else "connect_timeout"
        assert explain(text, Context(port)).cause == expected


def test_no_time_of_day_is_taken_for_an_address() -> None:
    text = "2026-11-21 05:42:40 Connection: failed\n2026-11-21 05:42:41 Connection timed out"
    assert explain(text, Context(587)).cause == "connect_timeout"
    assert not re.search(r"ipv6", str(explain(text, Context(587)).also))
