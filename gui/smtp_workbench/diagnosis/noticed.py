"""What a run showed that deserves a word although nothing failed for it: its findings."""

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.diagnosis.middle import middle, other_name_inside
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.findings import finding, notice_finding
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report


def noticed(report: Report, transport: Transport) -> list[Finding]:
    """Return what the run noticed itself, then who stands in the middle, unless that failed it."""
    found = [
        notice_finding(stage.value, notice.label, notice.params) for stage, notice in report.notices
    ]
    between = middle(report, transport)
    diagnosis = diagnose(report, transport) if between is not None else None
    if between is not None and (diagnosis is None or diagnosis.cause != between.cause):
        seen = "; ".join(between.evidence)
        params = {"party": between.party, "host": transport.host, "seen": seen}
        found.append(finding(between.stage.value, between.cause, params))
    names = other_name_inside(report, transport)
    if names is not None and between is None:
        before, inside = names
        params = {"before": before, "inside": inside}
        found.append(finding(Stage.EHLO.value, "other_name_inside_tls", params))
    return found
