"""Two runs side by side: each thing that was set or seen, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report, StageReport
from smtp_workbench.store import plain
from smtp_workbench.ui.stops import name_of
from smtp_workbench.ui.widgets.stage_detail import extensions_at
from smtp_workbench.ui.widgets.taken_table import name_of_field, words_of_field

Facts = dict[tuple[str, str], str]
"""Section and name to what was there."""


def _(text: str) -> str:
    return QCoreApplication.translate("compared", text)


@dataclass(frozen=True, slots=True)
class Side:
    """A run that is compared."""

    title: str
    """When it was, and for which profile."""
    transport: Transport
    report: Report


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in both runs; empty where a run has none."""

    section: str
    name: str
    left: str
    right: str

    @property
    def changed(self) -> bool:
        """Whether the runs differ in it."""
        return self.left != self.right


def rows(left: Side, right: Side) -> list[Row]:
    """Return everything that at least one of the runs has, section by section."""
    first, second = _facts(left), _facts(right)
    places = {section: at for at, (section, _name) in reversed([*enumerate([*first, *second])])}
    # What only the second run has comes at the end of its section.
    keys = sorted(dict.fromkeys([*first, *second]), key=lambda key: places[key[0]])
    found = [Row(*key, first.get(key, ""), second.get(key, "")) for key in keys]
    return [row for row in found if row.left or row.right]


def _facts(side: Side) -> Facts:
    report = side.report
    facts: Facts = {}
    for section, pairs in (
        (_("Result"), _result(report)),
        (_("Settings"), _settings(side.transport)),
        (_("Addresses"), _addresses(report)),
        (_("TLS"), _tls(report)),
        *_extensions(report),
        (_("Replies"), _replies(report)),
    ):
        facts.update({(section, name): text for name, text in pairs})
    return facts


def _result(report: Report) -> Iterator[tuple[str, str]]:
    stage = report.failed_stage
    if report.stopped:
        yield _("Ended"), _("stopped")
    elif stage is not None:
        yield _("Ended"), _("{stage} failed").format(stage=name_of(stage))
    else:
        yield _("Ended"), _("works") if report.ok else _("not all were sent")
    yield _("Log-in method"), report.mechanism or ""


def _settings(transport: Transport) -> Iterator[tuple[str, str]]:
    # As they are kept: a password in the proxy's URL is cut.
    safe = plain.from_plain(plain.to_plain(transport))
    for path in plain.paths():
        value = value_of(safe, path)
        yield name_of_field(path), "" if value in ("", None) else words_of_field(path, value)


def _addresses(report: Report) -> Iterator[tuple[str, str]]:
    for stage in report.stages:
        if stage.addresses:
            yield _("Found"), "\n".join(sorted(stage.addresses))
        tried = [attempt for attempt in stage.attempts if attempt.kind != "unused"]
        if tried:
            answered = [attempt.address for attempt in tried if attempt.kind is None]
            yield _("Connected to"), "\n".join(answered)
            failed = [f"{item.address}: {item.kind}" for item in tried if item.kind is not None]
            yield _("No answer from"), "\n".join(failed)


def _tls(report: Report) -> Iterator[tuple[str, str]]:
    tls = report.tls
    if tls is None:
        return
    yield _("Version"), tls.protocol.replace("TLSv", "TLS ")
    yield _("Cipher"), tls.cipher
    yield _("Trusted"), _("yes") if tls.trusted else tls.reason or _("no")
    leaf = tls.leaf
    if leaf is None:
        return
    yield _("Subject"), leaf.subject
    yield _("Names"), "\n".join(leaf.names)
    yield _("Issuer"), leaf.issuer
    yield _("Valid from"), f"{leaf.not_before:%Y-%m-%d %H:%M}"
    yield _("Valid until"), f"{leaf.not_after:%Y-%m-%d %H:%M}"
    yield _("Key"), leaf.key
    yield _("SHA-256"), f"{leaf.sha256[:32]}\n{leaf.sha256[32:]}"
    chain = "\n".join(certificate.subject for certificate in tls.chain[1:])
    yield _("Sent with it"), chain


def _extensions(report: Report) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the extensions before TLS, and those after."""
    before = report.tls is not None and _tls_place(report) > _ehlo_place(report)
    for index, stage in enumerate(report.stages):
        if stage.stage is not Stage.EHLO or stage.reply is None or not stage.reply.positive:
            continue
        later = not before or index > _tls_place(report)
        section = _("Extensions") if later else _("Extensions before TLS")
        offered = extensions_at(report, index)
        yield section, [(word, value or _("offered")) for word, value in sorted(offered.items())]


def _tls_place(report: Report) -> int:
    return next((at for at, item in enumerate(report.stages) if item.stage is Stage.TLS), -1)


def _ehlo_place(report: Report) -> int:
    return next((at for at, item in enumerate(report.stages) if item.stage is Stage.EHLO), -1)


def _replies(report: Report) -> Iterator[tuple[str, str]]:
    seen: dict[Stage, int] = {}
    for stage in report.stages:
        seen[stage.stage] = seen.get(stage.stage, 0) + 1
        number = f" {seen[stage.stage]}" if seen[stage.stage] > 1 else ""
        # Extensions have rows of their own.
        if stage.stage is not Stage.EHLO or _refused(stage):
            yield name_of(stage.stage) + number, _answer(stage)
    for recipient in report.recipients:
        yield recipient.address, str(recipient.reply)


def _refused(stage: StageReport) -> bool:
    return stage.reply is None or not stage.reply.positive


def _answer(stage: StageReport) -> str:
    if stage.reply is not None:
        return str(stage.reply)
    if stage.failure is not None:
        return stage.failure.evidence
    # A log-in tells its reply in its detail, where details of other stages hold ports and times.
    return stage.detail if stage.stage is Stage.AUTH else ""
