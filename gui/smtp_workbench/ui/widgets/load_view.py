"""What many messages came to so far: counts, rate, times, and how the rate went."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from smtp_workbench.smtp.events import Delivered
from smtp_workbench.smtp.tally import Tally
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.flow import FlowLayout

_BUCKETS: Final = 60
"""Points of the curve at most."""


class LoadView(QFrame):
    """Renders a tally as it grows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("loadView")
        self._values: list[QLabel] = []
        self.plot = RatePlot(theme)
        self._reasons = QLabel()
        self._reasons.setWordWrap(True)
        self._reasons.setTextFormat(Qt.TextFormat.PlainText)
        self._reasons.setProperty("role", "secondary")
        numbers = QWidget()
        flow = FlowLayout(numbers, spacing=20)
        for name in (
            self.tr("accepted"),
            self.tr("not accepted"),
            self.tr("a second"),
            self.tr("half within"),
            self.tr("90 % within"),
            self.tr("99 % within"),
        ):
            flow.addWidget(self._number(name))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 14, 10)
        column.setSpacing(8)
        column.addWidget(numbers)
        column.addWidget(self.plot)
        column.addWidget(self._reasons)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def _number(self, name: str) -> QWidget:
        cell, value, label = QWidget(), QLabel(), QLabel(name)
        value.setProperty("role", "cardTitle")
        value.setAccessibleName(name)
        label.setProperty("role", "secondary")
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(value)
        column.addWidget(label)
        self._values.append(value)
        return cell

    def show_tally(self, tally: Tally) -> None:
        """Show what *tally* has counted so far."""
        within = tally.percentiles()
        texts = (
            f"{tally.accepted:,} / {tally.count:,}",
            f"{tally.done - tally.accepted:,}",
            f"{tally.per_second:,.0f}",
            *(_time(within[percent - 1]) for percent in (50, 90, 99)),
        )
        for label, text in zip(self._values, texts, strict=True):
            label.setText(text)
        self.plot.show_ends(tally)
        unknown = tally.ends[Delivered.UNKNOWN]
        lines = [f"{count:,} × {reason}" for reason, count in tally.reasons.most_common(3)]  # noqa: RUF001
        if unknown:
            text = self.tr("{n} without an answer after the end: they may have arrived")
            lines.insert(0, text.format(n=unknown))
        self._reasons.setText("\n".join(lines))
        self._reasons.setVisible(bool(lines))
        self.show()


class RatePlot(QWidget):
    """A curve of messages a second over the time of the run."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rates: list[float] = []
        self._seconds = 0.0
        self.setAccessibleName(self.tr("Messages a second over time"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Ask for a strip of five lines."""
        return QSize(200, 5 * self.fontMetrics().height())

    def show_ends(self, tally: Tally) -> None:
        """Show the rates of *tally*."""
        self._rates = tally.rates(_BUCKETS)
        self._seconds = tally.ended - tally.started
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the curve, its highest value and the time below it."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        area = QRectF(0, line, self.width(), self.height() - 2 * line - 2)
        painter.setPen(QPen(QColor(tokens.hairline), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        highest = max(self._rates, default=0.0)
        painter.setPen(QColor(tokens.secondary))
        painter.drawText(0, line - 4, self.tr("{n}/s").format(n=f"{highest:,.0f}"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(self.rect(), right, f"{self._seconds:.1f} s")
        if len(self._rates) < 2 or not highest:
            return
        step = area.width() / (len(self._rates) - 1)
        points = [
            QPointF(at * step, area.bottom() - area.height() * rate / highest)
            for at, rate in enumerate(self._rates)
        ]
        ground = QColor(tokens.accent)
        ground.setAlpha(40)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(QPolygonF([area.bottomLeft(), *points, area.bottomRight()]))
        painter.setPen(QPen(QColor(tokens.link), 1.5))
        painter.drawPolyline(QPolygonF(points))


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
