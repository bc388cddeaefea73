"""Which lines of the traffic are shown, and in which rows words are found."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Final, Protocol

DIRECTIONS: Final = "CS*"
DIRECTION_BITS: Final = 3
"""The bits of a line's kind that say which of the `DIRECTIONS` it has."""
_AT_A_TIME: Final = 2_000
"""Rows that are searched before others get their turn: about half a millisecond."""


@dataclass(frozen=True, slots=True)
class TrafficFilter:
    """Lets lines of some directions through, and of one stage if one is given."""

    directions: frozenset[str] = frozenset(DIRECTIONS)
    stage: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether every line is shown."""
        return self.stage is None and self.directions == frozenset(DIRECTIONS)

    def lets_through(self, direction: str, stage: int) -> bool:
        """Whether one line is shown."""
        return direction in self.directions and self.stage in (None, stage)

    def lines(self, kinds: "array[int]", stages: "array[int]") -> "array[int]":
        """Return which lines are shown. No loop in Python: a million take about 20 ms."""
        among = range(len(kinds)) if self.stage is None else lines_of_stage(stages, self.stage)
        known = len(DIRECTIONS)
        shown = bytes(
            (at := kind & DIRECTION_BITS) < known and DIRECTIONS[at] in self.directions
            for kind in range(256)
        )
        return array(
            "l", compress(among, kinds[among.start : among.stop].tobytes().translate(shown))
        )


def lines_of_stage(stages: "array[int]", stage: int) -> range:
    """Return the lines of a stage. They stand together, for a run only goes on to later ones."""
    return range(bisect_left(stages, stage), bisect_right(stages, stage))


class Texts(Protocol):
    """What can be searched."""

    def rowCount(self) -> int:
        """Return how many rows there are."""

    def texts(self, first: int, last: int) -> list[str]:
        """Return the texts of the rows from *first* up to but not with *last*."""


class Search:
    """The rows that contain some words, case aside; goes on where it stopped when rows come."""

    def __init__(self, words: str, rows: Texts) -> None:
        self.found = array("l")
        self._wanted = words.casefold()
        self._rows = rows
        self._next = 0

    def go_on(self) -> Iterator[None]:
        """Search the rows that were not searched yet, in short steps."""
        while self._wanted and self._next < (count := self._rows.rowCount()):
            first, self._next = self._next, min(self._next + _AT_A_TIME, count)
            self.found.extend(
                row
                for row, text in enumerate(self._rows.texts(first, self._next), first)
                if self._wanted in text.casefold()
            )
            yield
