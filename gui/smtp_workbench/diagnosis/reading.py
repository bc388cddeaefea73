"""Reads pasted text: one error line, a stack trace, a whole log.

It finds what may be the decisive piece, with its reply codes and enhanced codes, and keeps where
each line stands in the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from smtp_workbench.diagnosis.cleaning import cleaned, is_foreign, is_success, names_mail
from smtp_workbench.diagnosis.languages import spoken_in, translated

MAX_TEXT: Final = 200_000
"""Characters of a pasted text that are read; the end counts most."""
MAX_PIECES: Final = 250
"""Pieces that are looked at, those that look most like the decisive one first."""
_MAX_PIECE: Final = 4_000
_FEW: Final = 4
"""Lines; of more than these, what a server grants is left out: extensions and every 250."""
_BREAK: Final = re.compile(
    r"\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]"
    r"|\\{1,3}r\\{1,3}n|\\{1,3}n|\\{1,3}r"  # as programs print them inside of a string
    r"|(?:<|&lt;)br ?/?(?:>|&gt;)"
)
_CODE: Final = re.compile(
    r"(?<![\d.:/#x-])(?<!\d, )(4[2-7]\d|403(?= 4)|5[0-7]\d)"
    r"(?=$|[ \-:;,'\")\]}])(?!-\d{3}-)(?!, ?\d)([ -][245]\.\d)?"
)
_NAMED_CODE: Final = re.compile(
    r"(?:code|status|reply|response|smtp|got|returned|said|error|server|failed)\W{1,4}(4[2-7]\d|5\d\d)\b",
    re.IGNORECASE,
)
_IN_A_SENTENCE: Final = re.compile(r"\w ?$")
_ANNOUNCED: Final = re.compile(
    r"(?:code|status|reply|replied|response|error|smtp|got|returned|said|answered|server|with"
    r"|failed|login|fehler|erreur|erro)\W{0,3}$",
    re.IGNORECASE,
)
_ANNOUNCING: Final = 16
"""Characters before a code that are looked at."""
_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,4})(?![\d])(?!\.\d)")
_REPLY_LINE: Final = re.compile(r"(.{0,80}?)(?<![\d.:/-])([245]\d\d)([ -])(?!\d\d-)")
_DIGITS: Final = re.compile(r"\d+")
_VARYING: Final = re.compile(r"<[^<>]{0,200}>|\b[0-9A-F]{6,}\b|\d+")
_NOT_REPLIES: Final = (443, 465, 587)
_TROUBLE: Final = re.compile(
    r"error|fail|refus|denied|reject|invalid|timed? ?out|timeout|unable|cannot|could not|unknown"
    r"|E[A-Z]{4,}|exception|not |n't |\b[45]\d\d[ -]|lost|closed|expired|mismatch|unreach|blocked",
    re.IGNORECASE,
)
_LOUD: Final = re.compile(
    r"status=(?:deferred|bounced|undeliverable)|Caused by:|^\*\*\*|^<[*~]\*|SMTP ERROR|\bFATAL\b"
    r"|\bERROR\b|\bE[A-Z]{4,}\b|(?:Error|Exception|Refused|Disconnected): ?\S|^\W*[45]\d\d[ -]"
    r"|(?:CLIENT|S|<<<?|<-?|←): ?[45]\d\d[ -]|<\*\* +[45]"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a reply of several, as rules read it."""

    text: str
    start: int
    end: int
    """Where it stands in the pasted text: offsets in characters."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text that could be the decisive one."""

    text: str
    codes: frozenset[int]
    enhanced: frozenset[str]
    lines: tuple[Line, ...]
    """What it is made of, one blank between them."""


def tells_of_trouble(text: str) -> bool:
    """Whether there is a word in *text* that errors have."""
    return _TROUBLE.search(text, max(0, len(text) - MAX_TEXT)) is not None


def is_trouble_of_mail(line: str, stage: str | None) -> bool:
    """Whether *line*, said at *stage* if that is known, tells of trouble with mail."""
    if is_success(line) or is_foreign(line):
        return False
    return stage is not None or (names_mail(line) and tells_of_trouble(line))


def pieces(text: str) -> Iterator[Piece]:
    """Yield the whole text if it is short, then its lines, from the last to the first.

    Those that are loud come before the others. Lines that tell of no trouble are left out, as
    long as there are others, and so is what differs from a later one in names and numbers alone.
    """
    lines = [line for line in read_lines(text) if not is_foreign(line.text)]
    if len(lines) > _FEW:
        lines = [line for line in lines if not is_success(line.text)]
    length = sum(len(line.text) + 1 for line in lines)
    if lines and length <= _MAX_PIECE:
        yield piece_of(lines)
    if len(lines) <= 1 and length <= _MAX_PIECE:
        return
    telling = [line for line in lines if _TROUBLE.search(line.text) and not is_success(line.text)]
    found: dict[tuple[str, ...], Line] = {}
    for line in reversed(telling or lines):
        codes = sorted({*map(str, codes_in(line.text)), *_ENHANCED.findall(line.text)})
        found.setdefault((_VARYING.sub("#", line.text), *codes), line)
    likely = sorted(found.values(), key=lambda line: not _is_loud(line))
    for line in likely[:MAX_PIECES]:
        yield piece_of((line,))


def _is_loud(line: Line) -> bool:
    """Whether the form of *line* alone says that here something failed."""
    return _LOUD.search(line.text) is not None


def likely_line(lines: Sequence[Line]) -> Line | None:
    """Return the line that tells of trouble, the last one if there are several."""
    first = lines[0] if lines else None
    return next((line for line in reversed(lines) if _TROUBLE.search(line.text)), first)


def read_lines(text: str) -> list[Line]:
    """Return the lines of *text* that say anything, a reply of several lines as one."""
    lines: list[Line] = []
    before = ""
    for line in _raw_lines(text):
        if lines and len(lines[-1].text) < _MAX_PIECE and _goes_on(before, line.text):
            first = lines[-1]
            lines[-1] = Line(f"{first.text} {line.text}", first.start, line.end)
        else:
            lines.append(line)
        before = line.text
    return lines


def _raw_lines(text: str) -> Iterator[Line]:
    start = max(0, len(text) - MAX_TEXT)
    spoken = spoken_in(text[start:])
    for found in [*_BREAK.finditer(text, start), None]:
        end = found.start() if found else len(text)
        raw = text[start:end]
        plain = translated(cleaned(raw), spoken)
        if plain:
            first = start + len(raw) - len(raw.lstrip())
            yield Line(plain, first, first + len(raw.strip()))
        start = found.end() if found else end


def _goes_on(before: str, line: str) -> bool:
    """Whether *line* is of the same reply as *before* (RFC 5321, section 4.2.1)."""
    first, second = _REPLY_LINE.match(before), _REPLY_LINE.match(line)
    if first is None or first[3] == " ":
        return False
    if second is None:
        return not re.search(r"\w", first[1])  # a reply without a log's prefixes, wrapped
    prefixes = (_DIGITS.sub("", first[1]), _DIGITS.sub("", second[1]))
    return first[2] == second[2] and (prefixes[0] == prefixes[1] or not re.search(r"\w", second[1]))


def piece_of(lines: Sequence[Line]) -> Piece:
    """Return *lines* as one piece."""
    text = " ".join(line.text for line in lines)[:_MAX_PIECE]
    # Where a line begins, a reply can: what stands in the line before does not matter.
    codes = frozenset(code for line in lines for code in codes_in(line.text[:_MAX_PIECE]))
    return Piece(text, codes, frozenset(_ENHANCED.findall(text)), tuple(lines))


def codes_in(text: str) -> Iterator[int]:
    """Yield the reply codes in *text* that refuse: where a reply can begin, or named as a code."""
    for found in _NAMED_CODE.findall(text):
        yield from _refusing(found)
    for match in _CODE.finditer(text):
        before = text[max(0, match.start() - _ANNOUNCING) : match.start()]
        if match[2] or not _IN_A_SENTENCE.search(before) or _ANNOUNCED.search(before):
            yield from _refusing(match[1])


def _refusing(code: str) -> Iterator[int]:
    if int(code) not in _NOT_REPLIES:
        yield int(code)
