"""Colour on a terminal, and none elsewhere or where NO_COLOR is set (https://no-color.org)."""

import os
import sys
import textwrap
from typing import Final, TextIO

GOOD: Final = "32"
WARNING: Final = "33"
BAD: Final = "31"
QUIET: Final = "2"
BOLD: Final = "1"


def painter(stream: TextIO | None = None) -> "Painter":
    """Return a painter for *stream*, standard output by default."""
    stream = stream or sys.stdout
    return Painter(coloured=stream.isatty() and not os.environ.get("NO_COLOR"))


class Painter:
    """Puts text in colour if it may."""

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured

    def __call__(self, text: str, *styles: str) -> str:
        """Return *text* in *styles*."""
        if not self._coloured or not styles:
            return text
        return f"\x1b[{';'.join(styles)}m{text}\x1b[0m"


def wrapped(text: str, indent: str = "  ") -> str:
    """Return *text* in lines of at most 90 characters, each after *indent*."""
    return textwrap.fill(text, 90, initial_indent=indent, subsequent_indent=indent)
