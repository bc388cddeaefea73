"""Whatever a draft holds: it comes back from the octets as it was, and breaks no rule of theirs."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, unquote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smtp_workbench.message.addresses import Address
from smtp_workbench.message.build import DraftError, build
from smtp_workbench.message.draft import Attachment, Draft, TransferEncoding
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.reading import decoded, read
from smtp_workbench.message.templates import Template, all_templates, apply
from support.drafts import drafts

OCCASION = Occasion(now=datetime(2026, 1, 31, 8, 15, tzinfo=UTC), random="c0ffee", host="h")
DRAFT = Draft(author="me@example.org", to=("a@example.org",), text="Hello")
OFTEN = st.sampled_from(
    [
        *(
            " ",
            "  ",
            "\t",
            "\x0b",
            "\u2028",
            "\x85",
            "\xa0",
            "x" * 200,
            "x" * 1000,
            "=?utf-8?q?x?=",
        ),
        *("Grüße", "日本語", "😀", "a,b", '"q"', "\\", "(x)", "it's", "a", ".", "<b@example.org>"),
        *("{{now}}", "{{"),
    ]
)
LINES = st.lists(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0") | OFTEN)
LINE = LINES.map("".join)
TEXT = st.lists(LINE | st.sampled_from(["\n", "\r\n", "\r", "\n.\n", "\nFrom ", "\0"])).map("".join)


def octets_of(draft: Draft) -> bytes:
    """Return the message, which is as all messages have to be."""
    parcel = build(draft, OCCASION)
    octets = parcel.content.read()
    assert len(octets) == parcel.content.size
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets)
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert parcel.eight_bit == (not octets.isascii())
    return octets


def parsed(draft: Draft) -> EmailMessage:
    message = message_from_bytes(octets_of(draft), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@example("=?utf-8?q?x?= y")
@given(LINE)
def test_any_subject(subject: str) -> None:
    draft = replace(DRAFT, subject=subject.replace("{{", ""))
    message = parsed(draft)
    assert (message["Subject"] or "") == draft.subject
    names = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version"]
    names += ["Content-Type", "Content-Transfer-Encoding"]
    assert message.keys() == [name for name in names if name != "Subject" or draft.subject]


@given(LINE)
def test_any_header_value(value: str) -> None:
    draft = replace(DRAFT, headers=(("X-A-Name-Of-Some-Length", value.replace("{{", "")),))
    assert parsed(draft)["X-A-Name-Of-Some-Length"] == draft.headers[0][1]


NAMES = LINE.map(lambda text: re.sub(r"[\x00-\x1f\x7f]", "", text))


@example(["=?utf-8?q?x?= y", "x" * 1000, "a, " * 400])
@given(st.lists(NAMES, min_size=1, max_size=4))
def test_any_display_name(names: list[str]) -> None:
    people = [Address(name, f"a{number}@example.org") for number, name in enumerate(names)]
    octets = octets_of(replace(DRAFT, to=tuple(each.formatted() for each in people)))
    # With its modern policy the library puts blanks between encoded words of names.
    found = getaddresses([message_from_bytes(octets)["To"]])
    assert [spec for _, spec in found] == [each.spec for each in people]
    assert [decoded(name) for name, _ in found] == [each.name for each in people]


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_any_display_name_beside_smtputf8(names: list[str]) -> None:
    people = [Address(name, f"ä{number}@bücher.example") for number, name in enumerate(names)]
    draft = replace(DRAFT, to=tuple(each.formatted() for each in people))
    header = octets_of(draft).partition(b"\r\n\r\n")[0].decode()
    value = re.search(r"^To:((?:[^\r\n]|\r\n )*)", header, re.MULTILINE)
    assert value
    found = getaddresses([value[1].replace("\r\n", "")])
    assert [spec for _, spec in found] == [each.spec for each in people]


@example("=?utf-8?q?x?=")
@given(LINE.filter(bool))
def test_any_file_name(name: str) -> None:
    assume(name == unquote(name).strip())  # the library's reader does that, once too often
    (part,) = parsed(replace(DRAFT, attachments=(Attachment(name=name),))).iter_attachments()
    assert part.get_filename() == name


@given(TEXT, TEXT, st.sampled_from(TransferEncoding))
def test_any_text(text: str, html: str, encoding: TransferEncoding) -> None:
    text, html = text.replace("{{", ""), html.replace("{{", "")
    draft = replace(DRAFT, text=text, html=html, derive_text=False, encoding=encoding)
    with suppress(DraftError):
        letter = read(octets_of(draft))
        for before, after in ((text, letter.text), (html, letter.html)):
            expected = re.sub(r"\r\n?", "\n", before)
            assert after.removesuffix("\n") == expected.removesuffix("\n")


@given(
    st.binary(max_size=300), st.sampled_from(["application/pdf", "text/plain", "message/rfc822"])
)
def test_any_file(data: bytes, kind: str) -> None:
    attachment = Attachment(name="a", content_type=kind, data=data)
    (part,) = parsed(replace(DRAFT, attachments=(attachment,))).iter_attachments()
    if part.get_content_type() == "message/rfc822":
        assert octets_of(replace(DRAFT, attachments=(attachment,)))
    else:
        assert part.get_payload(decode=True) == data


@given(drafts())
def test_any_draft_is_built_the_same_twice_or_refused(draft: Draft) -> None:
    draft = replace(draft, untouched="", charset="utf-8")
    try:
        first = octets_of(draft)
    except DraftError as error:
        refusal = error
    else:
        assert first == octets_of(draft)
        return
    assert "\n" not in str(refusal)
    assert hasattr(draft, refusal.field.partition(".")[0])


@pytest.mark.parametrize("template", all_templates(), ids=lambda each: each.id)
def test_every_template(template: Template) -> None:
    draft = apply(template, replace(DRAFT, author="Jürgen <me@example.org>"), OCCASION.now)
    octets = octets_of(draft)
    assert not message_from_bytes(octets, policy=policy.default).defects
    assert b"{{" not in octets
