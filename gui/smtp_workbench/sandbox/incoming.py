"""The octets of a message on their way in: by the block, as aiosmtpd's lines would hold the loop.

A block is what has arrived, 256 KiB at most; each is dealt with before the next is waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Final

_DOT: Final = b".\r\n"
_AT_A_TIME: Final = 500
"""Blocks that are read without a break for others; a text has one for each line with a dot."""
_BLOCK: Final = 256 * 1024
_LINE: Final = 1001
"""Octets of a line with its end and the dot of transparency (RFC 5321, section 4.5.3.1.6)."""


async def data_blocks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield what follows DATA up to the line that is a lone dot, and read not an octet more.

    What comes after it may be the next command (RFC 2920).
    """
    before = b"\r\n"  # the command's own line end
    for number in count(1):
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)  # what has come already is read without waiting
        try:
            block = await reader.readuntil(_DOT)
        except asyncio.LimitOverrunError as error:
            # That many octets hold no dot at the end of a line.
            block = await reader.readexactly(error.consumed)
        else:
            if (before + block).endswith(b"\r\n" + _DOT):
                yield block[: -len(_DOT)]
                return
        yield block
        before = (before + block)[-2:]


async def chunk_blocks(reader: asyncio.StreamReader, octets: int) -> AsyncIterator[bytes]:
    """Yield exactly so many *octets* (RFC 3030)."""
    while octets:
        block = await reader.read(min(octets, _BLOCK))
        if not block:
            raise asyncio.IncompleteReadError(b"", octets)
        octets -= len(block)
        yield block


class Incoming:
    """One message, put together out of its blocks; nothing is kept of one that is refused."""

    def __init__(self, limit: int | None) -> None:
        """Begin; *limit* is the number of octets that are accepted."""
        self.refusal = ""
        """Why the message can't be accepted, as a reply."""
        self._limit = limit
        self._left = limit
        self._content = bytearray()
        self._line = b""
        """A line whose end has not come yet."""

    def take_chunk(self, block: bytes) -> None:
        """Take octets as they are."""
        self._keep(block)

    def take_lines(self, block: bytes) -> None:
        """Take off the dots of transparency (RFC 5321, section 4.5.2), and look for long lines."""
        octets = self._line + block
        end = octets.rfind(b"\r\n") + 2 if b"\r\n" in octets else 0
        lines, self._line = octets[:end], octets[end:]
        if _has_long_line(lines) or len(self._line) > _LINE:
            self._refuse("500 5.5.2 Line too long (RFC 5321, section 4.5.3.1.6)")
            self._line = self._line[-1:]  # the beginning of a line end, perhaps
        self._keep((b"\r\n" + lines).replace(b"\r\n.", b"\r\n")[2:] if b"." in lines else lines)

    def content(self) -> bytes:
        """Return the message, once it is complete."""
        return bytes(self._content)

    def _keep(self, octets: bytes) -> None:
        if self._left is not None:
            self._left -= len(octets)
            if self._left < 0:
                self._refuse(f"552 5.3.4 Message too large: the limit is {self._limit} octets")
        if not self.refusal:
            self._content += octets

    def _refuse(self, reply: str) -> None:
        self.refusal = self.refusal or reply
        self._content.clear()


def _has_long_line(lines: bytes) -> bool:
    """Whether a line is too long. It is looked at in leaps, as most are far from it."""
    at = 0
    while len(lines) - at > _LINE:
        end = lines.rfind(b"\r\n", at, at + _LINE)
        if end < 0:
            return True
        at = end + 2
    return False
