"""Invitations: what calendars read, and what our own reader finds in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from smtp_workbench.message.build import DraftError, build
from smtp_workbench.message.draft import Draft, Invitation
from smtp_workbench.message.invitation import invitation_of
from smtp_workbench.message.occasion import Occasion

STARTS = datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2)))
OCCASION = Occasion(now=datetime(2026, 1, 31, 8, 15, tzinfo=UTC), random="c0ffee", run_id="r1")
MEETING = Invitation(starts=STARTS, ends=STARTS + timedelta(minutes=30), location="Room {{run_id}}")
DRAFT = Draft(
    author='"Groß, Jürgen" <me@bücher.example>',
    to=("Jane <jane@example.org>",),
    cc=("joe+x@example.org",),
    subject="Meeting {{run_id}}",
    text="Come!",
    invitation=MEETING,
)


def parsed(draft: Draft) -> EmailMessage:
    message = message_from_bytes(build(draft, OCCASION).content.read(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def event_of(draft: Draft) -> Calendar:
    part = next(part for part in parsed(draft).walk() if part.get_content_type() == "text/calendar")
    (event,) = Calendar.from_ical(part.get_content()).events
    return event


def test_it_is_a_version_of_the_text_and_a_file() -> None:
    message = parsed(DRAFT)
    body, file = message.iter_parts()
    text, calendar = body.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert body.get_content_type() == "multipart/alternative"
    assert text.get_content_type() == "text/plain"
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert file.get_filename() == "invite.ics"
    assert file.get_content_type() == "application/ics"
    assert file.get_content().decode() == calendar.get_content()


def test_what_calendars_read() -> None:
    event = event_of(DRAFT)
    assert event["SUMMARY"] == "Meeting r1"
    assert event["LOCATION"] == "Room r1"
    assert event.start == STARTS
    assert event.end - event.start == timedelta(minutes=30)
    assert event["UID"] == "c0ffee@xn--bcher-kva.example"
    assert event["ORGANIZER"] == "mailto:me@xn--bcher-kva.example"
    assert event["ORGANIZER"].params["CN"] == "Groß, Jürgen"
    required, optional = event["ATTENDEE"]
    assert required == "mailto:jane@example.org"
    assert required.params["RSVP"] == "TRUE"
    assert required.params["ROLE"] == "REQ-PARTICIPANT"
    assert optional == "mailto:joe+x@example.org"
    assert optional.params["ROLE"] == "OPT-PARTICIPANT"


def test_a_name_with_quotes_in_it() -> None:
    draft = replace(DRAFT, author=r'"Jane \"JD\" Doe; x:y" <jane@example.org>')
    assert event_of(draft)["ORGANIZER"].params["CN"] == "Jane 'JD' Doe; x:y"


def test_a_cancellation() -> None:
    draft = replace(DRAFT, invitation=replace(MEETING, method="cancel", uid="one@example.org"))
    event = event_of(draft)
    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == "one@example.org"


def test_only_an_invitation() -> None:
    message = parsed(replace(DRAFT, text=""))
    types = [part.get_content_type() for part in message.walk()]
    assert types == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/calendar"),
        "application/ics",
    ]


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"])),
    st.text('ab\\;,:"\n ü€😀 x', max_size=200),
)
def test_any_text_is_read_again(location: str, description: str) -> None:
    meeting = replace(
        MEETING, summary="x", location=location.replace("{{", ""), description=description
    )
    octets = build(replace(DRAFT, invitation=meeting), OCCASION).content.read()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    message = message_from_bytes(octets, policy=policy.default)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    found = invitation_of(part.get_payload(decode=True))
    assert found
    assert found.location == meeting.location.strip()
    assert found.description == description.strip()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends": STARTS - timedelta(seconds=1)}, "invitation.ends"),
        ({"method": "REQUEST\r\nX: y"}, "invitation.method"),
        ({"method": ""}, "invitation.method"),
        ({"summary": "a\0"}, "invitation.summary"),
        ({"description": "half a \ud83d"}, "invitation.description"),
        ({"uid": "a\x1b"}, "invitation.uid"),
    ],
)
def test_meetings_that_can_not_be(changes: dict[str, object], field: str) -> None:
    meeting = replace(MEETING, **changes)  # type: ignore[arg-type]
    with pytest.raises(DraftError) as caught:
        build(replace(DRAFT, invitation=meeting), OCCASION)
    assert caught.value.field == field
