"""What is said of settings that were tried: a heading, why they fail, what speaks for them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from smtp_workbench.diagnosis.reason import Reason
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.reason_list import ReasonList


class Verdict(QFrame):
    """A card with reasons on it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.title, self.text = QLabel(), QLabel()
        self.reasons = ReasonList(theme)
        self.title.setProperty("role", "cardTitle")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addWidget(self.reasons)

    def show_verdict(self, kind: str, title: str, text: str, reasons: Sequence[Reason]) -> None:
        """Show it; *kind* is a card's: good, warning or bad."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.reasons.show_reasons(reasons)
        self.reasons.setVisible(bool(reasons))
        words = [title, text, *(reason.text for reason in reasons)]
        self.setAccessibleName(" ".join(filter(None, words)))
        self.setProperty("card", kind)
        dress_anew(self)
