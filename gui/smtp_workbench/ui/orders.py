"""From the form to the order for a run: what has to be right before, and which secrets it needs."""

from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from smtp_workbench.settings.secret import Secret
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Order, envelope_of
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.pages.column import Pages
from smtp_workbench.ui.sending import Sending


class Orders(QObject):
    """Writes orders; where something has to be mended first there is none, and it is told."""

    refused = Signal(str, str)
    """A field that has to be mended first, and a sentence about it."""
    said = Signal(str)

    def __init__(self, form: Form, book: Book, pages: Pages, sending: Sending) -> None:
        super().__init__()
        self._form, self._book, self._pages, self._sending = form, book, pages, sending

    def planned(self) -> Order | None:
        """Return what a run would be; None, and nothing is told, while an address is half typed."""
        filled = self._form.filled
        with suppress(ValueError):
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
            return Order(filled.transport, envelope=envelope)
        return None

    def to_verify(self, *, stepping: bool, plaintext: bool) -> Order | None:
        """Return the order for all stages; `complete` adds the secrets."""
        if not self._can_be_tried():
            return None
        filled = self._form.filled
        try:
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
        except ValueError as error:
            self.refused.emit("mail_from", str(error))
            return None
        return Order(
            filled.transport,
            envelope=envelope,
            stepping=stepping,
            allow_plaintext_auth=plaintext,
        )

    def to_send(self, *, stepping: bool, plaintext: bool) -> Order | None:
        """Return the order for the message, which is still to be built and added."""
        if not self._can_be_tried():
            return None
        message = self._pages.message
        message.settle()
        unreadable = message.unreadable()
        if unreadable is not None:
            self.refused.emit(*unreadable)
            return None
        if self._sending.blocked():
            return None
        return Order(self._form.transport, stepping=stepping, allow_plaintext_auth=plaintext)

    async def complete(self, order: Order) -> Order | None:
        """Return *order* with the settings and secrets of now, after waiting for the keyring.

        None also if another profile has been opened meanwhile.
        """
        if not await self._unlocked():
            return None
        return replace(
            order,
            transport=self._form.filled.transport,
            secret=self._resolved("secret"),
            proxy_secret=self._resolved("proxy_secret"),
        )

    def _can_be_tried(self) -> bool:
        """Whether the settings can be tried; if not, it is told which field is in the way."""
        if not self._form.transport.host:
            self.refused.emit("host", self.tr("Host: type the name of a server first."))
            return False
        unreadable = self._pages.connection.unreadable()
        if unreadable is not None:
            self.refused.emit(*unreadable)
        return unreadable is None

    async def _unlocked(self) -> bool:
        """Wait for the secrets of the open profile; return whether the run can go on."""
        locker, wanted = self._book.locker, self._book.current
        if wanted and not locker.knows(wanted):
            self.said.emit(self.tr("Waiting for the keyring…"))
            await locker.fetch(wanted)
        for field in ("secret", "proxy_secret"):
            try:
                self._resolved(field)
            except ValueError as error:
                self.refused.emit(field, self.tr("Password: {why}.").format(why=error))
                return False
        return self._book.current == wanted

    def _resolved(self, field: str) -> Secret | None:
        secret: Secret | None = getattr(self._form.filled, field)
        return secret and secret.resolved()
