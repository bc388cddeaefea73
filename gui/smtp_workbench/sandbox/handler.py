"""What the sandbox takes: aiosmtpd asks here about log-ins, senders, recipients and messages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as Peer

from smtp_workbench.sandbox.extended import ExtendedSMTP, Transaction
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.inbox import Message
from smtp_workbench.sandbox.mechanisms import CHECKS, Check, EndedError, Exchange

if TYPE_CHECKING:
    from smtp_workbench.sandbox.server import Sandbox

_REFUSED: Final = AuthResult(success=False, handled=False)
_KEYWORDS: Final = ("PIPELINING", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES")
"""What is offered beside what aiosmtpd offers: RFC 2920, 3030, 3461 and 2034."""
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
        ours = (f"250-{keyword}" for keyword in _KEYWORDS)
        offered = [*replies[:-1], *ours, replies[-1]]
        return [line for line in offered if line[4:].partition(" ")[0] not in self._fault.hides]

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self,
        server: ExtendedSMTP,
        _peer: Peer,
        transaction: Transaction,
        address: str,
        _options: list[str],
    ) -> str:
        """Take any sender."""
        transaction.mail_from = address
        transaction.parameters = server.parameters
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self,
        server: ExtendedSMTP,
        _peer: Peer,
        transaction: Transaction,
        address: str,
        _options: list[str],
    ) -> str:
        """Take any recipient, but perhaps only at the second try, or not as the second one."""
        if not _path(address):
            return "553 5.1.3 Only a sender may be empty"
        transaction.tried += 1
        pair = (str(transaction.mail_from), address)
        if self._fault.greylists and pair not in self._sandbox.greylisted:
            self._sandbox.greylisted.add(pair)
            return "451 4.7.1 Greylisted, please try again in 300 seconds"
        if transaction.tried == 2 and "RCPT" in self._fault.second:
            return self._fault.second["RCPT"]
        transaction.rcpt_tos.append(address)
        transaction.recipient_parameters.append(server.parameters)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: ExtendedSMTP, peer: Peer, transaction: Transaction
    ) -> list[str]:
        """Keep the message; return a reply, or in LMTP one for each recipient."""
        replies = [""] * (len(transaction.rcpt_tos) if server.lmtp else 1)
        refusal = self._refusal(transaction)
        if refusal:
            return [refusal] * len(replies)
        if len(replies) > 1:
            replies[1] = self._fault.second.get("DOT", "")
        taken = [at for at in range(len(transaction.rcpt_tos)) if not replies[at % len(replies)]]
        message = self._message(server, peer, transaction, taken)
        self._sandbox.inbox.add(message)
        return [reply or f"250 2.0.0 Ok: queued as {message.id:08X}" for reply in replies]

    def _refusal(self, transaction: Transaction) -> str:
        """Return the reply to a message that is not taken, empty if it is."""
        if "8BITMIME" in self._fault.hides and not (transaction.original_content or b"").isascii():
            return "554 5.6.1 The message has 8-bit octets, and 8BITMIME is not offered here"
        return self._fault.replies.get("DOT", "")

    def _message(
        self, server: ExtendedSMTP, peer: Peer, transaction: Transaction, taken: Sequence[int]
    ) -> Message:
        extended = "LHLO" if server.lmtp else "EHLO"
        return Message(
            id=self._sandbox.inbox.next_id(),
            sender=_path(transaction.mail_from),
            recipients=tuple(transaction.rcpt_tos[at] for at in taken),
            content=transaction.original_content or b"",
            options=transaction.parameters,
            recipient_options=tuple(transaction.recipient_parameters[at] for at in taken),
            user=peer.auth_data if isinstance(peer.auth_data, str) else None,
            greeting=extended if peer.extended_smtp else "HELO",
            ehlo_name=str(peer.host_name or ""),
            tls=_tls_of(server),
            peer=str(peer.peer[0]) if peer.peer else "",
        )

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
    """Return an address; aiosmtpd leaves the null path of bounces in its brackets."""
    return "" if address in (None, "<>") else str(address)


def _tls_of(server: SMTP) -> str:
    cipher = server.transport.get_extra_info("cipher") if server.transport else None
    return f"{cipher[1]} {cipher[0]}" if cipher else ""
