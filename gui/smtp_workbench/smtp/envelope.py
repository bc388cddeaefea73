"""The envelope: MAIL FROM and each RCPT TO (RFC 5321, section 3.3), with their parameters.

For its own sake it is a check that sends nothing: it tells what a log-in can't, whether this sender
may send and whether the server relays there.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import idna

from smtp_workbench.message.draft import Dsn
from smtp_workbench.smtp.events import Failure, Kind, RecipientAnswered, Stage, Status
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome, StageError

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends and who receives; an empty sender is the null sender `<>`."""

    sender: str
    recipients: tuple[str, ...] = ()
    size: int | None = None
    """Octets of the message, if there is one [SIZE] (RFC 1870)."""
    eight_bit: bool = False
    """[BODY=8BITMIME] (RFC 6152)"""
    smtputf8: bool = False
    """Needed by the message's header; addresses tell for themselves [SMTPUTF8] (RFC 6531)."""
    dsn: Dsn = field(default_factory=Dsn)

    def __post_init__(self) -> None:
        """Raise ValueError, naming it, for an address that would break the command line."""
        for address in (self.sender, *self.recipients):
            if _FORBIDDEN.search(address):
                raise ValueError(f"{address!r} is no address: it has blanks or control characters")
            try:
                _ascii_path(address.encode().decode())
            except UnicodeError:
                raise ValueError(f"{address!r} is no address: its domain can't be right") from None
        if "" in self.recipients:
            raise ValueError("a recipient is empty")


async def check_envelope(session: Session, envelope: Envelope) -> None:
    """Ask the server about sender and recipients, and take it back. Errors as `present`."""
    if await present(session, envelope):
        await session.command("RSET")


async def present(
    session: Session, envelope: Envelope, *, together: bool = False, then: str = ""
) -> list[str]:
    """Say MAIL and each RCPT; return the recipients that were accepted.

    Raises StageError when the sender or every recipient is refused; some refused ones among
    accepted ones end the stage with a warning. *together* sends all commands in one piece, with
    *then* as the last one, whose reply is left to the caller if there is an accepted recipient.
    """
    limit = session.transport.timeouts.socket
    async with session.stages.stage(Stage.MAIL, limit) as outcome:
        commands = [_mail(session, envelope, outcome)]
        commands += [_rcpt(session, envelope, address) for address in envelope.recipients]
        if together:
            commands += [then] if then else []
            session.wire.send(*(command.encode() for command in commands))
            reply = await session.next_reply()
            if not reply.positive:
                await _hear_out(session, len(commands) - 1, then)
        else:
            reply = await session.command(commands[0])
        session.accept(reply, "MAIL", 250, outcome)
    if not envelope.recipients:
        return []
    async with session.stages.stage(Stage.RCPT, limit) as outcome:
        answers = []
        for address, command in zip(envelope.recipients, commands[1:], strict=False):
            reply = await (session.next_reply() if together else session.command(command))
            answers.append(RecipientAnswered(session.stages.now(), address, reply.positive, reply))
            session.stages.emit(answers[-1])
        if not any(answer.accepted for answer in answers) and together and then:
            await _hear_out(session, 1, then)
        _sum_up(answers, outcome)
    return [answer.address for answer in answers if answer.accepted]


def _sum_up(answers: list[RecipientAnswered], outcome: Outcome) -> None:
    refused = [answer for answer in answers if not answer.accepted]
    outcome.detail = f"{len(answers) - len(refused)} of {len(answers)} accepted"
    if not refused:
        return
    reply = refused[0].reply
    if len(refused) == len(answers):
        kind = Kind.REPLY if len(answers) == 1 else Kind.NO_ADDRESS_ACCEPTED
        params = {"address": refused[0].address}
        raise StageError(Failure(kind, str(reply), reply, "RCPT", params))
    outcome.status, outcome.facts["reply"] = Status.WARNING, reply


async def _hear_out(session: Session, replies: int, then: str) -> None:
    """Read what is still to come after a refusal, and end a message that nobody is to get."""
    reply = None
    for _ in range(replies):
        reply = await session.next_reply()
    if then == "DATA" and reply is not None and reply.code == 354:
        # RFC 2920, section 3.1: the server should have refused; an empty message ends it.
        await session.command(".")


def _mail(session: Session, envelope: Envelope, outcome: Outcome) -> str:
    path = _path(session, envelope.sender)
    offered = session.extensions
    words = [f"MAIL FROM:<{path}>"]
    if envelope.size is not None and "SIZE" in offered:
        words.append(f"SIZE={envelope.size}")
    if envelope.eight_bit:
        if "8BITMIME" not in offered:
            evidence = "the message has 8-bit text, and the server does not offer 8BITMIME"
            raise StageError(Failure(Kind.EIGHT_BIT_NOT_OFFERED, evidence))
        words.append("BODY=8BITMIME")
    if _smtputf8(session, envelope):
        words.append("SMTPUTF8")
    dsn = envelope.dsn
    if "DSN" in offered:
        words += [f"RET={dsn.content.value}"] if dsn.content.value else []
        words += [f"ENVID={xtext(dsn.envelope_id)}"] if dsn.envelope_id else []
    elif dsn != Dsn():
        outcome.notice("dsn_not_offered")
    return " ".join(words)


def _rcpt(session: Session, envelope: Envelope, address: str) -> str:
    words = [f"RCPT TO:<{_path(session, address)}>"]
    if envelope.dsn.notify and "DSN" in session.extensions:
        kind = "rfc822" if address.isascii() else "utf-8"
        words.append(f"NOTIFY={','.join(envelope.dsn.notify)}")
        words.append(f"ORCPT={kind};{xtext(address)}")
    return " ".join(words)


def _path(session: Session, address: str) -> str:
    """Return the form of *address* for the wire: its domain in ASCII unless it has to be UTF-8."""
    if "SMTPUTF8" in session.extensions and _needs_utf8(address):
        return address
    return _ascii_path(address)


def _ascii_path(address: str) -> str:
    """Return *address* with its domain as the DNS has it. Raises UnicodeError if there is none."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    return f"{local}{at}{idna.encode(domain, uts46=True).decode()}"


def _needs_utf8(address: str) -> bool:
    """Whether no ASCII form exists: a domain has one (RFC 5891), a local part has none."""
    return not address.rpartition("@")[0].isascii()


def _smtputf8(session: Session, envelope: Envelope) -> bool:
    """Whether SMTPUTF8 is needed. Raises StageError where it is and is not offered."""
    addresses = [address for address in (envelope.sender, *envelope.recipients) if address]
    needing = next(filter(_needs_utf8, addresses), "")
    if not needing and not envelope.smtputf8:
        return False
    if "SMTPUTF8" not in session.extensions:
        what = needing or "the header"
        evidence = f"{what} needs SMTPUTF8, which the server does not offer"
        failure = Failure(Kind.SMTPUTF8_NOT_OFFERED, evidence, params={"address": needing})
        raise StageError(failure)
    return True


def xtext(text: str) -> str:
    """Return *text* as parameters take it (RFC 3461, section 4; not ASCII: RFC 6533, section 3)."""
    form = "+{:02X}" if text.isascii() else "\\x{{{:X}}}"
    return "".join(
        character
        if "!" <= character <= "~" and character not in "+=\\"
        else form.format(ord(character))
        for character in text
    )
