"""An `.eml` file becomes a draft, and a draft comes back from the message that it builds."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.build import build
from smtp_workbench.message.draft import Attachment, Draft, Invitation, Priority
from smtp_workbench.message.eml import draft_of
from smtp_workbench.message.occasion import Occasion

HEADER = """\
Return-Path: <bounce@example.org>
Received: from a.example by b.example; Tue, 1 Dec 2026 09:00:00 +0000
Received: from c.example by a.example; Tue, 1 Dec 2026 08:59:00 +0000
DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; b=abc
From: =?utf-8?q?Gro=C3=9F=2C_J=C3=BCrgen?= <me@example.org>
Sender: Bot <bot@example.org>
To: one@example.net, "Doe, Jane" <jane@example.net>
Cc: Friends: a@example.net, b@example.net;
Bcc: hidden@example.net
Reply-To: answers@example.org
Subject: =?utf-8?b?8J+YgA==?= Hi
Message-ID: <1@example.org>
Date: Tue, 1 Dec 2026 08:58:00 +0000
In-Reply-To: <0@example.org>
References: <a@example.org>
\t<0@example.org>
X-Priority: 1 (Highest)
List-Unsubscribe: <mailto:u@example.org>, <https://example.org/u>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
X-Mailer: Something
X-Mailer: else
MIME-Version: 1.0
"""


def octets(body: str, header: str = HEADER) -> bytes:
    return (header + body).replace("\n", "\r\n").encode()


PLAIN = octets("Content-Type: text/plain; charset=utf-8\n\nHello\nthere\n")


def test_the_fields_of_a_message() -> None:
    imported = draft_of(PLAIN)
    assert imported.draft == Draft(
        author='"Groß, Jürgen" <me@example.org>',
        sender="Bot <bot@example.org>",
        to=("one@example.net", '"Doe, Jane" <jane@example.net>'),
        cc=("a@example.net", "b@example.net"),
        bcc=("hidden@example.net",),
        reply_to=("answers@example.org",),
        subject="😀 Hi",
        text="Hello\nthere\n",
        in_reply_to="<0@example.org>",
        references="<a@example.org> <0@example.org>",
        priority=Priority.HIGH,
        list_unsubscribe="mailto:u@example.org https://example.org/u",
        one_click=True,
        headers=(("X-Mailer", "Something"), ("X-Mailer", "else")),
    )
    assert imported.left_out == (
        "Return-Path, Received: what tells of an earlier delivery.",
        "DKIM-Signature: a signature, which would not hold for another message.",
    )


def test_it_is_a_message_of_its_own_unless_asked() -> None:
    kept = draft_of(PLAIN, keep_identity=True).draft
    assert kept.message_id == "<1@example.org>"
    assert kept.date == "Tue, 1 Dec 2026 08:58:00 +0000"


def test_html_alone_stays_alone() -> None:
    html = draft_of(octets("Content-Type: text/html\n\n<p>x</p>\n")).draft
    assert (html.text, html.html, html.derive_text) == ("", "<p>x</p>\n", False)


MIXED = """\
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/html

<img src="cid:shown">
--m
Content-Type: image/png; name="a/b\\c.png"
Content-Disposition: attachment
Content-ID: <shown>
Content-Transfer-Encoding: base64

AP8=
--m
Content-Type: image/png
Content-Disposition: attachment; filename=d.png
Content-ID: <unused>

x
--m
Content-Type: application/pkcs7-signature; name=smime.p7s

y
--m--
"""


def test_parts_become_attachments() -> None:
    imported = draft_of(octets(MIXED, ""))
    shown, file = imported.draft.attachments
    assert shown == Attachment(
        name="c.png", content_type="image/png", data=b"\0\xff", content_id="shown"
    )
    assert (file.name, file.content_id) == ("d.png", "")
    assert imported.left_out == ("smime.p7s: a signature of the text before.",)


def test_a_folded_name_keeps_its_blanks() -> None:
    draft = draft_of(octets("\n", 'To: "Doe,\n  Jane" <jane@example.net>\n')).draft
    assert draft.to == ('"Doe,  Jane" <jane@example.net>',)


CALENDAR = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1@example.org
DTSTART:20261201T123000Z
DTEND:20261201T133000Z
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_file_is_a_file_and_what_can_not_be_edited_stays() -> None:
    file = "Content-Type: text/calendar\nContent-Disposition: attachment; filename=a.ics\n\n"
    draft = draft_of(octets(file + CALENDAR, "")).draft
    assert draft.invitation is None
    assert [each.name for each in draft.attachments] == ["a.ics"]
    daily = CALENDAR.replace("UID", "RRULE:FREQ=DAILY\nUID")
    imported = draft_of(octets("Content-Type: text/calendar\n\n" + daily, ""))
    assert imported.draft.invitation is None
    assert [each.content_type for each in imported.draft.attachments] == ["text/calendar"]
    assert imported.left_out == ("The invitation can't be edited here; it is an attachment now.",)


def test_what_is_broken_is_said() -> None:
    imported = draft_of(b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nhalf")
    assert imported.draft.text == "half"
    assert imported.left_out == ("The last boundary is missing: the end may be cut off.",)


def test_encrypted_mail_is_said_to_be() -> None:
    body = "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx\n"
    assert "encrypted" in " ".join(draft_of(octets(body, "")).left_out)


@given(st.binary(max_size=300))
def test_any_octets_become_a_draft(junk: bytes) -> None:
    draft_of(junk)


@given(st.lists(st.sampled_from(HEADER.splitlines() + MIXED.splitlines() + ["", "\0", "ü\n"])))
def test_any_lines_become_a_draft_without_line_ends_in_its_fields(lines: list[str]) -> None:
    draft = draft_of("\r\n".join(lines).encode()).draft
    for text in (draft.author, draft.subject, draft.references, *draft.to, *draft.cc):
        assert text.isprintable()
    for name, value in draft.headers:
        assert not {"\r", "\n", "\0"} & set(name + value)


WORDS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="{}"), min_size=1, max_size=9
)
LINES = st.lists(WORDS, max_size=6).map(" ".join)
ADDRESSES = st.builds(
    lambda name, local: f'"{name}," <{local}@example.org>' if name else f"{local}@example.org",
    st.text(st.sampled_from("aöß ."), max_size=6).map(str.strip),
    st.text("abcxyz", min_size=1, max_size=5),
)
LISTS = st.lists(ADDRESSES, max_size=3, unique_by=lambda each: each.split("<")[-1].strip(">"))
FILES = st.builds(
    Attachment,
    name=WORDS.map(lambda word: word.replace("/", "-").replace("\\", "-") + ".x"),
    content_type=st.sampled_from(["application/pdf", "image/png", "text/plain", "text/csv"]),
    data=st.binary(max_size=100),
)
DRAFTS = st.builds(
    Draft,
    author=ADDRESSES,
    sender=ADDRESSES | st.just(""),
    to=LISTS.map(tuple),
    cc=LISTS.map(tuple),
    reply_to=LISTS.map(tuple),
    subject=LINES,
    text=st.lists(LINES, min_size=1, max_size=4).map("\n".join).filter(str.strip),
    html=st.just("") | LINES.map(lambda text: f"<p>{text}</p>"),
    attachments=st.lists(FILES, max_size=3).map(tuple),
    headers=st.lists(
        st.tuples(st.from_regex(r"X-Test[A-Za-z0-9-]{0,8}", fullmatch=True), LINES), max_size=3
    ).map(tuple),
    priority=st.sampled_from(Priority),
    in_reply_to=st.sampled_from(["", "<a@example.org>"]),
    references=st.sampled_from(["<a@example.org>", "<b@example.org> <a@example.org>"]),
    list_unsubscribe=st.sampled_from(["", "https://example.org/u mailto:u@example.org"]),
)
OCCASION = Occasion(run_id="run", random="random", now=datetime(2026, 12, 1, 9, tzinfo=UTC))


def built(draft: Draft) -> bytes:
    somebody = replace(draft, envelope_to=("you@example.net",))
    return build(somebody, OCCASION).content.read()


def ended(draft: Draft) -> Draft:
    """With a line end at the end of its texts, as they have in a message."""
    texts = {name: getattr(draft, name) for name in ("text", "html")}
    return replace(
        draft, **{name: text.removesuffix("\n") + "\n" for name, text in texts.items() if text}
    )


@given(DRAFTS)
def test_a_draft_comes_back_from_what_it_builds(draft: Draft) -> None:
    imported = draft_of(built(draft))
    assert imported.left_out == ()
    assert imported.draft == ended(draft)


@given(DRAFTS)
def test_the_second_message_is_the_first(draft: Draft) -> None:
    first = built(draft)
    assert built(draft_of(first, keep_identity=True).draft) == first


def test_an_invitation_comes_back() -> None:
    starts = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    meeting = Invitation(
        summary="Lunch, late; or not",
        starts=starts,
        ends=starts.replace(hour=10),
        location="Here",
        description="Line one\nline two",
        uid="1@example.org",
    )
    draft = Draft(
        author="me@example.org", to=("you@example.net",), text="Come\n", invitation=meeting
    )
    imported = draft_of(built(draft))
    assert imported.left_out == ()
    assert imported.draft == draft


def test_a_picture_in_the_text_comes_back() -> None:
    picture = Attachment(name="p.png", content_type="image/png", data=b"\x89", content_id="p@x")
    draft = Draft(
        author="me@example.org", text="x", html='<img src="cid:p@x">', attachments=(picture,)
    )
    assert draft_of(built(draft)).draft == ended(draft)


def test_what_does_not_come_back_is_what_is_not_in_a_message() -> None:
    draft = Draft(
        author="me@example.org",
        to=("you@example.net",),
        bcc=("hidden@example.net",),
        text="x\n",
        envelope_from="",
        count=3,
        chunking=True,
    )
    back = draft_of(built(draft)).draft
    assert back == replace(draft, bcc=(), envelope_from=None, count=1, chunking=False)
