"""aiosmtplib's protocol, made strict, with a tap on every line.

aiosmtplib brings the framing of commands (one at a time, control characters refused), flow
control and survival of STARTTLS by the same object. This subclass replaces what a tester can't
use: replies go through a queue, so that two in one segment are two replies and a line nobody asked
for is noticed instead of being taken for the next answer; a reply that breaks RFC 5321 section
4.2 is an error that shows the line; nothing grows without bound.

The names of aiosmtplib that are touched here are pinned by `tests/smtp/test_protocol.py`.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from aiosmtplib.errors import SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

MAX_LINE: Final = 65_536
"""Octets; RFC 5321 section 4.5.3.1.5 allows 512, real EHLO lines reach a few thousand."""
MAX_REPLY: Final = 128 * 1024
"""Octets of one multi-line reply; the longest HELP texts have some thousands."""
_BATCH: Final = 256
"""Lines that are handled before the event loop gets a turn."""
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_REPLY_LINE: Final = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)

Tap = Callable[[str, bytes], str]
"""Receives `C` or `S` and each whole line without its ending, in order; returns what may be shown
of it."""


@dataclass(frozen=True, slots=True)
class RawReply:
    """A reply as it came: not redacted, not decoded. It never leaves this room."""

    code: int
    lines: tuple[bytes, ...]
    shown: tuple[str, ...] = ()
    """The lines as the tap shows them."""


class MalformedReplyError(Exception):
    """The server sent something that is no reply; `line` is what it sent."""

    def __init__(self, why: str, line: bytes) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


class DroppedError(Exception):
    """The connection ended. `cause` is the transport's error, None at an orderly close."""

    def __init__(self, cause: Exception | None) -> None:
        super().__init__("reset" if cause else "closed")
        self.cause = cause


class ReplyProtocol(SMTPProtocol):
    """One SMTP connection. Replies are read in order with `read_reply`."""

    def __init__(self, tap: Tap, *, tls_first: bool = False) -> None:
        super().__init__(asyncio.get_running_loop())
        self._tap = tap
        self._tls_first = tls_first
        self._expected = 1  # the greeting
        self._replies: deque[RawReply] = deque()
        self._lines: list[bytes] = []
        self._shown: list[str] = []
        self._code: bytes | None = None
        self._reply_octets = 0
        self._ended: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closed = asyncio.Event()
        self.pause_after_reply = False
        """Stop reading as soon as the next reply is whole: what follows belongs to TLS."""
        self.unsolicited: list[RawReply] = []
        """Replies that came when none was due."""
        self.received = 0
        """Octets so far, so that a caller can tell silence from a slow answer."""

    @property
    def stream(self) -> asyncio.Transport:
        """The transport under the protocol. Raises DroppedError when it is gone."""
        if self.transport is None:
            raise DroppedError(None)
        return cast("asyncio.Transport", self.transport)

    def upgraded(self, transport: asyncio.Transport) -> None:
        """Go on over *transport* after a TLS handshake."""
        self.transport = transport
        self._over_ssl = True
        self.pause_after_reply = False

    def resume(self) -> None:
        """Go on reading in plaintext after a pause: no TLS follows."""
        self.pause_after_reply = False
        self._continue()

    @property
    def partial(self) -> bytes:
        """What has come of a reply that is not whole yet."""
        return b"\n".join([*self._lines, bytes(self._buffer)]).strip()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start reading, unless the first bytes are to be TLS."""
        super().connection_made(transport)
        if self._tls_first:
            # Python before 3.11.3 begins to read after this call, whatever is said here.
            self._loop.call_soon(self.stream.pause_reading)

    def data_received(self, data: bytes) -> None:
        """Take what came from the server, in batches that leave the event loop its turns."""
        self.received += len(data)
        self._buffer.extend(data)
        self._parse()

    def eof_received(self) -> bool:
        """Note the end; the transport closes itself."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits: there will be no more replies."""
        if exc is not None and not self._over_ssl:
            self._hear_last_words()
        if self._ended is None:
            self._ended = DroppedError(exc)
        self._wake()
        self._closed.set()
        super().connection_lost(exc)

    def _hear_last_words(self) -> None:
        """Take what came before a reset that a write met: often it says why."""
        ours = self.stream.get_extra_info("socket")
        if ours is None:
            return
        try:
            with ours.dup() as sock:
                sock.settimeout(0)
                self._buffer.extend(sock.recv(MAX_LINE))
        except OSError:
            return
        self._parse()

    def _parse(self) -> None:
        for _ in range(_BATCH):
            if self._ended is not None and not isinstance(self._ended, DroppedError):
                return
            end = self._buffer.find(b"\n")
            if end < 0:
                if len(self._buffer) > MAX_LINE:
                    self._fail(f"a line of more than {MAX_LINE} octets", bytes(self._buffer))
                return
            line = bytes(self._buffer[: end + 1]).removesuffix(b"\n").removesuffix(b"\r")
            del self._buffer[: end + 1]
            self._take_line(line)
            if self.pause_after_reply and self._replies:
                if self.transport is not None:
                    self.stream.pause_reading()
                return
        if self.transport is not None:
            self.stream.pause_reading()
        self._loop.call_soon(self._continue)

    def _continue(self) -> None:
        if self.transport is not None and not self.pause_after_reply:
            self.stream.resume_reading()
        self._parse()

    def _take_line(self, line: bytes) -> None:
        shown = self._tap("S", line)
        match = _REPLY_LINE.fullmatch(line)
        if match is None:
            self._fail("not a reply code", line)
            return
        code, separator, text = match[1], match[2], match[3] or b""
        if self._code is not None and code != self._code:
            self._fail(f"code {code.decode()} inside a {self._code.decode()} reply", line)
            return
        self._reply_octets += len(line) + len(b"\r\n")
        if self._reply_octets > MAX_REPLY:
            self._fail(f"a reply of more than {MAX_REPLY} octets", line)
            return
        self._code = code
        self._lines.append(text)
        self._shown.append(shown[4:])
        if separator != b"-":
            self._take_reply(RawReply(int(code), tuple(self._lines), tuple(self._shown)))

    def _take_reply(self, reply: RawReply) -> None:
        self._lines, self._shown, self._code, self._reply_octets = [], [], None, 0
        # A server that gives up says 421 whenever it likes (RFC 5321, section 3.8).
        if self._expected > len(self._replies) or reply.code == 421:
            self._replies.append(reply)
            self._wake()
        else:
            self.unsolicited.append(reply)

    def _fail(self, why: str, line: bytes) -> None:
        self._ended = MalformedReplyError(why, line)
        del self._buffer[:]
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read_reply(self) -> RawReply:
        """Return the next reply.

        Raises MalformedReplyError or DroppedError when there can't be one. Time limits are the
        caller's.
        """
        while not self._replies:
            if self._ended is not None:
                raise self._ended
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._expected = max(0, self._expected - 1)
        return self._replies.popleft()

    async def command(self, line: bytes) -> RawReply:
        """Send one command and return its reply.

        Raises ValueError for control characters in *line*, else as `read_reply`.
        """
        self._expected += 1
        try:
            response = await self.execute_command(line)
        except SMTPServerDisconnected as error:
            raise self._ended or DroppedError(None) from error
        return cast("_Response", response).raw

    def send(self, *lines: bytes) -> None:
        """Send lines in one piece; their replies are left to whoever reads next (RFC 2920).

        Raises ValueError for control characters in a line, and DroppedError.
        """
        if any(_CONTROL.search(line) for line in lines):
            raise ValueError("a command has a line end or another control character in it")
        self._expected += len(lines)
        try:
            self.write(b"".join(line + b"\r\n" for line in lines))
        except SMTPServerDisconnected as error:
            raise DroppedError(None) from error

    async def pour(self, octets: bytes) -> None:
        """Send *octets* of a message past the tap, and wait until the network takes more.

        Raises what ended the connection.
        """
        try:
            super().write(octets)
            await self._drain_helper()
        except (SMTPServerDisconnected, ConnectionError) as error:
            raise self._ended or DroppedError(None) from error

    def expect_replies(self, count: int) -> None:
        """Count on *count* more replies: those to what is poured."""
        self._expected += count

    @property
    def has_reply(self) -> bool:
        """Whether a reply waits to be read."""
        return bool(self._replies)

    async def read_response(self, timeout: float | None = None) -> SMTPResponse:
        """Answer aiosmtplib's own methods out of the queue."""
        async with asyncio.timeout(timeout):
            return _Response.of(await self.read_reply())

    def write(self, data: bytes) -> None:
        """Send *data*, after showing the tap its lines."""
        for line in data.removesuffix(b"\r\n").split(b"\r\n"):
            self._tap("C", line)
        super().write(data)

    def take_unsolicited(self) -> list[RawReply]:
        """Return the replies that nobody asked for since the last call."""
        taken, self.unsolicited = self.unsolicited, []
        return taken

    async def wait_closed(self) -> None:
        """Wait until the connection is gone."""
        await self._closed.wait()


class _Response(SMTPResponse):
    """aiosmtplib's response with the bytes it was made of."""

    raw: RawReply

    @classmethod
    def of(cls, raw: RawReply) -> "_Response":
        text = b"\n".join(raw.lines).decode("utf-8", "backslashreplace")
        response = cls(raw.code, text)
        response.raw = raw
        return response
