"""Text that can be read and copied, not changed."""

import re
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from smtp_workbench.ui.models.inbox import size
from smtp_workbench.ui.widgets.excerpt import excerpt, wrapping

_FIELD_NAME: Final = re.compile(r"[!-9;-~]+:")


class PlainView(QPlainTextEdit):
    """Shows plain text, the beginning of it if it is long."""

    def __init__(self, name: str, *, mono: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setProperty("reader", "true")
        self.document().setDocumentMargin(16)
        if mono:
            self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))

    def show_text(self, text: str, more: int = 0) -> None:
        """Show *text*, and how much is left out; *more* octets of it are missing already."""
        shown = excerpt(text)
        self.setWordWrapMode(wrapping(shown))
        more += len(text) - len(shown)
        if more:
            left = self.tr("… and {more} more, which “Save as .eml” keeps.")
            shown += "\n\n" + left.format(more=size(more))
        self.setPlainText(shown)


class FieldNames(QSyntaxHighlighter):
    """Prints the names of header fields in bold, one field a line."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._bold = QTextCharFormat()
        self._bold.setFontWeight(QFont.Weight.DemiBold)

    def highlightBlock(self, text: str) -> None:  # Qt's name
        """Print the name in a line in bold."""
        name = _FIELD_NAME.match(text)
        if name is not None:
            self.setFormat(0, name.end(), self._bold)
