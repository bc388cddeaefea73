"""The third column: rail, card, details, traffic and typed commands of one conversation."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from smtp_workbench.smtp.events import (
    Event,
    Line,
    MessageDone,
    Progress,
    RunStarted,
    Stage,
    StageFailed,
    StageFinished,
    StageStarted,
)
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui.conversation import Conversation, Order
from smtp_workbench.ui.stops import stops
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.card import Card, CardText
from smtp_workbench.ui.widgets.load_view import LoadView
from smtp_workbench.ui.widgets.rail import Rail
from smtp_workbench.ui.widgets.stage_detail import StageDetail
from smtp_workbench.ui.widgets.traffic_log import TrafficLog
from smtp_workbench.ui.widgets.typed_command import TypedCommand


class SessionColumn(QWidget):
    """Shows what a conversation tells, as it tells it."""

    command_entered = Signal(str)

    def __init__(self, conversation: Conversation, theme: Theme) -> None:
        super().__init__()
        self._conversation = conversation
        self._stage = -1
        """The place of the stage that lines belong to just now."""
        self._open: Stage | None = None
        """The stage that has started and not ended."""
        self._before = 0
        """How many stages the runs before had, where a message takes several."""
        self._waiting = ""
        self.setObjectName("sessionColumn")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rail = Rail(theme)
        self.card = Card()
        self.load = LoadView(theme)
        self.detail = StageDetail(theme)
        self.log = TrafficLog(theme)
        self.typed = TypedCommand()
        self._build()
        self.rail.picked.connect(self.show_stage)
        self.detail.closed.connect(self.close_detail)
        self.typed.entered.connect(self.command_entered)
        conversation.started.connect(self._begin)
        conversation.happened.connect(self._take)
        conversation.waiting.connect(self._wait)
        conversation.held.connect(self._hold)
        conversation.finished.connect(self._end)
        conversation.shown.connect(self._show_kept)

    def show_card(self, text: CardText) -> None:
        """Show *text* above the traffic.

        The focus goes from a button to its like or to the traffic, not to a corner of the window.
        """
        focused = self.window().focusWidget()
        label = focused.text() if isinstance(focused, QPushButton) else ""
        had = focused is not None and self.card.isAncestorOf(focused)
        self.card.show_text(text)
        self._order_keys()
        if had:
            (self.card.button(label) or self.log.view).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_stage(self, index: int) -> None:
        """Show the details and the lines of the stage at *index* of the report."""
        hidden = self.detail.isHidden()
        self.rail.pick(index)
        self.detail.show_stage(self._conversation.report, index)
        self.log.select_stage(self._before + index)
        if hidden:
            height = self._split.height()
            self._split.setSizes([height * 45 // 100, height * 55 // 100])
        self._order_keys()

    def close_detail(self) -> None:
        """Hide the details."""
        self.detail.hide()
        self.rail.pick(-1)

    def show_plan(self, order: Order) -> None:
        """Forget the last run and show the stages that *order* would have."""
        self.close_detail()
        self.load.hide()
        self.log.clear(self._conversation.began)
        self.rail.show_stops(stops(Report(), order))

    def refresh(self) -> None:
        """Draw the rail anew."""
        order = self._conversation.order
        if order is not None:
            self.rail.show_stops(stops(self._conversation.report, order, self._waiting))

    def _order_keys(self) -> None:
        """Let Tab go from above to below: dots and buttons are younger than what is below them."""
        parts = (self.rail, self.card, self.detail, self.log, self.typed)
        stops = [item for part in parts for item in part.findChildren(QWidget)]
        stops = [item for item in stops if item.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def _build(self) -> None:
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(8)
        self._split.addWidget(self.detail)
        self._split.addWidget(self.log)
        for part in (0, 1):
            self._split.setStretchFactor(part, 1)
        inner = QVBoxLayout()
        inner.setContentsMargins(14, 12, 14, 6)
        inner.setSpacing(10)
        inner.addWidget(self.card)
        inner.addWidget(self.load)
        inner.addWidget(self._split, 1)
        inner.addWidget(self.typed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rail)
        column.addLayout(inner, 1)

    def _begin(self) -> None:
        self._stage, self._open, self._before, self._waiting = -1, None, 0, ""
        self.close_detail()
        self.load.hide()
        self.log.clear(self._conversation.began)
        self.typed.show_held(held=False)
        self.refresh()

    def _show_kept(self) -> None:
        """Show a run that is over as if it had just ended."""
        self._begin()
        report = self._conversation.report
        starts = [stage.started for stage in report.stages]
        self.log.take([(line, max(bisect_right(starts, line.t) - 1, 0)) for line in report.lines])

    def _take(self, events: Sequence[Event]) -> None:
        lines: list[tuple[Line, int]] = []
        progress: Progress | None = None
        counted = False
        for event in events:
            match event:
                case RunStarted():
                    self._before += self._stage + 1
                    self._stage, self._open = -1, None
                case StageStarted():
                    self._stage, self._open = self._stage + 1, event.stage
                case StageFinished() | StageFailed():
                    # A stage that was skipped has never started.
                    self._stage += self._open is not event.stage
                    self._open = None
                case Line():
                    lines.append((event, self._before + max(self._stage, 0)))
                case Progress():
                    progress = event
                case MessageDone():
                    counted = True
                case _:
                    pass
        if lines:
            self.log.take(lines)
        self._show_progress(progress, counted=counted)
        self.refresh()
        self._show_offered()

    def _show_progress(self, progress: Progress | None, *, counted: bool) -> None:
        tally = self._conversation.report.tally
        if tally is not None:
            if counted:
                self.load.show_tally(tally)
                self.card.show_progress(tally.done / tally.count)
        elif progress is not None and progress.total:
            self.card.show_progress(progress.sent / progress.total, octets(progress))

    def _wait(self, stage: str) -> None:
        self._waiting = stage
        self.refresh()

    def _hold(self) -> None:
        self.typed.show_held(held=True)
        self._show_offered()
        self.refresh()

    def _show_offered(self) -> None:
        if not self._conversation.is_held:
            return
        order, report = self._conversation.order, self._conversation.report
        if order is None:
            return
        name = order.transport.ehlo_name or "localhost"
        lmtp = order.transport.protocol.value == "lmtp"
        self.typed.show_offered(report.extensions, name, lmtp=lmtp)
        self.typed.show_mechanisms(report.extensions.get("AUTH", "").split())

    def _end(self) -> None:
        self._waiting = ""
        self.typed.show_held(held=False)
        self.refresh()


def octets(progress: Progress) -> str:
    """Return how much of a message has been sent, in words."""
    return f"{progress.sent / 2**20:.1f} of {progress.total / 2**20:.1f} MiB"
