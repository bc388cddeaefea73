"""The rules, compiled once from `resources/diagnosis`, and which of them fit a case.

Files go by their `order`, rules by their place: the first that fits is the diagnosis, the next with
other causes are what else it could be. Texts are read in small letters: faster by far than to
ignore each one's case.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

from smtp_workbench.diagnosis.case import Case
from smtp_workbench.diagnosis.catalogue import rule_files

_LISTS: Final = ("stage", "kind", "port", "security", "provider")
_CONDITIONS: Final = {*_LISTS, "code", "enhanced", "text", "not", "params"}
_SAMPLE: Final = {"sample", "sample_stage", "sample_port", "sample_security"}
"""What the rule is for: a text that it has to win, and what is known besides."""
_KEYS: Final = {"cause", "when", "also", "miss", "source", *_SAMPLE}
_ESCAPE_OR_LETTER: Final = re.compile(r"\\.|[^\W\d_]")
_ADDRESS: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")
_CLASS: Final = re.compile(r"(?<!\d)[45](?=\.)")
_MAILBOX: Final = re.compile(
    r"(?:(?<=to:)|(?<=from:)|(?<![\w.+=:-]))[a-z0-9_.+=-]{1,64}@(?:[a-z0-9-]{1,63}\.)+(?=[a-z])"
)
_LETTER: Final = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a cause shows."""

    cause: str
    when: Mapping[str, Any]
    confidence: float
    also: tuple[str, ...] = ()
    sample: Mapping[str, Any] = field(default_factory=dict)
    miss: str = ""
    """A text close to the sample that means something else."""
    source: str = ""
    """Where it is known from: a section of an RFC, a page, a thread, a program's source."""

    def fits(self, case: Case) -> bool:
        """Whether all conditions hold."""
        when = self.when
        if any(name in when and getattr(case, name) not in when[name] for name in _LISTS):
            return False
        if "code" in when and not any(_is_code(code, when["code"]) for code in case.codes):
            return False
        if "enhanced" in when and not any(
            _starts(item, when["enhanced"]) for item in case.enhanced
        ):
            return False
        if any(case.params.get(name) != value for name, value in when.get("params", {}).items()):
            return False
        return self._reads(case)

    def read(self, text: str) -> tuple[int, int] | None:
        """Return where the words stand that this rule reads; None if it reads none."""
        found = self.when["text"].search(_small(text)) if "text" in self.when else None
        return found.span() if found else None

    def _reads(self, case: Case) -> bool:
        when = self.when
        if "text" in when and not when["text"].search(_small(case.text)):
            return False
        return "not" not in when or not when["not"].search(_small(case.text))


def _is_code(code: int, wanted: list[int | str]) -> bool:
    return any(code == item or f"{code // 100}xx" == item for item in wanted)


def _starts(code: str, wanted: list[str]) -> bool:
    return any(code == item or (item.endswith(".") and code.startswith(item)) for item in wanted)


@lru_cache(maxsize=64)
def _small(text: str) -> str:
    """Return *text* in small letters, each in its place, and no address with a meaning.

    The network 5.2.2 is no full mailbox, and mail to spam@relay.example.com may be refused for
    other reasons than spam or relaying.
    """
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    small = _ADDRESS.sub(lambda found: _CLASS.sub("1", found[0]), small)
    return _MAILBOX.sub(lambda found: _LETTER.sub("x", found[0]), small)


def _spelled_out(written: str, words: Mapping[str, str]) -> str:
    """Return the pattern with its file's own `words` in place of their `@names@`."""
    for name, word in words.items():
        written = written.replace(f"@{name}@", word)
    return written


def _pattern(written: str) -> re.Pattern[str]:
    """Return the pattern in small letters; what a backslash escapes stays."""
    return re.compile(_ESCAPE_OR_LETTER.sub(lambda found: _unescaped(found[0]), written))


def _unescaped(part: str) -> str:
    return part if part.startswith("\\") else part.lower()


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules in their order. Raises ValueError for a key that no rule has."""
    return tuple(_rule(entry, content) for content in rule_files() for entry in content["rule"])


def _rule(entry: Mapping[str, Any], content: Mapping[str, Any]) -> Rule:
    strange = {*entry} - _KEYS | {*entry["when"]} - _CONDITIONS
    if strange:
        raise ValueError(f"a rule for {entry['cause']} has unknown keys: {sorted(strange)}")
    when = dict(entry["when"])
    for name in ("text", "not"):
        if name in when:
            when[name] = _pattern(_spelled_out(when[name], content.get("words", {})))
    return Rule(
        entry["cause"],
        when,
        float(content["confidence"]),
        tuple(entry.get("also", ())),
        {name: entry[name] for name in entry if name in _SAMPLE},
        entry.get("miss", ""),
        entry.get("source", ""),
    )


def fitting(case: Case) -> Iterator[Rule]:
    """Yield the rules that fit *case*, the best first."""
    return (rule for rule in rules() if rule.fits(case))
