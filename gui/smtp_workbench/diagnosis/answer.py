"""A report as the JSON answer that CLI.md promises for `verify`, and a saved report holds too."""

from collections.abc import Sequence

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.report import Report


def answer(report: Report, transport: Transport, findings: Sequence[Finding]) -> dict[str, object]:
    """Return what the run showed, what it means, and what the checks say."""
    diagnosis = diagnose(report, transport)
    return {
        **report.as_json(),
        "diagnosis": diagnosis.as_json() if diagnosis else None,
        "findings": [finding.as_json() for finding in findings],
    }


def message_answer(report: Report) -> dict[str, object]:
    """Return what `send` answers besides: what became of the message, or of many."""
    delivered = report.delivered
    found: dict[str, object] = {
        "delivered": delivered.value.replace(" ", "_") if delivered else None,
        "queue_id": report.queue_id,
    }
    if report.tally is not None:
        found["repeat"] = report.tally.as_json()
    return found
