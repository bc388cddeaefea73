"""Detect: which settings work at a host, found by trying what could, all at once.

Every port is tried over each address family, without a log-in. Ports that refuse answer at once and
those that drop packets hold nobody up, so the whole takes about as long as its slowest probe;
`turns` keeps it polite.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from smtp_workbench.net.errors import NetError
from smtp_workbench.net.resolve import Resolver, resolve
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Family, Protocol, Security, Transport
from smtp_workbench.smtp.candidate import Candidate, Guess
from smtp_workbench.smtp.guesses import merged
from smtp_workbench.smtp.ranking import for_login, rank
from smtp_workbench.smtp.sounding import Reach, sound
from smtp_workbench.smtp.turns import AT_ONCE

Observer = Callable[[Candidate], None]
_FAMILIES: Final = {4: Family.IPV4, 6: Family.IPV6}


async def probe(
    guesses: Sequence[Guess],
    base: Transport,
    secret: Secret | None = None,
    *,
    observer: Observer = lambda _candidate: None,
    resolver: Resolver | None = None,
    proxy_secret: Secret | None = None,
) -> tuple[Candidate, ...]:
    """Try *guesses* and return what came of them, in their order; *observer* gets each at once.

    *base* says how: its limits, trust, proxy and address family. With its user and *secret* there
    is one log-in at the end, on the best encrypted candidate and never again, because accounts get
    locked for failed ones; *observer* then gets that candidate once more. Cancelling ends
    everything at once.
    """
    detection = _Detection(base, observer, resolver, proxy_secret)
    places = merged(tuple(guesses))
    async with asyncio.TaskGroup() as group:
        for host, at_host in groupby(sorted(places, key=_host), key=_host):
            group.create_task(detection.at(host, tuple(at_host)), name=f"detect {host}")
    if base.auth.user and secret:
        await detection.log_in(base.auth, secret)
    return detection.in_order(places)


def _host(guess: Guess) -> str:
    return guess.host


class _Detection:
    """What is known so far."""

    def __init__(
        self,
        base: Transport,
        observer: Observer,
        resolver: Resolver | None,
        proxy_secret: Secret | None,
    ) -> None:
        self._base = replace(base, auth=Auth(), protocol=Protocol.SMTP)
        self._observer, self._resolver, self._proxy_secret = observer, resolver, proxy_secret
        self._places: dict[str, asyncio.Semaphore] = {}
        self._reaches: dict[tuple[str, Family], Reach] = {}
        self._found: dict[tuple[str, int, Security, Family], Candidate] = {}

    async def at(self, host: str, guesses: Sequence[Guess]) -> None:
        """Try all *guesses* at one host."""
        base = replace(self._base, host=host)
        try:
            reaches = await self._reaches_of(base)
        except NetError as error:
            await self._report_absence(base, guesses[0], error)
            return
        async with asyncio.TaskGroup() as group:
            for guess in guesses:
                for reach in reaches:
                    group.create_task(
                        sound(reach, guess, self._take), name=f"probe {host}:{guess.port}"
                    )

    async def log_in(self, auth: Auth, secret: Secret) -> None:
        """Log in where it is best and safe; nowhere if nothing is."""
        chosen = for_login(rank(self._found.values()))
        if chosen is None:
            return
        reach = self._reaches[chosen.host, chosen.family]
        report = await reach.verify(replace(chosen.transport, auth=auth), secret)
        self._take(replace(chosen, login=report))

    def in_order(self, guesses: Sequence[Guess]) -> tuple[Candidate, ...]:
        """Return all candidates in the order of *guesses*."""
        order = {(guess.host, guess.port): place for place, guess in enumerate(guesses)}
        return tuple(sorted(self._found.values(), key=lambda found: order[found.host, found.port]))

    async def _reaches_of(self, base: Transport) -> list[Reach]:
        """Return one way for each address family that the host has. Raises NetError."""
        if base.proxy:  # it looks the host up
            reaches = [Reach(base, self._places_at(base.host), self._resolver, self._proxy_secret)]
        else:
            addresses = await resolve(
                base.host, base.family, limit=base.timeouts.dns, resolver=self._resolver
            )
            reaches = [
                Reach(
                    replace(base, family=family),
                    self._places_at(min(those)),
                    _knowing(those),
                )
                for family, those in _by_family(addresses).items()
            ]
        for reach in reaches:
            self._reaches[base.host, reach.transport.family] = reach
        return reaches

    def _places_at(self, address: str) -> asyncio.Semaphore:
        """Return the places at a server, whatever name it was found by."""
        return self._places.setdefault(address, asyncio.Semaphore(AT_ONCE))

    async def _report_absence(self, base: Transport, guess: Guess, error: NetError) -> None:
        """Say once that the host has no address, instead of once for each port."""

        async def fail(_name: str, _family: Family) -> Sequence[str]:
            raise error

        security = guess.security or Security.STARTTLS
        transport = replace(base, port=guess.port, security=security)
        report = await Reach(base, asyncio.Semaphore(), fail).verify(transport)
        self._take(Candidate(transport, report, guess.source))

    def _take(self, candidate: Candidate) -> None:
        self._found[candidate.key] = candidate
        self._observer(candidate)


def _by_family(addresses: Iterable[str]) -> dict[Family, list[str]]:
    found: dict[Family, list[str]] = {}
    for address in addresses:
        version = ipaddress.ip_address(address.partition("%")[0]).version
        found.setdefault(_FAMILIES[version], []).append(address)
    return found


def _knowing(addresses: Sequence[str]) -> Resolver:
    """Return a resolver that has asked already."""

    async def known(_name: str, _family: Family) -> Sequence[str]:
        return addresses

    return known
