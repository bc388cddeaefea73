"""An invitation as an iCalendar object (RFC 5545) that mail programs answer (RFC 5546)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from smtp_workbench.message.addresses import Address
from smtp_workbench.message.draft import DraftError, Invitation
from smtp_workbench.message.envelope import People

if TYPE_CHECKING:
    from icalendar import vCalAddress

_METHOD: Final = re.compile(r"[A-Z][A-Z-]{1,30}")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def method_of(invitation: Invitation) -> str:
    """Return what the invitation is for, such as REQUEST. Raises DraftError."""
    method = invitation.method.upper()
    if not _METHOD.fullmatch(method):
        message = f"{invitation.method!r} is not a method such as REQUEST (RFC 5546, section 1.4)."
        raise DraftError("invitation.method", message)
    return method


def calendar_of(
    invitation: Invitation,
    people: People,
    now: datetime,
    uid: str,
    expand: Callable[[str], str],
) -> str:
    """Return the iCalendar object of *invitation*, which has a summary and else *uid*.

    Times are in UTC, so that no zone has to be described. Raises DraftError.
    """
    from icalendar import Calendar, Event, vText  # noqa: PLC0415  # 60 ms that few messages need

    method = method_of(invitation)
    starts, ends = invitation.starts.astimezone(UTC), invitation.ends.astimezone(UTC)
    if ends < starts:
        raise DraftError("invitation.ends", "The meeting ends before it starts.")
    event = Event()
    event.add("uid", _text(invitation.uid, "uid") or uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", starts)
    event.add("dtend", ends)
    for name in ("summary", "location", "description"):
        if value := _text(expand(getattr(invitation, name)), name):
            event.add(name, vText(value))
    event.add("organizer", _calendar_user(people.author[0]))
    for role, addresses in (("REQ-PARTICIPANT", people.to), ("OPT-PARTICIPANT", people.cc)):
        for address in addresses:
            attendee = _calendar_user(address)
            attendee.params.update(ROLE=role, PARTSTAT="NEEDS-ACTION", RSVP="TRUE")
            event.add("attendee", attendee, encode=False)
    event.add("sequence", 0)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//SMTP Workbench//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def _calendar_user(address: Address) -> "vCalAddress":
    from icalendar import vCalAddress  # noqa: PLC0415  # as above

    # "@" and what is fine in a local part needs no escape (RFC 6068, section 2).
    user = vCalAddress(f"mailto:{quote(address.wire, safe='@!$*+-._~')}")
    if address.name:
        # A parameter can't have a double quote in it (RFC 5545, section 3.2).
        user.params["CN"] = address.name.replace('"', "'")
    return user


def _text(value: str, name: str) -> str:
    if _NO_TEXT.search(value):
        raise DraftError(f"invitation.{name}", f"The {name} has a control character in it.")
    return value.strip()
