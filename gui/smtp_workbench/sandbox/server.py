"""The sandbox: an SMTP server on loopback that learns from nobody and forgets at its end.

It runs on the event loop of whoever starts it. Four ports: STARTTLS with AUTH after it, implicit
TLS, plaintext with AUTH at once, and LMTP in plaintext.
"""

import asyncio
import ipaddress
import secrets
import shutil
import ssl
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from smtp_workbench.sandbox.authority import Authority
from smtp_workbench.sandbox.conversation import Conversation
from smtp_workbench.sandbox.doorway import Doorway
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.inbox import Inbox
from smtp_workbench.sandbox.mechanisms import Account
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Protocol, Security, Tls, Transport, Trust

USER: Final = "demo@sandbox.test"
HOST: Final = "127.0.0.1"
_TURNS: Final = 4
"""Of the loop: from a connection's acceptance to its protocol, or from its end to its close."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the sandbox listens."""

    starttls: int = 0
    tls: int = 0
    plain: int = 0
    lmtp: int = 0


class Sandbox:
    """The server. Start it with `start` or as an async context manager; stop it with `stop`."""

    def __init__(
        self,
        *,
        user: str = USER,
        password: Secret | None = None,
        host: str = HOST,
        ports: Ports = Ports(),
        fault: Fault | None = None,
    ) -> None:
        """Prepare; port 0 is any free one, and without a *password* a random one is made.

        Raises ValueError for a *host* that is not a loopback address.
        """
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the sandbox listens on loopback only, not on {host}")
        self.account = Account(user, password or Secret(secrets.token_urlsafe(12)))
        self.inbox = Inbox()
        self.fault = fault
        """How to fail from the next connection on. Change it with `set_fault`."""
        self.ports = ports
        """Where it listens, once it runs."""
        self.running = False
        self.greylisted: set[tuple[str, str]] = set()
        self.visitors: set[Conversation | Doorway] = set()
        self._host = host
        self._wanted = ports
        self._servers: list[asyncio.Server] = []
        self._authority: Authority | None = None
        self._clear_away: Callable[[], object] = lambda: None

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
        """Listen, unless it does. Raises OSError when a port that was asked for is taken."""
        if self.running:
            return
        folder = tempfile.mkdtemp(prefix="smtp-workbench-")
        # Also when nobody calls `stop`, at the latest as the program ends.
        self._clear_away = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._authority = Authority(Path(folder))
        self.running = True
        try:
            self.ports = Ports(
                starttls=await self._listen(self._wanted.starttls, self._starttls),
                tls=await self._listen(self._wanted.tls, lambda: Doorway(self)),
                plain=await self._listen(self._wanted.plain, self._plain),
                lmtp=await self._listen(self._wanted.lmtp, self._lmtp),
            )
        except BaseException:
            await self.stop()
            raise

    def set_fault(self, fault: Fault | None) -> None:
        """Fail in another way, or not at all, from the next connection on."""
        self.fault = fault
        self.greylisted.clear()

    async def stop(self) -> None:
        """Hang up on everyone, free the ports and remove the certificates."""
        self.running = False
        self._authority = None
        self._clear_away()
        try:
            # Whoever was accepted just now is still on the way to us, and a server that closes
            # meanwhile would forget the socket without closing it.
            await self._send_away()
        finally:
            for server in self._servers:
                server.close()
            self._servers.clear()
        await self._send_away()
        self.visitors.clear()

    async def _send_away(self) -> None:
        for _ in range(_TURNS):
            for visitor in tuple(self.visitors):
                visitor.end()
            tasks = [visitor.task for visitor in self.visitors if visitor.task is not None]
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)

    def lmtp_transport(self) -> Transport:
        """Return settings with which it is reached by LMTP."""
        plain = self.transport(Security.PLAINTEXT)
        return replace(plain, protocol=Protocol.LMTP, port=self.ports.lmtp, auth=Auth())

    def transport(self, security: Security = Security.STARTTLS) -> Transport:
        """Return settings with which this server is reached and trusted."""
        ports = {
            Security.IMPLICIT_TLS: self.ports.tls,
            Security.PLAINTEXT: self.ports.plain,
        }
        return Transport(
            host=self._host,
            port=ports.get(security, self.ports.starttls),
            security=security,
            tls=Tls(trust=Trust.CA_FILE, ca_file=str(self._made.ca_file), server_name="localhost"),
            auth=Auth(user=self.user),
        )

    def tls_context(self, fault: Fault | None) -> ssl.SSLContext:
        """Return the server's side of TLS with the certificate that *fault* wants."""
        return self._made.server_context(fault.certificate if fault else "")

    @property
    def _made(self) -> Authority:
        if self._authority is None:
            raise RuntimeError("the sandbox is not running")
        return self._authority

    def _starttls(self) -> Conversation:
        tls = self.tls_context(self.fault) if self.running else None
        return Conversation(self, tls=tls, auth=False)

    def _plain(self) -> Conversation:
        return Conversation(self, tls=None, auth=True)

    def _lmtp(self) -> Conversation:
        return Conversation(self, tls=None, auth=True, lmtp=True)

    async def _listen(self, port: int, factory: Callable[[], asyncio.Protocol]) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(factory, self._host, port)
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound
