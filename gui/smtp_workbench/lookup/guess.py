"""Names and ports that are usual, where nobody says anything."""

import asyncio
from typing import Final

from smtp_workbench.lookup.candidate import Discovered, Finds, Note, Source, discovered
from smtp_workbench.lookup.mail_exchangers import preferred
from smtp_workbench.lookup.mailbox import Mailbox
from smtp_workbench.net.dns import Dns, DnsAnswer, Status
from smtp_workbench.settings.transport import Security

_ENDPOINTS: Final = ((465, Security.IMPLICIT_TLS), (587, Security.STARTTLS))


async def guess(mailbox: Mailbox, dns: Dns) -> Finds:
    """Return the usual servers of the domain whose names exist; whether they answer is not tried.

    The host that takes its mail in is one of them: on small systems it does both.
    """
    domain = mailbox.domain
    named = preferred(await dns.ask(domain, "MX"))
    exchanger = [host for _, host in named if host][:1]
    names = list(dict.fromkeys([f"smtp.{domain}", f"mail.{domain}", *exchanger, domain]))
    answers = await asyncio.gather(*(_address(name, dns) for name in names))
    found: list[Discovered | Note] = [
        _guessed(answer.name, port, security, mailbox)
        for answer in answers
        if answer.status is Status.FOUND
        for port, security in _ENDPOINTS
    ]
    found += [
        Note(Source.GUESS, f"{answer.detail}.")
        for answer in answers
        if answer.status is Status.FAILED
    ]
    return found or [Note(Source.GUESS, f"None of {', '.join(names)} has an address.")]


async def _address(name: str, dns: Dns) -> DnsAnswer:
    """Return an answer with addresses of *name*, else why there are none."""
    answers = await asyncio.gather(dns.ask(name, "A"), dns.ask(name, "AAAA"))
    return next((item for item in answers if item.status is Status.FOUND), answers[0])


def _guessed(host: str, port: int, security: Security, mailbox: Mailbox) -> Discovered | Note:
    try:
        return discovered(
            host,
            port,
            security,
            source=Source.GUESS,
            detail=f"A usual name and port; nobody says that {mailbox.domain} uses it.",
            user=mailbox.address,
            confirmed=False,
        )
    except ValueError as error:
        return Note(Source.GUESS, f"{error}.")
