"""The JSON answers that CLI.md promises, put together from report, diagnosis and findings."""

from collections.abc import Sequence

from smtp_workbench.cli.target import Settings
from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.net.pem import read_facts
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.findings import notice_finding
from smtp_workbench.smtp.report import Report


async def findings_of(settings: Settings, report: Report) -> list[Finding]:
    """Return what the checks say of the settings, then what the run noticed."""
    files = await read_facts(settings.transport)
    checked = check(settings.transport, secret=settings.secret, files=files, preset=settings.preset)
    noticed = [
        notice_finding(stage.value, notice.label, notice.params) for stage, notice in report.notices
    ]
    return [*checked, *noticed]


def verify_answer(
    settings: Settings, report: Report, findings: Sequence[Finding]
) -> dict[str, object]:
    """Return the answer of `verify` and `send`."""
    diagnosis = diagnose(report, settings.transport)
    return {
        **report.as_json(),
        "diagnosis": diagnosis.as_json() if diagnosis else None,
        "findings": [finding.as_json() for finding in findings],
    }
