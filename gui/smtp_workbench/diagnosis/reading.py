"""Reads pasted text: one error line, a stack trace, a whole log.

It finds what may be the decisive piece, with its reply codes and enhanced codes.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_TEXT: Final = 200_000
"""Characters of a pasted text that are read; the end counts most."""
_MAX_PIECE: Final = 4_000
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ESCAPED_BREAK: Final = re.compile(r"\\r\\n|\\n|\\r|<br ?/?>")
_BLANKS: Final = re.compile(r"[ \t\u00a0\u3000]+")
_CODE: Final = re.compile(r"(?<![\d.:/#x-])([45][0-5]\d|5[67]\d)(?=$|[ \-:;,'\")\]}])(?!-\d{3}-)")
_NAMED_CODE: Final = re.compile(
    r"(?:code|status|reply|response|smtp|got|returned|said|error|server)\W{1,4}([45]\d\d)\b",
    re.IGNORECASE,
)
_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,4})(?![\d])(?!\.\d)")
_REPLY_LINE: Final = re.compile(r"\b[245]\d\d(-)[ \d.]*\S")
_NOT_REPLIES: Final = (443, 465, 587)
_TROUBLE: Final = re.compile(
    r"error|fail|refus|denied|reject|invalid|timed? ?out|timeout|unable|cannot|could not|unknown"
    r"|E[A-Z]{4,}|exception|not |n't |\b[45]\d\d[ -]|lost|closed|expired|mismatch|unreach|blocked",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that could be the decisive one."""

    text: str
    codes: frozenset[int]
    enhanced: frozenset[str]


def pieces(text: str) -> Iterator[Piece]:
    """Yield the whole text if it is short, then its lines from the last to the first.

    Lines that tell of no trouble are left out, as long as there are others.
    """
    lines = _lines(text)
    whole = " ".join(lines)
    if len(whole) <= _MAX_PIECE:
        yield _piece(whole)
    if len(lines) > 1 or len(whole) > _MAX_PIECE:
        telling = [line for line in lines if _TROUBLE.search(line)] or lines
        for line in reversed(telling):
            yield _piece(line[:_MAX_PIECE])


def likely_line(text: str) -> str:
    """Return the line that tells of trouble, the last one if there are several."""
    lines = _lines(text)
    return next(
        (line for line in reversed(lines) if _TROUBLE.search(line)), lines[0] if lines else ""
    )


def _lines(text: str) -> list[str]:
    text = _ANSI.sub("", text[-MAX_TEXT:])
    text = _ESCAPED_BREAK.sub("\n", html.unescape(text))
    lines: list[str] = []
    for raw in text.splitlines():
        line = _BLANKS.sub(" ", raw).strip()
        if line and lines and _continues(lines[-1]):
            lines[-1] += " " + line
        elif line:
            lines.append(line)
    return lines


def _continues(line: str) -> bool:
    """Whether *line* is one of a multi-line reply and not its last (RFC 5321, section 4.2.1)."""
    if len(line) >= _MAX_PIECE or not re.match(r"\W*\d{3}-", line):
        return False
    return _REPLY_LINE.search(line) is not None


def _piece(text: str) -> Piece:
    return Piece(text, frozenset(codes_in(text)), frozenset(_ENHANCED.findall(text)))


def codes_in(text: str) -> Iterator[int]:
    """Yield the reply codes in *text* that refuse."""
    for pattern in (_NAMED_CODE, _CODE):
        for found in pattern.findall(text):
            if int(found) not in _NOT_REPLIES:
                yield int(found)
