"""The octets of a message, of which the large files stay on the disk until they are sent."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STEP: Final = 512 * 1024
"""Octets that are handed out at a time, more or less."""
_LINE: Final = 57
"""Octets that make a line of 76 characters of base64 (RFC 2045, section 6.8)."""
_BLOCK: Final = _LINE * 8192
_BARE_LF: Final = re.compile(rb"(?<!\r)\n")


class FileChangedError(Exception):
    """A file is no longer as long as it was when the message was built."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} has changed while the message was being sent")
        self.path = path


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """A file on the disk as base64 in lines, with a line end after the last."""

    path: Path
    octets: int
    """Of the file itself, as it was when the message was built."""

    @property
    def size(self) -> int:
        """Octets in the message."""
        lines = -(-self.octets // _LINE)
        return 4 * -(-self.octets // 3) + 2 * lines

    def chunks(self) -> Iterator[bytes]:
        """Yield its base64. Raises OSError, and FileChangedError where its length is not right."""
        left = self.octets
        with self.path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                left -= len(block)
                if left < 0 or (left and len(block) < _BLOCK):
                    raise FileChangedError(self.path)
                yield in_base64(block)
        if left:
            raise FileChangedError(self.path)


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file on the disk as it is, but that line ends of LF alone may become CRLF."""

    path: Path
    octets: int
    """Of the file itself, as it was when the message was built."""
    mended: int = 0
    """How many line ends become CRLF: all of LF alone, or none."""

    @property
    def size(self) -> int:
        """Octets in the message."""
        return self.octets + self.mended

    def chunks(self) -> Iterator[bytes]:
        """Yield its octets. Raises OSError, and FileChangedError where its length is not right."""
        left = self.size
        before = b""
        with self.path.open("rb") as stream:
            while block := stream.read(STEP):
                octets = mend(block, before) if self.mended else block
                left -= len(octets)
                if left < 0:
                    raise FileChangedError(self.path)
                yield octets
                before = block[-1:]
        if left:
            raise FileChangedError(self.path)


def in_base64(octets: bytes) -> bytes:
    """Return *octets* as base64 in lines, with a line end after the last."""
    # In blocks, for each line costs more memory than it has octets until they are joined.
    starts = range(0, len(octets), _BLOCK)
    blocks = (base64.encodebytes(octets[start : start + _BLOCK]) for start in starts)
    return b"".join(block.replace(b"\n", b"\r\n") for block in blocks)


def mend(octets: bytes, before: bytes = b"") -> bytes:
    """Return *octets* with CRLF for each LF alone; *before* is the octet before them."""
    if before == b"\r" and octets.startswith(b"\n"):
        return b"\n" + mend(octets[1:], b"\n")
    return _BARE_LF.sub(b"\r\n", octets)


Piece = bytes | EncodedFile | PlainFile
"""Some octets of a message."""


@dataclass(frozen=True, slots=True)
class Content:
    """The whole message, lines ended by CRLF, before dots are doubled (RFC 5321, section 4.5.2)."""

    pieces: tuple[Piece, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Octets of it all."""
        return sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in self.pieces)

    def chunks(self, step: int = STEP) -> Iterator[bytes]:
        """Yield the octets in order, *step* at a time or fewer, at least once.

        Errors as `EncodedFile.chunks`.
        """
        if not self.size:
            yield b""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                for start in range(0, len(piece), step):
                    yield piece[start : start + step]
            else:
                yield from piece.chunks()

    def read(self) -> bytes:
        """Return all octets at once. Errors as `chunks`."""
        return b"".join(self.chunks())
