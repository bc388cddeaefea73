"""What is said at the end of a run: which card, and one line for the status."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.settings.change import Finding
from smtp_workbench.smtp.events import Kind, Stage
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui import cards, cards_send
from smtp_workbench.ui.cards import Deeds
from smtp_workbench.ui.widgets.card import CardText

if TYPE_CHECKING:
    from smtp_workbench.smtp.attempts import Outcome

_IN_THE_MIDDLE = ("outbound_smtp_redirected", "starttls_stripped", "tls_intercepted")
"""Somebody else would read the password, if it were sent in plaintext."""


def conclusion(
    report: Report,
    diagnosis: Diagnosis | None,
    outcome: "Outcome | None",
    deeds: Deeds,
    *,
    noticed: Sequence[Finding],
    sending: bool,
) -> CardText:
    """Return the card for the run in *report*, which was to send a message if *sending*.

    *noticed* is what it showed besides.
    """
    if report.stopped:
        return cards_send.stopped(report, cards.stopped(report, deeds))
    if diagnosis is not None:
        refused = report.failure is not None and report.failure.kind
        told = [item.message for item in noticed if item.label in _IN_THE_MIDDLE]
        in_the_middle = diagnosis.cause in _IN_THE_MIDDLE or bool(told)
        risk = refused == Kind.PLAINTEXT_CREDENTIALS and not in_the_middle
        stage = report.failed_stage or Stage.DNS
        card = cards.failed(diagnosis, stage, deeds, may_risk=risk, sending=sending)
        card = replace(card, advice=[*card.advice, *told])
        return cards_send.not_delivered(diagnosis, card, outcome, deeds)
    if report.tally is not None:
        return cards_send.many(report, deeds)
    if sending:
        return cards_send.accepted(report, outcome, noticed, deeds)
    return cards.worked(report, noticed, deeds)


def summary(card: CardText, report: Report) -> str:
    """Return the end of a run in one line."""
    parts = [f"{card.title} · {report.seconds * 1000:.0f} ms"]
    if report.tls is not None:
        parts.append(report.tls.protocol.replace("TLSv", "TLS "))
        if report.tls.leaf is not None:
            day = f"{report.tls.leaf.not_after:%Y-%m-%d}"
            text = QCoreApplication.translate("conclusion", "certificate until {day}")
            parts.append(text.format(day=day))
    size = report.extensions.get("SIZE", "")
    if size.isdecimal() and int(size):
        parts.append(f"SIZE {int(size) / 2**20:.1f} MiB")
    return "     ".join(parts)
