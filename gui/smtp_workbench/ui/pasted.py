"""What a pasted text says about a server, and the text without the secret that stood in it.

Nothing in it is run. It takes a moment: call it off the loop.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from smtp_workbench.formats.format import Format, Import
from smtp_workbench.formats.registry import FORMATS, LONGEST, by_id, recognise
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import BULLETS, Secret

Secrets: TypeAlias = tuple[Secret | None, Secret | None]
"""That of the log-in, and that of the proxy."""
_PLACES: Final = ("secret", "proxy_secret")
"""Where a `Change` has them."""
_COVERED: Final = Secret(BULLETS)
_MOST_TRIES: Final = 3000


@dataclass(frozen=True, slots=True)
class Pasted:
    """How a text was understood."""

    format: Format
    found: Import
    likely: tuple[Format, ...]
    """What the text looks like, the likeliest first."""
    shown: str
    """The text with bullets for its secrets; empty where that can't be told from the rest."""


def readable() -> tuple[Format, ...]:
    """Return the formats that can be read, in the order of the screen."""
    return tuple(item for item in FORMATS if item.read)


def is_likely(text: str) -> bool:
    """Whether *text* looks like settings in some format."""
    return bool(text.strip()) and bool(recognise(text))


def understand(text: str, format_id: str = "", known: Secrets = (None, None)) -> Pasted:
    """Return what *text* says, read as *format_id*; without one, as what it looks like most.

    *known* are the secrets that bullets in it stand for. Raises ValueError with one sentence where
    it is in no known format, not in this one, or broken.
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
    item: Format, found: Import, likely: tuple[Format, ...], text: str, known: Secrets
) -> Pasted:
    shown = text
    for place, before in zip(_PLACES, known, strict=True):
        secret = getattr(found.change, place)
        if secret == _COVERED:
            found = replace(found, change=_with(found.change, place, before))
        elif shown and secret is not None and not _is_reference(secret):
            shown = _without(secret.reveal(), shown, item, place)
    return Pasted(item, found, likely, shown)


def _with(change: Change, place: str, secret: Secret | None) -> Change:
    both = {name: getattr(change, name) for name in _PLACES} | {place: secret}
    return Change(change.fields, **both)


def _read(item: Format, text: str) -> Import:
    if item.read is None:
        raise ValueError("it can only be exported")
    return item.read(text)


def _is_reference(secret: Secret) -> bool:
    """Whether it only names a variable of the environment."""
    text = secret.reveal()
    return text.startswith("${") and text.endswith("}")


def _without(secret: str, text: str, item: Format, place: str) -> str:
    """Return *text* with bullets for *secret*, proven by reading it again; empty if it can't be.

    *place* says which one of `_PLACES` it is.
    """
    wanted = _with(_read(item, text).change, place, _COVERED)

    def says_the_same(cut: str) -> bool:
        try:
            return _read(item, cut).change == wanted
        except ValueError:
            return False

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
        ends = [match.start() for match in re.finditer(r"[\"'`=:@^\s,;]", line)]
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
