"""Forward-confirmed reverse DNS: the names of an address that lead back to it (RFC 8601, 2.7.3)."""

import asyncio
import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from smtp_workbench.lookup.host_addresses import addresses_of
from smtp_workbench.net.dns import Dns, Status

_MOST: Final = 10
"""Names of one address that are followed."""
_CUSTOMERS: Final = re.compile(
    r"(^|[.-])(dyn(amic)?|dhcp|dial-?(up|in)|pool|pppoe?|[avs]?dsl|cable|broadband)\d*([.-]|$)"
)
"""What providers write into the names of their customers' hosts."""


@dataclass(frozen=True, slots=True)
class ReverseFacts:
    """The PTR records of an address."""

    address: str
    status: Status
    names: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    """The names that have the address among theirs."""
    generic: tuple[str, ...] = ()
    """The names that look made from the address, as providers name their customers' hosts."""
    detail: str = ""


async def look(address: str, dns: Dns) -> ReverseFacts:
    """Ask for the names of *address*, and for their addresses. Raises ValueError for no address."""
    answer = await dns.names_of(address)
    names = tuple(text.removesuffix(".").lower() for text in answer.texts())
    forward = await asyncio.gather(*(addresses_of(dns, name) for name in names[:_MOST]))
    wanted = ipaddress.ip_address(address)
    confirmed = tuple(
        name
        for name, hosts in zip(names, forward, strict=False)
        if wanted in {ipaddress.ip_address(found) for found in hosts.found}
    )
    generic = tuple(name for name in names if looks_generic(name, address))
    return ReverseFacts(address, answer.status, names, confirmed, generic, answer.detail)


def looks_generic(name: str, address: str) -> bool:
    """Whether *name* looks made from *address* rather than chosen for a mail server."""
    if _CUSTOMERS.search(name) and re.search(r"\d", name):
        return True
    parsed = ipaddress.ip_address(address)
    if parsed.version == 6:
        interface = parsed.exploded.replace(":", "")[16:]
        return interface in re.sub(r"[^0-9a-f]", "", name)
    label = name.partition(".")[0]
    octets = address.split(".")
    numbers = [str(int(number)) for number in re.findall(r"[0-9]{1,3}", name)]
    if all(octet in numbers for octet in octets):
        return True
    return "".join(octets) in label or f"{int(parsed):08x}" in label
