"""The sandbox in the sidebar: open it, start and stop it, let it fail on purpose."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme


class SandboxEntry(Widget):
    """A button with a name and a state, and a menu beside it."""

    chosen = Signal()
    switched = Signal(bool)
    """Whether it is to run."""
    fault_chosen = Signal(object)

    def __init__(self, practice: Practice, theme: Theme) -> None:
        super().__init__()
        self._practice, self._theme = practice, theme
        self.button = _TwoLines(theme)
        self.button.clicked.connect(self.chosen)
        self.more = QToolButton()
        self.more.setProperty("quiet", "true")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAccessibleName(self.tr("Sandbox menu"))
        self.more.setToolTip(self.tr("Start, stop, or let it fail on purpose"))
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self.menu)
        self._fault = QLabel()
        self._fault.setWordWrap(True)
        self._fault.setProperty("role", "secondary")
        self._fault.setContentsMargins(24, 0, 0, 0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._fault)
        practice.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def show_chosen(self, *, chosen: bool) -> None:
        """Show it as the one that is open, or not."""
        self.button.setChecked(chosen)

    def _show(self) -> None:
        practice = self._practice
        states = practice.summary(), practice.summary(short=True)
        self.button.say(self.tr("Sandbox server"), states, running=practice.running)
        self.button.setToolTip(practice.ports())
        self.more.setIcon(self._theme.icon("ellipsis", "secondary"))
        fault = practice.fault
        self._fault.setVisible(fault is not None)
        if fault is not None:
            self._fault.setText(self.tr("Fails on purpose: {what}").format(what=fault.title))

    def _fill(self) -> None:
        from smtp_workbench.sandbox.faults import FAULTS  # noqa: PLC0415  # heavy, and seldom needed

        self.menu.clear()
        running = self._practice.running
        text = self.tr("Stop the sandbox") if running else self.tr("Start the sandbox")
        self.menu.addAction(text, partial(self.switched.emit, not running))
        self.menu.addSeparator()
        fail = self.menu.addMenu(self.tr("Fail on purpose"))
        fail.setToolTipsVisible(True)
        group = QActionGroup(fail)
        for fault in (None, *FAULTS):
            action = fail.addAction(fault.title if fault else self.tr("Nothing, all is well"))
            action.setCheckable(True)
            action.setChecked(fault == self._practice.fault)
            action.setToolTip(fault.teaches if fault else "")
            action.triggered.connect(partial(self.fault_chosen.emit, fault))
            group.addAction(action)
            if fault is None:
                fail.addSeparator()


class _TwoLines(QPushButton):
    """A name, and a smaller line below it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name, self._states = "", ("", "")
        self._running = False
        self.setCheckable(True)
        self.setFlat(True)
        self.setMinimumHeight(2 * self.fontMetrics().height() + 14)

    def say(self, name: str, states: tuple[str, str], *, running: bool) -> None:
        """Show *name* above the first of *states*, or the second where that does not fit."""
        self._name, self._states, self._running = name, states, running
        self.setAccessibleName(f"{name}, {states[0]}")
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.HoverEnter or event.type() is QEvent.Type.HoverLeave:
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = self.rect().adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            colour = tokens.selected if self.isChecked() else tokens.hover
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(ground, 6, 6)
        if self.hasFocus():
            painter.setPen(QColor(tokens.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, 6, 6)
        painter.setPen(Qt.PenStyle.NoPen if self._running else QColor(tokens.secondary))
        painter.setBrush(QColor(tokens.good) if self._running else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(8, self.height() // 2 - 4, 8, 8)
        height = self.fontMetrics().height()
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.text))
        elided, width = Qt.TextElideMode.ElideRight, self.width() - 28
        name = painter.fontMetrics().elidedText(self._name, elided, width)
        painter.drawText(24, 6, width, height, flags, name)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.88)
        painter.setFont(font)
        painter.setPen(QColor(tokens.secondary))
        metrics = painter.fontMetrics()
        whole, short = self._states
        state = whole if metrics.horizontalAdvance(whole) <= width else short
        state = metrics.elidedText(state, elided, width)
        painter.drawText(24, 6 + height, width, height, flags, state)
