"""From a draft to octets: each field where it belongs, and refused where it can't be."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from smtp_workbench.message.build import DraftError, Parcel, build
from smtp_workbench.message.draft import Attachment, Dkim, Draft, Priority, TransferEncoding
from smtp_workbench.message.occasion import Occasion

NOW = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
OCCASION = Occasion(now=NOW, host="mx.example.org", port=587, run_id="run", random="c0ffee")
DRAFT = Draft(
    author="Me <me@example.org>", to=("a@example.org",), subject="Hello", text="Good morning\n"
)


def built(**fields: object) -> Parcel:
    return build(replace(DRAFT, **fields), OCCASION)  # type: ignore[arg-type]


def octets(**fields: object) -> bytes:
    return built(**fields).content.read()


def parsed(**fields: object) -> EmailMessage:
    message = message_from_bytes(octets(**fields), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def shape(part: EmailMessage) -> object:
    """Return the types of all parts: a name, or a name with the parts in it."""
    name = part.get_content_type()
    return (name, [shape(each) for each in part.iter_parts()]) if part.is_multipart() else name


def text_in(part: EmailMessage) -> str:
    """Return the text with line ends as Python has them."""
    return str(part.get_content()).replace("\r\n", "\n")


def refused(**fields: object) -> DraftError:
    with pytest.raises(DraftError) as caught:
        built(**fields)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_least() -> None:
    assert octets() == (
        b"Date: Sat, 31 Jan 2026 08:15:00 +0000\r\n"
        b"From: Me <me@example.org>\r\n"
        b"To: a@example.org\r\n"
        b"Subject: Hello\r\n"
        b"Message-ID: <c0ffee@example.org>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Good morning\r\n"
    )
    assert built() == Parcel(
        "me@example.org",
        ("a@example.org",),
        built().content,
        smtputf8=False,
        eight_bit=False,
        message_id="<c0ffee@example.org>",
    )


# Envelope


def test_each_recipient_is_in_the_envelope_once_and_bcc_in_no_header() -> None:
    parcel = built(
        to=("a@example.org", "B <b@example.org>"),
        cc=("A <a@EXAMPLE.org>", "A@example.org"),
        bcc=("secret@example.net",),
    )
    assert parcel.recipients == (
        "a@example.org",
        "b@example.org",
        "A@example.org",
        "secret@example.net",
    )
    assert b"secret" not in parcel.content.read()


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({}, "me@example.org"),
        ({"sender": "Secretary <s@example.net>"}, "s@example.net"),
        ({"sender": "s@example.net", "envelope_from": "bounce@example.org"}, "bounce@example.org"),
        ({"envelope_from": ""}, ""),
        ({"envelope_from": "<>"}, ""),
        ({"author": "me@bücher.example"}, "me@xn--bcher-kva.example"),
        ({"author": "mé@bücher.example"}, "mé@bücher.example"),
    ],
)
def test_who_sends(fields: dict[str, object], sender: str) -> None:
    assert built(**fields).sender == sender


def test_other_recipients_than_the_header_says() -> None:
    parcel = built(envelope_to=("x@example.net", "x@example.net", "root@localhost"))
    assert parcel.recipients == ("x@example.net", "root@localhost")
    assert b"To: a@example.org\r\n" in parcel.content.read()
    assert built(to=(), envelope_to=("x@example.net",)).recipients == ("x@example.net",)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"author": ""}, "author"),
        ({"to": ()}, "to"),
        ({"to": (" ",)}, "to"),
        ({"envelope_to": ()}, "envelope_to"),
        ({"to": ("a@example.org\r\nBcc: b@example.org",)}, "to"),
        ({"cc": ("a b@example.org",)}, "cc"),
        ({"bcc": ("a\0@example.org",)}, "bcc"),
        ({"author": "me@exa\tmple.org"}, "author"),
        ({"to": ("a@xn--\xfc.example",)}, "to"),
        ({"envelope_from": "a\nb"}, "envelope_from"),
        ({"reply_to": ("\x7f@example.org",)}, "reply_to"),
        ({"author": "a@example.org, b@example.org"}, "sender"),
        ({"sender": "s@example.org", "to": ("a@example.org\n",)}, "to"),
    ],
)
def test_addresses_that_are_none(fields: dict[str, object], field: str) -> None:
    assert refused(**fields).field == field


def test_idn_is_ascii_on_the_wire_and_needs_nothing() -> None:
    parcel = built(author="Jürgen <j@bücher.example>", to=("a@bücher.example",))
    assert not parcel.smtputf8
    assert parcel.recipients == ("a@xn--bcher-kva.example",)
    assert b"To: a@xn--bcher-kva.example\r\n" in parcel.content.read()
    assert parcel.content.read().isascii()


def test_smtputf8_only_for_a_local_part() -> None:
    parcel = built(to=("Jürgen Groß <jürgen@bücher.example>",), subject="Grüße")
    assert parcel.smtputf8
    assert parcel.eight_bit
    assert "To: Jürgen Groß <jürgen@bücher.example>\r\n".encode() in parcel.content.read()
    assert "Subject: Grüße\r\n".encode() in parcel.content.read()
    hidden = built(bcc=("jürgen@example.org",), subject="Grüße")
    assert hidden.smtputf8
    assert not hidden.eight_bit
    assert hidden.content.read().isascii()


# Header fields


def test_every_field() -> None:
    message = parsed(
        sender="s@example.org",
        cc=("C <c@example.org>",),
        reply_to=("r@example.org", "Q <q@example.org>"),
        priority=Priority.HIGH,
        message_id="my-own@example.org",
        date="Mon, 2 Feb 2026 10:00:00 +0100",
        in_reply_to="one@example.org",
        list_unsubscribe="https://example.org/u?a=1,2, mailto:leave@example.org",
        one_click=True,
        headers=(("X-Test", "{{run_id}} {{number}}"), ("X-Test", "zwei — два"), ("Received", "x")),
    )
    assert message.items() == [
        ("Date", "Mon, 02 Feb 2026 10:00:00 +0100"),
        ("From", "Me <me@example.org>"),
        ("Sender", "s@example.org"),
        ("Reply-To", "r@example.org, Q <q@example.org>"),
        ("To", "a@example.org"),
        ("Cc", "C <c@example.org>"),
        ("Subject", "Hello"),
        ("Message-ID", "<my-own@example.org>"),
        ("In-Reply-To", "<one@example.org>"),
        ("References", "<one@example.org>"),
        ("List-Unsubscribe", "<https://example.org/u?a=1,2>, <mailto:leave@example.org>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("X-Priority", "1 (Highest)"),
        ("Importance", "high"),
        ("Priority", "urgent"),
        ("X-Test", "run 1"),
        ("X-Test", "zwei — два"),
        ("Received", "x"),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "7bit"),
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": "a\r\nBcc: x@example.org"}, "subject"),
        ({"subject": "half a \ud83d"}, "subject"),
        ({"subject": "a\0b"}, "subject"),
        ({"headers": (("X-A", "a\nX-B: b"),)}, "headers"),
        ({"headers": (("X A", "a"),)}, "headers"),
        ({"headers": (("X-A:", "a"),)}, "headers"),
        ({"headers": (("", "a"),)}, "headers"),
        ({"headers": (("X-Ä", "a"),)}, "headers"),
        ({"headers": (("subject", "a"),)}, "headers"),
        ({"headers": (("Message-Id", "<a@b>"),)}, "headers"),
        ({"headers": (("MIME-Version", "2.0"),)}, "headers"),
        ({"headers": (("Content-type", "text/x"),)}, "headers"),
        ({"headers": (("List-Id", "a"), ("list-id", "b"))}, "headers"),
        ({"headers": (("Importance", "low"),), "priority": Priority.LOW}, "headers"),
        ({"message_id": "a b@c"}, "message_id"),
        ({"message_id": "a>\r\nX: <b"}, "message_id"),
        ({"message_id": "ä@b"}, "message_id"),
        ({"message_id": "<>"}, "message_id"),
        ({"in_reply_to": "<a@b> \x01"}, "in_reply_to"),
        ({"references": "ä"}, "references"),
        ({"date": "tomorrow"}, "date"),
        ({"date": "Mon, 2 Feb 2026 10:00:00 +0100\r\nX: y"}, "date"),
        ({"list_unsubscribe": "example.org"}, "list_unsubscribe"),
        ({"list_unsubscribe": "https://example.org/ü"}, "list_unsubscribe"),
        ({"one_click": True}, "one_click"),
        ({"one_click": True, "list_unsubscribe": "mailto:a@b.example"}, "one_click"),
        ({"dkim": Dkim(domain="example.org", selector="s")}, "dkim.key_file"),
    ],
)
def test_what_no_header_field_can_be(fields: dict[str, object], field: str) -> None:
    assert refused(**fields).field == field


def test_a_variable_can_not_end_a_header_field() -> None:
    broken = replace(OCCASION, host="x\r\nBcc: b@example.org")
    with pytest.raises(DraftError) as caught:
        build(replace(DRAFT, subject="to {{host}}"), broken)
    assert caught.value.field == "subject"
    with pytest.raises(DraftError):
        build(replace(DRAFT, headers=(("X-Host", "{{host}}"),)), broken)


def test_text_that_is_not_said_to_be_ours() -> None:
    assert not [name for name in parsed() if name.lower() in ("user-agent", "x-mailer")]


def test_no_subject_no_field() -> None:
    assert "Subject" not in parsed(subject="")


# Texts


def test_both_texts_are_alternatives() -> None:
    message = parsed(html="<p>Good <b>morning</b></p>")
    assert shape(message) == ("multipart/alternative", ["text/plain", "text/html"])


def test_the_text_is_made_from_the_html() -> None:
    html = "<p>Good <b>morning</b></p>"
    message = parsed(text="", html=html)
    assert [text_in(part).strip() for part in message.iter_parts()] == ["Good morning", html]
    assert shape(parsed(text="", html=html, derive_text=False)) == "text/html"


def test_variables_are_escaped_in_html_only() -> None:
    message = parsed(
        author='"A <B>" <me@example.org>', text="{{from}} {{what}}", html="<p>{{from}}</p>"
    )
    text, html = map(text_in, message.iter_parts())
    assert text == '"A <B>" <me@example.org> {{what}}\n'
    assert html == "<p>&quot;A &lt;B&gt;&quot; &lt;me@example.org&gt;</p>\n"


@pytest.mark.parametrize(
    ("text", "encoding", "chosen"),
    [
        ("plain", TransferEncoding.AUTO, "7bit"),
        ("x" * 998, TransferEncoding.AUTO, "7bit"),
        ("x" * 999, TransferEncoding.AUTO, "quoted-printable"),
        ("Grüße, lieber Freund", TransferEncoding.AUTO, "quoted-printable"),
        ("привет", TransferEncoding.AUTO, "base64"),
        ("a\0b", TransferEncoding.AUTO, "quoted-printable"),
        ("plain", TransferEncoding.SEVEN_BIT, "7bit"),
        ("plain", TransferEncoding.BASE64, "base64"),
        ("plain", TransferEncoding.QUOTED_PRINTABLE, "quoted-printable"),
        ("Grüße", TransferEncoding.EIGHT_BIT, "8bit"),
        ("From me\n.\n..\n", TransferEncoding.AUTO, "7bit"),
    ],
)
def test_transfer_encodings(text: str, encoding: TransferEncoding, chosen: str) -> None:
    parcel = built(text=text, encoding=encoding)
    message = parsed(text=text, encoding=encoding)
    assert message["Content-Transfer-Encoding"] == chosen
    assert text_in(message) == text.removesuffix("\n") + "\n"
    assert parcel.eight_bit == (chosen == "8bit")


@pytest.mark.parametrize(
    ("text", "fields", "field"),
    [
        ("Grüße", {"encoding": TransferEncoding.SEVEN_BIT}, "encoding"),
        ("x" * 999, {"encoding": TransferEncoding.SEVEN_BIT}, "encoding"),
        ("ü" * 500, {"encoding": TransferEncoding.EIGHT_BIT}, "encoding"),
        ("a\0b", {"encoding": TransferEncoding.EIGHT_BIT}, "encoding"),
        ("привет", {"charset": "iso-8859-1"}, "charset"),
        ("half a \ud83d", {}, "charset"),
        ("a", {"charset": "utf-16"}, "charset"),
        ("a", {"charset": "no-such"}, "charset"),
        ("a", {"charset": "utf-8; x=y"}, "charset"),
        ("a", {"charset": "base64"}, "charset"),
        ("a", {"charset": ""}, "charset"),
    ],
)
def test_texts_that_can_not_be(text: str, fields: dict[str, object], field: str) -> None:
    assert refused(text=text, **fields).field == field


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8", "utf8", "latin-1"])
def test_charsets(charset: str) -> None:
    assert text_in(parsed(text="Grüße", charset=charset)) == "Grüße\n"


def test_iso_2022_jp_is_seven_bit() -> None:
    fields = {"text": "日本語", "charset": "iso-2022-jp", "encoding": TransferEncoding.SEVEN_BIT}
    assert text_in(parsed(**fields)) == "日本語\n"
    assert not built(**fields).eight_bit


# Attachments


def test_everything_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Bäume", "utf-8")
    picture = Attachment(name="a.png", data=b"\x89PNG", content_id="pic")
    message = parsed(
        html='<img src="cid:pic">',
        attachments=(
            Attachment(name="notes.txt", path=str(tmp_path / "notes.txt")),
            picture,
            Attachment(name="report.pdf", data=b"%PDF"),
        ),
    )
    related = ("multipart/related", ["text/html", "image/png"])
    body = ("multipart/alternative", ["text/plain", related])
    assert shape(message) == ("multipart/mixed", [body, "text/plain", "application/pdf"])
    pictures = next(part for part in message.walk() if part.get_content_subtype() == "related")
    assert pictures.get_param("type") == "text/html"
    inline = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert inline["Content-ID"] == "<pic>"
    assert inline.get_content_disposition() == "inline"
    assert inline.get_filename() == "a.png"
    notes, report = message.iter_attachments()
    assert notes.get_content_disposition() == "attachment"
    assert notes.get_content() == "Bäume"
    assert report.get_content() == b"%PDF"


def test_only_attachments() -> None:
    message = parsed(text="", attachments=(Attachment(name="a.bin", data=b"a"),))
    assert shape(message) == ("multipart/mixed", ["application/octet-stream"])


def test_inline_without_html_is_a_file() -> None:
    message = parsed(attachments=(Attachment(name="a.gif", data=b"GIF", content_id="x"),))
    assert shape(message) == ("multipart/mixed", ["text/plain", "image/gif"])


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("a.pdf", "", "application/pdf"),
        ("a.tar.gz", "", "application/gzip"),
        ("a.unknown-kind", "", "application/octet-stream"),
        ("", "", "application/octet-stream"),
        ("a.pdf", "image/x-odd", "image/x-odd"),
        ("a.txt", 'text/plain; charset="utf-8"', "text/plain"),
    ],
)
def test_the_type_comes_from_the_name(name: str, given: str, found: str) -> None:
    message = parsed(attachments=(Attachment(name=name, content_type=given, data=b"a"),))
    (part,) = message.iter_attachments()
    assert part.get_content_type() == found
    assert part.get_filename() == (name or None)


def test_a_message_in_a_message_is_not_encoded() -> None:
    inner = b"Subject: inner\nX: y\n\nhello\n"
    parcel = built(attachments=(Attachment(name="a.eml", data=inner),))
    content = parcel.content.read()
    assert inner.replace(b"\n", b"\r\n") in content
    assert b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n" in content
    (part,) = message_from_bytes(content, policy=policy.default).iter_attachments()
    assert part.get_content()["Subject"] == "inner"
    eight_bit = built(attachments=(Attachment(name="a.eml", data=inner + "ü\n".encode()),))
    assert eight_bit.eight_bit
    assert b"Content-Transfer-Encoding: 8bit\r\n" in eight_bit.content.read()


@pytest.mark.parametrize(
    "inner", [b"S: a\n\n" + b"x" * 999, b"S: a\n\na\rb", b"S: a\n\n\0", "S: ü\n\na".encode()]
)
def test_a_message_that_has_to_be_encoded_is_octets(inner: bytes) -> None:
    (part,) = parsed(attachments=(Attachment(name="a.eml", data=inner),)).iter_attachments()
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_content() == inner


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment(name="a\r\nX: y", data=b"a"),
        Attachment(name="a\0", data=b"a"),
        Attachment(name="a", content_type="text/plain\r\nX: y", data=b"a"),
        Attachment(name="a", content_type="nonsense", data=b"a"),
        Attachment(name="a", content_type="text/plain;\r\n x=y", data=b"a"),
        Attachment(name="a", content_type="multipart/mixed", data=b"a"),
        Attachment(name="a", content_id="a> b", data=b"a"),
        Attachment(name="a", content_id="ä", data=b"a"),
        Attachment(name="a", path="/no/such/file"),
        Attachment(name="a", path="/"),
        Attachment(name="a", path="\0"),
    ],
)
def test_attachments_that_can_not_be(attachment: Attachment) -> None:
    assert refused(attachments=(attachment,)).field == "attachments"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.bin"
    path.write_bytes(b"x" * 100_000)
    path.unlink()
    trouble = refused(attachments=(Attachment(name="secret.bin", path=str(path)),))
    assert str(trouble) == "secret.bin can't be read: No such file or directory."


def test_two_builds_for_one_occasion_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(bytes(100_000))
    draft = replace(
        DRAFT,
        html="<b>{{random}}</b>",
        attachments=(Attachment(name="a.txt", data=b"a"), Attachment(path=f"{tmp_path}/large.bin")),
    )
    first, second = build(draft, OCCASION), build(draft, OCCASION)
    assert first == second
    assert first.content.read() == second.content.read()
    other = build(draft, OCCASION.next())
    assert other.content.read() != first.content.read()
    assert other.message_id != first.message_id
