"""One connection to one server: what is known of it, and how to talk over it.

The steps are functions that take a session, a file for each part of the conversation: `opening`,
`hello`, `upgrade`, `login`, `envelope`, `transfer`. Each is one or more stages; it reports, and
raises `StageError` when the run can't go on. `run` puts them in order. Whoever makes a session
closes it, also after an error:

    async with Session(transport, secret, observer=observer) as session:
        await open_connection(session)
        await greet(session)
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Failure, Gate, Kind, Line, Observer, Stage, Status
from smtp_workbench.smtp.protocol import (
    DroppedError,
    MalformedReplyError,
    RawReply,
    ReplyProtocol,
)
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.stages import MOST_LINES, Outcome, StageError, Stages
from smtp_workbench.smtp.wire import Redactor

if TYPE_CHECKING:
    import socket

_GOODBYE: Final = 5.0
"""Seconds that a server has for its answer to QUIT; nothing depends on it."""
_FAREWELL: Final = 1.0
"""The same after a failure, when the person wants to read why."""
_STILL_LISTENING: Final = frozenset(
    {
        Kind.REPLY,
        Kind.STARTTLS_NOT_OFFERED,
        Kind.STARTTLS_MASKED,
        Kind.AUTH_NOT_OFFERED,
        Kind.AUTH_NOT_OFFERED_BEFORE_TLS,
        Kind.NO_COMMON_MECHANISM,
        Kind.PLAINTEXT_CREDENTIALS,
        Kind.MECHANISM,
        Kind.OTHER_PROTOCOL,
        Kind.SMTPUTF8_NOT_OFFERED,
        Kind.EIGHT_BIT_NOT_OFFERED,
        Kind.NO_ADDRESS_ACCEPTED,
        Kind.SETTINGS,
    }
)
"""Failures after which the server still waits for a command."""


async def no_gate(_stage: Stage) -> None:
    """Let every stage begin at once."""


def no_observer(_event: object) -> None:
    """Ignore every event."""


class Session:
    """One connection. See the module for its use."""

    def __init__(
        self,
        transport: Transport,
        secret: Secret | None = None,
        *,
        observer: Observer = no_observer,
        gate: Gate = no_gate,
        also_hide: Sequence[Secret] = (),
    ) -> None:
        """Prepare; nothing happens yet. *also_hide* are further secrets that must not show."""
        self.transport = transport
        self.secret = secret
        known = [item for item in (secret, *also_hide) if item]
        self.redactor = Redactor(known, transport.auth.user)
        self.stages = Stages(observer, gate, transport.timeouts.total, self.redactor)
        self.stages.partial = self._partial
        self.extensions: Mapping[str, str] = {}
        """What the last EHLO offered."""
        self.esmtp = False
        """Whether the server knows EHLO or LHLO."""
        self.tls = False
        self.on_this_machine = False
        """Whether the peer is this machine, so that nobody listens on the way."""
        self.sock: socket.socket | None = None
        """The connected socket, until a protocol owns it."""
        self.protocol: ReplyProtocol | None = None
        self.mid_message = False
        """Whether the server takes what comes for a part of a message, and no commands."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def wire(self) -> ReplyProtocol:
        """The protocol. Raises DroppedError where there is none."""
        if self.protocol is None:
            raise DroppedError(None)
        return self.protocol

    async def command(self, line: str) -> Reply:
        """Send one command line and return its reply; errors as `ReplyProtocol.command`."""
        return self.reply_of(await self.raw_command(line.encode()))

    async def raw_command(self, line: bytes) -> RawReply:
        """Do as `command`, for an exchange that needs the reply as it came."""
        return await self.wire.command(line)

    async def next_reply(self) -> Reply:
        """Return the reply to what was sent before; errors as `ReplyProtocol.read_reply`."""
        return self.reply_of(await self.wire.read_reply())

    def reply_of(self, raw: RawReply) -> Reply:
        """Return *raw* in the form that may be shown."""
        return Reply(raw.code, raw.shown)

    def text(self, data: bytes) -> str:
        """Return what came over the wire as text that may be shown."""
        return self.redactor.show(data)

    def accept(self, reply: Reply, command: str | None, wanted: int, outcome: Outcome) -> None:
        """Fill in the outcome. Raises StageError for any other code than the one *wanted*.

        Every 2xx is as good as 250 (RFC 5321, section 4.3.2).
        """
        if reply.code >= 400:
            raise StageError(Failure(Kind.REPLY, str(reply), reply, command))
        if reply.code != wanted and not (reply.positive and wanted == 250):
            evidence = f"{reply}\ninstead of {wanted}"
            raise StageError(Failure(Kind.MALFORMED, evidence, reply, command))
        outcome.detail, outcome.facts["reply"] = str(reply), reply

    async def type_command(self, line: str) -> Reply:
        """Send a command as a person typed it and return the reply.

        Raises ValueError for control characters, StageError when the connection is of no use.
        """
        try:
            async with asyncio.timeout(self.transport.timeouts.socket):
                return await self.command(line)
        except TimeoutError as error:
            failure = Failure(Kind.TIMEOUT, "the server did not answer in time")
            raise StageError(failure) from error
        except MalformedReplyError as error:
            evidence = f"{error.why}: {self.text(error.line)}"
            raise StageError(Failure(Kind.MALFORMED, evidence)) from error
        except DroppedError as error:
            failure = Failure(Kind.CLOSED, "connection closed by the server")
            raise StageError(failure) from error

    async def quit(self) -> None:
        """Say QUIT; a server that does not answer it properly gets a warning, no more."""
        async with self.stages.stage(Stage.QUIT, self.transport.timeouts.socket) as outcome:
            try:
                async with asyncio.timeout(min(outcome.limit, _GOODBYE)):
                    reply = await self.command("QUIT")
            except (TimeoutError, DroppedError, MalformedReplyError):
                outcome.status, outcome.detail = Status.WARNING, "no proper answer to QUIT"
                return
            outcome.detail, outcome.facts["reply"] = str(reply), reply

    @property
    def connected(self) -> bool:
        """Whether the server can still be spoken to."""
        alive = self.protocol is not None and self.protocol.is_connected
        return alive and not self.mid_message

    def listens_after(self, failure: Failure) -> bool:
        """Whether the server can be expected to wait for a command after *failure*."""
        return failure.kind in _STILL_LISTENING and self.connected

    async def leave(self, failure: Failure) -> None:
        """Say QUIT after *failure*, if the server can be expected to listen still."""
        if not self.listens_after(failure):
            return
        try:
            async with asyncio.timeout(_FAREWELL):
                await self.command("QUIT")
        except (TimeoutError, DroppedError, MalformedReplyError):
            return

    async def close(self) -> None:
        """Hang up at once and wait until the socket is gone."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None
        protocol, self.protocol = self.protocol, None
        if protocol is not None and protocol.transport is not None:
            protocol.stream.abort()
            await protocol.wait_closed()

    def tap(self, direction: str, line: bytes) -> str:
        """Report a line of traffic without its secrets, and return what was shown."""
        text = self.redactor.client(line) if direction == "C" else self.redactor.server(line)
        self.stages.emit(Line(self.stages.now(), direction, self.tls, text))
        return text

    def _partial(self) -> str:
        lines = self.protocol.partial.split(b"\n") if self.protocol else []
        return "\n".join(self.redactor.reply(lines[:MOST_LINES], whole=False))
