"""What a pasted text says about a server, and the text without the secret that stood in it.

Nothing in it is run. It takes a moment: call it off the loop.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from smtp_workbench.formats.format import Format, Import
from smtp_workbench.formats.registry import FORMATS, LONGEST, by_id, recognise
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import BULLETS, Secret

_MOST_TRIES: Final = 3000


@dataclass(frozen=True, slots=True)
class Pasted:
    """How a text was understood."""

    format: Format
    found: Import
    likely: tuple[Format, ...]
    """What the text looks like, the likeliest first."""
    shown: str
    """The text with bullets for its secret; empty where that can't be told from the rest."""


def readable() -> tuple[Format, ...]:
    """Return the formats that can be read, in the order of the screen."""
    return tuple(item for item in FORMATS if item.read)


def is_likely(text: str) -> bool:
    """Whether *text* looks like settings in some format."""
    return bool(text.strip()) and bool(recognise(text))


def understand(text: str, format_id: str = "", known: Secret | None = None) -> Pasted:
    """Return what *text* says, read as *format_id*; without one, as what it looks like most.

    *known* is the secret that bullets in it stand for. Raises ValueError with one sentence where it
    is in no known format, not in this one, or broken.
    """
    if len(text) > LONGEST:
        raise ValueError(f"The text is longer than {LONGEST:,} characters; settings are not.")
    likely = tuple(item for item, _ in recognise(text))
    chosen = by_id(format_id) if format_id else None
    if chosen is None and not likely:
        raise ValueError("This is in no format that is known.")
    refusal = ""
    for item in (chosen,) if chosen else likely:
        try:
            found = _read(item, text)
        except ValueError as error:
            refusal = refusal or f"{item.title}: {error}."
            continue
        return _pasted(item, found, likely, text, known)
    raise ValueError(refusal)


def _pasted(
    item: Format, found: Import, likely: tuple[Format, ...], text: str, known: Secret | None
) -> Pasted:
    secret = found.change.secret
    if secret == Secret(BULLETS):
        change = Change(found.change.fields, known, found.change.proxy_secret)
        return Pasted(item, Import(change, found.ignored, found.notes), likely, text)
    if secret is None or _is_reference(secret):
        return Pasted(item, found, likely, text)
    return Pasted(item, found, likely, _without(secret.reveal(), text, item, found))


def _read(item: Format, text: str) -> Import:
    if item.read is None:
        raise ValueError("it can only be exported")
    return item.read(text)


def _is_reference(secret: Secret) -> bool:
    """Whether it only names a variable of the environment."""
    text = secret.reveal()
    return text.startswith("${") and text.endswith("}")


def _without(secret: str, text: str, item: Format, found: Import) -> str:
    """Return *text* with bullets for *secret*, proven by reading it again; empty if it can't be."""

    def says_the_same(cut: str) -> bool:
        try:
            again = _read(item, cut)
        except ValueError:
            return False
        same = again.change.fields == found.change.fields
        return same and again.change.secret == Secret(BULLETS)

    cut = next(filter(says_the_same, islice(_cuts(secret, text), _MOST_TRIES)), "")
    # It may stand elsewhere too, such as in a comment; or be a word that the settings need.
    places = re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)")
    at = 0
    while cut and (match := places.search(cut, at)):
        less = cut[: match.start()] + BULLETS + cut[match.end() :]
        at = match.start() + len(BULLETS)
        if says_the_same(less):
            cut = less
        else:
            at = match.end()
    return cut


def _cuts(secret: str, text: str) -> Iterator[str]:
    """Yield *text* with bullets in the places where *secret* may stand, as it may be written."""
    for written in dict.fromkeys(_spellings(secret)):
        if text.count(written) > 1:
            yield text.replace(written, BULLETS)
        for match in re.finditer(re.escape(written), text):
            yield text[: match.start()] + BULLETS + text[match.end() :]
    # However it is written: what stands between two marks in a line.
    before = 0
    for line in text.splitlines(keepends=True):
        ends = [match.start() for match in re.finditer(r"[\"'`=:^\s,;]", line)]
        spans = [(end - start, start, end) for start, end in combinations(ends, 2)]
        for _, start, end in sorted(spans):
            yield text[: before + start + 1] + BULLETS + text[before + end :]
        before += len(line)


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield secret.replace("'", "'\\''")
    yield secret.replace("'", "''")
    yield secret.replace("\\", "\\\\").replace("'", "\\'")
    yield escape(secret, {'"': "&quot;"})
