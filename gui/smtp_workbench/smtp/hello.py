"""Greeting and EHLO: who answers, which protocol it speaks, and what it offers."""

import asyncio
import re
import socket
from typing import Final

from smtp_workbench.settings.transport import Protocol
from smtp_workbench.smtp.events import Failure, Kind, Stage
from smtp_workbench.smtp.greeting import is_ftp, is_tls, other_service, service_of, sound_out
from smtp_workbench.smtp.protocol import MalformedReplyError
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome, StageError

_NOT_IMPLEMENTED: Final = (500, 502, 504)
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


async def greet(session: Session) -> None:
    """Wait for the greeting (RFC 5321, section 3.1), and find out what a silent port speaks."""
    async with session.stages.stage(Stage.GREETING, session.transport.timeouts.greeting) as outcome:
        reserve = 0.0 if session.tls else min(1.0, outcome.limit / 5)
        try:
            async with asyncio.timeout(outcome.limit - reserve):
                reply = session.reply_of(await session.wire.read_reply())
        except MalformedReplyError as error:
            raise StageError(other_service(session.text(error.line))) from error
        except TimeoutError:
            if session.wire.received or not reserve:
                raise
            raise StageError(await _sound_out(session, outcome.limit, reserve * 0.9)) from None
        if is_ftp(reply):
            params = {"service": "ftp"}
            raise StageError(Failure(Kind.OTHER_SERVICE, str(reply), reply, params=params))
        session.accept(reply, None, 220, outcome)


async def _sound_out(session: Session, limit: float, reserve: float) -> Failure:
    said = await sound_out(session.wire.stream, reserve)
    silence = f"no greeting within {limit:g} s"
    if not said:
        return Failure(Kind.SILENCE, silence, params={"probe": "none"})
    if is_tls(said):
        evidence = f"{silence}; the port answered a TLS hello"
        return Failure(Kind.SILENCE, evidence, params={"probe": "tls"})
    line = session.text(said.splitlines()[0])
    if service_of(line) == "other":
        return Failure(Kind.SILENCE, f"{silence}; then: {line}", params={"probe": "other"})
    return other_service(line)


async def introduce(session: Session) -> None:
    """Say EHLO, HELO where the server knows no EHLO, or LHLO over LMTP (RFC 2033)."""
    verb = "LHLO" if session.transport.protocol is Protocol.LMTP else "EHLO"
    async with session.stages.stage(Stage.EHLO, session.transport.timeouts.socket) as outcome:
        for raw in session.wire.take_unsolicited():
            outcome.notice("unsolicited_line", text=session.reply_of(raw))
        reply = await _say(session, verb)
        if reply.code in _NOT_IMPLEMENTED:
            reply, verb = await _say_otherwise(session, reply, verb, outcome)
        session.accept(reply, verb, 250, outcome)
        session.esmtp = verb != "HELO"
        session.extensions = extensions_of(reply) if session.esmtp else {}
        outcome.facts["extensions"] = session.extensions
        outcome.detail = f"{reply.lines[0]} · {', '.join(session.extensions) or 'no extensions'}"


async def _say(session: Session, verb: str) -> Reply:
    reply = await session.command(f"{verb} {ehlo_name(session)}")
    if reply.code == 220:  # a second greeting that was still under way
        session.stages.note("that was no answer but another greeting", tls=session.tls)
        reply = session.reply_of(await session.wire.read_reply())
    return reply


async def _say_otherwise(
    session: Session, refusal: Reply, verb: str, outcome: Outcome
) -> tuple[Reply, str]:
    """Try HELO, then whether the server speaks the other one of SMTP and LMTP."""
    if verb == "EHLO":
        reply = await _say(session, "HELO")
        if reply.code == 250:
            outcome.notice("helo_fallback", reply=refusal)
            return reply, "HELO"
    other, spoken = ("LHLO", "lmtp") if verb == "EHLO" else ("EHLO", "smtp")
    if (await _say(session, other)).code == 250:
        params = {"spoken": spoken}
        raise StageError(Failure(Kind.OTHER_PROTOCOL, str(refusal), refusal, verb, params))
    return refusal, verb


def ehlo_name(session: Session) -> str:
    """Return how we introduce ourselves: as told, by this machine's name, or by its address."""
    if session.transport.ehlo_name:
        return session.transport.ehlo_name
    name = socket.gethostname()
    if _HOST_NAME.fullmatch(name):
        return name
    # RFC 5321, section 4.1.4: a client without a name gives its address.
    address: str = session.wire.stream.get_extra_info("sockname")[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def extensions_of(reply: Reply) -> dict[str, str]:
    """Return the keywords of an EHLO reply with their parameters (RFC 5321, section 4.1.1.1).

    The `AUTH=LOGIN` form of servers older than RFC 2554 counts as AUTH.
    """
    found: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().partition(" ")
        keyword = keyword.upper()
        if keyword.startswith("AUTH="):
            keyword, parameters = "AUTH", f"{keyword[5:]} {parameters}"
        if keyword:
            words = [*found.get(keyword, "").split(), *parameters.split()]
            found[keyword] = " ".join(dict.fromkeys(words))
    return found
