"""The row at the bottom: what just happened, with a way back where there is one."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.elided import ElidedLabel

_NOTICE: int = 8_000
"""Milliseconds that a notice with an undo button stays."""


class StatusRow(QWidget):
    """Shows one sentence at a time, and at the right what stays."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusRow")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mark = QLabel("●")
        self._mark.setObjectName("statusMark")
        self._mark.hide()
        self._text = ElidedLabel()
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.setProperty("small", "true")
        self.undo_button.clicked.connect(self._take_back)
        self.undo_button.hide()
        self._undo: Callable[[], None] | None = None
        self._place = QLabel()
        self._place.setProperty("role", "secondary")
        self._unsaved = QLabel()
        self._unsaved.setProperty("verdict", "warning")
        self._unsaved.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 12, 3)
        row.setSpacing(12)
        row.addWidget(self._mark)
        row.addWidget(self._text)
        row.addWidget(self.undo_button)
        row.addStretch(1)
        row.addWidget(self._unsaved)
        row.addWidget(self._place)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._clear)

    def text(self) -> str:
        """Return what it says."""
        return self._text.text()

    def place(self) -> str:
        """Return what stays at the right: where passwords are kept."""
        return self._place.text()

    def show_place(self, text: str) -> None:
        """Have *text* stay at the right."""
        self._place.setText(text)

    def unsaved(self) -> str:
        """Return what it says all the time of what is not saved; empty: all is."""
        return self._unsaved.text()

    def show_unsaved(self, text: str, why: str) -> None:
        """Have *text* stay at the right, with *why* on hovering; empty: nothing."""
        self._unsaved.setText(text)
        self._unsaved.setToolTip(why)
        self._unsaved.setVisible(bool(text))

    def verdict(self) -> str:
        """Return the kind of its dot: good, warning, bad, plain; empty: there is none."""
        return "" if self._mark.isHidden() else str(self._mark.property("verdict"))

    def say(self, text: str, undo: Callable[[], None] | None = None, *, verdict: str = "") -> None:
        """Say *text*; *undo* gets a button for a while, a *verdict* a dot in its colour."""
        self._text.setText(text)
        self._mark.setVisible(bool(verdict))
        self._mark.setProperty("verdict", verdict)
        dress_anew(self._mark)
        self._undo = undo
        self.undo_button.setVisible(undo is not None)
        self._timer.stop()
        if undo is not None:
            self._timer.start(_NOTICE)

    def announce(self, text: str) -> None:
        """Have a screen reader say *text*."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _take_back(self) -> None:
        undo = self._undo
        self._clear()
        if undo is not None:
            undo()

    def _clear(self) -> None:
        self.say("")
