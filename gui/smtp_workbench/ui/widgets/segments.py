"""A few choices side by side, one of them taken."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class Segments(QWidget):
    """Buttons in a row that exclude each other; the arrow keys move between them."""

    picked = Signal(object)

    def __init__(self, name: str, choices: Mapping[object, tuple[str, str]]) -> None:
        """Show *choices*: value to text and tooltip."""
        super().__init__()
        self.setAccessibleName(name)
        self._values = list(choices)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, (text, tip) in enumerate(choices.values()):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {text}")
            last = len(choices) - 1
            button.setProperty("segment", {0: "left", last: "right"}.get(index, "middle"))
            self._group.addButton(button, index)
            bold = QFont(button.font())
            bold.setBold(True)
            button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(text) + 16)
            row.addWidget(button, 1)
        self._group.idClicked.connect(lambda index: self.picked.emit(self._values[index]))
        self.setFocusProxy(self._group.button(0))

    def show_value(self, value: object) -> None:
        """Show *value* as taken."""
        button = self._group.button(self._values.index(value))
        with QSignalBlocker(self._group):
            button.setChecked(True)
        self.setFocusProxy(button)

    def button(self, value: object) -> QPushButton:
        """Return the button for *value*."""
        button = self._group.button(self._values.index(value))
        assert isinstance(button, QPushButton)  # noqa: S101  # it put them there itself
        return button
