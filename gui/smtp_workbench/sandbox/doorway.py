"""Implicit TLS (RFC 8314): the handshake before the first word, and the faults at that point.

`create_server(ssl=…)` would do the same for good servers, but keeps one certificate for good and
hides a connection until its handshake is over, so that nobody could close it.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from smtp_workbench.sandbox.conversation import Conversation, reset
from smtp_workbench.sandbox.fault import HEALTHY

if TYPE_CHECKING:
    from smtp_workbench.sandbox.server import Sandbox


class Doorway(asyncio.Protocol):
    """Takes one client through the handshake and hands it on to a conversation."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._fault = sandbox.fault or HEALTHY
        self._transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake, unless the fault has none."""
        self._transport = stream = cast("asyncio.Transport", transport)
        self._sandbox.visitors.add(self)
        if not self._sandbox.running:
            self.end()
        elif self._fault.drops == "CONNECT":
            reset(stream)
        elif not self._fault.spoils_tls:
            # The client's hello must wait for the protocol that understands it. Python before
            # 3.11.3 begins to read after this call, whatever is said here.
            loop = asyncio.get_running_loop()
            loop.call_soon(stream.pause_reading)
            self.task = loop.create_task(self._enter(stream))
            self.task.add_done_callback(self._leave)

    def data_received(self, _data: bytes) -> None:
        """Answer a client's hello with anything but TLS."""
        if self._transport is None:
            return
        if "TLS" in self._fault.replies:
            self._transport.write(self._fault.replies["TLS"].encode() + b"\r\n")
        if self._fault.holds != "TLS":
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the client; after a handshake its conversation hears of this instead."""
        self._sandbox.visitors.discard(self)

    def end(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()
        if self.task is not None:
            self.task.cancel()

    async def _enter(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        conversation = Conversation(self._sandbox, tls=None, auth=True)
        context = self._sandbox.tls_context(self._fault)
        try:
            stream = await loop.start_tls(transport, conversation, context, server_side=True)
        except (OSError, ssl.SSLError):
            return  # the client does not want this server, or hung up
        if stream is not None and not stream.is_closing():
            conversation.connection_made(stream)

    def _leave(self, _task: "asyncio.Task[None]") -> None:
        self._sandbox.visitors.discard(self)
