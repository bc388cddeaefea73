"""The sandbox: an SMTP server on loopback that learns from nobody and forgets at its end.

It runs on the event loop of whoever starts it. Three ports: STARTTLS with AUTH after it, implicit
TLS, and plaintext with AUTH at once.
"""

import asyncio
import secrets
import shutil
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from smtp_workbench.sandbox.authority import Authority
from smtp_workbench.sandbox.conversation import Conversation
from smtp_workbench.sandbox.faults import Fault
from smtp_workbench.sandbox.inbox import Inbox
from smtp_workbench.sandbox.mechanisms import Account
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust

USER: Final = "demo@sandbox.test"
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sandbox listens."""

    starttls: int = 0
    tls: int = 0
    plain: int = 0


class Sandbox:
    """The server. Start it with `start` or as an async context manager; stop it with `stop`."""

    def __init__(
        self,
        *,
        user: str = USER,
        password: Secret | None = None,
        ports: Ports = Ports(),
        fault: Fault | None = None,
    ) -> None:
        """Prepare; port 0 is any free one, and without a *password* a random one is made."""
        self.account = Account(user, password or Secret(secrets.token_urlsafe(12)))
        self.inbox = Inbox()
        self.fault = fault
        self.ports = ports
        self.greylisted: set[tuple[str, str]] = set()
        self.connections: set[Conversation] = set()
        self.ending: set[Conversation] = set()
        self._servers: list[asyncio.Server] = []
        self._folder: Path | None = None
        self._authority: Authority | None = None
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def user(self) -> str:
        """Who may log in."""
        return self.account.user

    @property
    def password(self) -> Secret:
        """With which password, or token for XOAUTH2."""
        return self.account.password

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. Raises OSError when a port that was asked for is taken."""
        self._folder = Path(tempfile.mkdtemp(prefix="smtp-workbench-"))  # once
        self._authority = Authority(self._folder)
        try:
            starttls = await self._listen(self.ports.starttls, self._starttls)
            tls = await self._listen(self.ports.tls, self._after_tls, self._context())
            plain = await self._listen(self.ports.plain, self._plain)
        except BaseException:
            await self.stop()
            raise
        self.ports = Ports(starttls, tls, plain)

    async def set_fault(self, fault: Fault | None) -> None:
        """Fail in another way, or not at all, from the next connection on."""
        self.fault = fault
        self.greylisted.clear()
        if self._servers:
            # A listening socket keeps the certificate it began with.
            old = self._servers.pop(1)
            old.close()
            await self._listen(self.ports.tls, self._after_tls, self._context())
            self._servers.insert(1, self._servers.pop())

    async def stop(self) -> None:
        """Hang up on everyone, free the ports and remove the certificates."""
        for server in self._servers:
            server.close()
        talking = [*self.connections, *self.ending]
        for connection in talking:
            if connection.transport is not None:
                connection.transport.abort()  # type: ignore[attr-defined]  # it is one
            if connection.handler_task is not None:
                connection.handler_task.cancel()
        tasks = [each.handler_task for each in talking if each.handler_task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        # The sockets close in the loop's next turn.
        await asyncio.sleep(0)
        self._servers.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def transport(self, security: Security = Security.STARTTLS) -> Transport:
        """Return settings with which this server is reached and trusted."""
        ports = {
            Security.IMPLICIT_TLS: self.ports.tls,
            Security.PLAINTEXT: self.ports.plain,
        }
        return Transport(
            host=HOST,
            port=ports.get(security, self.ports.starttls),
            security=security,
            tls=Tls(trust=Trust.CA_FILE, ca_file=str(self._made.ca_file)),
            auth=Auth(user=self.user),
        )

    @property
    def _made(self) -> Authority:
        if self._authority is None:
            raise RuntimeError("the sandbox has not been started")
        return self._authority

    def _context(self) -> ssl.SSLContext:
        flaw = self.fault.certificate if self.fault else ""
        if flaw not in self._contexts:
            self._contexts[flaw] = self._made.server_context(flaw)
        return self._contexts[flaw]

    def _starttls(self) -> Conversation:
        return Conversation(self, tls=self._context(), auth=False)

    def _after_tls(self) -> Conversation:
        return Conversation(self, tls=None, auth=True)

    def _plain(self) -> Conversation:
        return Conversation(self, tls=None, auth=True)

    async def _listen(
        self, port: int, factory: Callable[[], Conversation], tls: ssl.SSLContext | None = None
    ) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(factory, HOST, port, ssl=tls)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound
