"""Text in a language of its own, in one width of letter and quiet colours."""

from PySide6.QtCore import QSize
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QPlainTextEdit

from smtp_workbench.ui import syntax
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.excerpt import wrapping

_LEAST_LINES = 3
_SLACK = 6
"""Points without which Qt finds the last line does not fit."""
_TAB = 4
"""Characters."""


class Colours(QSyntaxHighlighter):
    """Colours the parts of a document in one syntax."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme, self._syntax = theme, "plain"
        self._formats = self._made()
        theme.changed.connect(self._theme_changed)

    def use(self, name: str) -> None:
        """Take the text for one in the syntax *name*, as `Format.syntax` says."""
        if name != self._syntax:
            self._syntax = name
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour a line."""
        for start, length, kind in syntax.parts(text, self._syntax):
            self.setFormat(start, length, self._formats[kind])

    def _theme_changed(self) -> None:
        self._formats = self._made()
        self.rehighlight()

    def _made(self) -> dict[str, QTextCharFormat]:
        formats = {}
        for kind in ("comment", "string", "keyword", "number"):
            formats[kind] = QTextCharFormat()
            formats[kind].setForeground(QColor(getattr(self._theme.tokens, f"{kind}_text")))
        formats["comment"].setFontItalic(True)
        return formats


class CodeView(QPlainTextEdit):
    """Shows text that can be read and copied; it is as high as the text, where there is room."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("code")
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setTabStopDistance(_TAB * self.fontMetrics().horizontalAdvance(" "))
        self._colours = Colours(self.document(), theme)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_text(self, text: str, name: str) -> None:
        """Show *text* in the syntax *name*; the place that is looked at stays if it is the same."""
        self._colours.use(name)
        text = text.rstrip("\n")
        if text != self.toPlainText():
            self.setWordWrapMode(wrapping(text))
            self.setPlainText(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Return room for a few lines."""
        return QSize(120, self._height(_LEAST_LINES))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A plain document counts its height in lines.
        lines = max(_LEAST_LINES, round(self.document().size().height()))
        self.setMaximumHeight(self._height(lines))

    def _height(self, lines: int) -> int:
        frame = max(0, self.height() - self.viewport().height())  # unknown before it is shown
        margins = 2 * round(self.document().documentMargin())
        return lines * self.fontMetrics().lineSpacing() + margins + frame + _SLACK
