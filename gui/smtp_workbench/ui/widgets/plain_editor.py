"""A field for many lines: undo is the letter's, files and pictures go to the attachments."""

import math
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFontDatabase, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from smtp_workbench.ui.widgets.given import given_in, may_be_given
from smtp_workbench.ui.widgets.keys import asks_for_undo

MOST_LINES: Final = 600
"""Lines that a field grows to; beyond them it scrolls by itself."""
_FRAME: Final = 20
"""Points that border, padding and the margin of the text take, above and below together."""


class PlainEditor(QPlainTextEdit):
    """Shows what it is given and says what was typed."""

    edited = Signal(str)
    """The text, by the user's doing only."""
    given = Signal(object)
    """Files or a picture, pasted or dropped."""
    grown = Signal()
    """The text has another height than before."""

    def __init__(self, *, lines: int, mono: bool = False) -> None:
        """Make a field of at least *lines* lines."""
        super().__init__()
        self._lines = lines
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        if mono:
            self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.textChanged.connect(self._say)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self.grown.emit())
        self.setMinimumHeight(self.least_height)

    @property
    def least_height(self) -> int:
        """Points that the fewest lines need."""
        return self._lines * self.fontMetrics().lineSpacing() + _FRAME

    @property
    def whole_height(self) -> int:
        """Points that all lines need, up to `MOST_LINES`."""
        lines = max(min(int(self.document().size().height()), MOST_LINES), self._lines)
        first = self.document().firstBlock()
        line = self.blockBoundingRect(first).height() / max(first.lineCount(), 1)
        around = self.height() - self.viewport().height() if self.isVisible() else _FRAME
        # One point more, or Qt takes the last line for cut.
        return math.ceil(lines * line + 2 * self.document().documentMargin()) + 1 + around

    def sizeHint(self) -> QSize:
        """Ask for the fewest lines; more is welcome."""
        return QSize(super().sizeHint().width(), self.least_height)

    def minimumSizeHint(self) -> QSize:
        """Return room for the fewest lines."""
        return QSize(120, self.least_height)

    def show_text(self, text: str) -> None:
        """Show *text* without saying so; the cursor stays by what did not change."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        old = self.toPlainText()
        if text == old:
            return
        start = _same(old, text)
        longest = min(len(old), len(text)) - start
        end = _same(old[::-1][:longest], text[::-1][:longest])
        cursor = QTextCursor(self.document())
        cursor.setPosition(units(old[:start]))
        cursor.setPosition(units(old[: len(old) - end]), QTextCursor.MoveMode.KeepAnchor)
        with QSignalBlocker(self):
            cursor.insertText(text[start : len(text) - end])
            if not old:
                self.moveCursor(QTextCursor.MoveOperation.Start)
        self.grown.emit()

    def put(self, text: str) -> None:
        """Type *text* where the cursor stands."""
        self.insertPlainText(text)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def cursor_place(self) -> QRect:
        """Return where the cursor is, as seen by the field."""
        return self.cursorRect().translated(self.viewport().pos())

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the letter, whose steps hold more than one field."""
        return False if asks_for_undo(event) else super().event(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Whether *source* is of use here."""
        return may_be_given(source) or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert text; hand on files and pictures."""
        given = given_in(source)
        if given is not None:
            self.given.emit(given)
        else:
            self.insertPlainText(source.text())

    def _say(self) -> None:
        self.edited.emit(self.toPlainText())


def units(text: str) -> int:
    """Return how many positions of a text cursor *text* takes: units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _same(one: str, other: str) -> int:
    """Return how many characters are the same at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
