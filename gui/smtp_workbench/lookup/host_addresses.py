"""The addresses of a host that a record names."""

import socket
from dataclasses import dataclass

from smtp_workbench.net.dns import Dns
from smtp_workbench.settings.transport import Family


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """A and AAAA together."""

    found: tuple[str, ...] = ()
    failed: bool = False
    """Whether the DNS gave no answer, so that none found means nothing."""


async def addresses_of(dns: Dns, name: str) -> HostAddresses:
    """Return the addresses of *name*, none where it doesn't exist."""
    try:
        return HostAddresses(tuple(await dns.addresses(name, Family.ANY)))
    except socket.gaierror as error:
        return HostAddresses(failed=error.errno != socket.EAI_NONAME)
