"""Where an address is typed, within a field of them."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QLineEdit

from smtp_workbench.ui.widgets.keys import asks_for_undo

_LEAST: Final = 48
"""Points that the line is wide at least."""
_ENDING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_GOING_BACK: Final = (Qt.Key.Key_Backspace, Qt.Key.Key_Left)
_PASSING: Final = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class AddressLine(QLineEdit):
    """It is as wide as what is typed."""

    keyed = Signal(int)
    """A key that means something to the field."""
    pasted = Signal(str)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setFrame(False)
        self.setObjectName("addressLine")
        self.textChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Return room for what is typed."""
        text = self.text() or self.placeholderText()
        width = self.fontMetrics().horizontalAdvance(text) + 16 if text else 0
        return QSize(max(self.minimumSizeHint().width(), width), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for some of it."""
        return QSize(_LEAST, self.fontMetrics().height() + 4)

    def event(self, event: QEvent) -> bool:
        """Leave undo to the letter, keep Escape while something is typed."""
        if asks_for_undo(event):
            return False
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what is not typing."""
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_list()
        elif plain and (
            (key in _ENDING and self.text().strip())
            or (key == Qt.Key.Key_Escape and self.text())
            or (key in _GOING_BACK and not self.cursorPosition() and not self.hasSelectedText())
        ):
            self.keyed.emit(key)
        else:
            super().keyPressEvent(event)

    def paste_list(self) -> None:
        """Paste the clipboard, line ends and all."""
        self.pasted.emit(QGuiApplication.clipboard().text())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Leave the menu to the field."""
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so."""
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say so, unless it is for a menu or another window."""
        super().focusOutEvent(event)
        if event.reason() not in _PASSING:
            self.focused.emit(False)
