"""Labels and buttons that give way: what does not fit is left out and stands in their tooltip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStylePainter,
)


class SmallButton(QPushButton):
    """A button whose label may be longer than its column; then it is cut in the middle."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.setProperty("small", "true")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:  # Qt's name
        """Return room for a few letters."""
        usual = super().minimumSizeHint()
        return QSize(min(usual.width(), self.fontMetrics().averageCharWidth() * 12), usual.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw as much of the label as fits."""
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        option.text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, inner.width()
        )
        self.setToolTip(self.text() if option.text != self.text() else "")
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)


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
