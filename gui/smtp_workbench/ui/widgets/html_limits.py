"""How much HTML Qt is given to lay out, since it does that in one go and the window waits for it.

Tables in tables double the time with each level; long paragraphs without a blank and many style
rules multiply it. Twenty tables in each other took eight seconds where these numbers were measured.
"""

import re
from itertools import islice
from typing import Final

_LENGTH: Final = 200_000
"""Characters, pictures written out as data URLs not counted; Gmail shows half of that."""
_TAG_LENGTH: Final = 500
"""Characters of one tag that count."""
_SOURCE_LENGTH: Final = 16 * 1024 * 1024
_TAGS: Final = 4000
_DEPTH: Final = 100
"""Of elements in elements."""
_TABLES: Final = 12
"""In tables."""
_TAG_TIME: Final = 10
_CELL_TIME: Final = 4
_TABLE_TIME: Final = 80_000
"""Microseconds, as measured: for a tag, for it in a table, and for all of them."""
_STYLE_WORK: Final = 300_000
"""Style rules times elements, as Qt tries each on each."""
_WORD: Final = 100
"""Characters in a row without a blank, after which a line may break."""

_STYLE: Final = re.compile(r"<style\b.*?(?:</style\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_UNSEEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG: Final = re.compile(
    r"""<(/?)([a-z][a-z0-9]*)(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^>"'])*+(?:>|\Z)""", re.IGNORECASE
)
_LONG_WORD: Final = re.compile(rf"[^\s&]{{{_WORD}}}(?=[^\s&])")
_CELLS: Final = ("td", "th")
_OF_TABLES: Final = ("table", "tr", "tbody", "thead", "tfoot", "caption", *_CELLS)
_ENDED_BY_OTHERS: Final = (
    *("p", "li", "dt", "dd", "br", "hr", "img", "input", "meta", "link", "col", "base", "option"),
)
"""What has no end tag, or need not have one: it does not nest."""

_Tags = list[re.Match[str]]


def within_limits(html: str) -> tuple[str, bool]:
    """Return *html* as Qt lays it out within a moment, and whether its end was cut off.

    Nothing that can be read is lost but by the cut: tables too deep become lines.
    """
    whole = _UNSEEN.sub("", html[:_SOURCE_LENGTH])
    tags = list(islice(_TAG.finditer(whole), _TAGS + 1))
    end = _end(whole, tags)
    cut = end < len(whole) or len(html) > _SOURCE_LENGTH
    tags = [tag for tag in tags if tag.end() <= end]
    rules = sum(style[0].count("{") for style in _STYLE.finditer(whole))
    rewritten = _rewritten(whole[:end], tags, _deepest(tags))
    if rules * len(tags) > _STYLE_WORK:
        rewritten = _STYLE.sub("", rewritten)
    return rewritten, cut


def _end(html: str, tags: _Tags) -> int:
    """Return where to cut."""
    left, at = _LENGTH, 0
    for number, tag in enumerate(tags):
        text = tag.start() - at
        if text > left:
            break
        left -= text + min(tag.end() - tag.start(), _TAG_LENGTH)
        if left < 0 or number == _TAGS:
            return tag.start()
        at = tag.end()
    return min(len(html), at + left)


def _deepest(tags: _Tags) -> int:
    """Return how many tables may be in each other: what is in them is laid out twice at each."""
    within: dict[int, int] = {}
    depth = 0
    for tag in tags:
        if tag[2].lower() == "table":
            depth = max(0, depth - 1 if tag[1] else depth + 1)
        within[depth] = within.get(depth, 0) + 1
    for deepest in range(min(max(within, default=0), _TABLES), 0, -1):
        time = sum(
            count * (_TAG_TIME + _CELL_TIME * 2 ** min(depth, deepest))
            for depth, count in within.items()
        )
        if time <= _TABLE_TIME:
            return deepest
    return 0


def _rewritten(html: str, tags: _Tags, deepest: int) -> str:
    """Return *html* without the tags that nest too deep, and with long words made breakable."""
    pieces: list[str] = []
    at = depth = tables = 0
    for tag in tags:
        pieces.append(_breakable(html[at : tag.start()]))
        at = tag.end()
        name, opens = tag[2].lower(), not tag[1]
        if name in _OF_TABLES:
            tables += name == "table" and opens
            kept = tables <= deepest
            # A row of a table that is none any more is a line.
            pieces.append(tag[0] if kept else " <br>" if name == "tr" and opens else " ")
            tables -= name == "table" and not opens and tables > 0
        elif name in _ENDED_BY_OTHERS:
            pieces.append(tag[0])
        else:
            depth += opens
            pieces.append(tag[0] if depth <= _DEPTH else "")
            depth -= not opens and depth > 0
    pieces.append(_breakable(html[at:]))
    return "".join(pieces)


def _breakable(text: str) -> str:
    return _LONG_WORD.sub("\\g<0>&#8203;", text) if len(text) > _WORD else text
