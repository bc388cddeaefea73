"""The stages of a run from left to right, with their results and times."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from smtp_workbench.ui.theme import Theme, picture

_DOT: Final = 22.0
"""Points that a dot is wide."""
_MARKS: Final = {
    "ok": ("check", "good"),
    "warning": ("triangle-alert", "warning"),
    "failed": ("x", "bad"),
    "skipped": ("minus", "line"),
    "active": ("ellipsis", "accent"),
    "next": ("step-forward", "accent"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stage as it is drawn."""

    name: str
    state: str = "pending"
    """`pending`, `next`, `active`, or a status of the report."""
    time: str = "—"
    detail: str = ""
    index: int = -1
    """Its place in the report; -1 if it has not begun."""


class Rail(QWidget):
    """Draws the stops, in several rows where they do not fit into one."""

    picked = Signal(int)
    """The place of a stage in the report."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stops: tuple[Stop, ...] = ()
        self._dots: list[_Dot] = []
        self._picked = -1
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Stages"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What is drawn."""
        return self._stops

    def show_stops(self, stops: Sequence[Stop]) -> None:
        """Draw *stops* in place of those before."""
        if tuple(stops) == self._stops:
            return
        self._stops = tuple(stops)
        while len(self._dots) < len(stops):
            dot = _Dot(self, self._theme)
            dot.clicked.connect(lambda _=False, dot=dot: self._pick(dot.stop.index))
            self._dots.append(dot)
        for dot, stop in zip(self._dots, stops, strict=False):
            dot.show_stop(stop, picked=stop.index == self._picked and stop.index >= 0)
            dot.show()
        for dot in self._dots[len(stops) :]:
            dot.hide()
        self._arrange()

    def pick(self, index: int) -> None:
        """Show the stage at *index* of the report as picked; -1: none."""
        self._picked = index
        for dot, stop in zip(self._dots, self._stops, strict=False):
            dot.show_stop(stop, picked=stop.index == index and index >= 0)

    def _pick(self, index: int) -> None:
        if index >= 0:
            self.picked.emit(index)

    def sizeHint(self) -> QSize:  # Qt's name
        """Return the height of all rows."""
        return QSize(200, self._rows() * self._row_height() + 16)

    def minimumSizeHint(self) -> QSize:
        """Return what is needed at least: the rail can be narrow, but not low."""
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the dots anew."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line between the dots: green as far as it went well."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        shown = self._dots[: len(self._stops)]
        for left, right in itertools.pairwise(shown):
            if left.y() != right.y():
                continue
            reached = right.stop.state not in ("pending", "next")
            painter.setPen(QPen(QColor(tokens.good if reached else tokens.line), 2))
            y = left.y() + left.centre().y()
            start = left.x() + left.centre().x() + _DOT / 2 + 2
            end = right.x() + right.centre().x() - _DOT / 2 - 2
            painter.drawLine(QPointF(start, y), QPointF(end, y))

    def _each(self) -> int:
        return self.fontMetrics().averageCharWidth() * 11

    def _per_row(self) -> int:
        fits = max(1, (self.width() - 16) // max(1, self._each()))
        count = max(1, len(self._stops))
        rows = -(-count // fits)
        return -(-count // rows)

    def _rows(self) -> int:
        return max(1, -(-len(self._stops) // self._per_row()))

    def _row_height(self) -> int:
        return int(_DOT) + 2 * self.fontMetrics().height() + 14

    def _arrange(self) -> None:
        per_row, height = self._per_row(), self._row_height()
        width = (self.width() - 16) / per_row
        for place, dot in enumerate(self._dots[: len(self._stops)]):
            row, column = divmod(place, per_row)
            dot.setGeometry(int(8 + column * width), 8 + row * height, int(width), height)
        if self.height() != self.sizeHint().height():
            self.setFixedHeight(self.sizeHint().height())
        self.update()


class _Dot(QAbstractButton):
    """One stop, clickable once it has begun."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self.stop = Stop("")
        self._picked = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_stop(self, stop: Stop, *, picked: bool) -> None:
        self.stop, self._picked = stop, picked
        self.setEnabled(stop.index >= 0)
        words = self.tr("{name}: {state}, {time}").format(
            name=stop.name, state=stop.state, time=stop.time
        )
        self.setAccessibleName(words)
        self.setToolTip(stop.detail)
        self.update()

    def centre(self) -> QPointF:
        return QPointF(self.width() / 2, _DOT / 2 + 3)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_dot(painter)
        self._paint_words(painter)

    def _paint_dot(self, painter: QPainter) -> None:
        tokens, state = self._theme.tokens, self.stop.state
        icon, colour = _MARKS.get(state, ("", "line"))
        circle = QRectF(0, 0, _DOT, _DOT)
        circle.moveCenter(self.centre())
        if self._picked or self.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus), 2))
            painter.drawEllipse(circle.adjusted(-3, -3, 3, 3))
        filled = state in ("ok", "warning", "failed", "active")
        painter.setPen(QPen(QColor(getattr(tokens, colour)), 2))
        painter.setBrush(QColor(getattr(tokens, colour) if filled else tokens.panel))
        painter.drawEllipse(circle.adjusted(1, 1, -1, -1))
        if icon:
            ink = tokens.panel if filled else getattr(tokens, "text")  # noqa: B009
            mark = picture(icon, ink, 14)
            painter.drawPixmap(self.centre() - QPointF(7, 7), mark)

    def _paint_words(self, painter: QPainter) -> None:
        tokens = self._theme.tokens
        line = self.fontMetrics().height()
        top = int(_DOT) + 8
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        known = self.stop.index >= 0 or self.stop.state == "next"
        painter.setPen(QColor(tokens.text if known else tokens.secondary))
        middle = Qt.AlignmentFlag.AlignHCenter
        name = painter.fontMetrics().elidedText(
            self.stop.name, Qt.TextElideMode.ElideRight, self.width() - 2
        )
        painter.drawText(QRectF(0, top, self.width(), line), middle, name)
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.secondary))
        painter.drawText(QRectF(0, top + line, self.width(), line), middle, self.stop.time)
