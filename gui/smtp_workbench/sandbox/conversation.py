"""One connection of the sandbox: aiosmtpd's protocol with the fault of the day."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as Peer

from smtp_workbench.sandbox.faults import Fault
from smtp_workbench.sandbox.inbox import Message
from smtp_workbench.sandbox.mechanisms import initial_response

if TYPE_CHECKING:
    from smtp_workbench.sandbox.server import Sandbox

HOST_NAME: Final = "sandbox.localhost"
SIZE: Final = 35_882_577
_OK: Final = "250 2.0.0 Ok"
_DRIP: Final = 0.2
"""Seconds between two octets."""

# It logs what clients send, log-ins included.
logging.getLogger("mail.log").disabled = True

_Method = Callable[[str], Awaitable[None]]


class Conversation(SMTP):
    """Speaks with one client. `sandbox` says how to fail and keeps what is sent."""

    def __init__(self, sandbox: "Sandbox", *, tls: ssl.SSLContext | None, auth: bool) -> None:
        self._sandbox = sandbox
        self._fault: Fault | None = sandbox.fault
        size = self._fault.size if self._fault else 0
        super().__init__(
            Handler(sandbox),
            data_size_limit=size or SIZE,
            enable_SMTPUTF8=True,
            hostname=HOST_NAME,
            ident="ESMTP SMTP Workbench sandbox",
            tls_context=tls,
            auth_require_tls=not auth,
            authenticator=_authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._smtp_methods = {
            verb: self._failing(verb, method) for verb, method in self._smtp_methods.items()
        }
        self._over = False

    @property
    def account(self) -> Any:
        """Who may log in."""
        return self._sandbox.account

    @property
    def handler_task(self) -> "asyncio.Task[None] | None":
        """The task that answers, for whoever waits for its end."""
        return self._handler_coroutine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start answering."""
        super().connection_made(transport)
        self._sandbox.connections.add(self)
        if transport.get_extra_info("sslcontext") is not None and self.session is not None:
            # aiosmtpd sets it after STARTTLS only, and an inbox wants to know.
            self.session.ssl = {"cipher": transport.get_extra_info("cipher")}

    def connection_lost(self, error: Exception | None) -> None:
        """Stop answering; a failed handshake makes aiosmtpd say it twice."""
        if self._over:
            return
        self._over = True
        self._sandbox.connections.discard(self)
        self._sandbox.ending.add(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            if await self._greets():
                await super()._handle_client()
        except ConnectionError:
            pass  # the client is gone, which is its right
        finally:
            self._sandbox.ending.discard(self)

    async def _greets(self) -> bool:
        """Whether the usual greeting follows; a fault may have said another one."""
        fault = self._fault
        if fault is None:
            return True
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.drips:
            for octet in b"220-" + b"x" * 4000:
                self._writer.write(bytes([octet]))
                await asyncio.sleep(_DRIP)
        if fault.drops == "GREETING":
            self._hang_up()
            return False
        if "GREETING" in fault.replies:
            await self.push(fault.replies["GREETING"])
            await self._reader.readline()
            self._hang_up()
            return False
        return True

    def _failing(self, verb: str, method: _Method) -> _Method:
        async def answer(argument: str) -> None:
            fault = self._fault
            if fault is not None and fault.drops == verb:
                self._hang_up()
            elif fault is not None and verb in fault.replies:
                await self.push(fault.replies[verb])
                if fault.replies[verb].startswith("421"):
                    self._hang_up()
            elif fault is not None and verb == "STARTTLS" and self._spoils_tls(fault):
                await self._spoil_tls(fault)
            else:
                await method(argument)

        return answer

    def _spoils_tls(self, fault: Fault) -> bool:
        return fault.drops == "TLS" or "TLS" in fault.replies

    async def _spoil_tls(self, fault: Fault) -> None:
        await self.push("220 2.0.0 Ready to start TLS")
        await self._reader.read(1)
        if "TLS" in fault.replies:
            await self.push(fault.replies["TLS"])
            await self._reader.read()
        self._hang_up()

    def _hang_up(self) -> None:
        if self.transport is not None:
            self._writer.close()


def _authenticate(
    server: SMTP, _peer: Peer, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    """Decide about PLAIN and LOGIN."""
    admitted = isinstance(server, Conversation) and server.account.admits(data.login, data.password)
    if not admitted:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login.decode())


class Handler:
    """What aiosmtpd asks about each command."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self.auth_CRAM__MD5 = self._cram_md5
        self.auth_SCRAM__SHA__256 = self._scram
        self.auth_XOAUTH2 = self._xoauth2

    async def handle_EHLO(  # noqa: N802  # aiosmtpd finds it by this name
        self, _server: SMTP, peer: Peer, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> Sequence[str]:
        """Announce what there is, but for what the fault hides."""
        peer.host_name = hostname
        hidden = self._sandbox.fault.hides if self._sandbox.fault else ()
        kept = [line for line in replies[:-1] if line[4:].partition(" ")[0] not in hidden]
        return [*kept, "250-ENHANCEDSTATUSCODES", replies[-1]]

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _peer: Peer, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take any sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _peer: Peer, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take any recipient, but perhaps only at the second try."""
        pair = (str(envelope.mail_from), address)
        fault = self._sandbox.fault
        if fault is not None and fault.greylists and pair not in self._sandbox.greylisted:
            self._sandbox.greylisted.add(pair)
            return "451 4.7.1 Greylisted, please try again in 300 seconds"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, peer: Peer, envelope: Envelope
    ) -> str:
        """Keep the message."""
        fault = self._sandbox.fault
        if fault is not None and fault.drops == "DOT":
            server._writer.close()
            return _OK
        if fault is not None and "DOT" in fault.replies:
            return fault.replies["DOT"]
        inbox = self._sandbox.inbox
        content = envelope.original_content or b""
        message = Message(
            id=inbox.next_id(),
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=content,
            options=tuple(envelope.mail_options),
            user=peer.auth_data if isinstance(peer.auth_data, str) else None,
            ehlo_name=str(peer.host_name or ""),
            tls=" ".join(str(part) for part in ((peer.ssl or {}).get("cipher") or ())[:2]),
            peer=str(peer.peer[0]) if peer.peer else "",
        )
        inbox.add(message)
        return f"250 2.0.0 Ok: queued as {message.id:08X}"

    async def _cram_md5(self, server: SMTP, _arguments: list[str]) -> AuthResult:
        return await self._sandbox.account.cram_md5(server)

    async def _scram(self, server: SMTP, arguments: list[str]) -> AuthResult:
        return await self._sandbox.account.scram_sha_256(server, initial_response(arguments))

    async def _xoauth2(self, server: SMTP, arguments: list[str]) -> AuthResult:
        return await self._sandbox.account.xoauth2(server, initial_response(arguments))
