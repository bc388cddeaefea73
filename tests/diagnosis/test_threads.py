"""What people pasted into threads when their mail did not go out, and what it meant.

`threads.jsonl` was labelled before the rules saw it, in the rounds that `round` tells.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from smtp_workbench.diagnosis.explain import Context, explain
from smtp_workbench.resource import read_toml

THREADS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data/threads.jsonl").read_text("utf-8").splitlines()
]
READING = [
    (name, rule)
    for name in ("refusals", "runtimes")
    for rule in read_toml(f"diagnosis/{name}.toml")["rule"]
]


def test_texts_of_threads_are_told() -> None:
    wrong = [
        (thread["id"], thread["cause"], found)
        for thread in THREADS
        if (found := _explained(thread)) != thread["cause"]
    ]
    assert len(wrong) <= 0.06 * len(THREADS), wrong


def _explained(thread: dict[str, Any]) -> str:
    known = Context(thread["port"], thread["security"], thread["stage"])
    return explain(thread["text"], known).cause


def test_where_a_thread_is_from_is_told() -> None:
    assert not [thread["id"] for thread in THREADS if len(thread["source"]) < 10]


@pytest.mark.parametrize(("name", "rule"), READING, ids=lambda value: str(value)[:60])
def test_what_reads_a_text_says_its_source_and_a_near_miss(name: str, rule: dict[str, Any]) -> None:
    assert len(rule.get("source", "")) > 3, name
    assert rule.get("miss") not in ("", None, rule["sample"]), name


@pytest.mark.parametrize("text", ["item 432 done", "job 550 of 600 done, error rate 0"])
def test_a_number_in_a_sentence_is_no_reply(text: str) -> None:
    assert explain(text).cause == "unknown"
