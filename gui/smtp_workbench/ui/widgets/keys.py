"""Keys that mean something to one widget only."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_Keys = str | Qt.Key | QKeySequence.StandardKey


def on_keys(owner: QWidget, keys: _Keys, do: Callable[[], Any], *, within: bool = False) -> None:
    """Do something at *keys* while *owner* has the focus, or with *within* a widget in it too."""
    shortcut = QShortcut(QKeySequence(keys), owner)
    shortcut.setContext(
        Qt.ShortcutContext.WidgetWithChildrenShortcut
        if within
        else Qt.ShortcutContext.WidgetShortcut
    )
    shortcut.activated.connect(do)


def asks_for_undo(event: QEvent) -> bool:
    """Whether a field would take undo or redo for itself, before the window's own sees it."""
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    keys = QKeySequence.StandardKey
    return event.matches(keys.Undo) or event.matches(keys.Redo)
