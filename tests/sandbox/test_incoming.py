"""A message comes in whole, however it is cut into segments, and nothing after it is touched."""

import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtp_workbench.sandbox.incoming import Incoming, chunk_blocks, data_blocks

LIMIT = 64
"""Octets that the reader holds before it makes haste, so that small messages are large."""


def received(segments: Iterable[bytes], *, limit: int | None = None) -> tuple[Incoming, bytes]:
    """Return what comes of *segments*, and what is left in the stream."""

    async def run() -> tuple[Incoming, bytes]:
        reader = asyncio.StreamReader(limit=LIMIT)
        incoming = Incoming(limit)

        async def feed() -> None:
            for segment in segments:
                reader.feed_data(segment)
                await asyncio.sleep(0)
            reader.feed_eof()

        feeding = asyncio.create_task(feed())
        async for block in data_blocks(reader):
            incoming.take_lines(block)
        await feeding
        return incoming, await reader.read()

    return asyncio.run(run())


def stuffed(content: bytes) -> bytes:
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]


PIECES = st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a", b"words and more", b"x" * 70])
CONTENTS = st.lists(PIECES, max_size=30).map(lambda pieces: b"".join(pieces) + b"\r\n")


@given(content=st.one_of(CONTENTS, st.just(b"")), size=st.integers(1, 200))
@example(content=b"\r\n" * 200, size=7)
@example(content=b".\r\n" * 200, size=7)
def test_a_message_is_taken_to_its_dot_and_no_further(content: bytes, size: int) -> None:
    stream = stuffed(content) + b".\r\nQUIT\r\n.\r\n"
    segments = [stream[at : at + size] for at in range(0, len(stream), size)]
    incoming, left = received(segments)
    assert incoming.refusal == ""
    assert incoming.content() == content
    assert left == b"QUIT\r\n.\r\n"


@pytest.mark.parametrize("size", [1, 10, 5000])
@pytest.mark.parametrize(("octets", "fits"), [(999, True), (1000, False), (5000, False)])
def test_a_line_has_a_limit(octets: int, fits: bool, size: int) -> None:
    stream = b"one\r\n" * 300 + b"x" * octets + b"\r\ntwo\r\n.\r\n"
    incoming, _ = received(stream[at : at + size] for at in range(0, len(stream), size))
    assert incoming.refusal[:9] == ("" if fits else "500 5.5.2")


@pytest.mark.parametrize(("octets", "fits"), [(100, True), (101, False)])
def test_a_message_has_a_limit_that_dots_do_not_count_for(octets: int, fits: bool) -> None:
    content = b".a\r\n" * 20 + b"x" * (octets - 82) + b"\r\n"
    incoming, _ = received([stuffed(content), b".\r\n"], limit=100)
    assert incoming.refusal == ("" if fits else incoming.refusal)
    assert incoming.refusal[:9] == ("" if fits else "552 5.3.4")
    assert incoming.content() == (content if fits else b"")


@given(octets=st.binary(max_size=300), size=st.integers(0, 300))
def test_a_chunk_has_the_octets_that_were_announced(octets: bytes, size: int) -> None:
    async def run() -> bytes:
        reader = asyncio.StreamReader(limit=LIMIT)
        reader.feed_data(octets)
        reader.feed_eof()
        blocks = [block async for block in chunk_blocks(reader, size)]
        assert await reader.read() == octets[size:]
        return b"".join(blocks)

    if size <= len(octets):
        assert asyncio.run(run()) == octets[:size]
    else:
        with pytest.raises(asyncio.IncompleteReadError):
            asyncio.run(run())
