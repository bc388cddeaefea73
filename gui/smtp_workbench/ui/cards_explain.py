"""What the card says about a pasted error, in words."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from smtp_workbench.diagnosis.diagnosis import LIKELY, SURE, Diagnosis
from smtp_workbench.settings.change import Fix, Safety
from smtp_workbench.ui.widgets.card import Action, CardText


def _(text: str) -> str:
    return QCoreApplication.translate("cards", text)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What the buttons do."""

    take: Callable[[Fix], None]
    open_settings: Callable[[], None]
    back: Callable[[], None]


def empty() -> CardText:
    """Return what stands there before there is a text."""
    text = _(
        "It says what the text means and what to do. The line that decides is found and marked. "
        "Nothing of it is stored or sent anywhere."
    )
    kinds = (
        _("The reply of a server, with its number: 554 5.7.1 Relay access denied"),
        _("The exception of a program, with its stack trace if there is one"),
        _("A whole log, or the message that came back"),
        _("In any language that systems and servers speak"),
    )
    return CardText("plain", _("Paste what was printed"), text, advice=kinds)


def reading() -> CardText:
    """Return what stands there until a long text is read."""
    return CardText("waiting", _("Reading…"))


def told(diagnosis: Diagnosis, deeds: Deeds) -> CardText:
    """Return what the text means most likely."""
    if diagnosis.confidence >= SURE:
        return _card("bad", _("Sure"), diagnosis, deeds)
    if diagnosis.confidence >= LIKELY:
        return _card("bad", _("Likely"), diagnosis, deeds)
    return _card("warning", _("A guess"), diagnosis, deeds)


def other(diagnosis: Diagnosis, deeds: Deeds) -> CardText:
    """Return what the text means less likely."""
    return _card("warning", _("It could also be this"), diagnosis, deeds, back=True)


def unknown(diagnosis: Diagnosis, deeds: Deeds, *, context: bool) -> CardText:
    """Return that nothing fits, and what would help; *context*: port, stage and so on are told."""
    text = _("Nothing in the catalogue fits this text. That is better than a wrong guess.")
    advice = [
        _("Paste more of it: the lines before, and the server's own words with their number, such "
          "as “535 5.7.8 …”"),
        _("Leave the words as they were printed, in whichever language"),
    ]  # fmt: skip
    if not context:
        advice.insert(1, _("Tell above what is known besides: at which stage, on which port"))
    advice.append(_("Try the same settings here: Verify (F5) sees what the other program hid"))
    actions = (Action(_("Open the settings"), deeds.open_settings),)
    return CardText("plain", _("I don't know this one"), text, diagnosis.evidence, advice, actions)


def _card(
    kind: str, banner: str, diagnosis: Diagnosis, deeds: Deeds, *, back: bool = False
) -> CardText:
    actions = [Action(_("Back"), deeds.back)] if back else []
    changing = [fix for fix in diagnosis.fixes if fix.safety is not Safety.SHOW]
    for at, fix in enumerate(changing):
        actions.append(
            Action(fix.label, lambda fix=fix: deeds.take(fix), primary=at == 0)  # type: ignore[misc]
        )
    actions.append(Action(_("Open the settings"), deeds.open_settings))
    advice = [fix.label for fix in diagnosis.fixes if fix.safety is Safety.SHOW]
    return CardText(
        kind,
        diagnosis.title,
        diagnosis.explanation,
        diagnosis.evidence,
        advice,
        actions,
        banner=banner,
    )
