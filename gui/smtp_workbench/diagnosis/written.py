"""A report in Markdown, for a ticket or a chat: settings, stages, diagnosis, traffic; no secret."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Delivered
from smtp_workbench.smtp.report import Report

_ARROWS = {"C": ">", "S": "<", "*": "*"}


def markdown(
    report: Report, transport: Transport, findings: Sequence[Finding], began: datetime
) -> str:
    """Return *report* as Markdown. All of it has been redacted where it was seen."""
    return "\n".join(_lines(report, transport, findings, began)) + "\n"


def _lines(
    report: Report, transport: Transport, findings: Sequence[Finding], began: datetime
) -> Iterator[str]:
    target = report.target
    where = f"{target.host}:{target.port}" if target else transport.host
    yield f"# SMTP report: {where}"
    yield ""
    if target is not None:
        words = (target.protocol, target.security, target.user or "no log-in")
        yield f"- Settings: {', '.join(words)}"
    yield f"- When: {began:%Y-%m-%d %H:%M:%S %Z}, {report.seconds:.2f} s"
    yield f"- Result: {verdict(report)}"
    diagnosis = diagnose(report, transport)
    if diagnosis is not None:
        yield from ("", f"## {diagnosis.title} (`{diagnosis.cause}`)", "", diagnosis.explanation)
        yield from ("", *(f"> {line}" for line in diagnosis.evidence.splitlines()), "")
        yield from (f"- {fix.label}" for fix in diagnosis.fixes)
    yield from (
        "",
        "## Stages",
        "",
        "| stage | status | ms | detail |",
        "| --- | --- | ---: | --- |",
    )
    for stage in report.stages:
        status = stage.status.value if stage.status else "under way"
        detail = " ".join(stage.detail.split()).replace("|", "\\|")
        yield f"| {stage.stage.value} | {status} | {stage.ms:.0f} | {detail} |"
    yield from _message(report)
    if findings:
        yield from ("", "## Findings", "")
        yield from (f"- {item.field} ({item.severity.value}): {item.message}" for item in findings)
    yield from ("", "## Traffic", "", "```")
    for line in report.lines:
        lock = "tls" if line.tls else "   "
        yield f"{line.t:9.3f} {_ARROWS[line.direction]} {lock} {line.text.replace('```', '` ` `')}"
    yield "```"


def _message(report: Report) -> Iterator[str]:
    """Yield what became of a message for each recipient, and of many messages."""
    if report.recipients:
        yield from (
            "",
            "## Recipients",
            "",
            "| address | accepted | reply |",
            "| --- | --- | --- |",
        )
    for item in report.recipients:
        reply = " ".join(str(item.reply).split()).replace("|", "\\|")
        yield f"| {item.address} | {'yes' if item.accepted else 'no'} | {reply} |"
    tally = report.tally
    if tally is not None:
        within = tally.percentiles()
        times = ", ".join(f"{within[at - 1] * 1000:.1f} ms ({at} %)" for at in (50, 90, 99))
        yield from ("", "## Messages", "")
        yield f"- {tally.accepted} of {tally.count} accepted, over {tally.connections} connections"
        yield f"- {tally.per_second:.0f} a second; time for each: {times}"
        yield from (f"- {count} times: {why}" for why, count in tally.reasons.most_common(10))


_DELIVERED = {
    Delivered.ACCEPTED: "sent",
    Delivered.PARTLY: "sent to some recipients only",
    Delivered.REFUSED: "refused",
    Delivered.UNKNOWN: "unknown: the message went out whole and no answer came",
    Delivered.NOT_SENT: "not sent: the message broke off before its end",
}


def verdict(report: Report) -> str:
    """Return what came of the run, in a few words."""
    if report.delivered is not None and report.tally is None:
        name = f", queued as {report.queue_id}" if report.queue_id else ""
        return _DELIVERED[report.delivered] + name
    if report.stopped:
        return "stopped by the user"
    if report.failed_stage is not None:
        return f"failed at {report.failed_stage.value}"
    return "everything was accepted" if report.finished else "under way"
