"""The looks of a widget whose properties have changed."""

from PySide6.QtWidgets import QWidget


def dress_anew(widget: QWidget) -> None:
    """Have the style sheet see the properties that *widget* has now."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
