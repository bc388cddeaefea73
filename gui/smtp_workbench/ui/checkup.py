"""A check of what a domain publishes: what suggests itself to be checked, and its run.

One runs at a time, on the window's own loop; rows come as they are judged.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from smtp_workbench.lookup.question import QuestionError
from smtp_workbench.message.addresses import parse_list
from smtp_workbench.message.draft import Dkim, DraftError
from smtp_workbench.message.envelope import people_of, sender_of
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import Letter

if TYPE_CHECKING:
    from smtp_workbench.message.content import Content
    from smtp_workbench.net.certificate import TlsFacts


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What message and connection say; empty where they say nothing."""

    domain: str = ""
    """Of From."""
    envelope: str = ""
    """The envelope sender's domain."""
    signer: str = ""
    selector: str = ""
    relay: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, as it was typed."""

    domain: str
    address: str = ""
    selector: str = ""
    resolver: str = ""
    fetch: bool = False
    """Whether the policy of MTA-STS may be fetched from the web."""


class Checkup(QObject):
    """Suggests and runs checks."""

    suggests = Signal()
    """The suggestion has changed."""
    started = Signal(list)
    """Subjects and their titles, in the order in which they are to be read."""
    judged = Signal(object)
    """A `diagnosis.deliverability.Row`."""
    refused = Signal(str, str)
    """A field of `Wanted` that can't be read, and why; there is no check then."""
    finished = Signal(bool)
    """Whether it came to its end; it was stopped otherwise."""

    def __init__(
        self, letter: Letter, form: Form, conversation: Conversation, errands: Errands
    ) -> None:
        super().__init__()
        self._letter, self._form = letter, form
        self._conversation, self._errands = conversation, errands
        self._sent: Content | None = None
        """The message that was sent last, and who signed it."""
        self._signed = Dkim()
        self._running = False
        self._task: asyncio.Task[None] | None = None
        self.suggestion = Suggestion()
        letter.changed.connect(self._suggest)
        form.changed.connect(self._suggest)
        self._suggest()

    @property
    def running(self) -> bool:
        """Whether a check is on."""
        return self._running

    def start(self, wanted: Wanted) -> None:
        """Check *wanted*. Does nothing while another check is on."""
        if not self._running:
            self._running = True
            self._errands.run(self._run(wanted))

    def stop(self) -> None:
        """End the check; what has come stays."""
        if self._task is not None:
            self._task.cancel()

    # Suggesting

    def _suggest(self) -> None:
        draft, transport = self._letter.complete, self._form.transport
        domain = envelope = ""
        with suppress(ValueError):
            domain = next((address.domain for address in parse_list(draft.author)), "")
        with suppress(DraftError):
            envelope = sender_of(draft, people_of(draft)).rpartition("@")[2]
        signed = draft.dkim if draft.dkim.domain and draft.dkim.selector else self._signed
        port = transport.effective_port
        relay = transport.host
        found = Suggestion(domain, envelope, signed.domain, signed.selector, relay, port)
        if found != self.suggestion:
            self.suggestion = found
            self.suggests.emit()

    def look_at_sent(self) -> None:
        """See who signed the message that was sent last, if it hasn't been looked at yet."""
        order = self._conversation.order
        sent = order.mailing.delivery.parcel.content if order and order.mailing else None
        if sent is not None and sent is not self._sent:
            self._sent = sent
            self._errands.run(self._read_signature(sent))

    async def _read_signature(self, sent: "Content") -> None:
        def read() -> Dkim:
            from smtp_workbench.message.signature import signature_in  # noqa: PLC0415  # seldom

            try:
                return signature_in(sent.chunks())
            except OSError:  # the file that was sent is gone
                return Dkim()

        self._signed = await asyncio.to_thread(read)
        self._suggest()

    # Checking

    async def _run(self, wanted: Wanted) -> None:
        self._task = asyncio.current_task()
        complete = False
        try:
            complete = await self._check(wanted)
        finally:
            self._running, self._task = False, None
            self.finished.emit(complete)

    async def _check(self, wanted: Wanted) -> bool:
        """Return whether there was a check at all."""
        # Heavy, and not needed before.
        engine = await asyncio.to_thread(import_module, "smtp_workbench.ui.domain_check")
        tls = self._seen_of(self.suggestion.relay)
        try:
            await engine.check(wanted, self.suggestion, tls, self.started.emit, self.judged.emit)
        except QuestionError as error:
            self.refused.emit(error.field, str(error))
            return False
        return True

    def _seen_of(self, relay: str) -> "TlsFacts | None":
        """Return what the last run saw of the certificate of *relay*."""
        report = self._conversation.report
        return report.tls if report.target is not None and report.target.host == relay else None
