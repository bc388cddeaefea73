"""STARTTLS (RFC 3207): whether it is there, whether it is clean, and EHLO again after it."""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.events import Failure, Kind, Stage
from smtp_workbench.smtp.hello import introduce
from smtp_workbench.smtp.opening import handshake
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome, StageError

_MASKED: Final = re.compile(r"X{3,}[A-Z]?|\*{3,}")
"""What firewalls that rewrite SMTP leave of a keyword they hide."""


async def secure(session: Session) -> None:
    """Upgrade the connection as the settings want, and say EHLO again."""
    if session.tls or session.transport.security is Security.PLAINTEXT:
        return
    async with session.stages.stage(Stage.STARTTLS, session.transport.timeouts.socket) as outcome:
        if "STARTTLS" not in session.extensions:
            _go_on_without(session, outcome)
            return
        session.wire.pause_after_reply = True
        reply = await session.command("STARTTLS")
        if reply.code != 220:
            session.wire.resume()
        session.accept(reply, "STARTTLS", 220, outcome)
        _refuse_injection(session)
    await handshake(session)
    # What the server said in plaintext counts no more (RFC 3207, section 4.2).
    before, session.extensions = session.extensions, {}
    await introduce(session)
    _note_auth_change(session, before)


def _go_on_without(session: Session, outcome: Outcome) -> None:
    masked = next((word for word in session.extensions if _MASKED.fullmatch(word)), None)
    offered = " ".join(session.extensions) or "nothing"
    params = {"esmtp": "yes" if session.esmtp else "no", "offered": offered}
    if session.transport.security is Security.STARTTLS:
        if masked:
            params["masked"] = masked
            evidence = f"EHLO shows {masked} where STARTTLS could stand"
            raise StageError(Failure(Kind.STARTTLS_MASKED, evidence, params=params))
        evidence = f"STARTTLS is not among what the server offers: {offered}"
        raise StageError(Failure(Kind.STARTTLS_NOT_OFFERED, evidence, params=params))
    outcome.notice("plaintext_session")
    outcome.detail = "not offered; the session stays in plaintext"
    session.stages.note(f"STARTTLS {outcome.detail}")


def _refuse_injection(session: Session) -> None:
    protocol = session.wire
    replies = [line for raw in protocol.take_unsolicited() for line in raw.lines]
    behind = session.text(b"\n".join([*replies, protocol.partial]).strip())
    if behind:
        evidence = f"plaintext behind the answer to STARTTLS: {behind}"
        raise StageError(Failure(Kind.STARTTLS_INJECTION, evidence, params={"text": behind}))


def _note_auth_change(session: Session, before: Mapping[str, str]) -> None:
    old, new = before.get("AUTH", "nothing"), session.extensions.get("AUTH", "nothing")
    if set(old.split()) != set(new.split()):
        session.stages.note(f"AUTH offered before TLS: {old}; now: {new}", tls=True)
