"""What to do after a message was not delivered: the same again, another server, or neither.

The data is in the catalogue: `again` and `elsewhere` of each cause.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.diagnosis.catalogue import causes
from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.attempts import Advice
from smtp_workbench.smtp.events import Delivered, Stage
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.report import Report

_TRANSIENT: Final = 300.0
"""Seconds to wait after a 4xx reply of which no more is known."""
_LONGEST: Final = 24 * 3600.0
_AFTER_THE_WAY_IN: Final = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.QUIT)
_HINT: Final = re.compile(
    r"(?:again|back|retry|wait|after|within|in|for)\D{0,20}?"
    r"(?:(\d{1,2}):(\d\d):(\d\d)|(\d{1,5}) ?(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?)?\b)",
    re.IGNORECASE,
)
_UNIT: Final = {"s": 1, "m": 60, "h": 3600}


def advise(report: Report, transport: Transport) -> Advice:
    """Return what makes sense after the run in *report*."""
    if report.delivered is Delivered.UNKNOWN:
        return Advice(why="the server may have the message: look before sending it again")
    if report.delivered is Delivered.PARTLY:
        return _for_those_refused(report)
    diagnosis = diagnose(report, transport)
    if diagnosis is None:
        return Advice()
    known = causes()[diagnosis.cause]
    elsewhere = report.failed_stage not in _AFTER_THE_WAY_IN
    return Advice(
        _again(known, report.reply, report.failed_stage),
        known.get("elsewhere", elsewhere),
        diagnosis.title,
    )


def _for_those_refused(report: Report) -> Advice:
    """Return when to try those again that were refused for a while only."""
    for recipient in report.recipients:
        if not recipient.accepted and recipient.reply.transient:
            wait = hint(recipient.reply.text) or _TRANSIENT
            return Advice(wait, why=f"{recipient.address} was refused for a while only")
    return Advice(why="some recipients were refused for good")


def _again(known: Mapping[str, Any], reply: Reply | None, stage: Stage | None) -> float | None:
    again = known.get("again")
    if reply is None or reply.positive:
        return again
    if not reply.transient:
        return None  # RFC 5321, section 4.2.1: the same again is refused again
    if again is None and stage is Stage.AUTH:
        return None  # every further log-in counts towards a lock-out
    return hint(reply.text) or again or _TRANSIENT


def hint(text: str) -> float | None:
    """Return the seconds after which a server says to come back, a day at most."""
    match = _HINT.search(text)
    if match is None:
        return None
    if match[1]:
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
    else:
        seconds = int(match[4]) * _UNIT[match[5].lower()]
    return min(float(seconds), _LONGEST) or None
