"""Messages are read whatever their octets are."""

import base64
import random
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtp_workbench.message.reading import Letter, decoded, read


def real_message() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Jürgen Groß <me@example.org>"
    message["To"] = "you@example.org"
    message["Subject"] = "Grüße 😀 und ein recht langer Betreff, der sicher umgebrochen werden muss"
    message["X-Odd"] = "one"
    message["X-Odd"] = "two"
    message.set_content("Zeile eins\nline 2 €\n", cte="quoted-printable")
    message.add_alternative('<p>Hi <img src="cid:pic@x"></p>\n', subtype="html", cte="base64")
    html = message.get_payload()[1]  # type: ignore[index]
    html.add_related(b"\x89PNG", "image", "png", cid="<pic@x>")  # type: ignore[union-attr]
    message.add_attachment(b"\0\xff", "application", "pdf", filename="Zwei €.pdf")
    message.add_attachment("some notes\n", filename="notes.txt")
    inner = EmailMessage(policy=SMTP)
    inner["Subject"] = "inside"
    inner.set_content("hello\n")
    message.add_attachment(inner)
    return message.as_bytes()


REAL = real_message()


def test_a_message_is_read() -> None:
    letter = read(REAL)
    assert letter.header("from") == "Jürgen Groß <me@example.org>"
    assert letter.header("Subject").endswith("umgebrochen werden muss")
    assert "😀" in letter.header("Subject")
    assert [value for name, value in letter.headers if name == "X-Odd"] == ["one", "two"]
    assert letter.header("absent") == ""
    assert letter.raw_headers.startswith("From: =?utf-8?q?J=C3=BCrgen_Gro=C3=9F?=")
    assert "you@example.org\n" in letter.raw_headers
    assert letter.text == "Zeile eins\nline 2 €\n"
    assert letter.html == '<p>Hi <img src="cid:pic@x"></p>\n'
    assert letter.defects == ()


def test_its_parts_are_there_in_order() -> None:
    picture, pdf, notes, inner = read(REAL).parts
    assert (picture.content_id, picture.disposition) == ("pic@x", "inline")
    assert picture.octets == b"\x89PNG"
    assert (pdf.name, pdf.content_type) == ("Zwei €.pdf", "application/pdf")
    assert pdf.octets == b"\0\xff"
    assert (notes.name, notes.disposition) == ("notes.txt", "attachment")
    assert notes.octets.replace(b"\r\n", b"\n") == b"some notes\n"
    assert inner.content_type == "message/rfc822"
    assert read(inner.octets).header("Subject") == "inside"


def of(headers: str, body: bytes = b"") -> Letter:
    return read(headers.replace("\n", "\r\n").encode() + b"\r\n" + body)


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("=?utf-8?q?a_b?=", "a b"),
        ("=?utf-8?b?8J8=?= =?utf-8?b?mIA=?=", "😀"),  # a character in two words
        ("x =?iso-8859-1*de?Q?=FC?= y", "x ü y"),
        ("=?nonsense?q?=C3=BC?=", "ü"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"),
        ("a\n\tb", "a\tb"),
        ("über \\u0041 =?utf-8?q?x?=", "über \\u0041 x"),
    ],
)
def test_header_fields_are_decoded(raw: str, seen: str) -> None:
    assert of(f"Subject: {raw}\n").header("subject") == seen
    assert decoded(raw) == seen


def test_names_of_files_in_both_ways_of_writing() -> None:
    part = "Content-Disposition: attachment; {}\n"
    for written in (
        'filename="=?utf-8?q?=E2=82=AC=2Epdf?="',
        "filename*=utf-8''%E2%82%AC.pdf",
        "filename*0*=utf-8''%E2%82; filename*1*=%AC.; filename*2=pdf",
        'filename="€.pdf"',
    ):
        assert of(part.format(written)).parts[0].name == "€.pdf", written


@pytest.mark.parametrize(
    ("letter", "text", "said"),
    [
        (of("Content-Type: text/plain; charset=klingon\n", b"\xc3\xbc"), "ü", "klingon"),
        (of('Content-Type: text/plain; charset="a\0b"\n', b"hi"), "hi", "charset"),
        (of("Content-Type: text/plain; charset=utf-8\n", b"\xfc"), "ü", "utf-8"),
        (of("Content-Type: text/plain; charset=punycode\n", b"x-"), "x-", "punycode"),
        (of("Content-Type: multipart/mixed\n", b"hi\0"), "hi\0", "boundary"),
        (of("Content-Type: multipart/mixed; boundary=a\n", b"--a\r\n\r\nhi"), "hi", "cut off"),
        (read(b"Subject: x\r\nhello"), "hello", "empty line"),
        (read(b"\xff\xfe\0"), "ÿþ\0", "empty line"),
    ],
)
def test_broken_messages_are_read_and_said_to_be_broken(
    letter: Letter, text: str, said: str
) -> None:
    assert letter.text == text
    assert said in " ".join(letter.defects)


def test_a_boundary_beyond_ascii() -> None:
    letter = of('Content-Type: multipart/mixed; boundary="ü"\n', "--ü\r\n\r\nhi\r\n--ü--".encode())
    assert letter.text == "hi"
    assert letter.defects == ()


def test_parts_nested_beyond_measure() -> None:
    level = "Content-Type: multipart/mixed; boundary=b{0}\r\n\r\n--b{0}\r\n"
    octets = b"Subject: deep\r\n" + "".join(level.format(n) for n in range(3000)).encode()
    letter = read(octets)
    assert letter.header("subject") == "deep"
    assert letter.text.startswith("--b0\n")
    assert "told apart" in letter.defects[0]


def test_ten_thousand_addresses_take_no_time() -> None:
    addresses = ", ".join(f"=?utf-8?q?J=C3=BCrgen?= <a{n}@example.org>" for n in range(10_000))
    start = time.perf_counter()
    letter = of(f"To: {addresses}\n", b"x" * 5_000_000)
    assert letter.header("to").count("Jürgen") == 10_000
    assert len(letter.text) == 5_000_000
    assert time.perf_counter() - start < 3


def whole(letter: Letter) -> None:
    """Everything in it can be shown: no lone surrogates."""
    texts = [letter.raw_headers, letter.text, letter.html, *letter.defects]
    texts += [text for header in letter.headers for text in header]
    for part in letter.parts:
        texts += [part.name, part.content_type, part.content_id, part.disposition]
    for text in texts:
        text.encode()


@given(st.binary(max_size=400))
def test_any_octets_are_read(octets: bytes) -> None:
    whole(read(octets))


PIECES = st.sampled_from(
    [
        b"Content-Type: ", b"multipart/mixed; boundary=x", b"text/plain; charset=", b"utf-7",
        b"message/rfc822", b"message/delivery-status", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"--x",
        b"--x--", b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode",
        b"begin 644 a\r\n#AAAA\r\n", b"Content-Disposition: attachment; filename",
        b"*0*=utf-8''%e2", b"*=", b"''", b'"', b";", b"=?utf-7?b?K2JBQS0=?=", b"Content-ID: <",
        b"charset*=a''b", b"name*0*=x'y'%ff", b"\0", b"\xff", b"+2AA-", b"From ", b":", b" ",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join))
def test_anything_that_looks_like_mail_is_read(octets: bytes) -> None:
    whole(read(octets))


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(1, 30))
def test_mutations_of_a_real_message_are_read(seed: int, changes: int) -> None:
    chance, octets = random.Random(seed), bytearray(REAL)
    for _ in range(changes):
        place = chance.randrange(len(octets))
        match chance.randrange(4):
            case 0:
                octets[place] = chance.randrange(256)
            case 1:
                del octets[place : place + chance.randrange(20)]
            case 2:
                octets[place:place] = octets[-chance.randrange(1, 60) :]
            case _:
                octets[place:place] = bytes([chance.choice(b"\0\r\n\xff=?;\"'*")])
    whole(read(bytes(octets)))


@pytest.mark.parametrize(
    "octets", [bytes(range(256)) * 5000, b"x" * 3_000_001], ids=["even", "odd"]
)
@pytest.mark.parametrize("width", [76, 61, 4])
def test_much_base64_is_read_as_little_is(octets: bytes, width: int) -> None:
    digits = base64.b64encode(octets).decode()
    lines = "\r\n".join(digits[at : at + width] for at in range(0, len(digits), width))
    head = "Content-Type: application/zip\r\nContent-Transfer-Encoding: Base64\r\n\r\n"
    assert read((head + lines).encode()).parts[0].octets == octets


def test_much_broken_base64_is_read_as_well_as_it_goes() -> None:
    digits = base64.b64encode(b"x" * 3_000_000).decode()
    head = "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    letter = read(f"{head}{digits[:2_000_000]}!{digits[2_000_000:]}".encode())
    assert letter.parts[0].octets.startswith(b"x" * 1_000_000)
