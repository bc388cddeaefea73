"""The card above the traffic: what is wrong and what to do, or what comes next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.elided import SmallButton
from smtp_workbench.ui.widgets.flow import FlowLayout

_WHOLE = 1000
"""Steps of a progress bar."""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a card."""

    label: str
    do: Callable[[], None]
    primary: bool = False


@dataclass(frozen=True, slots=True)
class CardText:
    """What a card says."""

    kind: str
    """`plain`, `waiting`, `good`, `warning` or `bad`."""
    title: str
    text: str = ""
    evidence: str = ""
    advice: Sequence[str] = ()
    """Things to do that no button can do."""
    actions: Sequence[Action] = field(default=())
    banner: str = ""
    """Above everything else: what this is about, if not the run of just now."""
    progress: bool = False
    """Whether there is room for a bar that tells how far it is."""


class Card(QFrame):
    """Shows one `CardText` at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 14, 12)
        self._column.setSpacing(8)
        self.text = CardText("plain", "")
        self._bar: QProgressBar | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_text(self, text: CardText) -> None:
        """Show *text* in place of what was there."""
        self.text, self._bar = text, None
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.setParent(None)  # or it would still be found
                widget.deleteLater()
        self.setProperty("card", text.kind)
        self.setAccessibleName(f"{text.banner} {text.title}. {text.text}".strip())
        if text.banner:
            self._label(text.banner, "secondary")
        self._label(text.title, "cardTitle")
        if text.text:
            self._label(text.text)
        if text.evidence:
            quote = self._label(text.evidence, "mono")
            quote.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for line in text.advice:
            self._label(f"•  {line}")
        if text.progress:
            self._bar = QProgressBar()
            self._bar.setRange(0, _WHOLE)
            self._bar.setAccessibleName(text.title)
            self._column.addWidget(self._bar)
        if text.actions:
            buttons = self._buttons(text.actions)
            self._column.addWidget(buttons)
            buttons.show()  # not later, or none of them could take the focus now
        dress_anew(self)

    def show_progress(self, part: float, words: str = "") -> None:
        """Show that *part*, 0 to 1, is done; nothing happens on a card without a bar."""
        if self._bar is not None:
            self._bar.setValue(round(part * _WHOLE))
            self._bar.setFormat(words or "%p %")

    def button(self, label: str) -> QPushButton | None:
        """Return the button with this label."""
        return next((item for item in self.findChildren(QPushButton) if item.text() == label), None)

    def _label(self, text: str, role: str = "") -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("role", role)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._column.addWidget(label)
        return label

    def _buttons(self, actions: Sequence[Action]) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder)
        for action in actions:
            button = SmallButton(action.label)
            button.setProperty("primary", "true" if action.primary else "false")
            button.clicked.connect(lambda _=False, action=action: action.do())
            flow.addWidget(button)
        return holder
