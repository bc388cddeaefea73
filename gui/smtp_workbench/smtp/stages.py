"""The frame around every stage: its gate, its limit, its events, and errors turned into facts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from smtp_workbench.net.dial import DialError
from smtp_workbench.net.errors import NetError, NetKind, TlsError
from smtp_workbench.net.tls import alert_in
from smtp_workbench.smtp.events import (
    Event,
    Failure,
    Gate,
    Kind,
    Line,
    Notice,
    Observer,
    Stage,
    StageFailed,
    StageFinished,
    StageStarted,
    Status,
)
from smtp_workbench.smtp.protocol import DroppedError, MalformedReplyError
from smtp_workbench.smtp.wire import Redactor

MOST_LINES: Final = 20
"""Lines of evidence; the traffic has all of them."""
_GRACE: Final = 0.2
"""Seconds that a room with a limit of its own has to report before the frame cuts it off."""
_OWN_LIMIT: Final = (Stage.DNS, Stage.CONNECT, Stage.PROXY, Stage.TLS)

_TIMEOUT_KIND: Final = {
    Stage.DNS: NetKind.RESOLVER_TIMEOUT,
    Stage.CONNECT: NetKind.TIMEOUT,
    Stage.PROXY: NetKind.TIMEOUT,
    Stage.TLS: NetKind.TLS_TIMEOUT,
    Stage.GREETING: Kind.SILENCE,
}
_TIMEOUT_KINDS: Final = {*_TIMEOUT_KIND.values(), Kind.TIMEOUT}


class StageError(Exception):
    """A stage ended the run, for the reason in `failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.evidence)
        self.failure = failure


@dataclass(slots=True)
class Outcome:
    """What the body of a stage fills in; it becomes the stage's `StageFinished`."""

    limit: float
    """Seconds that the stage has."""
    detail: str = ""
    status: Status = Status.OK
    notices: list[Notice] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """Values for the optional fields of `StageFinished`."""
    params: dict[str, str] = field(default_factory=dict)
    """What is added to the parameters of a failure."""
    when_stopped: str = "stopped"
    """What is said where the user ends the run in this stage."""
    prolong: Callable[[], None] = lambda: None
    """Begins the limit anew: there was progress."""

    def notice(self, label: str, **params: object) -> None:
        """Add a notice; the stage then ends with a warning."""
        self.notices.append(Notice(label, {name: str(value) for name, value in params.items()}))
        self.status = Status.WARNING


class Stages:
    """Runs one stage after the other on one clock and reports them to one observer."""

    def __init__(self, observer: Observer, gate: Gate, total: float, redactor: Redactor) -> None:
        self._observer = observer
        self._gate = gate
        self._left = total
        self._redactor = redactor
        self._began = time.perf_counter()
        self.partial: Callable[[], str] = str
        """What the server has sent of a reply so far, for evidence."""

    def now(self) -> float:
        """Return the seconds since the run began."""
        return time.perf_counter() - self._began

    def emit(self, event: Event) -> None:
        """Hand *event* to the observer."""
        self._observer(event)

    def note(self, text: str, *, tls: bool = False) -> None:
        """Add a line of ours to the traffic."""
        self.emit(Line(self.now(), "*", tls, self._redactor.text(text)))

    @asynccontextmanager
    async def stage(self, stage: Stage, limit: float) -> AsyncIterator[Outcome]:
        """Run the body as *stage*, for *limit* seconds at most.

        Raises StageError after reporting why the body failed. Time spent at the gate, where a
        person thinks, counts towards no limit.
        """
        await self._gate(stage)
        started = self.now()
        self.emit(StageStarted(started, stage))
        outcome = Outcome(max(0.0, min(limit, self._left)))
        grace = _GRACE if stage in _OWN_LIMIT else 0.0
        try:
            async with asyncio.timeout(outcome.limit + grace) as frame:
                outcome.prolong = lambda: self._prolong(frame, limit)
                yield outcome
        except asyncio.CancelledError:
            self.emit(self._stopped(stage, outcome))
            raise
        except (StageError, NetError, MalformedReplyError, DroppedError, OSError) as error:
            self._left -= self.now() - started
            failure = self._failure(error, stage)
            failure = replace(failure, params={**outcome.params, **failure.params})
            attempts = error.attempts if isinstance(error, DialError) else ()
            self.emit(StageFailed(self.now(), stage, failure, attempts))
            raise StageError(failure) from error
        self._left -= self.now() - started
        self.emit(self._finished(stage, outcome))

    def _prolong(self, frame: asyncio.Timeout, limit: float) -> None:
        """Give a stage in which data moves its limit anew, and the run as much time again."""
        before = frame.when()
        after = asyncio.get_running_loop().time() + limit
        if before is not None:
            self._left += max(0.0, after - before)
        frame.reschedule(after)

    def _stopped(self, stage: Stage, outcome: Outcome) -> StageFinished:
        sent = outcome.params.get("dot") == "sent"
        return StageFinished(self.now(), stage, Status.SKIPPED, outcome.when_stopped, in_doubt=sent)

    def skip(self, stage: Stage, detail: str) -> None:
        """Report that *stage* has nothing to do, and why."""
        self.emit(StageFinished(self.now(), stage, Status.SKIPPED, detail))

    def _finished(self, stage: Stage, outcome: Outcome) -> StageFinished:
        return StageFinished(
            self.now(),
            stage,
            outcome.status,
            self._redactor.text(outcome.detail),
            tuple(outcome.notices),
            **outcome.facts,
        )

    def _failure(self, error: Exception, stage: Stage) -> Failure:
        match error:
            case StageError():
                return error.failure
            case TlsError():
                failure = Failure(error.kind, error.evidence, params=error.params, tls=error.facts)
            case NetError():
                failure = Failure(error.kind, error.evidence, params=error.params)
            case MalformedReplyError():
                failure = Failure(Kind.MALFORMED, f"{error.why}: {self._redactor.show(error.line)}")
            case DroppedError():
                failure = _dropped(error.cause, self.partial())
            case TimeoutError():
                failure = self._timeout(stage)
            case _:
                failure = _dropped(error, self.partial())
        if self._left <= 0 and failure.kind in _TIMEOUT_KINDS:
            failure = replace(failure, kind=Kind.TOTAL_TIMEOUT)
        evidence = self._redactor.text(_beginning(failure.evidence))
        failure = replace(failure, evidence=evidence)
        self.note(failure.evidence)
        return failure

    def _timeout(self, stage: Stage) -> Failure:
        partial = self.partial()
        waited = "the server did not finish its answer" if partial else "the server did not answer"
        return Failure(
            _TIMEOUT_KIND.get(stage, Kind.TIMEOUT),
            f"{waited} in time" + (f": {partial}" if partial else ""),
            params={"partial": partial},
        )


def _beginning(text: str) -> str:
    lines = text.split("\n", MOST_LINES)
    return "\n".join([*lines[:MOST_LINES], "…"]) if len(lines) > MOST_LINES else text


def _dropped(cause: Exception | None, partial: str) -> Failure:
    alert = alert_in(cause)
    if alert is not None:
        return Failure(NetKind.TLS_ALERT, f"TLS alert {alert}", params={"alert": alert})
    tail = f" after: {partial}" if partial else ""
    if cause is not None:
        return Failure(Kind.RESET, f"connection reset by the server{tail}")
    return Failure(Kind.CLOSED, f"connection closed by the server{tail}")
