"""The protocol is strict about replies, whatever the segments they come in."""

import asyncio
import inspect

import pytest
from aiosmtplib.protocol import SMTPProtocol
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.smtp.protocol import (
    MAX_LINE,
    MAX_REPLY,
    DroppedError,
    MalformedReplyError,
    RawReply,
    ReplyProtocol,
)


class Wire(asyncio.Transport):
    """A transport that keeps what is written and can be paused."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reading = True

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.written += bytes(data)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False


def connected() -> tuple[ReplyProtocol, Wire, list[tuple[str, bytes]]]:
    seen: list[tuple[str, bytes]] = []

    def tap(direction: str, line: bytes) -> str:
        seen.append((direction, line))
        return line.decode("ascii", "replace").upper()

    protocol = ReplyProtocol(tap)
    wire = Wire()
    protocol.connection_made(wire)
    return protocol, wire, seen


async def reply_to(*segments: bytes) -> RawReply:
    protocol, _, _ = connected()
    for segment in segments:
        protocol.data_received(segment)
    async with asyncio.timeout(1):
        return await protocol.read_reply()


def test_the_private_names_of_aiosmtplib_are_still_there() -> None:
    source = inspect.getsource(SMTPProtocol)
    for name in (
        "_buffer",
        "_over_ssl",
        "_command_lock",
        "_loop",
        "def read_response",
        "def write",
    ):
        assert name in source
    assert "self.read_response(timeout=timeout)" in inspect.getsource(SMTPProtocol.execute_command)


async def test_a_multi_line_reply_is_one_reply() -> None:
    reply = await reply_to(b"250-a\r\n250-b\r\n250 c\r\n")
    assert (reply.code, reply.lines) == (250, (b"a", b"b", b"c"))


async def test_a_reply_is_shown_as_the_tap_shows_its_lines() -> None:
    reply = await reply_to(b"250-first\r\n250 second\r\n")
    assert reply.shown == ("FIRST", "SECOND")


async def test_a_reply_without_text_is_a_reply() -> None:
    assert await reply_to(b"220\r\n") == RawReply(220, (b"",), ("",))


async def test_bare_line_feeds_are_read() -> None:
    assert (await reply_to(b"250-a\n250 b\n")).lines == (b"a", b"b")


@given(st.integers(1, 40), st.data())
def test_segments_do_not_matter(step: int, data: st.DataObject) -> None:
    whole = b"220-first line\r\n220 second line\r\n"
    cuts = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=step)))
    segments = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    reply = asyncio.run(reply_to(*segments))
    assert reply.lines == (b"first line", b"second line")


async def test_two_replies_in_one_segment_are_two_replies() -> None:
    protocol, _, _ = connected()
    protocol.data_received(b"220 hello\r\n")
    await protocol.read_reply()
    first = asyncio.ensure_future(protocol.command(b"NOOP"))
    await asyncio.sleep(0)
    protocol.data_received(b"250 one\r\n250 two\r\n")
    assert (await first).lines == (b"one",)
    assert [reply.lines for reply in protocol.unsolicited] == [(b"two",)]


async def test_a_line_nobody_asked_for_is_not_the_next_answer() -> None:
    protocol, wire, _ = connected()
    protocol.data_received(b"220 hello\r\n250 stray\r\n")
    await protocol.read_reply()
    answer = asyncio.ensure_future(protocol.command(b"EHLO me"))
    await asyncio.sleep(0)
    assert wire.written == b"EHLO me\r\n"
    protocol.data_received(b"250 you\r\n")
    assert (await answer).lines == (b"you",)
    assert [reply.lines for reply in protocol.unsolicited] == [(b"stray",)]


async def test_an_unasked_421_is_the_answer_to_whatever_comes_next() -> None:
    protocol, _, _ = connected()
    protocol.data_received(b"220 hello\r\n421 going down\r\n")
    await protocol.read_reply()
    assert (await protocol.command(b"EHLO me")).code == 421


@pytest.mark.parametrize(
    "line",
    [b"-12 x", b"999 x", b"25 x", b"2500 x", b"abc", b"", b"250_x", b"\xff\xfe", b"HTTP/1.1 400"],
)
async def test_what_is_no_reply_is_malformed(line: bytes) -> None:
    with pytest.raises(MalformedReplyError) as caught:
        await reply_to(line + b"\r\n")
    assert caught.value.line == line


async def test_mixed_codes_are_malformed() -> None:
    with pytest.raises(MalformedReplyError, match="550 inside a 250"):
        await reply_to(b"250-a\r\n550 b\r\n")


async def test_an_endless_line_ends() -> None:
    with pytest.raises(MalformedReplyError, match="line of more than"):
        await reply_to(b"2" * (MAX_LINE + 1))


@pytest.mark.parametrize("text", [b"", b"x" * 60_000])
async def test_an_endless_reply_ends(text: bytes) -> None:
    protocol, _, _ = connected()
    line = b"250-" + text + b"\r\n"
    for _ in range(MAX_REPLY // len(line) + 1):
        protocol.data_received(line)
    with pytest.raises(MalformedReplyError, match="reply of more than"):
        await protocol.read_reply()


async def test_many_lines_in_one_segment_leave_the_loop_its_turns() -> None:
    protocol, wire, seen = connected()
    protocol.data_received(b"250-x\r\n" * 10_000 + b"250 y\r\n")
    assert len(seen) < 1_000
    assert not wire.reading
    reply = await protocol.read_reply()
    assert len(reply.lines) == 10_001
    assert wire.reading


async def test_a_closed_connection_ends_the_wait() -> None:
    protocol, _, _ = connected()
    waiting = asyncio.ensure_future(protocol.read_reply())
    await asyncio.sleep(0)
    protocol.data_received(b"220-part")
    protocol.connection_lost(None)
    with pytest.raises(DroppedError) as caught:
        await waiting
    assert caught.value.cause is None
    assert protocol.partial == b"220-part"


async def test_a_reply_before_the_close_still_counts() -> None:
    protocol, _, _ = connected()
    protocol.data_received(b"554 no\r\n")
    protocol.connection_lost(ConnectionResetError())
    assert (await protocol.read_reply()).code == 554


async def test_reading_stops_behind_the_reply_to_starttls() -> None:
    protocol, wire, _ = connected()
    protocol.pause_after_reply = True
    protocol.data_received(b"220 go\r\n250 smuggled\r\n")
    assert (await protocol.read_reply()).code == 220
    assert not wire.reading
    assert protocol.partial == b"250 smuggled"


@pytest.mark.parametrize("character", ["\r", "\n", "\0", "\x7f"])
async def test_control_characters_never_reach_the_wire(character: str) -> None:
    protocol, wire, seen = connected()
    with pytest.raises(ValueError, match="control character"):
        await protocol.command(f"MAIL FROM:<a{character}b>".encode())
    assert wire.written == b""
    assert seen == []


async def test_the_tap_sees_every_line_both_ways() -> None:
    protocol, _, seen = connected()
    protocol.data_received(b"220 hi\r\n")
    await protocol.read_reply()
    answer = asyncio.ensure_future(protocol.command(b"EHLO me"))
    await asyncio.sleep(0)
    protocol.data_received(b"250 you\r\n")
    await answer
    assert seen == [("S", b"220 hi"), ("C", b"EHLO me"), ("S", b"250 you")]
