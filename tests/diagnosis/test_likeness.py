"""What no rule knows is told by texts that are like it."""

from collections.abc import Mapping
from typing import Any

import pytest

from smtp_workbench.diagnosis.explain import Context, explain
from smtp_workbench.diagnosis.likeness import Known
from smtp_workbench.resource import list_files, read_jsonl

TEXTS: list[Mapping[str, Any]] = [
    text for name in list_files("diagnosis/known", ".jsonl") for text in read_jsonl(name)
]
SOME = range(0, len(TEXTS), 7)


def text(cause: str, words: str, stage: str | None = None) -> dict[str, object]:
    return {"text": words, "cause": cause, "stage": stage}


def test_most_texts_are_like_others_of_their_cause() -> None:
    known = Known(TEXTS)
    found = [known.like(TEXTS[at]["text"], TEXTS[at]["stage"], but=at) for at in SOME]
    right = [
        each and each.cause == TEXTS[at]["cause"] for at, each in zip(SOME, found, strict=True)
    ]
    assert sum(map(bool, right)) > 0.55 * len(SOME)
    pairs = zip(SOME, found, strict=True)
    named = [each and TEXTS[at]["cause"] in (each.cause, *each.others[:3]) for at, each in pairs]
    assert sum(map(bool, named)) > 0.75 * len(SOME)


def test_rare_words_count_more_than_those_that_all_have() -> None:
    known = Known(
        [
            text("mailbox_full", "the mailbox of the user is crammed"),
            text("unknown_recipient", "the mailbox of the user is nowhere"),
            text("spam_rejected", "the message is junk"),
        ]
    )
    found = known.like("crammed mailbox", None)
    assert found is not None
    assert (found.cause, found.others) == ("mailbox_full", ("unknown_recipient",))
    assert 0.5 < found.share < 1


def test_the_stage_counts_as_a_word() -> None:
    known = Known([text("relay_denied", "no", "rcpt"), text("spam_rejected", "no", "data")])
    found = known.like("no", "data")
    assert found is not None
    assert found.cause == "spam_rejected"


def test_who_and_where_counts_nothing() -> None:
    known = Known(
        [text("spam_rejected", "joe@example.com [192.0.2.1] https://example.com/a is bad")]
    )
    assert known.like("joe@example.com [192.0.2.1] https://example.com/a", None) is None


def test_scripts_without_blanks_are_compared_too() -> None:
    known = Known(
        [
            text("mailbox_full", "\u90ae\u7bb1\u7a7a\u95f4\u4e0d\u8db3"),
            text("spam_rejected", "\u5783\u573e"),
        ]
    )
    found = known.like("\u6536\u4ef6\u4eba\u90ae\u7bb1\u7a7a\u95f4\u5df2\u4e0d\u8db3", None)
    assert found is not None
    assert found.cause == "mailbox_full"


UNHEARD = "577 Postmaster of this mailbox wishes to be left in peace by your kind of sender"


def test_a_guess_is_no_more_than_that() -> None:
    told = explain(UNHEARD, Context(stage="rcpt"))
    assert told.cause != "unknown"
    assert 0 < told.confidence <= 0.5
    assert told.also


@pytest.mark.parametrize("nothing", ["", "Dear all, the meeting is at noon.", "zxqv wqpt"])
def test_what_is_like_nothing_is_unknown(nothing: str) -> None:
    assert explain(nothing).cause == "unknown"


def test_in_a_long_log_nobody_guesses_which_line_matters() -> None:
    known = Context(stage="rcpt")
    log = "\n".join(f"mail of user {at} was put into the folder" for at in range(100))
    assert explain(UNHEARD, known).cause != "unknown"
    assert explain(f"{log}\n{UNHEARD}", known).cause == "unknown"
