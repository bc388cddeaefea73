"""Commands that a person types into a session that is held open."""

import re
from dataclasses import replace
from typing import Final

from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.events import Failure, Kind
from smtp_workbench.smtp.hello import extensions_of
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import StageError
from smtp_workbench.smtp.upgrade import secure

_STARTTLS: Final = re.compile(r"\s*STARTTLS\s*", re.IGNORECASE)
_SENDS_MAIL: Final = re.compile(r"\s*(DATA|BDAT)\b", re.IGNORECASE)
_INTRODUCES: Final = re.compile(r"\s*(EHLO|LHLO)\b", re.IGNORECASE)


def sends_mail(line: str) -> bool:
    """Whether *line* begins the transmission of a message."""
    return _SENDS_MAIL.match(line) is not None


class Typist:
    """Turns typed lines into commands, one after the other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._in_message = False

    async def say(self, line: str) -> Reply | None:
        """Send *line*; return the reply, None within a message, where there is none.

        STARTTLS is followed by the handshake and EHLO. Raises ValueError for control characters,
        StageError when the connection is of no use any more.
        """
        session = self._session
        if self._in_message and line != ".":
            self._send_content(line)
            return None
        if _STARTTLS.fullmatch(line) and not session.tls and "STARTTLS" in session.extensions:
            session.transport = replace(session.transport, security=Security.STARTTLS)
            await secure(session)
            return None
        self._in_message = False
        reply = await session.type_command(line)
        self._in_message = sends_mail(line) and reply.code == 354
        if _INTRODUCES.match(line) and reply.positive:
            session.extensions = extensions_of(reply)
        return reply

    def _send_content(self, line: str) -> None:
        if any(character in line for character in "\r\n\0"):
            raise ValueError("a line of a message has no line end or zero byte in it")
        if not self._session.connected:
            raise StageError(Failure(Kind.CLOSED, "connection closed by the server"))
        self._session.wire.write(line.encode() + b"\r\n")
