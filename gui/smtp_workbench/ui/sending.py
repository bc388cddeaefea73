"""From the letter to what a run sends: what has to be right before, and what is asked first."""

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from smtp_workbench.message.build import DraftError
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.series import Series
from smtp_workbench.settings.change import Severity
from smtp_workbench.settings.hosts import is_local
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Mailing
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import PREFIX, Letter

if TYPE_CHECKING:
    from smtp_workbench.smtp.attempts import Route

_MANY: int = 20
"""Messages to a server of others that nobody has to be asked about."""


class Sending(QObject):
    """Prepares sends."""

    refused = Signal(str, str)
    """A field of the message that has to be mended first, and a sentence about it."""

    def __init__(self, letter: Letter, form: Form, book: Book) -> None:
        super().__init__()
        self._letter, self._form, self._book = letter, form, book

    def is_much(self) -> bool:
        """Whether somebody else's server would get many messages."""
        count, host = self._letter.draft.count, self._form.transport.host
        return count > _MANY and not is_local(host)

    def blocked(self) -> bool:
        """Whether a finding keeps the message from being sent; it is told."""
        for finding in self._letter.findings:
            if finding.severity is Severity.BLOCKING:
                self.refused.emit(finding.field, finding.message)
                return True
        return False

    async def mailing(self, *, retries: int | None = None) -> Mailing | None:
        """Build the message; None where that can't be done, which is told."""
        from smtp_workbench.smtp.send import Delivery  # noqa: PLC0415  # brings the whole engine

        draft, occasion = self._letter.complete, self._letter.occasion
        try:
            series = await asyncio.to_thread(Series, draft, occasion)
            delivery = Delivery.of(draft, series.parcel(1))
            fallback = await self._routes(draft)
        except DraftError as error:
            self.refused.emit(PREFIX + error.field, str(error))
            return None
        except ValueError as error:
            self.refused.emit(PREFIX + "to", str(error))
            return None

        def make(number: int) -> Delivery:
            return Delivery.of(draft, series.parcel(number))

        wanted = draft.retries if retries is None else retries
        return Mailing(delivery, make, draft.count, wanted, fallback)

    async def _routes(self, draft: Draft) -> "tuple[Route, ...]":
        from smtp_workbench.smtp.access import Access  # noqa: PLC0415  # as above
        from smtp_workbench.smtp.attempts import Route  # noqa: PLC0415

        routes = []
        for name in draft.fallback:
            profile = next((item for item in self._book.profiles if item.name == name), None)
            if profile is None:
                raise DraftError("fallback", f"there is no profile named “{name}”")
            await self._book.locker.fetch(profile.id)
            secret, proxy_secret = self._book.locker.of(profile.id)
            try:
                access = Access(
                    transport=profile.transport,
                    secret=secret and secret.resolved(),
                    proxy_secret=proxy_secret and proxy_secret.resolved(),
                )
            except ValueError as error:
                raise DraftError("fallback", f"“{name}”: {error}") from None
            routes.append(Route(name, access))
        return tuple(routes)
