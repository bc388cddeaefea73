"""Many messages of one draft: each as it would have been built by itself."""

from dataclasses import replace
from datetime import datetime

import pytest

from smtp_workbench.message.build import DraftError
from smtp_workbench.message.draft import Attachment, Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.series import Series

PLAIN = Draft(author="me@example.org", to=("you@example.org",), subject="hi", text="hello\n")


def octets(series: Series, number: int) -> bytes:
    return series.parcel(number).content.read()


@pytest.mark.parametrize(
    "draft",
    [
        PLAIN,
        replace(PLAIN, html="<p>hello {{random}}</p>", subject="{{random}} at {{now}}"),
        replace(PLAIN, subject="number {{number}}"),
        replace(PLAIN, text="grüße {{random}} 🎉\n" * 20),
        replace(PLAIN, attachments=(Attachment(name="a.bin", data=b"\0" * 1000),)),
    ],
    ids=["plain", "random", "number", "base64", "attachment"],
)
def test_each_message_has_its_own_marks_and_is_otherwise_the_same(draft: Draft) -> None:
    series = Series(draft, Occasion())
    parcels = [series.parcel(number) for number in (1, 2, 3)]
    ids = [parcel.message_id for parcel in parcels]
    assert len(set(ids)) == 3
    for number, parcel in enumerate(parcels, 1):
        whole = parcel.content.read()
        assert parcel.message_id.encode() in whole
        if "{{number}}" in draft.subject:
            assert f"Subject: number {number}\r\n".encode() in whole
        for other in set(ids) - {parcel.message_id}:
            token = other.strip("<>").partition("@")[0].encode()
            assert token not in whole


def test_the_first_message_is_the_one_that_was_shown() -> None:
    occasion = Occasion()
    series = Series(PLAIN, occasion)
    first = octets(series, 1)
    octets(series, 2)
    assert octets(series, 1) == first == Series(PLAIN, occasion).parcel(1).content.read()


def test_the_time_goes_on() -> None:
    zone = datetime.now().astimezone().tzinfo
    long_ago = Occasion(now=datetime(2001, 2, 3, 4, 5, 6, tzinfo=zone))
    series = Series(PLAIN, long_ago)
    assert b"Feb 2001" in octets(series, 1)
    assert b"Feb 2001" not in octets(series, 2)


def test_a_draft_that_can_not_be_built_is_refused_at_once() -> None:
    with pytest.raises(DraftError):
        Series(Draft(), Occasion())
