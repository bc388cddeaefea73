"""Large files cost next to nothing in memory until they are sent, and then one block."""

import base64
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from smtp_workbench.message.build import Parcel, build
from smtp_workbench.message.content import Content, EncodedFile, FileChangedError, PlainFile
from smtp_workbench.message.draft import Attachment, Dkim, Draft
from smtp_workbench.message.files import LARGE
from smtp_workbench.message.occasion import Occasion

MEGABYTE = 1024 * 1024
OCCASION = Occasion()
DRAFT = Draft(author="me@example.org", to=("a@example.org",), subject="Large", text="Look!")


@contextmanager
def at_most(octets: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < octets


def sparse(path: Path, size: int) -> str:
    with path.open("wb") as stream:
        stream.truncate(size)
    return str(path)


def attached(path: str, **fields: object) -> Parcel:
    attachment = Attachment(name="large.bin", path=path)
    draft = Draft(
        author="me@example.org",
        to=("a@example.org",),
        text="Look!",
        attachments=(attachment,),
        **fields,  # type: ignore[arg-type]
    )
    return build(draft, OCCASION)


@pytest.fixture
def signature(tmp_path: Path) -> Dkim:
    """Return how to sign."""
    key = Ed25519PrivateKey.generate()
    octets = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "dkim.pem").write_bytes(octets)
    return Dkim(domain="example.org", selector="s", key_file=str(tmp_path / "dkim.pem"))


def test_a_hundred_megabytes(tmp_path: Path) -> None:
    path = sparse(tmp_path / "large.bin", 100 * MEGABYTE)
    with at_most(MEGABYTE):
        content = attached(path).content
    assert content.size > 136 * MEGABYTE
    with at_most(4 * MEGABYTE):
        content = attached(sparse(tmp_path / "large.bin", 20 * MEGABYTE)).content
        assert sum(map(len, content.chunks())) == content.size


def test_twenty_megabytes_signed(tmp_path: Path, signature: Dkim) -> None:
    path = sparse(tmp_path / "large.bin", 20 * MEGABYTE)
    attached(sparse(tmp_path / "small.bin", 1), dkim=signature)  # what is imported is no cost of it
    with at_most(8 * MEGABYTE):
        content = attached(path, dkim=signature).content
    assert b"DKIM-Signature" in next(content.chunks())


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_twenty_megabytes_untouched(tmp_path: Path, line_end: bytes) -> None:
    path = tmp_path / "large.eml"
    line = b"x" * 70 + line_end
    with path.open("wb") as stream:
        stream.write(b"From: a@example.org" + line_end + b"To: b@example.org" + 2 * line_end)
        for _ in range(20):
            stream.write(line * (MEGABYTE // len(line)))
    with at_most(8 * MEGABYTE):
        content = build(Draft(untouched=str(path)), OCCASION).content
        assert sum(map(len, content.chunks())) == content.size
    assert content.size == path.stat().st_size + (line_end == b"\n") * path.read_bytes().count(
        b"\n"
    )


@pytest.mark.parametrize("size", [LARGE - 1, LARGE, LARGE + 1, LARGE + 2, LARGE + 57, 10**6])
def test_a_large_file_reads_as_a_small_one(tmp_path: Path, size: int) -> None:
    octets = bytes(range(256)) * (size // 256 + 1)
    octets = octets[:size]
    (tmp_path / "large.bin").write_bytes(octets)
    content = attached(str(tmp_path / "large.bin")).content
    assert any(isinstance(piece, EncodedFile) for piece in content.pieces) == (size > LARGE)
    message = message_from_bytes(content.read(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    (part,) = message.iter_attachments()
    assert part.get_content() == octets
    assert base64.b64encode(octets)[:76] in content.read()


def test_a_large_message_is_embedded_from_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "large.eml"
    path.write_bytes(b"Subject: inner\n\n" + b"Hello\n" * 100_000)
    draft = Draft(
        author="me@example.org", to=("a@example.org",), attachments=(Attachment(path=str(path)),)
    )
    content = build(draft, OCCASION).content
    assert any(isinstance(piece, PlainFile) for piece in content.pieces)
    (part,) = message_from_bytes(content.read(), policy=policy.default).iter_attachments()
    assert part.get_content().get_content() == "Hello\r\n" * 100_000


@pytest.mark.parametrize(
    "change", [lambda path: path.write_bytes(b"x"), lambda path: path.unlink()]
)
def test_a_file_that_changes_before_it_is_sent(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    path = tmp_path / "large.bin"
    content = attached(sparse(path, MEGABYTE)).content
    change(path)
    with pytest.raises((FileChangedError, FileNotFoundError)):
        content.read()


def test_pasted_octets_are_not_copied_time_and_again(tmp_path: Path) -> None:
    data = bytes(10 * MEGABYTE)
    attachment = Attachment(name="a.bin", data=data)
    draft = Draft(author="me@example.org", to=("a@example.org",), attachments=(attachment,) * 2)
    with at_most(45 * MEGABYTE):  # two of 13.7 in the message, and one with other line ends
        assert isinstance(build(draft, OCCASION).content, Content)


def test_a_small_message_is_built_quickly() -> None:
    build(DRAFT, OCCASION)
    best = min(_seconds(lambda: build(DRAFT, OCCASION)) for _ in range(200))
    assert best < 0.0005


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
