"""aiosmtpd's SMTP with what it lacks: BDAT, delivery notifications, LMTP, and quick DATA.

Pipelining (RFC 2920) needs nothing more: it reads a command only when the one before is answered,
and what has come by then waits in the stream.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final, cast

from aiosmtpd.smtp import SMTP, Envelope, syntax

from smtp_workbench.sandbox import parameters
from smtp_workbench.sandbox.incoming import Incoming, chunk_blocks, data_blocks

_BDAT: Final = re.compile(r"(\d{1,12})(?: +(LAST))?", re.IGNORECASE)


class Transaction(Envelope):
    """One mail transaction (RFC 5321, section 3.3)."""

    def __init__(self) -> None:
        super().__init__()
        self.parameters: tuple[str, ...] = ()
        """Of MAIL."""
        self.recipient_parameters: list[tuple[str, ...]] = []
        """Of each RCPT that was accepted."""
        self.tried = 0
        """How many recipients were named, accepted or not."""
        self.chunks: Incoming | None = None
        """What BDAT has brought so far."""


class ExtendedSMTP(SMTP):
    """Speaks SMTP, or LMTP (RFC 2033) if *lmtp*. The DATA hook of its handler returns replies."""

    def __init__(
        self, handler: object, *, lmtp: bool, hidden: Collection[str], **options: Any
    ) -> None:
        """Prepare; *hidden* are EHLO keywords whose parameters are refused."""
        super().__init__(handler, **options)
        self.lmtp = lmtp
        self.parameters: tuple[str, ...] = ()
        """Of the command that is being answered, as they were written."""
        self._hidden = hidden
        for verb in ("EHLO", "HELO") if lmtp else ("LHLO",):
            del self._smtp_methods[verb]

    @property
    def transaction(self) -> Transaction:
        """What MAIL has begun."""
        return cast("Transaction", self.envelope)  # it makes no others

    def _create_envelope(self) -> Transaction:
        return Transaction()

    async def check_helo_needed(self, _helo: str = "") -> bool:
        """Ask for the greeting of this protocol."""
        return await super().check_helo_needed("LHLO" if self.lmtp else "EHLO")

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802  # aiosmtpd's name
        """Answer as to EHLO (RFC 2033, section 4.1)."""
        await super().smtp_EHLO(hostname)

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, argument: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Begin a transaction."""
        await self._with_parameters(argument, parameters.MAIL, super().smtp_MAIL)

    @syntax("RCPT TO: <address>", extended=" [SP <rcpt-parameters>]")
    async def smtp_RCPT(self, argument: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Add a recipient."""
        await self._with_parameters(argument, parameters.RCPT, super().smtp_RCPT)

    @syntax("DATA")
    async def smtp_DATA(self, argument: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Take a message up to its lone dot."""
        refusal = "501 5.5.4 Syntax: DATA" if argument else self._out_of_order()
        if self.transaction.chunks is not None:
            refusal = "503 5.5.1 DATA after BDAT (RFC 3030, section 2)"
        if refusal:
            await self.push(refusal)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        incoming = Incoming(self.data_size_limit)
        async for block in data_blocks(self._reader):
            incoming.take_lines(block)
            if await self.interrupts():
                return
        await self._end_message(incoming)

    @syntax("BDAT size [LAST]")
    async def smtp_BDAT(self, argument: str | None) -> None:  # noqa: N802  # aiosmtpd's name
        """Take a chunk of a message (RFC 3030); its octets come whatever is answered."""
        words = _BDAT.fullmatch(argument or "")
        if words is None:
            await self.push("501 5.5.4 Syntax: BDAT size [LAST]")
            return
        transaction, octets = self.transaction, int(words[1])
        refusal = self._out_of_order()
        incoming = transaction.chunks or Incoming(self.data_size_limit)
        async for block in chunk_blocks(self._reader, octets):
            if not refusal:
                incoming.take_chunk(block)
                if await self.interrupts():
                    return
        if refusal:
            await self.push(refusal)
        elif words[2]:
            await self._end_message(incoming)
        elif incoming.refusal:
            self.envelope = self._create_envelope()
            await self.push(incoming.refusal)
        else:
            transaction.chunks = incoming
            await self.push(f"250 2.0.0 {octets} octets received")

    async def interrupts(self) -> bool:
        """Whether the conversation ends here, in the middle of a message."""
        return False

    async def conclude(self, replies: list[str]) -> None:
        """Say what becomes of a message; LMTP has a reply for each recipient."""
        for reply in replies:
            await self.push(reply)

    def _out_of_order(self) -> str:
        """Return the reply to a message that comes too early, empty if it does not."""
        if self.session is None or not self.session.host_name:
            return f"503 5.5.1 Error: send {'LHLO' if self.lmtp else 'EHLO'} first"
        return "" if self.transaction.rcpt_tos else "503 5.5.1 Error: need RCPT command"

    async def _end_message(self, incoming: Incoming) -> None:
        transaction = self.transaction
        if incoming.refusal:
            replies = [incoming.refusal] * (len(transaction.rcpt_tos) if self.lmtp else 1)
        else:
            transaction.content = transaction.original_content = incoming.content()
            replies = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.conclude(replies)

    async def _with_parameters(
        self,
        argument: str | None,
        known: Mapping[str, parameters.Known],
        answer: Callable[[str | None], Awaitable[None]],
    ) -> None:
        self.parameters = ()
        extended = self.session is not None and self.session.extended_smtp
        if argument and extended:
            try:
                self.parameters, argument = parameters.take(argument, known, self._hidden)
            except parameters.ParameterError as error:
                await self.push(str(error))
                return
        utf8 = self.transaction.smtp_utf8 or "SMTPUTF8" in map(str.upper, self.parameters)
        if argument and not argument.isascii() and not utf8:
            await self.push("553 5.6.7 The address needs SMTPUTF8, which is not in use here")
            return
        await answer(argument)
