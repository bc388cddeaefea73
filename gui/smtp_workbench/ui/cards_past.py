"""What the card says about a kept run, in words."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.store.history import Run
from smtp_workbench.ui.cards import Deeds, report_actions
from smtp_workbench.ui.models.past_runs import moment
from smtp_workbench.ui.widgets.card import CardText


def kept(card: CardText, diagnosis: Diagnosis | None, run: Run, deeds: Deeds) -> CardText:
    """Return *card* as that of a kept run: what it said then, and nothing that changes settings.

    The form shows the settings of now, so what would mend those of then is told in words only.
    """
    text = QCoreApplication.translate("cards", "A run from the history: {when}, {profile}")
    banner = text.format(when=moment(run.at), profile=run.name)
    fixes = {fix.label for fix in diagnosis.fixes} if diagnosis is not None else set()
    advice = [*card.advice, *sorted(fixes - set(card.advice))]
    return replace(card, banner=banner, advice=advice, actions=report_actions(deeds))
