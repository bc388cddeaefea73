"""The report of a run for a person at a terminal: a row a stage, as they happen."""

import sys
from collections.abc import Sequence
from typing import Final

from smtp_workbench.cli.paint import BAD, BOLD, GOOD, QUIET, WARNING, Painter, painter, wrapped
from smtp_workbench.cli.target import Settings
from smtp_workbench.diagnosis.diagnosis import LIKELY, Diagnosis
from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.change import Finding, Severity
from smtp_workbench.settings.hosts import endpoint
from smtp_workbench.smtp.events import (
    Delivered,
    Event,
    Line,
    MessageDone,
    Progress,
    RecipientAnswered,
    RetryPlanned,
    RunStarted,
    StageFailed,
    StageFinished,
    Status,
)
from smtp_workbench.smtp.printable import legible
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.tally import Tally

_MARKS: Final = {
    Status.OK: ("✓", GOOD),
    Status.WARNING: ("!", WARNING),
    Status.FAILED: ("✗", BAD),
    Status.SKIPPED: ("·", QUIET),
}
_ARROWS: Final = {"C": "▶", "S": "◀", "*": " "}
_FAILURE: Final = {
    Delivered.ACCEPTED: "Not all was accepted",
    Delivered.PARTLY: "Sent to some recipients only",
    Delivered.REFUSED: "Refused",
    Delivered.UNKNOWN: "The server may have it or not",
    Delivered.NOT_SENT: "Not sent",
}
_WORTH_WATCHING: Final = 2**20
"""Octets of a message from which its progress is shown."""
_DETAIL: Final = 100
"""Characters of a stage's detail that fit its row."""


class Table:
    """Prints events as they come. *verbose* adds the traffic."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._paint = painter()
        self._live = sys.stdout.isatty()
        self._report = Report()

    def take(self, event: Event) -> None:
        """Print what *event* adds."""
        if isinstance(event, RunStarted):
            self._report = Report()
        self._report.take(event)
        match event:
            case RunStarted(target=target):
                words = [endpoint(target.host, target.port), target.protocol, target.security]
                print(" · ".join([*words, target.user or "no log-in"]) + "\n", flush=True)
            case StageFinished() | StageFailed():
                self._print_stage()
            case RecipientAnswered(address=address, accepted=accepted, reply=reply):
                mark, style = _MARKS[Status.OK if accepted else Status.FAILED]
                print(f"      {self._paint(mark, style)} {address}: {_one_line(str(reply))}")
            case RetryPlanned():
                when = f"Trying again in {event.seconds:g} s: {event.why}."
                print(f"\n  {self._paint(when, WARNING)}\n", flush=True)
            case Progress() if self._live and event.total > _WORTH_WATCHING:
                self._overwrite(f"      {event.sent / 2**20:.1f} of {event.total / 2**20:.1f} MiB")
            case MessageDone() if self._live:
                tally = self._report.tally
                if tally is not None:
                    self._overwrite(f"      {tally.done} of {tally.count} messages")
            case Line() if self._verbose:
                lock = "🔒" if event.tls else "  "
                text = f"    {event.t:8.3f} {_ARROWS[event.direction]} {lock} {event.text}"
                print(self._paint(text, QUIET), flush=True)
            case _:
                pass

    def _overwrite(self, text: str) -> None:
        """Print *text* on a terminal where the next line will stand."""
        print(f"{text}\r", end="", flush=True)

    def _print_stage(self) -> None:
        stage = self._report.stages[-1]
        if stage.status is None:
            return
        mark, style = _MARKS[stage.status]
        row = f"  {self._paint(mark, style)} {stage.stage.value:<9}{stage.ms:8.0f} ms  "
        print(row + _one_line(stage.detail), flush=True)

    def conclude(self, settings: Settings, report: Report, findings: Sequence[Finding]) -> None:
        """Print diagnosis, findings and the verdict."""
        diagnosis = diagnose(report, settings.transport)
        if diagnosis is not None:
            print_diagnosis(diagnosis, self._paint)
        if report.tally is not None:
            self._print_tally(report.tally)
        print_findings(findings, self._paint)
        print()
        if report.stopped:
            print(f"Stopped after {report.seconds:.2f} s.")
        elif report.ok:
            words = "It works" if report.delivered is None else "Sent"
            print(self._paint(f"{words}: {report.seconds:.2f} s.", GOOD, BOLD))
        else:
            end = report.delivered
            words = "It does not work" if end is None else _FAILURE[end]
            print(self._paint(f"{words}: {report.seconds:.2f} s.", BAD, BOLD))

    def _print_tally(self, tally: Tally) -> None:
        print(
            f"\n  {tally.accepted} of {tally.count} messages accepted over {tally.connections} "
            f"connections, {tally.per_second:.0f} a second"
        )
        within = tally.percentiles()
        times = (f"{within[p - 1] * 1000:.1f} ms ({p} %)" for p in (50, 90, 99))
        print(f"  time for each: {', '.join(times)}")
        for reason, count in tally.reasons.most_common(5):
            print(f"  {count} times: {_one_line(reason)}")


def print_diagnosis(diagnosis: Diagnosis, paint: Painter) -> None:
    """Print what is wrong, why, the evidence and what to do."""
    guess = ", a guess" if 0 < diagnosis.confidence < LIKELY else ""
    print(f"\n{paint(diagnosis.title, BOLD)}  {paint(f'[{diagnosis.cause}{guess}]', QUIET)}")
    print(wrapped(diagnosis.explanation))
    for line in diagnosis.evidence.splitlines():
        print(f"  {paint('>', QUIET)} {legible(line)}")  # a log may hold escapes
    for fix in diagnosis.fixes:
        print(f"  → {fix.label}")
    if diagnosis.also:
        print(paint(f"  It could also be: {', '.join(diagnosis.also)}", QUIET))


def print_findings(findings: Sequence[Finding], paint: Painter) -> None:
    """Print each finding and what would help."""
    for finding in findings:
        serious = finding.severity is not Severity.NOTE
        mark = paint("!" if serious else "·", WARNING if serious else QUIET)
        print(f"\n{mark} {finding.field}: {finding.message}")
        for fix in finding.fixes:
            print(f"    → {fix.label}")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _DETAIL else line[: _DETAIL - 1] + "…"
