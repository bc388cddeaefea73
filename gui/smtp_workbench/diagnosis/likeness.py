"""What a text is like of which no rule knows anything: texts whose causes are known vote on it.

A word counts by how rare it is (tf-idf), and two texts are as like as their words point the same
way (cosine). The known texts are data, each with its cause and where it is from.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from operator import itemgetter
from typing import Any, Final

from smtp_workbench.resource import list_files, read_jsonl

_VOTERS: Final = 20
_LIKE: Final = 0.2
"""The cosine from which two texts are like each other at all."""
_SHARE: Final = 0.15
"""Of the votes; with fewer, nobody knows."""
_WHO_AND_WHERE: Final = re.compile(r"[\w.+=-]+@[\w.-]+|https?://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b")
_WORD: Final = re.compile(r"(?<![\d.])(?:[245]\.\d{1,3}\.\d{1,3}|[45]\d\d)(?![\d.])|[^\W\d_]{2,}")
_WITHOUT_BLANKS: Final = "\u3040"
"""From here on are the scripts that put no blanks between words."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What most of the likest texts mean."""

    cause: str
    share: float
    """Of the votes, 0 to 1."""
    others: tuple[str, ...]
    """The causes that others voted for, the most votes first."""


class Known:
    """Texts with their `cause` and `stage`, to be compared with others."""

    def __init__(self, texts: Sequence[Mapping[str, Any]]) -> None:
        counted = [Counter(_words(each["text"], each["stage"])) for each in texts]
        self._causes = [str(each["cause"]) for each in texts]
        frequency = Counter(word for words in counted for word in words)
        self._rarest = math.log(1 + len(texts))
        self._weights = {word: math.log(1 + len(texts) / n) for word, n in frequency.items()}
        self._holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, words in enumerate(counted):
            for word, weight in self._weighed(words).items():
                self._holders[word].append((place, weight))

    def like(self, text: str, stage: str | None, *, but: int = -1) -> Likeness | None:
        """Return what *text* means by the likest; None if it is like none of them.

        *but* is the place of a text that has no vote.
        """
        cosines: defaultdict[int, float] = defaultdict(float)
        for word, weight in self._weighed(Counter(_words(text, stage))).items():
            for place, other in self._holders.get(word, ()):
                cosines[place] += weight * other
        cosines.pop(but, None)
        voters = nlargest(_VOTERS, cosines.items(), key=itemgetter(1))
        if not voters or voters[0][1] < _LIKE:
            return None
        votes: defaultdict[str, float] = defaultdict(float)
        for place, cosine in voters:
            votes[self._causes[place]] += cosine**3
        cause, *others = sorted(votes, key=votes.__getitem__, reverse=True)
        share = votes[cause] / sum(votes.values())
        return Likeness(cause, share, tuple(others)) if share > _SHARE else None

    def _weighed(self, words: Counter[str]) -> dict[str, float]:
        weights = {
            word: (1 + math.log(count)) * self._weights.get(word, self._rarest)
            for word, count in words.items()
        }
        length = math.hypot(*weights.values()) or 1.0
        return {word: weight / length for word, weight in weights.items()}


@cache
def known() -> Known:
    """Return all known texts. It takes a moment: the first time, call it off the loop."""
    names = list_files("diagnosis/known", ".jsonl")
    return Known([text for name in names for text in read_jsonl(name)])


def _words(text: str, stage: str | None) -> Iterator[str]:
    """Yield the words and codes of *text* in small letters, and the stage."""
    if stage:
        yield f"at {stage}"
    for word in _WORD.findall(_WHO_AND_WHERE.sub(" ", text.lower())):
        if word[0] < _WITHOUT_BLANKS:
            yield word
        else:
            yield from (word[at : at + 2] for at in range(len(word) - 1))
