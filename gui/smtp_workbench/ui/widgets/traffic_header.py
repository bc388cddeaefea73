"""What stands above the traffic: its name, the field to search it, and its buttons."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

_SPACING: Final = 8


class TrafficHeader(QWidget):
    """One row; where it is too narrow for the words on them, the buttons have a second one."""

    def __init__(
        self, title: QLabel, count: QLabel, search: QLineEdit, buttons: Sequence[QPushButton]
    ) -> None:
        super().__init__()
        self.setObjectName("trafficHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._buttons = QWidget()
        among = QHBoxLayout(self._buttons)
        among.setContentsMargins(0, 0, 0, 0)
        among.setSpacing(_SPACING)
        self._row = QHBoxLayout()
        self._row.setSpacing(_SPACING)
        self._row.addWidget(title)
        self._row.addWidget(count, 3)
        self._row.addWidget(search, 2)
        for button in buttons:
            among.addWidget(button)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(9, 5, 8, 5)
        self._rows.setSpacing(5)
        self._rows.addLayout(self._row)
        self._rows.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignRight)
        self._folded = True

    def minimumSizeHint(self) -> QSize:
        """Ask for no more width than two rows need."""
        width = max(self._reading(), self._buttons.minimumSizeHint().width())
        margins = self._rows.contentsMargins()
        return QSize(width + margins.left() + margins.right(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the buttons the row that they fit in."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        needed = self._reading() + _SPACING + self._buttons.minimumSizeHint().width()
        folded = self._rows.contentsRect().width() < needed
        if folded == self._folded:
            return
        self._folded = folded
        if folded:
            self._row.removeWidget(self._buttons)
            self._rows.addWidget(self._buttons, 0, Qt.AlignmentFlag.AlignRight)
        else:
            self._rows.removeWidget(self._buttons)
            self._row.addWidget(self._buttons)

    def _reading(self) -> int:
        """Return the width of the first row without the buttons."""
        width = self._row.minimumSize().width()
        return width if self._folded else width - _SPACING - self._buttons.minimumSizeHint().width()
