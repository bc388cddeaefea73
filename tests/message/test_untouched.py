"""Message files that are sent as they are."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtp_workbench.message.build import DraftError, Parcel, build
from smtp_workbench.message.content import STEP, FileChangedError, PlainFile
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.scan import scan

HEADER = (
    b"From: Me <me@example.org>\r\nTo: a@example.org, B <b@example.org>\r\nCc: c@example.org\r\n"
    b"Bcc: d@example.org\r\nMessage-ID: <one@example.org>\r\nSubject: x\r\n\r\n"
)
OCCASION = Occasion()


def sent(path: Path, octets: bytes, **fields: object) -> Parcel:
    path.write_bytes(octets)
    return build(Draft(untouched=str(path), **fields), OCCASION)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the message is put."""
    return tmp_path / "message.eml"


@pytest.mark.parametrize("times", [1, 20_000], ids=["small", "large"])
@pytest.mark.parametrize(
    "body",
    [
        b"Hello  \r\n\t\r\n",
        b"no end",
        b"bare\rCR\r\n",
        b"mixed\nends\r\n",
        b"\0\xff\r\n",
        b"x" * 5000 + b"\r\n",
        b"",
    ],
)
def test_octet_for_octet(path: Path, body: bytes, times: int) -> None:
    octets = HEADER + body * times
    content = sent(path, octets).content
    assert content.read() == octets
    assert content.size == len(octets)


@pytest.mark.parametrize("times", [1, 200_000], ids=["small", "large"])
def test_line_ends_of_lf_become_crlf(path: Path, times: int) -> None:
    octets = HEADER + b"Hello\r\n\r\n.\r\n" * times
    content = sent(path, octets.replace(b"\r\n", b"\n")).content
    assert content.read() == octets
    assert content.size == len(octets)


def test_the_envelope_is_of_its_own_header(path: Path) -> None:
    parcel = sent(path, HEADER + b"x\r\n")
    assert parcel.sender == "me@example.org"
    assert parcel.recipients == tuple(f"{name}@example.org" for name in "abcd")
    assert parcel.message_id == "<one@example.org>"
    assert not parcel.eight_bit
    assert not parcel.smtputf8


def test_what_the_draft_says_goes_first(path: Path) -> None:
    parcel = sent(path, HEADER, author="you@example.net", bcc=("x@example.net",))
    assert (parcel.sender, parcel.recipients) == ("you@example.net", ("x@example.net",))
    parcel = sent(path, HEADER, envelope_from="", envelope_to=("y@example.net",))
    assert (parcel.sender, parcel.recipients) == ("", ("y@example.net",))
    assert parcel.content.read() == HEADER


@pytest.mark.parametrize(
    ("octets", "eight_bit", "smtputf8"),
    [
        (HEADER + "ü".encode(), True, False),
        ("Subject: ü\r\n".encode() + HEADER, True, True),
        ("Subject: ü\r\n".encode("latin-1") + HEADER, True, False),
        (HEADER + b"x\r\n" * 300_000 + "ü".encode(), True, False),
        (HEADER.replace(b"c@", "ü@".encode()), True, True),
    ],
)
def test_what_it_needs(path: Path, octets: bytes, *, eight_bit: bool, smtputf8: bool) -> None:
    parcel = sent(path, octets)
    assert (parcel.eight_bit, parcel.smtputf8) == (eight_bit, smtputf8)


@pytest.mark.parametrize(
    ("octets", "field"), [(b"", "untouched"), (b"no header", "author"), (b"From: a@b.org\n", "to")]
)
def test_what_can_not_be_sent(path: Path, octets: bytes, field: str) -> None:
    with pytest.raises(DraftError) as caught:
        sent(path, octets)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["missing.eml", ".", "\0"])
def test_files_that_can_not_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(DraftError) as caught:
        build(Draft(untouched=str(tmp_path / name)), OCCASION)
    assert caught.value.field == "untouched"


@pytest.mark.parametrize("change", [b"", b"shorter", HEADER + b"x" * 200_000])
def test_a_file_that_changes_before_it_is_sent(path: Path, change: bytes) -> None:
    content = sent(path, HEADER + b"x\r\n" * 50_000).content
    path.write_bytes(change)
    with pytest.raises(FileChangedError):
        content.read()


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"\0", b"\xc3\xbc", b"From: "])))
def test_a_scan_does_not_depend_on_blocks(pieces: list[bytes]) -> None:
    octets = b"".join(pieces)
    facts = scan(pieces)
    assert facts == scan([octets])
    text = octets.replace(b"\r\n", b"\n")
    assert facts.size == len(octets)
    assert facts.crlf == octets.count(b"\r\n")
    assert facts.bare_lf == octets.count(b"\n") - facts.crlf
    assert facts.has_bare_cr == (b"\r" in text)
    assert facts.longest_line == max(map(len, text.split(b"\n")))
    assert facts.header == (b"" if text.startswith(b"\n") else text.partition(b"\n\n")[0])


@example([b"a" * (STEP - 1), b"\r", b"\n", b"b", b"\n"])
@example([b"a" * (STEP - 1), b"\r", b"\r\n", b"\n"])
@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a" * 100_000])))
def test_mending_does_not_depend_on_blocks(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    octets = b"".join(pieces)
    path = tmp_path_factory.mktemp("mend") / "x"
    path.write_bytes(octets)
    facts = scan(pieces)
    mended = b"".join(PlainFile(path, len(octets), facts.bare_lf).chunks())
    expected = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if facts.bare_lf else octets
    assert mended == expected
