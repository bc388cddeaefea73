"""How much plain text is shown at once, and how its lines break: Qt lays it out in one go."""

import re
from typing import Final

from PySide6.QtGui import QTextOption

LENGTH: Final = 256 * 1024
"""Characters that are shown."""
_LINES: Final = 10_000
_LONG_WORD: Final = re.compile(r"\S{4000}")
"""Qt looks for the end of such a word again for each of its lines."""


def excerpt(text: str) -> str:
    """Return as much of the beginning of *text* as is shown."""
    end, lines = min(len(text), LENGTH), 0
    at = text.find("\n", 0, end)
    while at >= 0 and lines < _LINES:
        lines += 1
        at = text.find("\n", at + 1, end)
    return text[: at if at >= 0 else end]


def wrapping(text: str) -> QTextOption.WrapMode:
    """Return where the lines of *text* may break."""
    modes = QTextOption.WrapMode
    return modes.WrapAnywhere if _LONG_WORD.search(text) else modes.WrapAtWordBoundaryOrAnywhere
