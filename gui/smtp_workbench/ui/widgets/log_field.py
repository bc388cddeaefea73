"""A field for what programs printed: it keeps the end of what is too long, and marks a part."""

from typing import Final

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QColor, QFontDatabase, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from smtp_workbench.diagnosis.reading import MAX_TEXT
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.excerpt import wrapping
from smtp_workbench.ui.widgets.plain_editor import units

_LONG_LINE: Final = 1_000
"""Characters of a broken first line that are kept, as nobody can tell where it would end."""


_MOST_LINES: Final = 10_000
"""Qt lays out each of them at once."""


class LogField(QPlainTextEdit):
    """Takes text, never its looks."""

    pasted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._span: tuple[int, int] | None = None
        self.left_out = 0
        """Characters of the last paste that were too much."""
        self.setObjectName("paste")
        self.setTabChangesFocus(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        theme.changed.connect(self._draw)

    def put(self, text: str) -> None:
        """Show *text* in place of what is there."""
        self.selectAll()
        self._insert(text)

    def mark(self, span: tuple[int, int] | None) -> None:
        """Mark from start to end, offsets in characters; None: nothing."""
        if span is not None:
            text = self.toPlainText()
            start = units(text[: span[0]])
            span = start, start + units(text[span[0] : span[1]])
        self._span = span
        self._draw()

    def show_marked(self) -> None:
        """Scroll to what is marked; the cursor stays where it is."""
        if self._span is None:
            return
        before, bar = self.textCursor(), self.verticalScrollBar()
        there = QTextCursor(self.document())
        there.setPosition(self._span[0])
        self.setTextCursor(there)
        self.centerCursor()
        place = bar.value()
        self.setTextCursor(before)
        bar.setValue(place)

    def marked(self) -> str:
        """Return what is marked."""
        found = (item.cursor.selectedText() for item in self.extraSelections())
        return "\n".join(found).replace("\u2029", "\n")

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take the text, the end of it if there is too much."""
        self._insert(source.text())
        self.pasted.emit()

    def _insert(self, text: str) -> None:
        kept = _end_of(text)
        self.left_out = len(text) - len(kept)
        self.setWordWrapMode(wrapping(kept))
        self.insertPlainText(kept)

    def _draw(self) -> None:
        marks = []
        if self._span is not None:
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._span[0])
            cursor.setPosition(self._span[1], QTextCursor.MoveMode.KeepAnchor)
            looks = QTextCharFormat()
            looks.setBackground(QColor(self._theme.tokens.selected))
            mark.cursor, mark.format = cursor, looks
            marks.append(mark)
        self.setExtraSelections(marks)


def _end_of(text: str) -> str:
    """Return as much of the end of *text* as is read, from the start of a line if one is near."""
    kept = text[-MAX_TEXT:]
    if len(kept) < len(text):
        kept = kept[kept.find("\n", 0, _LONG_LINE) + 1 :]
    _, *lines = kept.rsplit("\n", _MOST_LINES)
    return kept if len(lines) < _MOST_LINES else "\n".join(lines)
