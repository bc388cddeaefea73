"""A label that gives way: what does not fit ends in an ellipsis and stands in its tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStyleOption


class ElidedLabel(QLabel):
    """One line of text that never asks for room."""

    short = ""
    """What is shown where the text does not fit; empty: as much of it as fits."""

    def minimumSizeHint(self) -> QSize:  # Qt's name
        """Return room for next to nothing."""
        return QSize(12, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw as much as fits."""
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        metrics, width = self.fontMetrics(), self.contentsRect().width()
        fits = metrics.horizontalAdvance(self.text()) <= width
        whole = self.text() if fits or not self.short else self.short
        text = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, width)
        self.setToolTip(self.text() if text != self.text() else "")
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
            option.palette,
            True,  # Qt's parameter
            text,
            self.foregroundRole(),
        )
