"""From a mail address to the settings that could send its mail, and who names them.

Nobody is asked but the DNS, unless web servers may be; no mail server is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from smtp_workbench.lookup.autoconfig import ask_autoconfig, ask_ispdb
from smtp_workbench.lookup.candidate import Discovered, Finds, Note, Source, merged
from smtp_workbench.lookup.guess import guess
from smtp_workbench.lookup.mailbox import read_mailbox
from smtp_workbench.lookup.mx import ask_mx
from smtp_workbench.lookup.providers import servers_of
from smtp_workbench.lookup.srv import ask_srv
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import Web


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is known so far."""

    address: str
    candidates: tuple[Discovered, ...] = ()
    """The best first, each server once."""
    notes: tuple[Note, ...] = ()
    asking: frozenset[Source] = frozenset()
    """Whose answer is still out; none when it is over."""

    def with_finds(self, source: Source, finds: Finds) -> "Discovery":
        """Return it with what *source* answered."""
        candidates = [item for item in finds if isinstance(item, Discovered)]
        notes = [item for item in finds if isinstance(item, Note)]
        return replace(
            self,
            candidates=merged([*self.candidates, *candidates]),
            notes=tuple(dict.fromkeys((*self.notes, *notes))),
            asking=self.asking - {source},
        )

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "address": self.address,
            "candidates": [item.as_json() for item in self.candidates],
            "notes": [note.as_json() for note in self.notes],
        }


Observer = Callable[[Discovery], None]
"""Is told what is known each time that a source has answered, and at the end."""


async def discover(
    address: str,
    dns: Dns,
    web: Web | None = None,
    observer: Observer | None = None,
    *,
    insecure: bool = False,
    ispdb: bool = False,
) -> Discovery:
    """Return the servers that could send mail of *address*, with the reasons.

    Whoever gives *web* has the user's yes to fetch from the domain's web server, by HTTP too with
    *insecure*; *ispdb* is the yes to ask Thunderbird's database as well. What fails becomes a note.
    Raises ValueError with one sentence if *address* isn't one.
    """
    mailbox = read_mailbox(address)
    asked: dict[Source, Awaitable[Finds]] = {
        Source.SRV: ask_srv(mailbox, dns),
        Source.MX: ask_mx(mailbox, dns),
    }
    if web is not None:
        asked[Source.AUTOCONFIG] = ask_autoconfig(mailbox, web, insecure=insecure)
        if ispdb:
            asked[Source.ISPDB] = ask_ispdb(mailbox, web)
    known = Discovery(mailbox.address, asking=frozenset((*asked, Source.GUESS)))

    def take(source: Source, finds: Finds) -> None:
        nonlocal known
        known = known.with_finds(source, finds)
        if observer is not None:
            observer(known)

    async def answer(source: Source, finds: Awaitable[Finds]) -> None:
        take(source, await finds)

    take(Source.PRESET, servers_of(mailbox))
    async with asyncio.TaskGroup() as group:
        for source, finds in asked.items():
            group.create_task(answer(source, finds))
    take(Source.GUESS, [] if known.candidates else await guess(mailbox, dns))
    return known
