"""What the card says about a message that was sent, in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.settings.change import Finding
from smtp_workbench.smtp.events import Delivered, RetryPlanned, Stage
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui.cards import Deeds, report_actions, time_in_words
from smtp_workbench.ui.widgets.card import Action, CardText

if TYPE_CHECKING:
    from smtp_workbench.smtp.attempts import Advice, Outcome


def _(text: str) -> str:
    return QCoreApplication.translate("cards", text)


def under_way(deeds: Deeds) -> CardText:
    """Return what stands there while a message is sent."""
    stop = Action(_("Stop"), deeds.stop)
    return CardText("waiting", _("Sending…"), actions=(stop,), progress=True)


def planned(retry: RetryPlanned, deeds: Deeds) -> CardText:
    """Return what stands there between two tries."""
    at = datetime.now().astimezone() + timedelta(seconds=retry.seconds)
    title = _("Trying again at {time}").format(time=f"{at:%H:%M:%S}")
    text = _("{why}. The server may take it later; {left} further tries after that.").format(
        why=retry.why, left=retry.left
    )
    return CardText("waiting", title, text, actions=(Action(_("Stop"), deeds.stop),))


def accepted(
    report: Report, outcome: "Outcome | None", noticed: Sequence[Finding], deeds: Deeds
) -> CardText:
    """Return that the server took the message, for everyone."""
    title = _("Sent")
    if report.queue_id:
        title = _("Sent, queued as {id}").format(id=report.queue_id)
    text = _("The server took the message in {time}. What becomes of it now is in its hands.")
    text = text.format(time=time_in_words(report.seconds))
    actions = report_actions(deeds)
    kind = "warning" if noticed else "good"
    advice = [*_tries(outcome), *(finding.message for finding in noticed)]
    return CardText(kind, title, text, _last_reply(report), advice, actions)


def many(report: Report, deeds: Deeds) -> CardText:
    """Return what came of many messages."""
    tally = report.tally
    if tally is None:
        return CardText("plain", "")
    whole = tally.accepted == tally.count
    title = _("{n} of {all} messages were accepted").format(n=tally.accepted, all=tally.count)
    text = _("Over {c} connections in {time}, {rate} a second.").format(
        c=tally.connections,
        time=time_in_words(tally.ended - tally.started),
        rate=f"{tally.per_second:,.0f}",
    )
    actions = report_actions(deeds)
    return CardText("good" if whole else "bad", title, text, actions=actions)


def not_delivered(
    diagnosis: Diagnosis, card: CardText, outcome: "Outcome | None", deeds: Deeds
) -> CardText:
    """Return *card*, what is wrong, with what became of the message and whether to try again."""
    if outcome is None:
        return card
    report, advice = outcome.report, outcome.attempts[-1].advice
    lines = [*_tries(outcome), *_recipients(outcome), *card.advice]
    actions = list(card.actions)
    if report.delivered is Delivered.UNKNOWN:
        # Nothing about the message or the settings has to be mended.
        actions = [
            *report_actions(deeds),
            Action(_("Send again, perhaps twice…"), deeds.send_twice),
        ]
    elif _may_try_again(report, advice):
        label = _("Keep trying, first in {time}").format(time=_wait(advice.again_after))
        others = [Action(each.label, each.do) for each in actions]
        again = Action(_("Try again now"), deeds.send)
        actions = [Action(label, deeds.keep_trying, primary=True), again, *others]
    title, text = diagnosis.title, card.text
    if report.delivered is Delivered.PARTLY:
        took = sum(item.accepted for item in outcome.recipients)
        title = _("Sent to {n} of {all} recipients").format(n=took, all=len(outcome.recipients))
        text = f"{diagnosis.title}. {card.text}"
    return CardText(card.kind, title, text, card.evidence, lines, actions)


def stopped(report: Report, card: CardText) -> CardText:
    """Return *card* with what the stop means for the message."""
    sending = next((item for item in report.stages if item.stage is Stage.DATA), None)
    if sending is None:
        return card
    kind = "warning" if report.delivered is Delivered.UNKNOWN else card.kind
    detail = sending.detail[:1].upper() + sending.detail[1:]
    return CardText(kind, card.title, f"{card.text} {detail}.", actions=card.actions)


def _may_try_again(report: Report, advice: "Advice") -> bool:
    return advice.again_after is not None and report.delivered is not Delivered.PARTLY


def _wait(seconds: float | None) -> str:
    if seconds is None or seconds < 120:
        return _("{n} s").format(n=round(seconds or 0))
    return _("{n} min").format(n=round(seconds / 60))


def _last_reply(report: Report) -> str:
    return str(report.reply) if report.reply else ""


def _tries(outcome: "Outcome | None") -> list[str]:
    """Return a line for each try, where there was more than one."""
    if outcome is None or len(outcome.attempts) < 2:
        return []
    return [
        _("Try {n}, over {server}: {end}").format(
            n=number,
            server=attempt.route.name,
            end=attempt.advice.why or _("accepted"),
        )
        for number, attempt in enumerate(outcome.attempts, 1)
    ]


def _recipients(outcome: "Outcome") -> list[str]:
    """Return a line for each recipient, where they were answered differently."""
    lines = [(item.address, " ".join(str(item.reply).split())) for item in outcome.recipients]
    if len({reply for _address, reply in lines}) < 2:
        return []
    return [f"{address}: {reply}" for address, reply in lines]
