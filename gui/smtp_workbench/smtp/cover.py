"""Puts bullets over the secrets in a text.

The search ignores case and keeps positions, so that overlapping forms of a secret merge into one
row of bullets and nothing of them is left between two.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from smtp_workbench.settings.secret import BULLETS
from smtp_workbench.smtp.printable import legible
from smtp_workbench.smtp.traces import base64_cores, traces

_SHORT: Final = 4
"""Octets. A shorter secret is hidden only where it stands alone: `a` is in every line."""
_FRAGMENT: Final = 4
"""Characters at the torn edge of a line that are taken for a part of a secret."""
_CHUNK: Final = 4096
"""Characters of a secret that are searched for at once; keeps the search linear."""
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_CODES: Final = re.compile(r"((?:\d{3}[ -])?)(?:\d\.\d{1,3}\.\d{1,3} +)?")
"""Reply code and enhanced code, which precede the text of a reply's line."""

Span = tuple[int, int]


class Cover:
    """A growing set of secrets to hide."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._forms: set[str] = set()
        self._cores: set[str] = set()
        self._pieces: set[str] = set()
        """The secrets themselves and their cores: what is looked for in pieces."""
        self._starts: tuple[str, ...] = ()
        """With what forms and cores begin; many share it, so a clean line is soon told."""
        self._joined = ""
        self._tokens: set[str] = set()
        self._token_search: re.Pattern[str] | None = None
        self.reach = 0
        """Characters of the longest form: how far to look past a cut."""

    def hide(self, secret: str) -> None:
        """Hide *secret* and its encodings from now on; nothing happens for an empty one."""
        if not secret or secret in self._known:
            return
        self._known.add(secret)
        for start in range(0, len(secret), _CHUNK):
            self._add(secret[start : start + _CHUNK])

    def _add(self, text: str) -> None:
        octets = text.encode("utf-8", "surrogatepass")
        if len(octets) < _SHORT:
            self._tokens |= {legible(text), b64encode(octets).decode().rstrip("=")}
            words = "|".join(re.escape(_folded(token)) for token in self._tokens)
            self._token_search = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
            return
        forms, cores = _to_look_for(text)
        self._forms |= forms
        self._cores |= cores
        self._pieces |= {_folded(legible(text)), *cores}
        # No piece has a line feed in it: they can't run into each other.
        self._joined = "\n".join(self._pieces)
        self._starts = tuple({form[:_SHORT] for form in self._forms | self._cores})
        self.reach = max(map(len, self._forms | self._cores))

    def __call__(
        self, text: str, limit: int | None = None, *, torn: tuple[bool, bool] = (False, False)
    ) -> str:
        """Return *text* with bullets, of its first *limit* characters if given.

        *torn* tells whether a secret may have begun before *text* and may go on after it.
        """
        if not self._known:
            return text[:limit]
        folded = _folded(text)
        spans = list(self._spans(folded))
        if torn[0]:
            spans += self._heads(folded)
        if torn[1]:
            spans += self._tails(folded)
        return _bulleted(text, sorted(spans), len(text) if limit is None else limit)

    def _spans(self, folded: str) -> Iterator[Span]:
        for start in self._starts:
            if start in folded:
                yield from self._found(folded)
                break
        if self._token_search is not None:
            for match in self._token_search.finditer(folded):
                yield match.span()

    def _found(self, folded: str) -> Iterator[Span]:
        for form in self._forms:
            if form in folded:
                yield from _occurrences(form, folded)
        for core in self._cores:
            if core in folded:
                yield from _runs(core, folded)

    def _heads(self, folded: str) -> Iterator[Span]:
        """Find the end of a secret that began on the line before, or its middle."""
        codes = _CODES.match(folded)
        starts = {0, codes.end(1), codes.end()} if codes else {0}
        for start in starts:
            if len(folded) - start >= _FRAGMENT and folded[start:] in self._joined:
                yield start, len(folded)
        for piece in self._pieces:
            if (tail := piece[-_FRAGMENT:]) in folded:
                for start in starts:
                    for _, end in _occurrences(tail, folded[: start + len(piece)], start):
                        if piece.endswith(folded[start:end]):
                            yield start, end

    def _tails(self, folded: str) -> Iterator[Span]:
        """Find the start of a secret that goes on on the next line."""
        for piece in self._pieces:
            if (head := piece[:_FRAGMENT]) in folded:
                for start, _ in _occurrences(head, folded, len(folded) - len(piece)):
                    if piece.startswith(folded[start:]):
                        yield start, len(folded)


@lru_cache(maxsize=8)
def _to_look_for(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the forms and the cores of base64 of a secret.

    They are kept for the next run: making them takes longer than the rest of it. What holds the
    secret itself lives as long.
    """
    return (
        frozenset(_folded(form) for form in traces(text)),
        frozenset(_folded(core) for core in base64_cores(text)),
    )


def _folded(text: str) -> str:
    """Return *text* in lower case, character by character: no position moves."""
    if text.isascii():
        return text.lower()
    # The one letter that lower() makes two of, and the one whose form depends on its place.
    return text.replace("İ", "i").lower().replace("ς", "\N{GREEK SMALL LETTER SIGMA}")


def _occurrences(needle: str, text: str, start: int = 0) -> Iterator[Span]:
    # Overlapping ones count. A long needle that overlaps itself takes larger steps, so that the
    # search stays linear; what that leaves of it is a small part.
    step = 1 + len(needle) // 64
    at = text.find(needle, max(0, start))
    while at >= 0:
        yield at, at + len(needle)
        at = text.find(needle, at + step)


def _runs(core: str, text: str) -> Iterator[Span]:
    """Find the words of base64 that contain *core*: its neighbours hold bits of the secret too."""
    at = text.find(core)
    while at >= 0:
        start = len(text[:at].rstrip(_BASE64))
        end = len(text) - len(text[at:].lstrip(_BASE64))
        yield start, end
        at = text.find(core, end)


def _bulleted(text: str, spans: list[Span], limit: int) -> str:
    shown: list[str] = []
    done = 0
    for start, end in spans:
        if start >= limit:
            break
        if start > done or not shown:
            shown += (text[done:start], BULLETS)
        done = max(done, end)
    return "".join((*shown, text[done:limit]))
