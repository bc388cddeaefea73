"""One connection of the sandbox: aiosmtpd's protocol with the fault of the day."""

import asyncio
import logging
import re
import socket
import ssl
import struct
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Final

from smtp_workbench.sandbox.extended import ExtendedSMTP
from smtp_workbench.sandbox.fault import HEALTHY
from smtp_workbench.sandbox.handler import Handler

if TYPE_CHECKING:
    from smtp_workbench.sandbox.server import Sandbox

HOST_NAME: Final = "sandbox.localhost"
SIZE: Final = 35_882_577
_DRIP: Final = 0.2
"""Seconds between two octets."""
_LINGER: Final = 2.0
"""Seconds to listen to a client that is in the middle of a message as we hang up."""
_COMMAND_LINE: Final = 512
_AUTH_LINE: Final = 12_288
"""RFC 4954, section 4: tokens are long."""
_MAIL_LINE: Final = _COMMAND_LINE + 500 + 116
"""RFC 4954, section 3, and RFC 3461, section 5: what AUTH, ENVID and RET add."""
_RCPT_LINE: Final = _COMMAND_LINE + 529
"""RFC 3461, section 5: what ORCPT and NOTIFY add."""

# It logs what clients send, log-ins included.
logging.getLogger("mail.log").disabled = True

_Method = Callable[[str | None], Awaitable[None]]

_BARE: Final = re.compile(rf"(\d{{3}}) (?!\d\.\d|{re.escape(HOST_NAME)}|HELP$)")
"""A reply without enhanced status code, greeting and answers to EHLO and HELO excepted."""
_ENHANCED: Final = {
    "220": "2.0.0",
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.0.0",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "552": "5.3.4",
    "555": "5.5.4",
}
"""What aiosmtpd means by its own replies, which RFC 2034 wants to be said."""


def reset(transport: asyncio.WriteTransport) -> None:
    """Drop the connection with a RST."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Conversation(ExtendedSMTP):
    """Speaks with one client. `sandbox` says how to fail and keeps what is sent."""

    line_length_limit = _AUTH_LINE + 2  # for the stream reader, which is made with it
    # Some clients, such as NeoMutt's SASL, take no other words.
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(
        self, sandbox: "Sandbox", *, tls: ssl.SSLContext | None, auth: bool, lmtp: bool = False
    ) -> None:
        """Prepare; *tls* is for STARTTLS, *auth* allows a log-in without it."""
        self._sandbox = sandbox
        self._fault = sandbox.fault or HEALTHY
        handler = Handler(sandbox, self._fault)
        super().__init__(
            handler,
            lmtp=lmtp,
            hidden=self._fault.hides,
            data_size_limit=self._fault.size or SIZE,
            enable_SMTPUTF8=True,
            hostname=HOST_NAME,
            ident=f"{'LMTP' if lmtp else 'ESMTP'} SMTP Workbench sandbox",
            tls_context=tls,
            auth_require_tls=not auth,
            authenticator=handler.authenticate,
            loop=asyncio.get_running_loop(),
        )
        # aiosmtpd shares one table between all connections and clears it at each new one.
        self.command_size_limits = defaultdict(
            lambda: _COMMAND_LINE, AUTH=_AUTH_LINE, MAIL=_MAIL_LINE, RCPT=_RCPT_LINE
        )
        self._smtp_methods = {
            verb: self._failing(verb, method) for verb, method in self._smtp_methods.items()
        }

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task that answers."""
        return self._handler_coroutine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start answering, or go on after STARTTLS."""
        first = self.task is None
        super().connection_made(transport)
        if first and self.task is not None:
            self._sandbox.visitors.add(self)
            self.task.add_done_callback(self._leave)
            if not self._sandbox.running:
                self.end()
            elif self._fault.drops == "CONNECT" and isinstance(transport, asyncio.Transport):
                reset(transport)

    def eof_received(self) -> bool | None:
        """Stop answering; a client can leave before it has been introduced to us."""
        return super().eof_received() if self.session is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        """Stop answering."""
        if self.session is not None:
            super().connection_lost(error)
            self._leave()

    def end(self) -> None:
        """Hang up at once."""
        if isinstance(self.transport, asyncio.Transport):
            # Of a TLS transport that was closed twice, as aiosmtpd does, Python 3.11.2 has nothing
            # left to abort.
            with suppress(AttributeError):
                self.transport.abort()
        if self.task is not None:
            self.task.cancel()

    def _leave(self, _task: "asyncio.Task[None] | None" = None) -> None:
        if self.transport is None and self.task is not None and self.task.done():
            self._sandbox.visitors.discard(self)

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced status code if it is one of aiosmtpd's own."""
        if isinstance(status, str):
            bare = _BARE.match(status)
            if bare and bare[1] in _ENHANCED:
                status = f"{bare[0]}{_ENHANCED[bare[1]]} {status[bare.end() :]}"
            status = status.encode(errors="surrogateescape")
        await super().push(status)

    async def _handle_client(self) -> None:
        try:
            if await self._greets():
                await super()._handle_client()
        except ConnectionError:
            pass  # the client is gone, which is its right

    async def interrupts(self) -> bool:
        """Whether a fault ends the conversation in the middle of a message."""
        return await self._fails("MESSAGE")

    async def conclude(self, replies: list[str]) -> None:
        """Say what becomes of a message, or keep it to ourselves."""
        if self._fault.drops == "DOT":
            self._writer.close()
        elif self._fault.holds == "DOT":
            await self._hold()
        else:
            await super().conclude(replies)

    async def _greets(self) -> bool:
        """Whether the usual greeting follows; a fault may have said another one."""
        if self._fault.delay:
            await asyncio.sleep(self._fault.delay)
        if self._fault.drips:
            for octet in b"220-" + b"x" * 4000:
                self._writer.write(bytes([octet]))
                await asyncio.sleep(_DRIP)
        return not await self._fails("GREETING")

    def _failing(self, verb: str, method: _Method) -> _Method:
        @wraps(method)  # HELP reads what aiosmtpd has noted there
        async def answer(argument: str | None) -> None:
            # What is asked for as LHLO or BDAT fails like its likes.
            if await self._fails({"LHLO": "EHLO", "BDAT": "DATA"}.get(verb, verb)):
                return
            if verb == "STARTTLS" and self._fault.spoils_tls:
                await self._spoil_tls()
                return
            if verb == "AUTH" and argument:
                # RFC 4954, section 3: the case of a mechanism's name does not matter.
                mechanism, blank, rest = argument.partition(" ")
                argument = mechanism.upper() + blank + rest
            await method(argument)

        return answer

    async def _fails(self, point: str) -> bool:
        """Do what the fault does at *point*; whether it does anything."""
        fault = self._fault
        if fault.drops == point:
            self._writer.close()
        elif fault.holds == point:
            await self._hold()
        elif point in fault.replies:
            await self._say(fault.replies[point])
            hangs_up = fault.replies[point].startswith("421")
            if point == "GREETING" and not hangs_up:
                # Whoever is refused may say QUIT.
                await self._reader.readline()
                hangs_up = True
            if hangs_up and point == "MESSAGE":
                await self._hang_up_late()
            elif hangs_up:
                self._writer.close()
        else:
            return False
        return True

    async def _spoil_tls(self) -> None:
        await self._say("220 2.0.0 Ready to start TLS")
        await self._reader.read(1)
        if "TLS" in self._fault.replies:
            await self._say(self._fault.replies["TLS"])
        if self._fault.drops != "TLS":
            await self._hold()
        self._writer.close()

    async def _hold(self) -> None:
        """Listen and say nothing, until the client hangs up."""
        while await self._reader.read(4096):
            pass

    async def _hang_up_late(self) -> None:
        """Close when the client has ended: with octets unread the reply would be lost in a RST."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                await self._hold()
        self._writer.close()

    async def _say(self, reply: str) -> None:
        """Send what a fault says, as it is."""
        await self.push(reply.encode())
