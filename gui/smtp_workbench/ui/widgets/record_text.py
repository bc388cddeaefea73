"""What stands in the DNS, to be read and copied: as high as its text, broken anywhere."""

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QResizeEvent, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from smtp_workbench.ui.widgets.excerpt import excerpt

_LONG: Final = 80
"""Characters of a word, such as a key, that is broken anywhere."""


class RecordText(QPlainTextEdit):
    """Shows records, a line each; it never scrolls, the page does."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("record")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            bar.setEnabled(False)
            bar.hide()
        self.document().documentLayout().documentSizeChanged.connect(self.updateGeometry)

    def show_text(self, text: str) -> None:
        """Show *text*."""
        modes, long = QTextOption.WrapMode, any(len(word) > _LONG for word in text.split())
        self.setWordWrapMode(modes.WrapAnywhere if long else modes.WrapAtWordBoundaryOrAnywhere)
        self.setPlainText(excerpt(text))
        self._fit()

    def sizeHint(self) -> QSize:
        """Return room for all lines at the width that there is."""
        return QSize(120, self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the same height; it may be narrow."""
        return QSize(80, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take another height where lines break otherwise."""
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())

    def _height(self) -> int:
        lines = max(1, round(self.document().size().height()))  # Qt counts plain text in lines
        edges = self.height() - self.viewport().height()
        margins = 2 * round(self.document().documentMargin())
        return lines * self.fontMetrics().lineSpacing() + margins + max(edges, 0)
