"""Templates: what each is for is what it holds."""

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given

from smtp_workbench.message.build import build
from smtp_workbench.message.checks import check
from smtp_workbench.message.draft import Attachment, Draft, TransferEncoding
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.reading import read
from smtp_workbench.message.templates import Template, all_templates, apply, by_id
from smtp_workbench.settings.transport import Transport
from support.drafts import drafts

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=2)))


def made(template_id: str, draft: Draft | None = None) -> Draft:
    template = by_id(template_id)
    assert template is not None
    return apply(template, draft or Draft(), NOW)


def test_the_menu() -> None:
    assert [each.title for each in all_templates()] == [
        "Plain test",
        "HTML test",
        "8-bit and emoji",
        "Long lines",
        "Big attachment",
        "Calendar invitation",
        "GTUBE spam test",
        "EICAR attachment",
    ]
    assert by_id("unknown") is None


@pytest.mark.parametrize("template", all_templates(), ids=lambda each: each.id)
def test_each_says_what_it_is_for(template: Template) -> None:
    assert template.purpose.endswith(".")
    assert ". " not in template.purpose
    assert "\n" not in template.subject
    assert template.text.endswith("run {{run_id}}\n")


@pytest.mark.parametrize("template", all_templates(), ids=lambda each: each.id)
def test_each_arrives_as_it_is_and_nothing_is_wrong_with_it(template: Template) -> None:
    draft = apply(template, Draft(author="me@example.org", to=("you@example.net",)), NOW)
    assert check(draft, Transport(host="mail.example.net")) == ()
    letter = read(build(draft, Occasion(host="mail.example.net")).content.read())
    assert letter.defects == ()
    assert letter.text.startswith(template.text[:10])
    assert len(letter.text.splitlines()) == len(template.text.splitlines())
    assert bool(letter.html) == bool(template.html)
    files = [part for part in letter.parts if "calendar" not in part.content_type]
    for part, attachment in zip(files, draft.attachments, strict=False):
        assert (part.name, part.octets) == (attachment.name, attachment.data)


@given(drafts())
def test_addresses_and_delivery_stay(draft: Draft) -> None:
    for template in all_templates():
        if template.id != "big":
            changed = apply(template, draft, NOW)
            for name in ("author", "to", "cc", "bcc", "reply_to", "headers", "dsn", "dkim"):
                assert getattr(changed, name) == getattr(draft, name)
            assert changed.envelope_to == draft.envelope_to
            assert changed.count == draft.count
            assert changed.untouched == ""
            assert changed.charset == "utf-8"
            assert changed.subject == template.subject


def test_nothing_of_the_template_before_is_left() -> None:
    before = made("html", Draft(attachments=(Attachment(path="x"),)))
    assert [each.content_id for each in before.attachments] == ["squares"]
    assert 'src="cid:squares"' in before.html
    assert before.attachments[0].data.startswith(b"\x89PNG")
    after = made("plain", made("calendar", before))
    assert (after.html, after.attachments, after.invitation) == ("", (), None)
    assert after.text.isascii()


def test_eight_bit() -> None:
    draft = made("eight-bit")
    assert draft.encoding is TransferEncoding.EIGHT_BIT
    assert "👩🏽‍🚀" in draft.subject
    assert not draft.attachments[0].name.isascii()


def test_long_lines() -> None:
    lines = made("long-lines").text.splitlines()
    assert sorted(map(len, lines))[-2] > 998
    assert max(map(len, lines)) > 2000
    assert any(len(line) > 998 and " " not in line for line in lines)


def test_the_big_attachment_is_quickly_made_and_the_same_each_time() -> None:
    start = time.perf_counter()
    draft = made("big")
    assert time.perf_counter() - start < 0.5
    (attachment,) = draft.attachments
    assert len(attachment.data) == 5_000_000
    assert made("big") == draft


def test_the_meeting_is_tomorrow_where_the_user_is() -> None:
    meeting = made("calendar").invitation
    assert meeting is not None
    assert meeting.starts == datetime(2027, 1, 1, 10, 0, tzinfo=NOW.tzinfo)
    assert meeting.ends - meeting.starts == timedelta(minutes=30)


def test_the_test_files_are_exactly_what_filters_know() -> None:
    gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    assert gtube in made("gtube").text.splitlines()
    (virus,) = made("eicar").attachments
    assert len(virus.data) == 68
    assert virus.data.startswith(b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$")
    # A scanner would take away any file that holds it as it is.
    for folder in ("gui", "resources", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert virus.data not in path.read_bytes(), path
