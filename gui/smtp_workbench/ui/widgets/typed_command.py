"""The line for typed commands, and the switch that holds the session open."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QPushButton, QWidget

_ALWAYS = ("NOOP", "RSET", "HELP", "QUIT", "MAIL FROM:<>", "RCPT TO:<>", "DATA", "VRFY ")
_WITH = {
    "STARTTLS": "STARTTLS",
    "ETRN": "ETRN ",
    "EXPN": "EXPN ",
    "CHUNKING": "BDAT ",
    "XCLIENT": "XCLIENT ",
}


class TypedCommand(QWidget):
    """A field with completion from what EHLO offered, a history, and a switch."""

    entered = Signal(str)
    hold_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._history: list[str] = []
        self._at = 0
        self.line = QLineEdit()
        self.line.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.line.setAccessibleName(self.tr("SMTP command"))
        self.line.setToolTip(self.tr("Enter sends; Up and Down go through what was typed before"))
        self.line.returnPressed.connect(self._enter)
        self.line.installEventFilter(self)
        self._words = QStringListModel(self)
        completer = QCompleter(self._words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        if (popup := completer.popup()) is not None:
            popup.setObjectName("completer")
        self.line.setCompleter(completer)
        self.switch = QPushButton(self.tr("Hold open"))
        self.switch.setCheckable(True)
        self.switch.setToolTip(
            self.tr("Keep the session open at the end, for typed commands (Ctrl+H)")
        )
        self.switch.setShortcut("Ctrl+H")
        self.switch.toggled.connect(self.hold_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.switch)
        self.show_held(held=False)

    def show_held(self, *, held: bool) -> None:
        """Allow typing, or not."""
        self.line.setEnabled(held)
        self.line.setPlaceholderText(
            self.tr("Type an SMTP command and press Enter")
            if held
            else self.tr("Type an SMTP command while the session is held open (EHLO, NOOP, VRFY …)")
        )
        if held:
            self.line.setFocus()

    def show_offered(self, extensions: Iterable[str], name: str, *, lmtp: bool) -> None:
        """Complete what makes sense with these EHLO keywords."""
        words = [f"{'LHLO' if lmtp else 'EHLO'} {name}", *_ALWAYS]
        words += [text for keyword, text in _WITH.items() if keyword in extensions]
        self._words.setStringList(words)

    def show_mechanisms(self, names: Iterable[str]) -> None:
        """Complete AUTH with the mechanisms offered."""
        words = self._words.stringList()
        self._words.setStringList([*words, *(f"AUTH {name}" for name in names)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # Qt's name
        """Go through the history with the arrow keys."""
        pressed = watched is self.line and event.type() is QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and not self._completing():
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None:
                self._recall(step)
                return True
        return super().eventFilter(watched, event)

    def _completing(self) -> bool:
        completer = self.line.completer()
        popup = completer.popup() if completer else None
        return popup is not None and popup.isVisible()

    def _recall(self, step: int) -> None:
        self._at = min(max(self._at + step, 0), len(self._history))
        at_end = self._at == len(self._history)
        self.line.setText("" if at_end else self._history[self._at])

    def _enter(self) -> None:
        text = self.line.text()
        self.line.clear()
        # What follows AUTH is a secret; it is not kept to be recalled.
        keep = text.split(" ")[:2] if text.upper().startswith("AUTH ") else [text]
        if text.strip() and " ".join(keep) not in self._history[-1:]:
            self._history.append(" ".join(keep))
        self._at = len(self._history)
        self.entered.emit(text)
