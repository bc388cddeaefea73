"""A report is a pure fold over the events of one run.

Window, command line, history and tests read the same one, so they can't disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.dial import Attempt
from smtp_workbench.smtp.events import (
    Delivered,
    Event,
    Failure,
    Line,
    MessageDone,
    Notice,
    Progress,
    RecipientAnswered,
    RepeatStarted,
    RunFinished,
    RunStarted,
    Stage,
    StageFailed,
    StageFinished,
    StageStarted,
    Status,
    Target,
)
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.tally import Tally


@dataclass(slots=True)
class StageReport:
    """One stage of the run; `status` is None while it is under way."""

    stage: Stage
    started: float
    ended: float | None = None
    status: Status | None = None
    detail: str = ""
    notices: tuple[Notice, ...] = ()
    addresses: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    tls: TlsFacts | None = None
    reply: Reply | None = None
    failure: Failure | None = None
    in_doubt: bool = False
    """The message went out whole, and no answer to it came."""

    @property
    def ms(self) -> float:
        """Milliseconds that it took; 0 while it is under way."""
        return 0.0 if self.ended is None else (self.ended - self.started) * 1000

    def as_json(self) -> dict[str, object]:
        """Return one entry of `stages` in CLI.md."""
        return {
            "stage": self.stage.value,
            "status": self.status.value if self.status else None,
            "ms": round(self.ms, 3),
            "detail": self.detail,
        }


@dataclass(slots=True)
class Report:
    """Everything a run showed so far. Feed it with `take`, in order."""

    target: Target | None = None
    stages: list[StageReport] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    recipients: list[RecipientAnswered] = field(default_factory=list)
    """The last answer to each."""
    progress: Progress | None = None
    """Of the message, as far as it has been sent."""
    tls: TlsFacts | None = None
    reply: Reply | None = None
    """The reply that decided the outcome."""
    extensions: Mapping[str, str] = field(default_factory=dict)
    """The last EHLO's."""
    mechanism: str | None = None
    tally: Tally | None = None
    """Of all messages of a run that sends many; stages and lines are the first one's."""
    finished: bool = False
    stopped: bool = False
    seconds: float = 0.0

    def take(self, event: Event) -> None:
        """Fold one more event into the report."""
        self.seconds = event.t
        match event:
            case Line():
                self.lines.append(event)
            case StageStarted():
                self.stages.append(StageReport(event.stage, event.t))
            case StageFinished():
                self._finish(event)
            case StageFailed():
                self._fail(event)
            case Progress():
                self.progress = event
            case RecipientAnswered():
                self._answer(event)
            case RepeatStarted():
                self.tally = Tally(event.count, event.connections, event.t)
            case MessageDone() if self.tally is not None:
                self.tally.take(event)
            case RunStarted():
                self.target = event.target
            case RunFinished():
                self.finished, self.stopped = True, event.stopped

    def _answer(self, event: RecipientAnswered) -> None:
        if not event.final:
            self.recipients.append(event)
            return
        # RFC 2033, section 4.2: in the order of the accepted ones.
        waiting = (
            at for at, item in enumerate(self.recipients) if item.accepted and not item.final
        )
        place = next(waiting, len(self.recipients))
        self.recipients[place : place + 1] = [event]

    def _finish(self, event: StageFinished) -> None:
        stage = self._open_stage(event.stage, event.t)
        stage.ended, stage.status, stage.detail = event.t, event.status, event.detail
        stage.notices, stage.addresses = event.notices, event.addresses
        stage.attempts, stage.tls, stage.reply = event.attempts, event.tls, event.reply
        stage.in_doubt = event.in_doubt
        self.tls = event.tls or self.tls
        # The goodbye decides nothing.
        if event.reply is not None and event.stage is not Stage.QUIT:
            self.reply = event.reply
        if event.extensions is not None:
            self.extensions = event.extensions
        self.mechanism = event.mechanism or self.mechanism

    def _fail(self, event: StageFailed) -> None:
        stage = self._open_stage(event.stage, event.t)
        failure = event.failure
        stage.ended, stage.status, stage.failure = event.t, Status.FAILED, failure
        stage.detail, stage.attempts = failure.evidence, event.attempts
        stage.tls, stage.reply = failure.tls, failure.reply
        stage.in_doubt = failure.params.get("dot") == "sent"
        self.tls = failure.tls or self.tls
        self.reply = failure.reply

    def _open_stage(self, stage: Stage, t: float) -> StageReport:
        if self.stages and self.stages[-1].stage is stage and self.stages[-1].status is None:
            return self.stages[-1]
        self.stages.append(StageReport(stage, t))
        return self.stages[-1]

    @property
    def failed(self) -> StageReport | None:
        """The stage that ended the run, if one did."""
        return next((stage for stage in self.stages if stage.status is Status.FAILED), None)

    @property
    def failure(self) -> Failure | None:
        """Why the run ended early, if it did."""
        return self.failed.failure if self.failed else None

    @property
    def failed_stage(self) -> Stage | None:
        """Where something that was asked for was refused, also if the run went on."""
        if self.failed is not None:
            return self.failed.stage
        refused = any(not recipient.accepted for recipient in self.recipients)
        return Stage.RCPT if refused else None

    @property
    def delivered(self) -> Delivered | None:
        """What became of the message; None in a run that was to send none."""
        stage = next((item for item in self.stages if item.stage is Stage.DATA), None)
        if stage is None or stage.status is None:
            return None
        if stage.status in (Status.OK, Status.WARNING):
            refused = any(not recipient.accepted for recipient in self.recipients)
            return Delivered.PARTLY if refused else Delivered.ACCEPTED
        if stage.in_doubt:
            return Delivered.UNKNOWN
        return Delivered.REFUSED if stage.reply is not None else Delivered.NOT_SENT

    @property
    def queue_id(self) -> str | None:
        """The name that the server gave the accepted message, if it told one."""
        if self.delivered not in (Delivered.ACCEPTED, Delivered.PARTLY):
            return None
        stage = next(item for item in self.stages if item.stage is Stage.DATA)
        return stage.reply.queue_id if stage.reply else None

    @property
    def notices(self) -> list[tuple[Stage, Notice]]:
        """Everything that was noticed, with the stage where it was."""
        return [(stage.stage, notice) for stage in self.stages for notice in stage.notices]

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for was accepted."""
        if self.tally is not None and self.tally.accepted < self.tally.count:
            return False
        return self.finished and not self.stopped and self.failed_stage is None

    def as_json(self) -> dict[str, object]:
        """Return the part of CLI.md's answer that the run itself knows."""
        target = self.target
        return {
            "ok": self.ok,
            "target": {
                "host": target.host,
                "port": target.port,
                "security": target.security,
                "user": target.user,
            }
            if target
            else None,
            "stages": [stage.as_json() for stage in self.stages if stage.status],
            "failed_stage": self.failed_stage.value if self.failed_stage else None,
            "reply": self.reply.as_json() if self.reply else None,
            "tls": self.tls.as_json() if self.tls else None,
            "extensions": dict(self.extensions),
            "traffic": [
                {"t": round(line.t, 6), "dir": line.direction, "tls": line.tls, "text": line.text}
                for line in self.lines
            ],
            "recipients": [recipient.as_json() for recipient in self.recipients],
        }


def fold(events: Iterable[Event]) -> Report:
    """Return the report of *events*."""
    report = Report()
    for event in events:
        report.take(event)
    return report
