"""Nodemailer's JSON and Courier's: all that a draft can have is taken, the rest is named."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    DraftError,
    Dsn,
    Invitation,
    Priority,
    ReturnContent,
    TransferEncoding,
)
from smtp_workbench.message.nodemailer import draft_of, to_json


def taken(message: Any, **options: bool) -> tuple[Draft, str]:
    imported = draft_of(json.dumps(message), **options)
    return imported.draft, "\n".join(imported.left_out)


def draft(message: Any) -> Draft:
    found, left_out = taken(message)
    assert left_out == ""
    return found


def test_a_whole_message() -> None:
    found = draft(
        {
            "from": "Jürgen Groß <me@example.org>",
            "sender": {"name": "Bot", "address": "bot@example.org"},
            "to": 'one@example.net, "Doe, Jane" <jane@example.net>',
            "cc": ["a@example.net", {"name": "B, C", "address": "b@example.net"}],
            "bcc": {"address": "hidden@example.net"},
            "replyTo": "answers@example.org",
            "subject": "Grüße 😀",
            "text": "Hi\r\nthere",
            "html": "<p>Hi</p>",
            "priority": "high",
            "messageId": "<1@example.org>",
            "date": "2026-12-01T09:30:00.000Z",
            "inReplyTo": "<0@example.org>",
            "references": ["<a@example.org>", "<0@example.org>"],
            "textEncoding": "base64",
            "headers": {"X-One": "1", "X-Two": ["a", {"prepared": True, "value": "b"}]},
            "list": {"unsubscribe": ["https://example.org/u", {"url": "u@example.org"}]},
            "envelope": {"from": "bounce@example.org", "to": ["x@example.net", "y@example.net"]},
            "dsn": {"id": "q1", "return": "headers", "notify": ["failure", "delay"]},
            "dkim": {"domainName": "example.org", "keySelector": "s1", "skipFields": "date:to"},
        }
    )
    assert found == Draft(
        author="Jürgen Groß <me@example.org>",
        sender="Bot <bot@example.org>",
        to=("one@example.net", '"Doe, Jane" <jane@example.net>'),
        cc=("a@example.net", '"B, C" <b@example.net>'),
        bcc=("hidden@example.net",),
        reply_to=("answers@example.org",),
        subject="Grüße 😀",
        text="Hi\nthere",
        html="<p>Hi</p>",
        priority=Priority.HIGH,
        message_id="<1@example.org>",
        date="Tue, 01 Dec 2026 09:30:00 +0000",
        in_reply_to="<0@example.org>",
        references="<a@example.org> <0@example.org>",
        encoding=TransferEncoding.BASE64,
        headers=(("X-One", "1"), ("X-Two", "a"), ("X-Two", "b")),
        list_unsubscribe="https://example.org/u mailto:u@example.org",
        envelope_from="bounce@example.org",
        envelope_to=("x@example.net", "y@example.net"),
        dsn=Dsn(notify=("FAILURE", "DELAY"), content=ReturnContent.HEADERS, envelope_id="q1"),
        dkim=Dkim(domain="example.org", selector="s1", skip=("date", "to")),
    )


PDF = {
    "filename": "document.pdf",
    "content": "aGVsbG8gd29ybGQh",
    "encoding": "base64",
    "contentType": "application/pdf",
}


@pytest.mark.parametrize("depth", range(6))
def test_courier_wraps_it(depth: int) -> None:
    message: dict[str, Any] = {"attachments": [PDF]}
    for name in ("body", "override", "smtp", "providers", "message")[:depth]:
        message = {name: message}
    (attachment,) = draft(message).attachments
    assert attachment == Attachment(
        name="document.pdf", content_type="application/pdf", data=b"hello world!"
    )


def test_what_courier_says_around_it() -> None:
    override = {"body": {"subject": "x"}, "config": {"host": "h", "auth": {"pass": "hunter2"}}}
    message = {
        "template": "T1",
        "to": {"email": "alice@acme.com"},
        "providers": {"smtp": {"override": override}},
    }
    found, left_out = taken({"message": message})
    assert found == Draft(to=("alice@acme.com",), subject="x")
    assert "message.template" in left_out
    assert "message.providers.smtp.override.config: it belongs to the connection" in left_out
    assert "hunter2" not in left_out


@pytest.mark.parametrize(
    ("entry", "octets"),
    [
        ({"content": "grün"}, "grün".encode()),
        ({"content": "grün", "encoding": "latin1"}, b"gr\xfcn"),
        ({"content": "00fF", "encoding": "hex"}, b"\0\xff"),
        ({"content": " _-8 \n", "encoding": "base64"}, b"\xff\xef"),
        ({"content": "a", "encoding": "UTF-16LE"}, b"a\0"),
        ({"content": {"type": "Buffer", "data": [0, 255]}}, b"\0\xff"),
        ({"path": "data:text/x-a;charset=x;base64,AP8="}, b"\0\xff"),
        ({"href": "data:,a%20b"}, b"a b"),
        ({}, b""),
    ],
)
def test_octets_in_every_form(entry: dict[str, Any], octets: bytes) -> None:
    (attachment,) = draft({"attachments": [entry]}).attachments
    assert attachment.data == octets
    if "path" in entry:
        assert attachment.content_type == "text/x-a"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"content": "?", "encoding": "base64"}, "it is not base64"),
        ({"content": "xy", "encoding": "hex"}, "it is not hexadecimal"),
        ({"content": "x", "encoding": "rot13"}, "rot13 is not known"),
        ({"content": 7}, "neither text nor a Buffer"),
        ({"content": {"type": "Buffer", "data": [256]}}, "not the data of a Buffer"),
        ({"path": "https://example.org/a.pdf"}, "never fetched"),
        ({"href": "http://example.org/a.pdf"}, "never fetched"),
        ({"href": "file:///etc/passwd"}, "never fetched"),
        ({"path": "/etc/passwd"}, "only after you agreed"),
        ({"path": ["x"]}, "no text"),
        ("a.pdf", "not an object"),
    ],
)
def test_what_is_not_attached_is_said(entry: Any, why: str) -> None:
    found, left_out = taken({"attachments": [{"content": "kept"}, entry]})
    assert [each.data for each in found.attachments] == [b"kept"]
    assert left_out.startswith("attachments[1]: ")
    assert why in left_out


def test_files_are_named_where_the_user_agreed(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_bytes(b"from a file")
    message = {"text": {"path": str(file)}, "attachments": [{"path": str(file)}]}
    found, left_out = taken(message, files_allowed=True)
    assert left_out == ""
    assert found.text == "from a file"
    assert found.attachments == (Attachment(name="text.txt", path=str(file)),)
    refused = draft_of(json.dumps({**message, "html": {"path": "other.html"}}))
    assert refused.draft == Draft()
    assert "text: files are read only after you agreed to it." in refused.left_out
    assert refused.files == (str(file), "other.html")
    for path in (str(tmp_path / "none"), str(tmp_path), "a\0b"):
        found, left_out = taken({"text": {"path": path}}, files_allowed=True)
        assert left_out.startswith("text: ")


def test_a_picture_in_the_text_and_one_without_a_name() -> None:
    entries = [{"filename": False, "content": "x", "cid": "p@x"}, {"filename": "a.txt"}]
    first, second = draft({"attachments": entries}).attachments
    assert (first.name, first.content_id) == ("", "p@x")
    assert second.name == "a.txt"


RAW = "From: me@example.org\r\nSubject: whole\r\nContent-Type: text/plain\r\n\r\nhello\r\n"


def test_a_whole_message_as_raw_and_a_raw_part(tmp_path: Path) -> None:
    found = draft({"raw": RAW, "envelope": {"to": "x@example.net"}})
    assert (found.subject, found.text) == ("whole", "hello\n")
    assert found.envelope_to == ("x@example.net",)
    part = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAP8=\r\n"
    (attachment,) = draft({"attachments": [{"raw": part}]}).attachments
    assert (attachment.content_type, attachment.data) == ("image/png", b"\0\xff")
    file = tmp_path / "a.eml"
    found, _ = taken({"raw": {"path": str(file)}}, files_allowed=True)
    assert found == Draft(untouched=str(file))


def test_the_text_can_be_encoded() -> None:
    text = base64.b64encode("grün".encode()).decode()
    assert draft({"text": text, "encoding": "base64"}).text == "grün"


def test_html_alone_stays_alone() -> None:
    assert not draft({"html": "<p>x</p>"}).derive_text


def test_an_invitation() -> None:
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "UID:1@example.org",
        "SUMMARY:Lunch\\, late",
        "DTSTART:20261201T123000Z",
        "DTEND:20261201T133000Z",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    event = {"method": "request", "content": "\r\n".join(lines)}
    invitation = draft({"icalEvent": event}).invitation
    assert invitation is not None
    assert invitation.summary == "Lunch, late"
    assert invitation.starts == datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
    assert invitation.method == "REQUEST"
    lines.insert(3, "RRULE:FREQ=DAILY")
    found, left_out = taken({"icalEvent": "\r\n".join(lines)})
    assert found.invitation is None
    assert left_out.startswith("icalEvent: ")


def test_an_invitation_comes_back() -> None:
    starts = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)
    meeting = Invitation(
        summary="Lunch; late",
        starts=starts,
        ends=starts.replace(hour=13),
        location="Here, or there",
        description="a\nb",
        uid="1@example.org",
        method="CANCEL",
    )
    original = Draft(author="me@example.org", to=("you@example.net",), invitation=meeting)
    assert draft_of(to_json(original)).draft == original
    unnamed = Draft(subject="Dinner", author="me@example.org", invitation=replace(meeting, uid=""))
    back = draft_of(to_json(replace(unnamed, invitation=replace(meeting, summary="")))).draft
    assert back.invitation is not None
    assert back.invitation.summary == "Dinner"
    with pytest.raises(DraftError):
        to_json(Draft(invitation=meeting))


def test_the_text_of_html_is_derived_as_for_sending() -> None:
    original = Draft(html="<p>Hello</p>")
    assert json.loads(to_json(original))["text"].strip() == "Hello"
    assert "text" not in json.loads(to_json(replace(original, derive_text=False)))


def test_a_key_never_gets_into_a_draft() -> None:
    dkim = {"domainName": "d", "keySelector": "s", "privateKey": "-----BEGIN hunter2"}
    found, left_out = taken({"dkim": dkim})
    assert found.dkim == Dkim(domain="d", selector="s")
    assert "dkim.privateKey" in left_out
    assert "hunter2" not in left_out + repr(found)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"amp": "x"}, "amp: there is nothing like it"),
        ({"subject": {"a": 1}}, "subject: it is not a text"),
        ({"priority": "urgent"}, "priority: "),
        ({"list": {"help": "x@example.org"}}, "list.help: "),
        ({"headers": {"X A": "1"}}, "headers.X A: "),
        ({"headers": {"X-A": {"b": 1}}}, "headers.X-A: "),
        ({"dsn": {"return": "all"}}, "dsn: "),
        ({"envelope": "a@example.org"}, "envelope: it is not an object"),
        ({"envelope": {"size": 7}}, "envelope.size: "),
        ({"attachments": [{"httpHeaders": {"a": 1}}]}, "attachments[0].httpHeaders: "),
        ({"textEncoding": "7bit"}, "textEncoding: "),
        ({"text": 7}, "text: "),
    ],
)
def test_what_is_not_understood_is_named(message: dict[str, Any], said: str) -> None:
    assert said in taken(message)[1]


def test_line_ends_do_not_get_into_header_fields() -> None:
    found = draft(
        {
            "subject": "a\r\nBcc: x@example.net",
            "headers": [{"key": "X-A", "value": "b\nc"}],
            "to": {"name": "a\r\nb", "address": "a@example.net"},
        }
    )
    assert found.subject == "a Bcc: x@example.net"
    assert found.headers == (("X-A", "b c"),)
    assert found.to == ("a b <a@example.net>",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n "to": "a",\n}', "in line 3"),
        ("[" * 10_000, "nested"),
        ('{"to": ' + "[" * 985 + "]" * 985 + "}", "nested"),
        ("[1]", "not the object"),
        ("", "in line 1"),
    ],
)
def test_bad_json_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        draft_of(text)
    assert str(caught.value).count("\n") == 0


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)
NAMES = WORDS.map(str.strip)
ADDRESSES = st.builds(
    lambda name, local: f'"{name}," <{local}@example.org>' if name else f"{local}@example.org",
    st.text(st.sampled_from("aöß ."), max_size=6).map(str.strip),
    st.text("abcxyz", min_size=1, max_size=5),
)
LISTS = st.lists(ADDRESSES, max_size=3).map(tuple)
DRAFTS = st.builds(
    Draft,
    author=ADDRESSES | st.just(""),
    sender=ADDRESSES | st.just(""),
    to=LISTS,
    cc=LISTS,
    bcc=LISTS,
    reply_to=LISTS,
    subject=WORDS,
    text=WORDS.filter(bool),
    html=WORDS,
    attachments=st.lists(
        st.builds(
            Attachment,
            name=WORDS,
            content_type=WORDS,
            data=st.binary(max_size=20),
            content_id=WORDS,
        ),
        max_size=3,
    ).map(tuple),
    headers=st.lists(
        st.tuples(st.from_regex(r"X-[!-9;-~]{1,8}", fullmatch=True), WORDS), max_size=3
    ).map(tuple),
    priority=st.sampled_from(Priority),
    message_id=WORDS,
    in_reply_to=WORDS,
    references=WORDS,
    list_unsubscribe=st.sampled_from(["", "https://example.org/u mailto:u@example.org"]),
    one_click=st.booleans(),
    encoding=st.sampled_from(
        [TransferEncoding.AUTO, TransferEncoding.BASE64, TransferEncoding.QUOTED_PRINTABLE]
    ),
    envelope_from=st.none(),
    dsn=st.builds(
        Dsn,
        notify=st.sampled_from([(), ("NEVER",), ("SUCCESS", "DELAY")]),
        content=st.sampled_from(ReturnContent),
        envelope_id=WORDS,
    ),
    dkim=st.builds(Dkim, domain=WORDS, selector=WORDS),
)


@given(DRAFTS)
def test_every_draft_comes_back(original: Draft) -> None:
    imported = draft_of(to_json(original))
    assert imported.left_out == ()
    assert imported.draft == original


@given(DRAFTS, st.none() | st.just("") | ADDRESSES, st.none() | LISTS)
def test_an_envelope_is_written_as_a_whole(
    original: Draft, sender: str | None, recipients: tuple[str, ...] | None
) -> None:
    original = replace(original, envelope_from=sender, envelope_to=recipients)
    found = draft_of(to_json(original)).draft
    if sender is recipients is None:
        assert (found.envelope_from, found.envelope_to) == (None, None)
    else:
        assert found.envelope_from == (original.author if sender is None else sender)
        everyone = (*original.to, *original.cc, *original.bcc)
        assert found.envelope_to == (everyone if recipients is None else recipients)


def test_files_are_exported_with_their_octets(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\xff")
    original = Draft(attachments=(Attachment(name="a.bin", path=str(tmp_path / "a.bin")),))
    (entry,) = json.loads(to_json(original))["attachments"]
    assert entry == {"filename": "a.bin", "encoding": "base64", "content": "AP8="}
    (nameless,) = json.loads(to_json(Draft(attachments=(Attachment(data=b"x"),))))["attachments"]
    assert nameless["filename"] is False  # else Nodemailer makes one up
    with pytest.raises(FileNotFoundError):
        to_json(Draft(attachments=(Attachment(path=str(tmp_path / "none")),)))


KEYS = st.sampled_from(
    [
        "message", "providers", "smtp", "override", "body", "from", "to", "text", "html", "raw",
        "attachments", "path", "href", "content", "encoding", "headers", "key", "value", "list",
        "unsubscribe", "url", "icalEvent", "envelope", "dsn", "notify", "return", "dkim", "group",
        "address", "name", "priority", "date", "references", "filename", "type", "data", "config",
    ]
) | st.text(max_size=5)  # fmt: skip
VALUES = st.sampled_from(["Buffer", "base64", "data:;base64,x", "a@b.example", "{", "hex"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | VALUES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    )
)
def test_nothing_else_than_a_value_error_is_raised(content: Any) -> None:
    try:
        imported = draft_of(json.dumps(content))
    except ValueError:
        assert not isinstance(content, dict)
        return
    for text in (imported.draft.subject, imported.draft.text, *imported.left_out):
        text.encode()
