"""The envelope check: MAIL FROM and each RCPT TO, then RSET. Nothing is sent.

It tells what a log-in can't: whether this sender may send and whether the server relays there.
"""

import re
from dataclasses import dataclass
from typing import Final

import idna

from smtp_workbench.smtp.events import Failure, Kind, RecipientAnswered, Stage, Status
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import StageError

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends and who receives; an empty sender is the null sender `<>`."""

    sender: str
    recipients: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError, naming it, for an address that would break the command line."""
        for address in (self.sender, *self.recipients):
            if _FORBIDDEN.search(address):
                raise ValueError(f"{address!r} is no address: it has blanks or control characters")
        if "" in self.recipients:
            raise ValueError("a recipient is empty")


async def check_envelope(session: Session, envelope: Envelope) -> None:
    """Ask the server about sender and recipients.

    Raises StageError when the sender or every recipient is refused; some refused ones among
    accepted ones end the stage with a warning.
    """
    limit = session.transport.timeouts.socket
    async with session.stages.stage(Stage.MAIL, limit) as outcome:
        path, option = _path(session, envelope.sender)
        if not option and any(_needs_utf8(address) for address in envelope.recipients):
            option = _smtputf8(session, envelope.recipients)
        reply = await session.command(f"MAIL FROM:<{path}>{option}")
        session.accept(reply, "MAIL", (250,), outcome)
    if not envelope.recipients:
        return
    async with session.stages.stage(Stage.RCPT, limit) as outcome:
        answers = [await _ask(session, address) for address in envelope.recipients]
        refused = [answer for answer in answers if not answer.accepted]
        outcome.detail = f"{len(answers) - len(refused)} of {len(answers)} accepted"
        if refused:
            reply = refused[0].reply
            if len(refused) == len(answers):
                kind = Kind.REPLY if len(answers) == 1 else Kind.NO_ADDRESS_ACCEPTED
                params = {"address": refused[0].address}
                raise StageError(Failure(kind, str(reply), reply, "RCPT", params))
            outcome.status, outcome.facts["reply"] = Status.WARNING, reply
        await session.command("RSET")


async def _ask(session: Session, address: str) -> RecipientAnswered:
    path, _ = _path(session, address)
    reply = await session.command(f"RCPT TO:<{path}>")
    answer = RecipientAnswered(session.stages.now(), address, reply.positive, reply)
    session.stages.emit(answer)
    return answer


def _path(session: Session, address: str) -> tuple[str, str]:
    """Return the path for the wire and the MAIL parameter it needs."""
    if _needs_utf8(address):
        return address, _smtputf8(session, (address,))
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address, ""
    return f"{local}{at}{idna.encode(domain, uts46=True).decode()}", ""


def _needs_utf8(address: str) -> bool:
    """Whether no ASCII form exists: a domain has one (RFC 5891), a local part has none."""
    return not address.rpartition("@")[0].isascii()


def _smtputf8(session: Session, addresses: tuple[str, ...]) -> str:
    if "SMTPUTF8" not in session.extensions:
        address = next(filter(_needs_utf8, addresses))
        evidence = f"{address} needs SMTPUTF8, which the server does not offer"
        failure = Failure(Kind.SMTPUTF8_NOT_OFFERED, evidence, params={"address": address})
        raise StageError(failure)
    return " SMTPUTF8"
