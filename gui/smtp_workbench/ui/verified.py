"""Whether what the form holds was tried, how that went, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QObject, Signal

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.form import Form


@dataclass(frozen=True, slots=True)
class _Tried:
    transport: Transport
    secret: Secret | None
    ok: bool
    at: datetime


class Verified(QObject):
    """Remembers the last run of each profile until the program ends."""

    changed = Signal()

    def __init__(self, conversation: Conversation, form: Form, book: Book) -> None:
        super().__init__()
        self._conversation, self._form, self._book = conversation, form, book
        self._tried: dict[str, _Tried] = {}
        self._running_for = ""
        conversation.started.connect(self._started)
        conversation.finished.connect(self._finished)

    def state(self) -> str:
        """Return `good`, `bad` or empty: how the last run with these very settings went."""
        tried = self._tried_as_it_is()
        return "" if tried is None else "good" if tried.ok else "bad"

    def words(self, now: datetime | None = None) -> str:
        """Return it as a sentence."""
        tried = self._tried_as_it_is()
        if tried is not None:
            ago = self._ago((now or datetime.now(UTC)) - tried.at)
            if tried.ok:
                return self.tr("These settings were verified {ago}.").format(ago=ago)
            return self.tr("These settings failed {ago}.").format(ago=ago)
        if self._book.current in self._tried:
            return self.tr("Not verified since you changed them.")
        profile = self._book.get(self._book.current)
        if profile is not None and profile.last is not None:
            return self.tr("Not verified since the program started.")
        return self.tr("Not verified yet.")

    def _tried_as_it_is(self) -> _Tried | None:
        tried, filled = self._tried.get(self._book.current), self._form.filled
        if tried is None or (tried.transport, tried.secret) != (filled.transport, filled.secret):
            return None
        return tried

    def _ago(self, span: timedelta) -> str:
        minutes = int(span.total_seconds() // 60)
        if minutes < 1:
            return self.tr("just now")
        if minutes < 60:
            text = self.tr("1 minute ago") if minutes == 1 else self.tr("{n} minutes ago")
            return text.format(n=minutes)
        hours = minutes // 60
        text = self.tr("1 hour ago") if hours == 1 else self.tr("{n} hours ago")
        return text.format(n=hours)

    def _started(self) -> None:
        self._running_for = self._book.current

    def _finished(self) -> None:
        order, report = self._conversation.order, self._conversation.report
        if order is None or report.stopped or report.target is None:
            return
        if report.target.host != order.transport.host:  # it fell back to another server
            return
        self._tried[self._running_for] = _Tried(
            order.transport, order.secret, report.ok, datetime.now(UTC)
        )
        self.changed.emit()
