"""From what a conversation tells to the card, the status and what a screen reader hears."""

import asyncio
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.smtp.events import Event, RetryPlanned, RunStarted
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui import cards, cards_past, cards_send
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conclusion import conclusion, summary
from smtp_workbench.ui.conversation import Conversation, Order
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.pages.connection import ConnectionPage
from smtp_workbench.ui.pages.session import SessionColumn
from smtp_workbench.ui.widgets.card import CardText
from smtp_workbench.ui.widgets.status_row import StatusRow


class Telling(QObject):
    """Follows a conversation to its end and says what came of it."""

    told = Signal()
    """A run has come to another point, and other things can be done with it."""
    concluded = Signal(str, object)
    """A run is over: the profile that it was for, and the cause of its failure or None."""

    def __init__(
        self,
        conversation: Conversation,
        letter: Letter,
        book: Book,
        page: ConnectionPage,
        session: SessionColumn,
        status: StatusRow,
        deeds: Callable[[], cards.Deeds],
    ) -> None:
        super().__init__(session)
        self._conversation, self._letter, self._book = conversation, letter, book
        self._page, self._session, self._status = page, session, status
        self._deeds = deeds
        self._ran_for = ""
        self._summary = ""
        """What the status row was told of the last run."""
        conversation.started.connect(self._begin)
        conversation.happened.connect(self._heed)
        conversation.waiting.connect(self._wait)
        conversation.held.connect(self._hold)
        conversation.refused.connect(status.say)
        conversation.finished.connect(self._conclude)
        conversation.shown.connect(self._show_past)

    async def explain(self, line: str) -> None:
        """Say on the card what a line of the traffic means, until the user goes back."""
        from smtp_workbench.diagnosis.explain import explain  # noqa: PLC0415  # heavy

        diagnosis = await asyncio.to_thread(explain, line)
        session, before = self._session, self._session.card.text
        session.show_card(cards.explained(diagnosis, lambda: session.show_card(before)))

    def _begin(self) -> None:
        self._ran_for = self._book.current
        self._say_under_way()

    def _say_under_way(self) -> None:
        order = self._conversation.order
        if order is not None and order.sends:
            self._session.show_card(cards_send.under_way(self._deeds()))
            self._status.say(self.tr("Sending…"))
        else:
            self._session.show_card(cards.under_way(self._deeds()))
            self._status.say(self.tr("Verifying…"))
        self.told.emit()

    def _heed(self, events: Sequence[Event]) -> None:
        """Show the wait between two tries, and its end."""
        for event in events:
            if isinstance(event, RetryPlanned):
                self._session.show_card(cards_send.planned(event, self._deeds()))
            elif isinstance(event, RunStarted) and self._conversation.earlier:
                self._say_under_way()

    def _wait(self, stage: str) -> None:
        card = cards.waiting(stage, self._deeds())
        self._session.show_card(card)
        self._status.announce(card.title)
        self.told.emit()
        button = self._session.card.button(self.tr("Continue"))
        if button is not None:
            button.setFocus()

    def _hold(self) -> None:
        self._session.show_card(cards.held(self._conversation.report, self._deeds()))
        self._status.say(self.tr("The session is held open"))
        self._status.announce(self.tr("The session is held open"))
        self.told.emit()

    def _conclude(self) -> None:
        report, order = self._conversation.report, self._conversation.order
        if order is None:
            return
        card, diagnosis = self._judged(order)
        self._session.show_card(card)
        cause = diagnosis.cause if diagnosis else None
        self._book.record(self._ran_for, report, cause, warned=card.kind == "warning")
        self._take_offers(report)
        if order.mailing is not None:
            self._letter.renew()
        self._sum_up(card, report)
        self._status.announce(f"{card.title}. {card.text}")
        self.told.emit()
        self.concluded.emit(self._ran_for, cause)

    def forget(self) -> None:
        """Take back what the status row says of a run, if it still does."""
        if self._status.text() == self._summary:
            self._status.say("")

    def _sum_up(self, card: CardText, report: Report) -> None:
        self._summary = summary(card, report)
        self._status.say(self._summary, verdict=card.kind)

    def _take_offers(self, report: Report) -> None:
        """Let the pages know what the server has said that it can do."""
        self._page.show_offered(report.extensions.get("AUTH", ""))
        if report.extensions:
            size = report.extensions.get("SIZE", "")
            limit = int(size) if size.isdecimal() else 0
            self._letter.take_server(report.extensions, limit or None)

    def _show_past(self) -> None:
        """Say of a kept run what was said when it ended; its diagnosis may have learnt since."""
        report, order = self._conversation.report, self._conversation.order
        if order is None or order.past is None:
            return
        card, diagnosis = self._judged(order)
        card = cards_past.kept(card, diagnosis, order.past, self._deeds())
        self._session.show_card(card)
        self._sum_up(card, report)
        self._status.announce(f"{card.banner}. {card.title}. {card.text}")
        self.told.emit()

    def _judged(self, order: Order) -> tuple[CardText, Diagnosis | None]:
        """Return the card for the run that is over, and the diagnosis on it."""
        from smtp_workbench.diagnosis.explain import diagnose  # noqa: PLC0415  # heavy
        from smtp_workbench.diagnosis.noticed import noticed  # noqa: PLC0415

        report = self._conversation.report
        diagnosis = None if report.stopped else diagnose(report, order.transport)
        card = conclusion(
            report,
            diagnosis,
            self._conversation.outcome,
            self._deeds(),
            noticed=noticed(report, order.transport),
            sending=order.sends,
        )
        return card, diagnosis
