"""Names to addresses, with the reason where there are none.

The system's own resolver answers, hosts file and all, as it does for the programs whose settings
are tested. It runs on a daemon thread: one that hangs holds up neither the loop nor the exit.
"""

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import idna

from smtp_workbench.net.errors import NetError, NetKind
from smtp_workbench.settings.transport import Family

Resolver = Callable[[str, Family], Awaitable[Sequence[str]]]
"""Returns address literals for an ASCII name. Raises NetError, or socket.gaierror."""

_LABEL: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SOCKET_FAMILY: Final = {
    Family.ANY: socket.AF_UNSPEC,
    Family.IPV4: socket.AF_INET,
    Family.IPV6: socket.AF_INET6,
}
_NOT_FOUND: Final = {socket.EAI_NONAME}
_NO_ADDRESS: Final = {
    getattr(socket, name) for name in ("EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
}


async def resolve(
    host: str, family: Family, *, limit: float, resolver: Resolver | None = None
) -> tuple[str, ...]:
    """Return the addresses of *host*, in the resolver's order, each once.

    A literal, with or without brackets, stands for itself. *limit* is in seconds. Raises NetError.
    """
    literal = _literal(host)
    if literal is not None:
        return (_fitting(literal, family),)
    name = ascii_name(host)
    if name.endswith(".invalid") or name == "invalid":  # RFC 6761, section 6.4
        raise NetError(NetKind.NAME_NOT_FOUND, f"{host}: names under .invalid never exist")
    try:
        async with asyncio.timeout(limit):
            found = await (resolver or system)(name, family)
    except TimeoutError:
        evidence = f"{host}: the resolver did not answer within {limit:g} s"
        raise NetError(NetKind.RESOLVER_TIMEOUT, evidence) from None
    except socket.gaierror as error:
        raise _error(host, error, family) from error
    if not found:
        wanted = {Family.IPV4: "IPv4 ", Family.IPV6: "IPv6 "}.get(family, "")
        evidence = f"{host} has no {wanted}address"
        raise NetError(NetKind.NAME_HAS_NO_ADDRESS, evidence, _wanted(family))
    return tuple(dict.fromkeys(found))


async def system(name: str, family: Family) -> Sequence[str]:
    """Ask this machine's resolver. Raises socket.gaierror."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[str]] = loop.create_future()

    def settle(result: list[str] | None, error: OSError | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result or [])

    def ask() -> None:
        result, failure = None, None
        try:
            result = _look_up(name, family)
        except OSError as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=ask, name=f"resolve {name}", daemon=True).start()
    return await future


def _look_up(name: str, family: Family) -> list[str]:
    try:
        infos = socket.getaddrinfo(name, None, _SOCKET_FAMILY[family], socket.SOCK_STREAM)
    except socket.gaierror as error:
        if family is Family.ANY or error.errno not in _NOT_FOUND:
            raise
        # The hosts file says so too of a name that has only addresses of the other family.
        socket.getaddrinfo(name, None)
        return []
    return [str(info[4][0]) for info in infos]


def ascii_name(host: str) -> str:
    """Return *host* with A-labels (RFC 5891). Raises NetError for what can't be a host name."""
    name = host.removesuffix(".")
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True).decode()
    except idna.IDNAError as error:
        raise NetError(NetKind.HOST_INVALID, f"{host!r} is not a host name: {error}") from None
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise NetError(NetKind.HOST_INVALID, f"{host!r} is not a host name")
    return name.lower()


def _literal(host: str) -> str | None:
    bare = host.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def _fitting(address: str, family: Family) -> str:
    version = ipaddress.ip_address(address).version
    if family is Family.ANY or f"ipv{version}" == family.value:
        return address
    raise NetError(
        NetKind.NAME_HAS_NO_ADDRESS, f"{address} is an IPv{version} address", _wanted(family)
    )


def _wanted(family: Family) -> dict[str, str]:
    return {"family": family.value} if family is not Family.ANY else {}


def _error(host: str, error: socket.gaierror, family: Family) -> NetError:
    evidence = f"{host}: {error.strerror}"
    if error.errno in _NO_ADDRESS:
        return NetError(NetKind.NAME_HAS_NO_ADDRESS, evidence, _wanted(family))
    if error.errno in _NOT_FOUND:
        return NetError(NetKind.NAME_NOT_FOUND, evidence)
    return NetError(NetKind.RESOLVER_FAILED, evidence)
