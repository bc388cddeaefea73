"""What the DNS says of a name, from this machine's resolver or one that is named.

An answer without records is an answer too: whether there is no such name, no such record, or no
answer at all makes a difference to who asks.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.resolver
import dns.reversename

from smtp_workbench.settings.transport import Family

_PORT: Final = 53
_SERVER: Final = re.compile(r"(?:\[([^\]]*)\]|([^:\[\]]*))(?::(\d{1,5}))?")
_RECORD: Final = {Family.ANY: ("A", "AAAA"), Family.IPV4: ("A",), Family.IPV6: ("AAAA",)}


class Status(Enum):
    """How a question to the DNS ended."""

    FOUND = "found"
    NO_SUCH_NAME = "no such name"
    NO_SUCH_RECORD = "no such record"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What came of one question. Where it failed, `detail` says why, in a sentence."""

    name: str
    kind: str
    status: Status
    records: tuple[dns.rdata.Rdata, ...] = ()
    detail: str = ""
    secure: bool = False
    """Whether the resolver says that it validated the answer (RFC 4035, section 3.2.3)."""

    def texts(self) -> tuple[str, ...]:
        """Return the records as in a zone file; TXT as the text itself (RFC 7208, section 3.3)."""
        return tuple(_text(record) for record in self.records)


class Dns:
    """A resolver. Each question is asked once; the answer serves whoever asks again."""

    def __init__(self, server: str = "", *, limit: float = 5.0) -> None:
        """Ask *server*: an address, with `:port` if it isn't 53; without one, the system's.

        A question is given up after *limit* seconds. Raises ValueError for what is no address, and
        where the system names none.
        """
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not server)
        except dns.resolver.NoResolverConfiguration:
            raise ValueError("resolver: this system names none, give its address") from None
        if server:
            address, port = _address(server)
            self._resolver.nameservers = [address]
            self._resolver.port = port
        self._resolver.lifetime = limit
        self._resolver.cache = dns.resolver.LRUCache()
        # Ask for validation, and say that answers of today's size fit (RFC 6891).
        self._resolver.use_edns(0, dns.flags.DO, 1232)
        self._resolver.flags = dns.flags.RD | dns.flags.AD

    async def ask(self, name: str, kind: str) -> DnsAnswer:
        """Return the records of *kind* (`MX`, `TXT`, …) that *name* has. It never raises."""
        try:
            found = await self._resolver.resolve(name, kind, search=False)
        except dns.resolver.NXDOMAIN:
            return DnsAnswer(name, kind, Status.NO_SUCH_NAME, detail=f"{name} does not exist")
        except dns.resolver.NoAnswer:
            return DnsAnswer(name, kind, Status.NO_SUCH_RECORD, detail=f"{name} has no {kind}")
        except dns.resolver.LifetimeTimeout:
            detail = f"{name} {kind}: no answer within {self._resolver.lifetime:g} s"
        except dns.resolver.NoNameservers as error:
            detail = f"{name} {kind}: {_refusal(error)}"
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError) as error:
            detail = f"{name} {kind}: {error}"
        else:
            secure = bool(found.response.flags & dns.flags.AD)
            return DnsAnswer(name, kind, Status.FOUND, tuple(found), secure=secure)
        return DnsAnswer(name, kind, Status.FAILED, detail=detail)

    async def names_of(self, address: str) -> DnsAnswer:
        """Return the PTR records of *address*. Raises ValueError for what is no address."""
        ipaddress.ip_address(address)
        return await self.ask(dns.reversename.from_address(address).to_text(), "PTR")

    async def addresses(self, name: str, family: Family) -> Sequence[str]:
        """Return the addresses of *name*, a `net.resolve.Resolver`. Raises socket.gaierror."""
        answers = await asyncio.gather(*(self.ask(name, kind) for kind in _RECORD[family]))
        if found := [text for answer in answers for text in answer.texts()]:
            return found
        statuses = {answer.status for answer in answers}
        if Status.FAILED in statuses:
            raise socket.gaierror(socket.EAI_AGAIN, answers[0].detail)
        if Status.NO_SUCH_NAME in statuses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ()


def _text(record: dns.rdata.Rdata) -> str:
    strings = getattr(record, "strings", None)
    if strings is None:
        return record.to_text()
    return b"".join(strings).decode("utf-8", "replace")


def _address(server: str) -> tuple[str, int]:
    """Return address and port of `1.2.3.4`, `1.2.3.4:53`, `::1` or `[::1]:53`."""
    match = _SERVER.fullmatch(server)
    try:
        address = ipaddress.ip_address((match[1] or match[2]) if match else server)
        port = range(1, 65536).index(int(match[3])) + 1 if match and match[3] else _PORT
    except ValueError:
        raise ValueError(
            f"resolver: {server!r} is not an address such as 192.0.2.53 or [::1]:5353"
        ) from None
    return str(address), port


def _refusal(error: dns.resolver.NoNameservers) -> str:
    """Return what the servers said, without the library's list of tries."""
    tries = error.kwargs.get("errors", ())
    said = sorted({item[4] if isinstance(item[4], str) else str(item[3]) for item in tries})
    return ", ".join(said) or "no server answered"
