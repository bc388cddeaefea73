"""A field for text of a program: colours, and word of what came in whole."""

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QFocusEvent, QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit

from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.code_view import Colours
from smtp_workbench.ui.widgets.excerpt import wrapping


class PasteField(QPlainTextEdit):
    """Tells apart what is pasted from what is being typed."""

    pasted = Signal()
    """Text was pasted or dropped, or its typing is over."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("paste")
        self.setTabChangesFocus(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.colours = Colours(self.document(), theme)

    def put(self, text: str) -> None:
        """Show *text* in place of what is there, which no undo brings back."""
        self.setWordWrapMode(wrapping(text))
        self.setPlainText(text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take text, never its looks."""
        self.insertPlainText(source.text())
        self.pasted.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the typing as over for now."""
        super().focusOutEvent(event)
        self.pasted.emit()
