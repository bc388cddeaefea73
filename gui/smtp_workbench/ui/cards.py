"""What the card says at each moment, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.settings.change import Finding, Fix, Safety
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui.stops import name_of
from smtp_workbench.ui.widgets.card import Action, CardText

Do = Callable[[], None]
_FIELDS = {
    Stage.DNS: ("host", "the host"),
    Stage.CONNECT: ("host", "host and port"),
    Stage.PROXY: ("proxy", "the proxy"),
    Stage.GREETING: ("port", "the port"),
    Stage.EHLO: ("ehlo_name", "the EHLO name"),
    Stage.TLS: ("tls.trust", "the certificate check"),
    Stage.STARTTLS: ("port", "the port"),
    Stage.AUTH: ("secret", "the password"),
    Stage.MAIL: ("mail_from", "the sender"),
    Stage.RCPT: ("rcpt_to", "the recipients"),
}
"""Where a failure at a stage is looked for first: the field and its name in a sentence."""
_MESSAGE_FIELDS = {
    Stage.MAIL: ("message.author", "From"),
    Stage.RCPT: ("message.to", "the recipients"),
    Stage.DATA: ("message.text", "the message"),
}
"""The same in a run that sends a message."""
_IN_NO_FIELD = ("outbound_smtp_redirected",)
"""Causes that no setting mends; a look at the certificate check would only tempt to end it."""


def _(text: str) -> str:
    return QCoreApplication.translate("cards", text)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the buttons of cards do."""

    verify: Do
    step: Do
    go_on: Do
    to_the_end: Do
    stop: Do
    let_go: Do
    copy_report: Do
    save_report: Do
    take: Callable[[Fix], None]
    go_to: Callable[[str], None]
    once_in_plaintext: Do
    send: Do
    """The message, again if it has been sent."""
    send_twice: Do
    """The same, after asking, where it may have arrived."""
    keep_trying: Do
    explain: Do
    """A text that another program printed."""


def field_at(stage: Stage) -> str:
    """Return the field that a failure at *stage* is looked for in first; empty where none is."""
    return {**_MESSAGE_FIELDS, **_FIELDS}.get(stage, ("", ""))[0]


def report_actions(deeds: Deeds) -> tuple[Action, Action]:
    """Return the buttons that take the report elsewhere."""
    return (
        Action(_("Copy report"), deeds.copy_report),
        Action(_("Save report…"), deeds.save_report),
    )


def first(deeds: Deeds, *, sandbox: bool) -> CardText:
    """Return what stands there before any run."""
    text = (
        _("The sandbox is a mail server of its own on this machine, to practise with. Press F5 to "
          "verify it and watch each stage, or let it fail on purpose from its menu on the left.")
        if sandbox
        else _("Verify (F5) goes through every stage up to the log-in and sends no mail. "
               "Step (F10) stops before each one.")
    )  # fmt: skip
    actions = (
        Action(_("Verify"), deeds.verify, primary=True),
        Action(_("Step"), deeds.step),
        Action(_("Explain an error…"), deeds.explain),
    )
    return CardText("plain", _("Nothing has been tried yet"), text, actions=actions)


def under_way(deeds: Deeds) -> CardText:
    """Return what stands there during a run."""
    return CardText("waiting", _("Verifying…"), actions=(Action(_("Stop"), deeds.stop),))


def waiting(stage: str, deeds: Deeds) -> CardText:
    """Return what stands there before a stage in step mode."""
    title = _("Next: {stage}").format(stage=name_of(Stage(stage)))
    actions = (
        Action(_("Continue"), deeds.go_on, primary=True),
        Action(_("Run to the end"), deeds.to_the_end),
        Action(_("Stop"), deeds.stop),
    )
    text = _("The conversation waits before this stage; time spent here counts towards no limit.")
    return CardText("waiting", title, text, actions=actions)


def held(report: Report, deeds: Deeds) -> CardText:
    """Return what stands there while the session is held open."""
    text = _("The server listens. Type commands below; secrets in AUTH stay hidden.")
    if report.failed_stage is not None:
        stage = name_of(report.failed_stage)
        text = _("{stage} was refused, but the server still listens.").format(stage=stage)
    actions = (
        Action(_("Quit the session"), deeds.let_go, primary=True),
        *report_actions(deeds),
    )
    return CardText("waiting", _("The session is held open"), text, actions=actions)


def failed(
    diagnosis: Diagnosis, stage: Stage, deeds: Deeds, *, may_risk: bool, sending: bool = False
) -> CardText:
    """Return what is wrong and what to do. *may_risk*: the password may go in plaintext."""
    fields = {**_FIELDS, **_MESSAGE_FIELDS} if sending else _FIELDS
    actions = [
        Action(fix.label, lambda fix=fix: deeds.take(fix), primary=False)  # type: ignore[misc]
        for fix in diagnosis.fixes
        if fix.safety is not Safety.SHOW
    ]
    by_hand_first = bool(diagnosis.fixes) and diagnosis.fixes[0].safety is Safety.SHOW
    leads_there = stage in fields and diagnosis.cause not in _IN_NO_FIELD
    if leads_there and (by_hand_first or not actions):
        path, label = fields[stage]
        words = _("Go to {field}").format(field=_(label))
        actions.insert(0, Action(words, lambda: deeds.go_to(path)))
    if actions:
        actions[0] = Action(actions[0].label, actions[0].do, primary=True)
    if may_risk:
        label = _("Send the password in plaintext this once…")
        actions.append(Action(label, deeds.once_in_plaintext))
    actions.extend(report_actions(deeds))
    advice = [fix.label for fix in diagnosis.fixes if fix.safety is Safety.SHOW]
    return CardText(
        "bad", diagnosis.title, diagnosis.explanation, diagnosis.evidence, advice, actions
    )


def worked(report: Report, noticed: Sequence[Finding], deeds: Deeds) -> CardText:
    """Return that everything was accepted, and what is worth knowing nevertheless."""
    title = _("It works")
    seconds = _("All stages passed in {time}. No mail was sent.").format(
        time=time_in_words(report.seconds)
    )
    kind = "warning" if noticed else "good"
    advice = [finding.message for finding in noticed]
    return CardText(kind, title, seconds, "", advice, report_actions(deeds))


def stopped(report: Report, deeds: Deeds) -> CardText:
    """Return that the user ended the run."""
    last = report.stages[-1].stage if report.stages else Stage.DNS
    text = _("You ended the run at {stage}. The connection is closed.").format(stage=name_of(last))
    actions = (Action(_("Verify again"), deeds.verify, primary=True), *report_actions(deeds))
    return CardText("plain", _("Stopped"), text, actions=actions)


def explained(diagnosis: Diagnosis, back: Do) -> CardText:
    """Return what a line of the traffic means."""
    advice: Sequence[str] = [fix.label for fix in diagnosis.fixes]
    actions = (Action(_("Back"), back, primary=True),)
    return CardText(
        "plain", diagnosis.title, diagnosis.explanation, diagnosis.evidence, advice, actions
    )


def broken(what: str, copy: Do) -> CardText:
    """Return that the program itself made a mistake."""
    text = _("This is a mistake of the program, not of your settings. Nothing you typed is lost.")
    actions = (Action(_("Copy report"), copy, primary=True),)
    return CardText("bad", _("Something went wrong in the program"), text, what, (), actions)


def time_in_words(seconds: float) -> str:
    """Return *seconds* as people read them."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
