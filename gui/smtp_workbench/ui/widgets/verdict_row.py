"""One subject of a deliverability check: how it stands, what was found, what to do."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.record_text import RecordText

if TYPE_CHECKING:
    from smtp_workbench.diagnosis.deliverability import Row

_PENDING: Final = "pending"
_SIGNS: Final = {
    "good": ("check", "good"),
    "warning": ("triangle-alert", "warning"),
    "bad": ("octagon-alert", "bad"),
    "unknown": ("circle-alert", "secondary"),
    "none": ("minus", "secondary"),
    _PENDING: ("circle", "disabled"),
}
_INDENT: Final = 24
"""Points from the sign's left edge to the text's."""


class VerdictRow(QFrame):
    """Waits for its verdict, then shows it."""

    said = Signal(str)

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.row: Row | None = None
        """What it shows; None: it waits."""
        self._state = _PENDING
        self._sign = QLabel()
        self._title = QLabel(title)
        self._title.setProperty("role", "heading")
        self._word = QLabel()
        self.copy = QToolButton()
        self.copy.setProperty("quiet", "true")
        self.copy.setAccessibleName(self.tr("Copy: ") + title)
        self.copy.setToolTip(self.tr("Copy what was found"))
        self.copy.clicked.connect(self._copy)
        self.record = RecordText()
        self.record.setAccessibleName(self.tr("Found: ") + title)
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.advice.setTextFormat(Qt.TextFormat.PlainText)
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._build()
        theme.changed.connect(self._draw)
        self.wait()

    def wait(self) -> None:
        """Show that nothing is known yet."""
        self.row, self._state = None, _PENDING
        self._show("", "", self.tr("asking…"))

    def give_up(self) -> None:
        """Show that nothing will be known, if that is so."""
        if self.row is None:
            self._show("", "", self.tr("not asked to the end"))

    def show_row(self, row: "Row") -> None:
        """Show *row*."""
        self.row, self._state = row, row.verdict.value
        self._show(row.found, row.advice, self._words()[self._state])

    def text(self) -> str:
        """Return all of it as plain text."""
        return f"{self._title.text()}: {self._word.text()}\n{self._found}\n{self.advice.text()}\n"

    @property
    def _found(self) -> str:
        return self.row.found if self.row is not None else ""

    def _words(self) -> dict[str, str]:
        return {
            "good": self.tr("good"),
            "warning": self.tr("warning"),
            "bad": self.tr("bad"),
            "unknown": self.tr("unknown"),
            "none": self.tr("not judged"),
        }

    def _build(self) -> None:
        self.setProperty("verdictRow", "true")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._sign)
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._word)
        head.addWidget(self.copy)
        below = QVBoxLayout()
        below.setContentsMargins(_INDENT, 0, 0, 0)
        below.setSpacing(6)
        below.addWidget(self.record)
        below.addWidget(self.advice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(below)
        policy = self.copy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.copy.setSizePolicy(policy)

    def _show(self, found: str, advice: str, word: str) -> None:
        self.record.setVisible(bool(found))
        self.record.show_text(found)
        self.copy.setVisible(bool(found) and self._state != "none")
        self.advice.setVisible(bool(advice))
        self.advice.setText(advice)
        self._word.setText(word)
        self._word.setProperty("verdict", self._state)
        dress_anew(self._word)
        self.setAccessibleName(f"{self._title.text()}: {word}. {found} {advice}".strip())
        self._draw()

    def _draw(self) -> None:
        icon, colour = _SIGNS[self._state]
        self._sign.setPixmap(picture(icon, getattr(self._theme.tokens, colour)))
        self.copy.setIcon(self._theme.icon("copy", "secondary"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._found)
        self.said.emit(self.tr("Copied {what}.").format(what=self._title.text()))
