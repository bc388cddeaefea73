"""Draws the direction and the lock of a line of traffic: shapes, so that colour is not all."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from smtp_workbench.ui.models.traffic import DIRECTION, LOCK, Index, TrafficModel
from smtp_workbench.ui.theme import Theme, picture


class TrafficMarks(QStyledItemDelegate):
    """A triangle to the right for what we send, to the left for what the server says."""

    def __init__(self, theme: Theme, model: TrafficModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the cell, and its mark on top."""
        super().paint(painter, option, index)
        middle = QRectF(option.rect).center()
        if index.column() == DIRECTION:
            self._triangle(painter, middle, index)
        elif index.column() == LOCK and self._model.is_encrypted(index.row()):
            lock = picture("lock", self._theme.tokens.secondary, 12)
            painter.drawPixmap(middle - QPointF(6, 6), lock)

    def _triangle(self, painter: QPainter, middle: QPointF, index: Index) -> None:
        direction = self._model.direction(index.row())
        if direction == "*":
            return
        side = 4.0 if direction == "C" else -4.0
        points = [QPointF(-side, -4), QPointF(-side, 4), QPointF(side, 0)]
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawPolygon(QPolygonF([middle + point for point in points]))
        painter.restore()
