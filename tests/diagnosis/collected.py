"""Texts that were collected with their causes, and what we say that they mean."""

import json
from pathlib import Path
from typing import Any

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.explain import Context, by_rules
from smtp_workbench.resource import read_jsonl

_DATA = Path(__file__).parent / "data"


def read(name: str) -> list[dict[str, Any]]:
    """Return the texts of a file, one a line: of `data`, or of what the product knows."""
    if (_DATA / name).exists():
        return [json.loads(line) for line in (_DATA / name).read_text("utf-8").splitlines()]
    return [dict(text) for text in read_jsonl(f"diagnosis/known/{name}")]


def known(message: dict[str, Any]) -> Context:
    """Return what is known of *message* besides its text."""
    return Context(message["port"], message["security"], message["stage"])


def told(message: dict[str, Any]) -> Diagnosis:
    """Return what *message* means by the rules alone, for above all it is like itself."""
    return by_rules(message["text"], known(message))[0]


def wrong(messages: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return those that are told as something else: their name, their cause, what was said."""
    found = ((message, told(message).cause) for message in messages)
    return [(item["id"], item["cause"], cause) for item, cause in found if cause != item["cause"]]
