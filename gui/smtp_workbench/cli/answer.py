"""The JSON answers that CLI.md promises, put together from report, diagnosis and findings."""

from collections.abc import Sequence

from smtp_workbench.cli.target import Settings
from smtp_workbench.diagnosis.answer import answer, message_answer
from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.diagnosis.noticed import noticed
from smtp_workbench.net.pem import read_facts
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.checks import check
from smtp_workbench.smtp.attempts import Attempt, Outcome
from smtp_workbench.smtp.report import Report


async def findings_of(settings: Settings, report: Report) -> list[Finding]:
    """Return what the checks say of the settings, then what the run showed."""
    files = await read_facts(settings.transport)
    checked = check(settings.transport, secret=settings.secret, files=files, preset=settings.preset)
    return [*checked, *noticed(report, settings.transport)]


def send_answer(
    settings: Settings, report: Report, outcome: Outcome | None, findings: Sequence[Finding]
) -> dict[str, object]:
    """Return the answer of `send`; *outcome* is that of a message that was sent once."""
    found = {**verify_answer(settings, report, findings), **message_answer(report)}
    if outcome is not None:
        found["ok"] = outcome.ok and not report.stopped
        found["recipients"] = [item.as_json() for item in outcome.recipients]
        found["attempts"] = [_attempt(attempt) for attempt in outcome.attempts]
    return found


def _attempt(attempt: Attempt) -> dict[str, object]:
    report, advice = attempt.report, attempt.advice
    diagnosis = diagnose(report, attempt.route.access.transport)
    return {
        "server": attempt.route.name,
        "ok": report.ok,
        "failed_stage": report.failed_stage.value if report.failed_stage else None,
        "reply": report.reply.as_json() if report.reply else None,
        "cause": diagnosis.cause if diagnosis else None,
        "recipients": list(attempt.recipients),
        "again_after": advice.again_after,
        "elsewhere": advice.elsewhere,
        "advice": advice.why,
    }


def verify_answer(
    settings: Settings, report: Report, findings: Sequence[Finding]
) -> dict[str, object]:
    """Return the answer of `verify`."""
    return answer(report, settings.transport, findings)
