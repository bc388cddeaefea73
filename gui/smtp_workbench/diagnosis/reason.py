"""Why detection ranks settings as it does, in words: data in `resources/reasons.toml`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from smtp_workbench.resource import read_toml
from smtp_workbench.smtp.events import Notice

_FILE: Final = "reasons.toml"


class Tone(StrEnum):
    """Which way a reason speaks."""

    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence for or against settings."""

    label: str
    text: str
    tone: Tone


def reason(notice: Notice) -> Reason:
    """Return *notice* of a ranking in words. Raises KeyError for a label without a text."""
    entry = read_toml(_FILE)[notice.label]
    params = dict(notice.params)
    if "source" in params:
        params["source"] = source_name(params["source"])
    text = str(entry["text"]).format(**params)
    return Reason(notice.label, text, Tone(entry.get("tone", Tone.PLAIN)))


def source_name(source: str) -> str:
    """Return what is shown for the id of a *source* of settings; the id where there is no name."""
    return str(read_toml(_FILE)["published"]["names"].get(source, source))
