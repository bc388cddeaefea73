"""Submission servers that a domain names in SRV records (RFC 6186, section 3.1; RFC 8314)."""

import asyncio
from typing import Any, Final

from smtp_workbench.lookup.candidate import MOST, Discovered, Finds, Note, Source, discovered
from smtp_workbench.lookup.mailbox import Mailbox
from smtp_workbench.net.dns import Dns, DnsAnswer, Status
from smtp_workbench.settings.transport import Security

_SERVICES: Final = {
    "_submissions._tcp": Security.IMPLICIT_TLS,
    "_submission._tcp": Security.STARTTLS,
}
"""The first is preferred (RFC 8314, section 3.3)."""
_IMPLICIT_PORT: Final = 465
"""Where TLS comes first whatever the service is called: many zones are older than RFC 8314."""


async def ask_srv(mailbox: Mailbox, dns: Dns) -> Finds:
    """Return the servers in the order in which they want to be tried."""
    answers = await asyncio.gather(
        *(dns.ask(f"{service}.{mailbox.domain}", "SRV") for service in _SERVICES)
    )
    if not any(answer.records for answer in answers):
        failed = [answer.detail for answer in answers if answer.status is Status.FAILED]
        none = f"{mailbox.domain} publishes no SRV record for submission"
        return [Note(Source.SRV, f"{text}.") for text in failed or [none]]
    each = zip(_SERVICES, answers, strict=True)
    return [item for service, answer in each for item in _servers(mailbox, service, answer)]


def _servers(mailbox: Mailbox, service: str, answer: DnsAnswer) -> Finds:
    if answer.status is Status.FAILED:
        return [Note(Source.SRV, f"{answer.detail}.")]
    # The lot that RFC 2782 draws by weight spreads load; who reads wants the heaviest first.
    records: list[Any] = sorted(
        answer.records, key=lambda record: (record.priority, -record.weight, record.target)
    )
    if len(records) == 1 and records[0].target.to_text() == ".":
        text = f"{mailbox.domain} says that it does not offer {service} (its SRV target is a dot)."
        return [Note(Source.SRV, text)]
    return [_server(mailbox, service, record, secure=answer.secure) for record in records[:MOST]]


def _server(mailbox: Mailbox, service: str, record: Any, *, secure: bool) -> Discovered | Note:
    host = record.target.to_text(omit_final_dot=True)
    where = f"The SRV record of {service}.{mailbox.domain}"
    detail = f"{where} names it (priority {record.priority}, weight {record.weight})"
    if secure:
        detail += ", signed by DNSSEC"
    elif not f".{host.lower()}".endswith(f".{mailbox.domain}"):
        # RFC 6186, section 6: such a host needs the user's consent.
        detail += "; it belongs to another domain, and no DNSSEC vouches for the record"
    implicit = record.port == _IMPLICIT_PORT
    try:
        return discovered(
            host,
            record.port,
            Security.IMPLICIT_TLS if implicit else _SERVICES[service],
            source=Source.SRV,
            detail=f"{detail}.",
            user=mailbox.address,
        )
    except ValueError as error:
        return Note(Source.SRV, f"{where} is broken: {error}.")
