"""Many messages over a few connections, as a program with a pool sends them.

`transport.pool` says over how many connections, how many messages go over each before it is closed,
and how fast. The first message is reported like any other; of the others only the end is told. A
connection that can't log in ends the run, since each further try would count towards a lock-out.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from smtp_workbench.settings.transport import Pool
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import (
    Delivered,
    Event,
    MessageDone,
    Observer,
    RepeatStarted,
    RunFinished,
    RunStarted,
    Stage,
)
from smtp_workbench.smtp.protocol import DroppedError, MalformedReplyError
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.run import enter, refuse_blocked, session_for, target_of
from smtp_workbench.smtp.send import Delivery, hand_over
from smtp_workbench.smtp.session import Session, no_observer
from smtp_workbench.smtp.stages import StageError

Make = Callable[[int], Delivery]
"""Returns the message with a number from 1; on any thread, in any order."""
_QUICK: Final = 0.005
"""Seconds that the loop may be held for making a message."""


async def send_many(
    access: Access, make: Make, count: int, *, observer: Observer = no_observer
) -> Report:
    """Send *count* messages and return the report; failures are in it. Cancel it to stop."""
    return await _Run(access, make, count, observer).go()


class _Pace:
    """Lets `rate_limit` messages begin in each `rate_delta`."""

    def __init__(self, pool: Pool) -> None:
        self._limit, self._delta = pool.rate_limit, pool.rate_delta
        self._begun: deque[float] = deque(maxlen=max(1, pool.rate_limit))
        self._turn = asyncio.Lock()

    async def wait(self) -> None:
        if not self._limit:
            return
        async with self._turn:
            loop = asyncio.get_running_loop()
            if len(self._begun) == self._limit:
                await asyncio.sleep(max(0.0, self._begun[0] + self._delta - loop.time()))
            self._begun.append(loop.time())


class _Place:
    """One place in the pool: a session, made anew when its turn is over."""

    def __init__(self, number: int, tell: Observer) -> None:
        self.number = number
        self.session: Session | None = None
        self.sent = 0
        self.report = Report()
        """Of the message that is under way."""
        self.told = number == 1
        """Whether everybody hears what happens here."""
        self._tell = tell

    def take(self, event: Event) -> None:
        self.report.take(event)
        if self.told:
            self._tell(event)


class _Run:
    """One call of `send_many`."""

    def __init__(self, access: Access, make: Make, count: int, observer: Observer) -> None:
        self._access, self._make, self._count = access, make, count
        self._observer = observer
        self._pool = access.transport.pool
        self._pace = _Pace(self._pool)
        self._drawn = 0
        self._is_quickly_made = False
        self._over = False
        """Whether no further message may begin."""
        self._open = asyncio.Event()
        """Set when the first connection is in, or will never be."""
        self._report = Report()
        self._places = [
            _Place(number, self._take)
            for number in range(1, min(self._pool.max_connections, count) + 1)
        ]
        self._clock = session_for(access, self._places[0].take)

    async def go(self) -> Report:
        self._take(RunStarted(0.0, target_of(self._clock)))
        stopped = True
        try:
            await refuse_blocked(self._clock)
            self._take(RepeatStarted(self._now(), self._count, len(self._places)))
            async with asyncio.TaskGroup() as group:
                for place in self._places:
                    group.create_task(self._work(place), name=f"pool {place.number}")
            stopped = False
        except StageError:
            stopped = False
        finally:
            self._take(RunFinished(self._now(), stopped))
        return self._report

    def _take(self, event: Event) -> None:
        self._report.take(event)
        self._observer(event)

    def _now(self) -> float:
        return self._clock.stages.now()

    def _draw(self) -> int:
        """Return the number of the next message, 0 if there is none."""
        if self._over or self._drawn == self._count:
            return 0
        self._drawn += 1
        return self._drawn

    async def _work(self, place: _Place) -> None:
        if place.number > 1:
            await self._open.wait()
        try:
            while number := self._draw():
                if place.session is None and not await self._enter(place, number):
                    return
                await self._send(place, number)
            place.told = place.number == 1
            await self._leave(place)
        finally:
            if place.session is not None:
                await place.session.close()

    async def _enter(self, place: _Place, number: int) -> bool:
        """Connect and log in for message *number*; whether that worked."""
        first = place.told and number == 1
        session = self._clock if first else session_for(self._access, place.take)
        place.session, place.sent, place.report = session, 0, Report()
        try:
            await enter(session, self._access)
        except StageError as error:
            stage = place.report.failed_stage
            self._over = self._over or not self._open.is_set() or stage is Stage.AUTH
            await session.leave(error.failure)
            self._tell_end(place, number, self._now(), error.failure.evidence)
            return False
        finally:
            self._open.set()
        return True

    async def _send(self, place: _Place, number: int) -> None:
        session = place.session
        assert session is not None  # noqa: S101  # `_enter` has just made it
        delivery = await self._made(number)
        await self._pace.wait()
        if number > 1:
            place.told = False
        place.report = Report()
        place.sent += 1
        begun, why = self._now(), ""
        try:
            await hand_over(session, delivery)
        except StageError as error:
            why = error.failure.evidence
            await self._recover(place, error)
        self._tell_end(place, number, begun, why)
        if place.session is not None and place.sent >= self._per_connection:
            await self._leave(place)

    async def _made(self, number: int) -> Delivery:
        """Return a message; one that takes long to make is made beside the loop."""
        if not self._is_quickly_made:
            return await asyncio.to_thread(self._timed, number)
        return self._timed(number)

    def _timed(self, number: int) -> Delivery:
        begun = time.perf_counter()
        delivery = self._make(number)
        self._is_quickly_made = time.perf_counter() - begun < _QUICK
        return delivery

    @property
    def _per_connection(self) -> int:
        return self._pool.max_messages if self._pool.enabled else 1

    async def _recover(self, place: _Place, error: StageError) -> None:
        """Make the session ready for the next message, or end it."""
        session = place.session
        if session is None:
            return
        try:
            if session.listens_after(error.failure):
                async with asyncio.timeout(session.transport.timeouts.socket):
                    await session.command("RSET")
                return
        except (DroppedError, MalformedReplyError, TimeoutError):
            pass
        await session.close()
        place.session = None

    async def _leave(self, place: _Place) -> None:
        """Say goodbye; the next message gets a new connection."""
        session, place.session = place.session, None
        if session is None:
            return
        try:
            if session.connected:
                await session.quit()
        except StageError:
            pass  # the messages are through, whatever becomes of the goodbye
        finally:
            await session.close()

    def _tell_end(self, place: _Place, number: int, begun: float, why: str) -> None:
        refused = next((item for item in place.report.recipients if not item.accepted), None)
        if refused is not None:
            why = f"{refused.address}: {refused.reply}"
        end = place.report.delivered
        if end is None:
            end = Delivered.REFUSED if place.report.reply is not None else Delivered.NOT_SENT
        now = self._now()
        self._take(MessageDone(now, number, place.number, now - begun, end, why))
