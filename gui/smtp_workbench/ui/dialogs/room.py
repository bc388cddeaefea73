"""How large a dialog opens."""

from typing import Final

from PySide6.QtWidgets import QDialog

_EDGE: Final = 40
"""Points of the window that stay in sight, both sides together."""


def take_room(dialog: QDialog, width: int, height: int) -> None:
    """Make *dialog* so large, in points, as far as the window below it leaves room."""
    parent = dialog.parentWidget()
    assert parent is not None  # noqa: S101  # it is opened over the window
    room = parent.window().size()
    dialog.resize(min(width, room.width() - _EDGE), min(height, room.height() - _EDGE))
