"""Where in a pasted text the decisive part stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.diagnosis.explain import Context, explain, explain_and_mark

LOG = """\
\x1b[32m2026-11-21 12:00:01\x1b[0m DEBUG connected to 192.0.2.25:587
S: 220 mx.example.com ESMTP ready
C: EHLO desk.example.net
S: 250-mx.example.com
S: 250 AUTH PLAIN LOGIN
C: AUTH PLAIN (hidden)
{}
C: QUIT
S: 221 2.0.0 Bye
"""


def marked(text: str, context: Context | None = None) -> str:
    _, span = explain_and_mark(text, context)
    assert span is not None
    return text[slice(*span)]


@pytest.mark.parametrize(
    "line",
    [
        "S: 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
        "S: \x1b[31m535 5.7.8   Error:\tauthentication failed\x1b[0m",
        "535-5.7.8 Username and Password\r\n535 5.7.8 not accepted. - gsmtp",
        "S: 535 5.7.8 &lt;joe&gt;: authentication failed",
    ],
)
def test_the_decisive_part_is_marked_as_it_stands(line: str) -> None:
    text = LOG.format(line)
    assert marked(text) == line
    assert explain(text).evidence == line


def test_a_line_break_that_was_printed_as_an_escape_ends_a_line() -> None:
    text = '<<"250 OK\\r\\n550 5.1.1 <joe@example.com>: User unknown\\r\\n250 OK">>'
    assert marked(text) == "550 5.1.1 <joe@example.com>: User unknown"


def test_lines_that_say_it_only_together_are_marked_together() -> None:
    told = "The remote certificate is invalid because of errors in\n  the chain: UntrustedRoot"
    assert "UntrustedRoot" in marked(f"Sending the message\n{told}\nDone")


def test_of_a_very_long_line_the_surroundings_are_marked() -> None:
    text = "x " * 1500 + "Error: connect ECONNREFUSED 127.0.0.1:25 " + "y " * 300
    found = marked(text)
    assert "ECONNREFUSED" in found
    assert len(found) <= 500


def test_nothing_is_marked_where_nothing_fits() -> None:
    assert explain_and_mark("all went well")[1] is None
    assert explain_and_mark("")[1] is None


def test_a_text_too_long_to_read_is_marked_near_its_end() -> None:
    text = "item done\n" * 30_000 + "535 5.7.8 Error: authentication failed\n"
    assert marked(text, Context(stage="auth")) == "535 5.7.8 Error: authentication failed"


@given(st.text(), st.sampled_from(["", "\\r\\n", "&amp;", "\x1b[1m"]), st.text())
def test_what_is_marked_lies_in_the_text(before: str, between: str, after: str) -> None:
    text = f"{before}\n{between}Error: connect ECONNREFUSED 192.0.2.1:25{between}\n{after}"
    _, span = explain_and_mark(text)
    assert span is not None
    assert 0 <= span[0] < span[1] <= len(text)
    assert text[slice(*span)].strip() == text[slice(*span)]
