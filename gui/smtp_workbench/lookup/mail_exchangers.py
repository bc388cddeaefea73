"""Where a domain takes its mail: MX records (RFC 5321, section 5.1) and the null MX (RFC 7505)."""

import asyncio
import ipaddress
from dataclasses import dataclass

from dns.rdtypes.ANY.MX import MX

from smtp_workbench.lookup.host_addresses import addresses_of
from smtp_workbench.net.dns import Dns, DnsAnswer, Status


@dataclass(frozen=True, slots=True)
class Exchanger:
    """One MX record and what its host is."""

    preference: int
    name: str
    """Without its final dot; empty for the null MX."""
    addresses: tuple[str, ...] = ()
    alias: bool = False
    """Whether the name is a CNAME, which RFC 2181, section 10.3, forbids."""
    literal: bool = False
    """Whether an address stands where a name belongs."""
    unknown: bool = False
    """Whether the DNS did not answer for the host."""


@dataclass(frozen=True, slots=True)
class MxFacts:
    """The MX records of a domain, the preferred first."""

    domain: str
    status: Status
    exchangers: tuple[Exchanger, ...] = ()
    addresses: tuple[str, ...] = ()
    """The domain's own, to which mail goes if there is no MX."""
    detail: str = ""

    @property
    def null(self) -> bool:
        """Whether the domain says that it takes no mail."""
        return [exchanger.name for exchanger in self.exchangers] == [""]


async def look(domain: str, dns: Dns) -> MxFacts:
    """Ask for the MX records of *domain*, and for their hosts."""
    answer = await dns.ask(domain, "MX")
    if answer.status is not Status.FOUND:
        own: tuple[str, ...] = ()
        if answer.status is Status.NO_SUCH_RECORD:
            own = (await addresses_of(dns, domain)).found
        return MxFacts(domain, answer.status, (), own, answer.detail)
    found = await asyncio.gather(*(_exchanger(dns, *record) for record in preferred(answer)))
    return MxFacts(domain, answer.status, tuple(found))


def preferred(answer: DnsAnswer) -> list[tuple[int, str]]:
    """Return preference and host of each MX record, the preferred first.

    Hosts are in lower case and without their final dot; that of the null MX is empty.
    """
    return sorted(
        (record.preference, "" if host in (".", "@") else host)
        for record in answer.records
        if isinstance(record, MX)
        for host in [record.exchange.to_text(omit_final_dot=True).lower()]
    )


async def _exchanger(dns: Dns, preference: int, name: str) -> Exchanger:
    if not name:
        return Exchanger(preference, "")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        alias, hosts = await asyncio.gather(dns.ask(name, "CNAME"), addresses_of(dns, name))
        is_alias = alias.status is Status.FOUND
        return Exchanger(preference, name, hosts.found, alias=is_alias, unknown=hosts.failed)
    return Exchanger(preference, name, literal=True)
