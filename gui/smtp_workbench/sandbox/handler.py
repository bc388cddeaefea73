"""What the sandbox takes: aiosmtpd asks here about log-ins, senders, recipients and messages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as Peer

from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.inbox import Message
from smtp_workbench.sandbox.mechanisms import CHECKS, Check, EndedError, Exchange

if TYPE_CHECKING:
    from smtp_workbench.sandbox.server import Sandbox

_REFUSED: Final = AuthResult(success=False, handled=False)
_Hook = Callable[[SMTP, list[str]], Awaitable[AuthResult]]


class Handler:
    """Answers for one conversation. aiosmtpd finds the methods by their names."""

    def __init__(self, sandbox: "Sandbox", fault: Fault) -> None:
        self._sandbox = sandbox
        self._fault = fault
        for mechanism, check in CHECKS.items():
            setattr(self, f"auth_{mechanism.replace('-', '__')}", self._auth_hook(check))

    def authenticate(
        self, _server: SMTP, _peer: Peer, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        """Decide about PLAIN and LOGIN."""
        return self._result(admitted=self._sandbox.account.admits(data.login, data.password))

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, peer: Peer, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> Sequence[str]:
        """Announce what there is, but for what the fault hides."""
        peer.host_name = hostname
        offered = [*replies[:-1], "250-ENHANCEDSTATUSCODES", replies[-1]]
        return [line for line in offered if line[4:].partition(" ")[0] not in self._fault.hides]

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _peer: Peer, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take any sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _peer: Peer, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take any recipient, but perhaps only at the second try."""
        pair = (str(envelope.mail_from), address)
        if self._fault.greylists and pair not in self._sandbox.greylisted:
            self._sandbox.greylisted.add(pair)
            return "451 4.7.1 Greylisted, please try again in 300 seconds"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, peer: Peer, envelope: Envelope
    ) -> str:
        """Keep the message."""
        if "DOT" in self._fault.replies:
            return self._fault.replies["DOT"]
        inbox = self._sandbox.inbox
        message = Message(
            id=inbox.next_id(),
            sender=_path(envelope.mail_from),
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.original_content or b"",
            options=tuple(envelope.mail_options),
            user=peer.auth_data if isinstance(peer.auth_data, str) else None,
            ehlo_name=str(peer.host_name or ""),
            tls=_tls_of(server),
            peer=str(peer.peer[0]) if peer.peer else "",
        )
        inbox.add(message)
        if self._fault.drops == "DOT" and server.transport is not None:
            # The message is there and its sender does not know.
            server.transport.close()
        return f"250 2.0.0 Ok: queued as {message.id:08X}"

    async def handle_exception(self, error: Exception) -> str:
        """Answer for a fault of our own. Its text stays here: it may quote what the client said."""
        return f"451 4.3.0 Internal error: {type(error).__name__}"

    def _auth_hook(self, check: Check) -> _Hook:
        async def hook(server: SMTP, arguments: list[str]) -> AuthResult:
            try:
                admitted = await check(self._sandbox.account, Exchange(server, arguments))
            except EndedError:
                return AuthResult(success=False, handled=True)
            return self._result(admitted=admitted)

        return hook

    def _result(self, *, admitted: bool) -> AuthResult:
        if not admitted:
            return _REFUSED
        return AuthResult(success=True, auth_data=self._sandbox.user)


def _path(address: str | None) -> str:
    """Return the sender's address; aiosmtpd leaves the null path of bounces in its brackets."""
    return "" if address in (None, "<>") else str(address)


def _tls_of(server: SMTP) -> str:
    cipher = server.transport.get_extra_info("cipher") if server.transport else None
    return f"{cipher[1]} {cipher[0]}" if cipher else ""
