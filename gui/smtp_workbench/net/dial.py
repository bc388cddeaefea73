"""TCP to one of several addresses, and what became of each of them.

Attempts overlap as in RFC 8305: the next starts a quarter of a second after the last, or at once
when that failed, and the first to connect wins. A tester wants to know about the others too.
"""

import asyncio
import errno
import ipaddress
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final

from smtp_workbench.net.errors import NetError, NetKind

_HEAD_START: Final = 0.25
"""Seconds (RFC 8305, section 5)."""

_KIND_OF_ERRNO: Final = {
    errno.ECONNREFUSED: NetKind.REFUSED,
    errno.ETIMEDOUT: NetKind.TIMEOUT,
    errno.ENETUNREACH: NetKind.UNREACHABLE,
    errno.EHOSTUNREACH: NetKind.UNREACHABLE,
    errno.EAFNOSUPPORT: NetKind.UNREACHABLE,
    errno.ENETDOWN: NetKind.UNREACHABLE,
    errno.EADDRNOTAVAIL: NetKind.UNREACHABLE,
    errno.EACCES: NetKind.FORBIDDEN,
    errno.EPERM: NetKind.FORBIDDEN,
    errno.ECONNRESET: NetKind.RESET,
    errno.ECONNABORTED: NetKind.RESET,
}
_TELLING: Final = (
    NetKind.SOURCE_ADDRESS,
    NetKind.FORBIDDEN,
    NetKind.REFUSED,
    NetKind.RESET,
    NetKind.TIMEOUT,
    NetKind.UNREACHABLE,
    NetKind.OTHER,
)
"""Which reason speaks for all when they differ: the one that came from nearest to the server's
program, after those that are our own doing."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address that was tried."""

    address: str
    """As a literal: `192.0.2.1` or `2001:db8::1`."""
    ms: float
    kind: str | None = None
    """None: it answered. Else a value of `NetKind`, or `unused`: another address was faster."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A connected, non-blocking socket, which the caller closes."""

    sock: socket.socket
    address: str
    attempts: tuple[Attempt, ...]


class DialError(NetError):
    """No address answered; `attempts` tells why, one by one."""

    def __init__(self, kind: NetKind, evidence: str, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(kind, evidence)
        self.attempts = attempts


async def dial(
    addresses: Sequence[str], port: int, *, source_address: str = "", limit: float
) -> Dialled:
    """Connect to the first of *addresses* that answers within *limit* seconds.

    Raises DialError. No socket but the returned one stays open, also when cancelled.
    """
    race = _Race(port, source_address)
    try:
        async with asyncio.timeout(limit):
            await race.run(_interleaved(addresses))
    except TimeoutError:
        pass
    finally:
        race.stop()
        await race.settle()
    attempts = tuple(race.attempt(address, limit) for address in addresses)
    if race.winner is None:
        raise _failure(attempts, port)
    return Dialled(race.winner[1], race.winner[0], attempts)


class _Race:
    """The attempts of one `dial`."""

    def __init__(self, port: int, source_address: str) -> None:
        self._port = port
        self._source = source_address
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._attempts: dict[str, Attempt] = {}
        self._began: dict[str, float] = {}
        self.winner: tuple[str, socket.socket] | None = None

    async def run(self, addresses: Sequence[str]) -> None:
        if len(addresses) == 1:
            await self._try(addresses[0])
            return
        for address in addresses:
            task = asyncio.create_task(self._try(address), name=f"dial {address}")
            self._tasks[address] = task
            last = address == addresses[-1]
            await asyncio.wait({task}, timeout=None if last else _HEAD_START)
            if self.winner is not None:
                return
        while pending := {task for task in self._tasks.values() if not task.done()}:
            await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if self.winner is not None:
                return

    def stop(self) -> None:
        for task in self._tasks.values():
            task.cancel()

    async def settle(self) -> None:
        if self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def attempt(self, address: str, limit: float) -> Attempt:
        if address in self._attempts:
            return self._attempts[address]
        if self.winner is not None or address not in self._began:
            return Attempt(address, 0.0, "unused")
        return Attempt(address, limit * 1000, NetKind.TIMEOUT, f"no answer within {limit:g} s")

    async def _try(self, address: str) -> None:
        self._began[address] = began = time.perf_counter()
        kind, detail = None, ""
        try:
            sock = await self._connect(address)
        except NetError as error:
            kind, detail = error.kind, error.evidence
        except OSError as error:
            kind = _KIND_OF_ERRNO.get(error.errno or 0, NetKind.OTHER)
            detail = os.strerror(error.errno) if error.errno else str(error)
        else:
            if self.winner is not None:
                sock.close()
                return
            self.winner = (address, sock)
        ms = (time.perf_counter() - began) * 1000
        self._attempts[address] = Attempt(address, ms, kind, detail)

    async def _connect(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(0)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._source:
                _bind(sock, self._source)
            await asyncio.get_running_loop().sock_connect(sock, (address, self._port))
        except ConnectionResetError:
            # A handshake that is refused ends with ECONNREFUSED; this one was completed and the
            # reset followed at once. Whoever reads next finds the connection closed.
            return sock
        except BaseException:
            sock.close()
            raise
        return sock


def _bind(sock: socket.socket, source: str) -> None:
    try:
        sock.bind((source, 0))
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not an address"
        raise NetError(NetKind.SOURCE_ADDRESS, f"can't connect from {source}: {reason}") from None


def _interleaved(addresses: Sequence[str]) -> list[str]:
    """Return *addresses* with the families taking turns (RFC 8305, section 4)."""
    first = ipaddress.ip_address(addresses[0].partition("%")[0]).version
    same: list[str] = []
    other: list[str] = []
    for address in addresses:
        version = ipaddress.ip_address(address.partition("%")[0]).version
        (same if version == first else other).append(address)
    return [item for item in chain(*zip_longest(same, other)) if item is not None]


def _failure(attempts: tuple[Attempt, ...], port: int) -> DialError:
    kinds = {attempt.kind for attempt in attempts}
    kind = next((item for item in _TELLING if item in kinds), NetKind.OTHER)
    lines = [f"{item.address} port {port}: {item.detail or item.kind}" for item in attempts]
    return DialError(kind, "; ".join(lines), attempts)
