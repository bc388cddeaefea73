"""Which part of a pasted text decides what it means, to be marked where it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from smtp_workbench.diagnosis.case import Case, Context
from smtp_workbench.diagnosis.matcher import Rule, fitting
from smtp_workbench.diagnosis.reading import (
    Line,
    Piece,
    likely_line,
    piece_of,
    pieces,
    read_lines,
)
from smtp_workbench.settings import presets

_MAX_RULES: Final = 8
_LONG: Final = 500
"""Characters; of a longer line only the surroundings of what was read are decisive."""
_AROUND: Final = 120
_SURE: Final = 0.8
_STAGES: Final = {"data": "data", "dot": "data", "helo": "ehlo", "banner": "greeting"}
"""Words that people use for a stage, besides its name."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The rules that fit best, the best first, and the part of the text that they read."""

    rules: tuple[Rule, ...]
    start: int
    end: int
    """Offsets in the text as it was pasted."""


def decide(text: str, context: Context) -> Decision | None:
    """Return what fits *text* best, None if nothing does."""
    best: tuple[tuple[Rule, ...], Piece] | None = None
    for piece in pieces(text):
        fits = tuple(islice(fitting(_case(piece, context)), _MAX_RULES))
        if fits and (best is None or fits[0].confidence > best[0][0].confidence):
            best = (fits, piece)
            if len(piece.lines) > 1 and fits[0].confidence >= _SURE:
                break  # a text that is short enough to be read as a whole: its parts know less
    if best is None:
        return None
    rules, piece = best
    return Decision(rules, *_decisive(text, rules[0], piece, context))


def likely_span(text: str) -> tuple[int, int]:
    """Return start and end of the line that tells of trouble, whatever it means."""
    line = likely_line(read_lines(text))
    return (line.start, min(line.end, line.start + _LONG)) if line else (0, 0)


def _decisive(text: str, rule: Rule, piece: Piece, context: Context) -> tuple[int, int]:
    """Return the last line that says it alone, else those that say it together."""
    for line in reversed(piece.lines):
        case = _case(piece_of((line,)), context)
        if rule.fits(case):
            return _shortened(text, line, rule.read(case.text))
    read = rule.read(piece.text)
    lines = _touched(piece.lines, read) if read else piece.lines
    start, end = lines[0].start, lines[-1].end
    return start, min(end, start + _LONG)


def _touched(lines: Sequence[Line], read: tuple[int, int]) -> list[Line]:
    touched, at = [], 0
    for line in lines:
        if at < read[1] and at + len(line.text) > read[0]:
            touched.append(line)
        at += len(line.text) + 1
    return touched or list(lines)


def _shortened(text: str, line: Line, read: tuple[int, int] | None) -> tuple[int, int]:
    """Return where *line* stands, cut down to what was *read* of it where it is long."""
    if line.end - line.start <= _LONG:
        return line.start, line.end
    start = line.start
    if read is not None:
        words = line.text[read[0] : read[1]].split()[:5]
        found = re.compile(r"\s+".join(map(re.escape, words))).search(text, line.start, line.end)
        if found and found.start() - _AROUND > line.start:
            # A word is not cut in two, if there is a blank to begin behind.
            start = text.find(" ", found.start() - _AROUND, found.start()) + 1 or found.start()
    return start, min(line.end, start + _LONG)


def _case(piece: Piece, context: Context) -> Case:
    preset = presets.by_host(context.host) if context.host else None
    return Case(
        text=piece.text,
        stage=_STAGES.get(context.stage or "", context.stage),
        codes=piece.codes,
        enhanced=piece.enhanced,
        port=context.port,
        security="plaintext" if context.security == "none" else context.security,
        provider=preset.id if preset else context.provider,
    )
