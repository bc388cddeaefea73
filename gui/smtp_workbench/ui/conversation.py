"""A run in the window: one at a time, on the window's own loop, its events in batches.

A message may take several runs, tried again or over other servers; their events come one after the
other, and `report` is the last one's.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Event, Line, RunStarted, Stage
from smtp_workbench.smtp.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from smtp_workbench.smtp.attempts import Outcome, Route
    from smtp_workbench.smtp.envelope import Envelope
    from smtp_workbench.smtp.send import Delivery
    from smtp_workbench.smtp.session import Session
    from smtp_workbench.store.history import KeptRun, Run

_BATCH: int = 33
"""Milliseconds between two batches of events."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """What a run sends."""

    delivery: "Delivery"
    make: "Callable[[int], Delivery]"
    """Returns the message with a number, where there is more than one."""
    count: int = 1
    retries: int = 0
    fallback: "tuple[Route, ...]" = ()
    """The servers that are tried after the order's own."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run."""

    transport: Transport
    secret: Secret | None = None
    proxy_secret: Secret | None = None
    envelope: "Envelope | None" = None
    mailing: Mailing | None = None
    """None: verify, no mail is sent."""
    stepping: bool = False
    allow_plaintext_auth: bool = False
    past: "Run | None" = None
    """The kept run that this was; None: it is to run, or ran just now."""

    @property
    def sends(self) -> bool:
        """Whether it is about a message."""
        return self.mailing is not None or (self.past is not None and self.past.kind == "send")


class Conversation(QObject):
    """Runs an order and tells what happens."""

    started = Signal()
    happened = Signal(list)
    """A batch of events; the report has them already."""
    waiting = Signal(str)
    """Step mode: the name of the stage that would be next."""
    held = Signal()
    """The script is over and the session is open for typed commands."""
    refused = Signal(str)
    """A typed command could not be sent, and why."""
    finished = Signal()
    shown = Signal()
    """A run that was kept is there in place of the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.report = Report()
        self.earlier: list[Report] = []
        """Of the runs before, where a message took several."""
        self.outcome: Outcome | None = None
        """Of all runs for a message, once they are over."""
        self.began = datetime.now(UTC)
        self.order: Order | None = None
        self.hold = False
        """Keep the session open at the end."""
        self._task: asyncio.Task[None] | None = None
        self._gate: asyncio.Event | None = None
        self._stepping = False
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._events: list[Event] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_BATCH)
        self._timer.timeout.connect(self._flush)
        self.is_held = False

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return self._task is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the run waits for `go_on`."""
        return self._gate is not None

    def start(self, order: Order) -> None:
        """Run *order*. Does nothing while another run is on."""
        if self.running:
            return
        self.report, self.began, self.order = Report(), datetime.now(UTC), order
        self.earlier, self.outcome = [], None
        self._stepping = order.stepping
        self._lines = asyncio.Queue()
        self._task = asyncio.get_event_loop().create_task(self._run(order), name="conversation")
        self._task.add_done_callback(self._end)
        self._timer.start()
        self.started.emit()

    def show(self, kept: "KeptRun") -> None:
        """Have a kept run in place of the last one. Does nothing while a run is on."""
        if self.running:
            return
        self.report, self.began = kept.report, kept.run.at
        self.order = Order(kept.transport, past=kept.run)
        self.earlier, self.outcome = [], None
        self.shown.emit()

    def go_on(self, *, to_the_end: bool = False) -> None:
        """Let the next stage begin; *to_the_end*: and all after it."""
        if to_the_end:
            self._stepping = False
        if self._gate is not None:
            self._gate.set()

    def stop(self) -> None:
        """End the run at once."""
        if self._task is not None:
            self._task.cancel()

    async def stopped(self) -> None:
        """End the run and wait until its socket is closed."""
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    def say(self, line: str) -> None:
        """Send a typed command over the session that is held open."""
        self._lines.put_nowait(line)

    def let_go(self) -> None:
        """Close the session that is held open, with a QUIT."""
        self._lines.put_nowait(None)

    async def _run(self, order: Order) -> None:
        # The engine takes longer to load than the window takes to open.
        from smtp_workbench.smtp.verify import verify  # noqa: PLC0415

        if order.mailing is not None:
            await self._send(order, order.mailing)
            return
        await verify(
            order.transport,
            order.secret,
            envelope=order.envelope,
            observer=self._take,
            gate=self._wait,
            proxy_secret=order.proxy_secret,
            allow_plaintext_auth=order.allow_plaintext_auth,
            stay=self._stay,
        )

    async def _send(self, order: Order, mailing: Mailing) -> None:
        from smtp_workbench.diagnosis.retry import advise  # noqa: PLC0415  # as above
        from smtp_workbench.smtp.access import Access  # noqa: PLC0415
        from smtp_workbench.smtp.attempts import Route, send_persistently  # noqa: PLC0415
        from smtp_workbench.smtp.pool import send_many  # noqa: PLC0415
        from smtp_workbench.smtp.session import no_gate  # noqa: PLC0415

        access = Access(
            transport=order.transport,
            secret=order.secret,
            proxy_secret=order.proxy_secret,
            allow_plaintext_auth=order.allow_plaintext_auth,
        )
        if mailing.count > 1:
            await send_many(access, mailing.make, mailing.count, observer=self._take)
            return
        self.outcome = await send_persistently(
            (Route(order.transport.host, access), *mailing.fallback),
            mailing.delivery,
            judge=advise,
            retries=mailing.retries,
            observer=self._take,
            # Without a gate commands may go out together, as programs send them.
            gate=self._wait if order.stepping else no_gate,
            stay=self._stay,
        )

    def _take(self, event: Event) -> None:
        if isinstance(event, RunStarted) and self.report.target is not None:
            self.earlier.append(self.report)
            self.report = Report()
            where = f"{event.target.host}:{event.target.port}"
            number = len(self.earlier) + 1
            self._events.append(Line(0.0, "*", tls=False, text=f"try {number}, over {where}"))
        self.report.take(event)
        self._events.append(event)

    async def _wait(self, stage: Stage) -> None:
        if not self._stepping:
            return
        self._gate = asyncio.Event()
        self._flush()
        self.waiting.emit(stage.value)
        try:
            await self._gate.wait()
        finally:
            self._gate = None

    async def _stay(self, session: "Session") -> None:
        if not self.hold:
            return
        self.is_held = True
        self._flush()
        self.held.emit()
        try:
            await self._read_commands(session)
        finally:
            self.is_held = False

    async def _read_commands(self, session: "Session") -> None:
        from smtp_workbench.smtp.stages import StageError  # noqa: PLC0415  # as above
        from smtp_workbench.smtp.typed import Typist  # noqa: PLC0415

        typist = Typist(session)
        closed = asyncio.create_task(session.wire.wait_closed(), name="watch the connection")
        try:
            while session.connected:
                line = asyncio.create_task(self._lines.get(), name="next command")
                try:
                    await asyncio.wait([line, closed], return_when=asyncio.FIRST_COMPLETED)
                    if not line.done() or (text := line.result()) is None:
                        return
                finally:
                    line.cancel()
                try:
                    await typist.say(text)
                except (ValueError, StageError) as error:
                    self.refused.emit(str(error))
        finally:
            closed.cancel()

    def _flush(self) -> None:
        if self._events:
            batch, self._events = self._events, []
            self.happened.emit(batch)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        self._timer.stop()
        self._flush()
        self.finished.emit()
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


def envelope_of(mail_from: str, rcpt_to: str) -> "Envelope | None":
    """Return the envelope to check, None if both are empty. Raises ValueError for a bad address."""
    recipients = [item.strip() for item in rcpt_to.split(",") if item.strip()]
    if not mail_from.strip() and not recipients:
        return None
    from smtp_workbench.smtp.envelope import Envelope  # noqa: PLC0415  # brings the whole engine

    return Envelope(mail_from.strip(), tuple(recipients))
