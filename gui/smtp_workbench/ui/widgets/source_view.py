"""The octets of a message as they would be sent, for reading."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Finding, Fix, Severity
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.finding_box import FindingList


class SourceView(QWidget):
    """Shows octets as text, or why there are none."""

    field_asked = Signal(str)
    """The field that keeps the message from being built."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._field = ""
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Source of the message"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)
        self.note = QLabel()
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.trouble = FindingList(theme)
        self.trouble.taken.connect(lambda _: self.field_asked.emit(self._field))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.trouble)
        column.addWidget(self.text, 1)
        column.addWidget(self.note)
        column.addStretch()
        self.show_source("", "")

    def show_source(self, text: str, note: str) -> None:
        """Show *text*, and *note* below it; the place that is looked at stays."""
        self.trouble.show_findings(())
        self.text.show()
        if text != self.text.toPlainText():
            bars = self.text.verticalScrollBar(), self.text.horizontalScrollBar()
            before = [bar.value() for bar in bars]
            self.text.setPlainText(text)
            for bar, value in zip(bars, before, strict=True):
                bar.setValue(value)
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def show_trouble(self, sentence: str, field: str) -> None:
        """Say that there is no source, and offer the way to *field*, if it is one."""
        self._field = field
        self.text.clear()
        self.text.hide()
        self.note.hide()
        way = (Fix(self.tr("Go to the field")),) if field else ()
        self.trouble.show_findings([Finding(field, Severity.BLOCKING, sentence, way)])
