"""What octets in a file mean for sending it as it is, found out block by block."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from smtp_workbench.message.content import STEP

LONGEST_LINE: Final = 998
"""Octets without CRLF (RFC 5322, section 2.1.1)."""
_LONGEST_HEADER: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Octets:
    """Facts about the octets of a message."""

    size: int
    header: bytes
    """The lines before the first empty one, with LF between; not all if there are too many."""
    eight_bit: bool
    """Whether there are octets over 127."""
    bare_lf: int
    """Line ends of LF alone."""
    crlf: int
    has_bare_cr: bool
    has_nul: bool
    longest_line: int
    """Octets without its end."""

    @property
    def is_clean(self) -> bool:
        """Whether they can be sent as 7bit or 8bit, line ends mended (RFC 2045, section 2.8)."""
        return not (self.has_bare_cr or self.has_nul or self.longest_line > LONGEST_LINE)


def blocks_of(path: Path) -> Iterator[bytes]:
    """Yield the octets of a file. Raises OSError."""
    with path.open("rb") as stream:
        while block := stream.read(STEP):
            yield block


def scan(blocks: Iterable[bytes]) -> Octets:
    """Return what there is to say about *blocks*, of which one is in memory at a time."""
    size = lf = crlf = longest = line = 0
    eight_bit = has_nul = has_bare_cr = False
    header, in_header = b"", True
    for block in _with_whole_ends(blocks):
        lines = block.replace(b"\r\n", b"\n")
        size += len(block)
        crlf += len(block) - len(lines)
        lf += lines.count(b"\n")
        eight_bit = eight_bit or not block.isascii()
        has_nul = has_nul or b"\0" in block
        has_bare_cr = has_bare_cr or b"\r" in lines
        first, *others = lines.split(b"\n")
        longest = max(longest, line + len(first), *map(len, others))
        line = len(others[-1]) if others else line + len(first)
        if in_header:
            header, mark, _ = (header + lines).partition(b"\n\n")
            in_header = not mark and len(header) < _LONGEST_HEADER
    header = b"" if header.startswith(b"\n") else header
    return Octets(size, header, eight_bit, lf - crlf, crlf, has_bare_cr, has_nul, longest)


def _with_whole_ends(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the octets of *blocks* so that no CRLF is spread over two."""
    held = b""
    for block in blocks:
        octets = held + block
        held = octets[-1:] if octets.endswith(b"\r") else b""
        yield octets[: len(octets) - len(held)]
    yield held
