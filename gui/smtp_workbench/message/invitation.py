"""From the iCalendar object of a message to an invitation that can be edited (RFC 5545)."""

from datetime import datetime
from typing import Final

from smtp_workbench.message.draft import Invitation

_BEYOND: Final = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
"""A meeting that comes again is more than an `Invitation` can say."""


def invitation_of(octets: bytes | str, method: str = "") -> Invitation | None:
    """Return the meeting in *octets*; None where that would lose when it is.

    *method* is what the part says that it is for. Attendees, alarms and attached files are not
    taken over: the message's own recipients become its attendees.
    """
    from icalendar import Calendar  # noqa: PLC0415  # 60 ms that few messages need

    try:
        calendar = Calendar.from_ical(octets)
        (event,) = calendar.events
        if any(name in event for name in _BEYOND):
            return None
        starts, ends = event.start, event.end
        words = {
            name: str(event.get(name.upper(), ""))
            for name in ("summary", "location", "description", "uid")
        }
        said = str(calendar.get("METHOD", "")) or method or "REQUEST"
    except Exception:  # noqa: BLE001  # the library has many, and not all are its own
        return None
    if not isinstance(starts, datetime) or not isinstance(ends, datetime):
        return None  # whole days
    return Invitation(starts=_zoned(starts), ends=_zoned(ends), method=said.upper(), **words)


def _zoned(moment: datetime) -> datetime:
    """Return *moment* with a zone: without one it means where the reader is."""
    return moment.astimezone() if moment.tzinfo is None else moment
