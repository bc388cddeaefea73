"""Addresses are tried in order, and each says what became of it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from smtp_workbench.net.dial import DialError, dial
from smtp_workbench.net.errors import NetKind
from support.scripted import Peer, serve


def waits(peer: Peer) -> None:
    peer.wait_for_close()


@contextmanager
def nobody_home(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that is ours and refuses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.bind((host, 0))
        yield sock.getsockname()[1]


@contextmanager
def black_hole() -> Iterator[int]:
    """A listening port whose queue is full: packets to it are dropped."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        yield port
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_both_families_connect(host: str) -> None:
    with serve(waits, host) as server:
        dialled = await dial([host], server.port, limit=2)
        dialled.sock.close()
    assert dialled.address == host
    assert [attempt.kind for attempt in dialled.attempts] == [None]


async def test_a_refusal_is_followed_by_the_next_address_at_once() -> None:
    with serve(waits, "127.0.0.2") as server:
        dialled = await dial(["127.0.0.1", "127.0.0.2", "127.0.0.3"], server.port, limit=2)
        dialled.sock.close()
    kinds = [(attempt.address, attempt.kind) for attempt in dialled.attempts]
    assert kinds == [("127.0.0.1", "refused"), ("127.0.0.2", None), ("127.0.0.3", "unused")]


async def test_a_broken_ipv6_path_does_not_stop_ipv4() -> None:
    with serve(waits, "127.0.0.1") as server:
        dialled = await dial(["::1", "127.0.0.1"], server.port, limit=2)
        dialled.sock.close()
    assert dialled.address == "127.0.0.1"
    assert dialled.attempts[0].kind == NetKind.REFUSED


async def test_silence_of_one_address_does_not_use_up_the_time_of_the_next() -> None:
    with black_hole() as port, socket.socket() as other:
        other.bind(("127.0.0.2", port))
        other.listen()
        dialled = await dial(["127.0.0.1", "127.0.0.2"], port, limit=5)
        dialled.sock.close()
    assert dialled.address == "127.0.0.2"


async def test_when_all_fail_each_says_why() -> None:
    with nobody_home() as port, pytest.raises(DialError) as caught:
        await dial(["127.0.0.1", "127.0.0.2"], port, limit=2)
    assert caught.value.kind is NetKind.REFUSED
    assert [attempt.kind for attempt in caught.value.attempts] == ["refused", "refused"]
    assert "127.0.0.2" in caught.value.evidence


async def test_silence_is_a_timeout() -> None:
    with black_hole() as port, pytest.raises(DialError) as caught:
        await dial(["127.0.0.1"], port, limit=0.2)
    assert caught.value.kind is NetKind.TIMEOUT


@pytest.mark.parametrize("source", ["192.0.2.7", "not-an-address", "::1"])
async def test_a_source_address_that_is_not_ours(source: str) -> None:
    with serve(waits) as server, pytest.raises(DialError) as caught:
        await dial(["127.0.0.1"], server.port, source_address=source, limit=2)
    assert caught.value.kind is NetKind.SOURCE_ADDRESS


async def test_the_source_address_is_used() -> None:
    with serve(waits) as server:
        dialled = await dial(["127.0.0.1"], server.port, source_address="127.0.0.9", limit=2)
        here = dialled.sock.getsockname()[0]
        dialled.sock.close()
    assert here == "127.0.0.9"


async def test_cancelling_closes_what_was_opened() -> None:
    with black_hole() as port:
        task = asyncio.create_task(dial(["127.0.0.1", "127.0.0.2"], port, limit=30))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
