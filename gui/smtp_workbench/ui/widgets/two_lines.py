"""An entry of a list in two lines: what it is, and a smaller line below."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from smtp_workbench.ui.theme import Tokens

_PADDING = 7
"""Pixels above and below the lines."""


def height_of_lines(option: QStyleOptionViewItem) -> int:
    """Return the room that both lines need, in pixels."""
    return 2 * option.fontMetrics.height() + 2 * _PADDING


def draw_ground(painter: QPainter, option: QStyleOptionViewItem, tokens: Tokens) -> QRect:
    """Draw what lies below an entry that is selected; return the place."""
    ground = QRect(option.rect.adjusted(0, 1, 0, -1))
    if option.state & QStyle.StateFlag.State_Selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.selected))
        painter.drawRoundedRect(ground, 6, 6)
    return ground


def draw_lines(
    painter: QPainter,
    option: QStyleOptionViewItem,
    place: QRect,
    lines: tuple[str, str],
    tokens: Tokens,
) -> None:
    """Draw *lines* into *place*, shortened where they are too long."""
    height, width = option.fontMetrics.height(), place.width()
    small = QFont(option.font)
    small.setPointSizeF(small.pointSizeF() * 0.88)
    looks = ((option.font, tokens.text), (small, tokens.secondary))
    for at, (text, (font, colour)) in enumerate(zip(lines, looks, strict=True)):
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        line = QRect(place.left(), place.top() + 5 + at * height, width, height)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
