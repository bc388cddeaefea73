"""Variables in double braces."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.variables import NAMES, expand, expand_html, unknown, values

NOW = datetime(2026, 1, 31, 8, 15, 7, 999, tzinfo=timezone(timedelta(hours=1)))
OCCASION = Occasion(
    now=NOW, host="mx", port=25, security="STARTTLS", run_id="run", random="c0ffee", number=3
)
DRAFT = Draft(author="Me <me@example.org>", to=("a@x.org", "b@x.org"), subject="No {{number}}")
KNOWN = values(DRAFT, OCCASION)


def test_each_has_a_value() -> None:
    assert KNOWN == {
        "now": "2026-01-31T08:15:07+01:00",
        "date": "2026-01-31",
        "time": "08:15:07",
        "host": "mx",
        "port": "25",
        "security": "STARTTLS",
        "run_id": "run",
        "random": "c0ffee",
        "number": "3",
        "from": "Me <me@example.org>",
        "to": "a@x.org, b@x.org",
        "subject": "No 3",
        "app": "SMTP Workbench",
    }
    assert KNOWN.keys() == NAMES.keys()
    assert all(meaning for meaning in NAMES.values())


def test_expanding() -> None:
    assert expand("{{host}}:{{ port }} {{nonsense}} {host} {{}}", KNOWN) == (
        "mx:25 {{nonsense}} {host} {{}}"
    )
    assert expand_html("<b>{{from}}</b>", KNOWN) == "<b>Me &lt;me@example.org&gt;</b>"


def test_a_value_is_not_expanded_again() -> None:
    known = values(DRAFT, Occasion(host="{{port}}", port=25))
    assert expand("{{host}}", known) == "{{port}}"


def test_the_subject_is_not_within_itself() -> None:
    assert values(Draft(subject="Re: {{subject}}"), OCCASION)["subject"] == "Re: {{subject}}"


def test_unknown_ones() -> None:
    assert unknown("{{name}} {{host}} {{ name }} {{Host}} {{subject}} {{a b}}") == ["name", "Host"]


@given(st.text())
def test_text_without_variables_stays(text: str) -> None:
    assert expand(text.replace("{{", ""), KNOWN) == text.replace("{{", "")
