"""Runs: from gestures to a conversation, and from what it tells to the card and the status."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.settings.change import Fix
from smtp_workbench.settings.secret import Secret
from smtp_workbench.smtp.events import Event, RetryPlanned, RunStarted
from smtp_workbench.ui import ask, cards, cards_past, cards_send
from smtp_workbench.ui.actions import Actions
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conclusion import conclusion, summary
from smtp_workbench.ui.conversation import Conversation, Order, envelope_of
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.pages.column import Pages
from smtp_workbench.ui.pages.session import SessionColumn
from smtp_workbench.ui.reporting import Reporting
from smtp_workbench.ui.sending import Sending
from smtp_workbench.ui.widgets.card import CardText
from smtp_workbench.ui.widgets.status_row import StatusRow

_TRIES: int = 5
"""How often a message is tried again on demand."""


class Runs(QObject):
    """Starts, steps and stops; says on the card what came of it."""

    refused = Signal(str)
    """The field that keeps a run from starting; it has been shown and told."""
    begun_anew = Signal()
    """The form shows something else, and no run any more is shown."""
    concluded = Signal(str, object)
    """A run is over: the profile that it was for, and the cause of its failure or None."""

    def __init__(
        self,
        conversation: Conversation,
        form: Form,
        letter: Letter,
        book: Book,
        pages: Pages,
        session: SessionColumn,
        actions: Actions,
        status: StatusRow,
        errands: Errands,
    ) -> None:
        super().__init__(session)
        self._conversation, self._form, self._book = conversation, form, book
        self._letter, self._pages, self._session = letter, pages, session
        self._sending = Sending(letter, form, book)
        self._sending.refused.connect(self._refuse)
        self.reporting = Reporting(conversation, form, errands, session)
        self.reporting.said.connect(status.say)
        self._actions, self._status, self._errands = actions, status, errands
        self._ran_for = ""
        self._fresh = True
        """Whether nothing has been tried yet with what the form shows."""
        self._take_fix: Callable[[Fix], None] = lambda _fix: None
        self._make_ready: Callable[[], Awaitable[None]] | None = None
        conversation.started.connect(self._started)
        conversation.waiting.connect(self._waiting)
        conversation.held.connect(self._held)
        conversation.refused.connect(status.say)
        conversation.finished.connect(self._finished)
        conversation.shown.connect(self._show_past)
        conversation.happened.connect(self._heed)
        actions.verify.triggered.connect(self.verify)
        actions.step.triggered.connect(self.step)
        actions.send.triggered.connect(self.send)
        actions.send_stepping.triggered.connect(lambda: self.send(stepping=True))
        actions.stop.triggered.connect(self._escape)
        actions.copy_report.triggered.connect(self.reporting.copy)
        session.command_entered.connect(self._type)
        session.typed.hold_changed.connect(self._set_hold)
        session.log.explain_requested.connect(lambda line: errands.run(self._explain(line)))
        errands.failed.connect(self.show_mistake)
        book.locker.errands.failed.connect(self.show_mistake)
        self._update_actions()

    def serve(
        self, take_fix: Callable[[Fix], None], make_ready: Callable[[], Awaitable[None]]
    ) -> None:
        """Use *take_fix* for the fixes on cards, and *make_ready* before each run."""
        self._take_fix, self._make_ready = take_fix, make_ready

    @property
    def _deeds(self) -> cards.Deeds:
        conversation = self._conversation
        return cards.Deeds(
            verify=self.verify,
            step=self.step,
            go_on=conversation.go_on,
            to_the_end=lambda: conversation.go_on(to_the_end=True),
            stop=conversation.stop,
            let_go=conversation.let_go,
            copy_report=self.reporting.copy,
            save_report=self.reporting.save,
            take=self._take_fix,
            go_to=self._pages.focus_on,
            once_in_plaintext=self._ask_for_plaintext,
            send=self.send,
            send_twice=self._ask_to_send_twice,
            keep_trying=lambda: self.send(retries=_TRIES),
            explain=self._actions.explain.trigger,
        )

    @property
    def order(self) -> Order | None:
        """What runs, or ran last."""
        return self._conversation.order

    def begin_anew(self) -> None:
        """Forget the last run: the form shows something else now. One that is on is ended."""
        if self._conversation.running:
            self._conversation.stop()  # and once more when it has ended
            return
        self._fresh = True
        self._session.show_card(cards.first(self._deeds, sandbox=not self._book.current))
        self.show_plan()
        self.begun_anew.emit()

    def show_plan(self) -> None:
        """Show the stages that a run would have, as long as there was none."""
        if not self._fresh or self._conversation.running:
            return
        filled = self._form.filled
        with suppress(ValueError):  # a half-typed address
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
            self._session.show_plan(Order(filled.transport, envelope=envelope))

    def show_mistake(self, error: BaseException) -> None:
        """Tell of a mistake of the program, in one card."""
        report = "".join(traceback.format_exception(error))
        what = traceback.format_exception_only(error)[-1].strip()
        self._session.show_card(
            cards.broken(what, lambda: QGuiApplication.clipboard().setText(report))
        )
        self._update_actions()

    async def _explain(self, line: str) -> None:
        from smtp_workbench.diagnosis.explain import explain  # noqa: PLC0415  # heavy

        diagnosis = await asyncio.to_thread(explain, line)
        session, before = self._session, self._session.card.text
        session.show_card(cards.explained(diagnosis, lambda: session.show_card(before)))

    def _update_actions(self) -> None:
        running, waiting = self._conversation.running, self._conversation.is_waiting
        self._actions.verify.setEnabled(not running or waiting)
        self._actions.step.setEnabled(not running or waiting)
        self._actions.send.setEnabled(not running)
        self._actions.send_stepping.setEnabled(not running)
        self._actions.copy_report.setEnabled(self._conversation.order is not None)

    def verify(self) -> None:
        """Run all stages; in step mode, go on to the end."""
        if self._conversation.is_waiting:
            self._conversation.go_on(to_the_end=True)
        else:
            self._start(stepping=False)

    def step(self) -> None:
        """Begin the next stage."""
        if self._conversation.is_waiting:
            self._conversation.go_on()
        else:
            self._start(stepping=True)

    def send(
        self,
        _checked: bool = False,  # noqa: FBT001, FBT002  # Qt's signal
        *,
        stepping: bool = False,
        plaintext: bool = False,
        retries: int | None = None,
    ) -> None:
        """Send the message, after asking where it would be many to somebody else's server."""
        if self._conversation.running or not self._can_start():
            return
        message = self._pages.message
        message.settle()
        unreadable = message.unreadable()
        if unreadable is not None:
            self._refuse(*unreadable)
            return
        if self._sending.blocked():
            return
        order = self._order(stepping=stepping, plaintext=plaintext)

        def start() -> None:
            self._errands.run(self._prepare(order, retries))

        if not self._sending.is_much():
            start()
            return
        count, host = self._letter.draft.count, order.transport.host
        ask.confirm(
            self._session,
            self.tr("Send {n} messages?").format(n=count),
            self.tr("They go to {host}, which may take that for abuse.").format(host=host),
            self.tr("Send {n} messages").format(n=count),
            start,
        )

    async def _prepare(self, order: Order, retries: int | None) -> None:
        mailing = await self._sending.mailing(retries=retries)
        if mailing is not None:
            await self._ready(replace(order, mailing=mailing))

    def _refuse(self, field: str, why: str) -> None:
        self._pages.focus_on(field)
        self._status.say(why)
        self.refused.emit(field)

    def _can_start(self) -> bool:
        """Whether the settings can be tried; if not, the field is shown and told."""
        if not self._form.transport.host:
            self._refuse("host", self.tr("Host: type the name of a server first."))
            return False
        unreadable = self._pages.connection.unreadable()
        if unreadable is not None:
            self._refuse(*unreadable)
        return unreadable is None

    def _start(self, *, stepping: bool, plaintext: bool = False) -> None:
        if self._conversation.running or not self._can_start():
            return
        filled = self._form.filled
        try:
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
        except ValueError as error:
            self._refuse("mail_from", str(error))
            return
        order = self._order(stepping=stepping, plaintext=plaintext)
        self._errands.run(self._ready(replace(order, envelope=envelope)))

    def _order(self, *, stepping: bool, plaintext: bool) -> Order:
        return Order(
            self._form.transport,
            stepping=stepping,
            allow_plaintext_auth=plaintext,
        )

    async def _ready(self, order: Order) -> None:
        if self._make_ready is not None:
            await self._make_ready()
        if not await self._unlocked():
            return
        self._ran_for = self._book.current
        # Making ready may have filled the form anew, as the sandbox does when it starts.
        filled = self._form.filled
        self._conversation.start(
            replace(
                order,
                transport=filled.transport,
                secret=self._resolved("secret"),
                proxy_secret=self._resolved("proxy_secret"),
            )
        )

    async def _unlocked(self) -> bool:
        """Wait for the secrets of the open profile; return whether the run can go on."""
        locker, wanted = self._book.locker, self._book.current
        if wanted and not locker.knows(wanted):
            self._status.say(self.tr("Waiting for the keyring…"))
            await locker.fetch(wanted)
        for field in ("secret", "proxy_secret"):
            try:
                self._resolved(field)
            except ValueError as error:
                self._refuse(field, self.tr("Password: {why}.").format(why=error))
                return False
        return self._book.current == wanted

    def _resolved(self, field: str) -> Secret | None:
        secret: Secret | None = getattr(self._form.filled, field)
        return secret and secret.resolved()

    def _started(self) -> None:
        self._fresh = False
        if self._is_sending:
            self._session.show_card(cards_send.under_way(self._deeds))
            self._status.say(self.tr("Sending…"))
        else:
            self._session.show_card(cards.under_way(self._deeds))
            self._status.say(self.tr("Verifying…"))
        self._update_actions()

    @property
    def _is_sending(self) -> bool:
        order = self._conversation.order
        return order is not None and order.sends

    def _heed(self, events: Sequence[Event]) -> None:
        """Show the wait between two tries, and its end."""
        for event in events:
            if isinstance(event, RetryPlanned):
                self._session.show_card(cards_send.planned(event, self._deeds))
            elif isinstance(event, RunStarted) and self._conversation.earlier:
                self._started()

    def _waiting(self, stage: str) -> None:
        card = cards.waiting(stage, self._deeds)
        self._session.show_card(card)
        self._status.announce(card.title)
        self._update_actions()
        button = self._session.card.button(self.tr("Continue"))
        if button is not None:
            button.setFocus()

    def _held(self) -> None:
        self._session.show_card(cards.held(self._conversation.report, self._deeds))
        self._status.say(self.tr("The session is held open"))
        self._status.announce(self.tr("The session is held open"))
        self._update_actions()

    def _finished(self) -> None:
        self._conclude()
        self._update_actions()
        if self._ran_for != self._book.current:
            self.begin_anew()

    def _conclude(self) -> None:
        report, order = self._conversation.report, self._conversation.order
        if order is None:
            return
        card, diagnosis = self._judged(order)
        self._session.show_card(card)
        cause = diagnosis.cause if diagnosis else None
        self._book.record(self._ran_for, report, cause, warned=card.kind == "warning")
        self.concluded.emit(self._ran_for, cause)
        self._pages.connection.show_offered(report.extensions.get("AUTH", ""))
        if report.extensions:
            size = report.extensions.get("SIZE", "")
            limit = int(size) if size.isdecimal() else 0
            self._letter.take_server(report.extensions, limit or None)
        if order.mailing is not None:
            self._letter.renew()
        self._status.say(summary(card, report))
        self._status.announce(f"{card.title}. {card.text}")

    def _judged(self, order: Order) -> tuple[CardText, Diagnosis | None]:
        """Return the card for the run that is over, and the diagnosis on it."""
        from smtp_workbench.diagnosis.explain import diagnose  # noqa: PLC0415  # heavy
        from smtp_workbench.diagnosis.noticed import noticed  # noqa: PLC0415

        report = self._conversation.report
        diagnosis = None if report.stopped else diagnose(report, order.transport)
        card = conclusion(
            report,
            diagnosis,
            self._conversation.outcome if order.past is None else None,
            self._deeds,
            noticed=noticed(report, order.transport),
            sending=order.sends,
        )
        return card, diagnosis

    def _show_past(self) -> None:
        """Say of a kept run what was said when it ended; its diagnosis may have learnt since."""
        report, order = self._conversation.report, self._conversation.order
        if order is None or order.past is None:
            return
        self._fresh = False
        card, diagnosis = self._judged(order)
        card = cards_past.kept(card, diagnosis, order.past, self._deeds)
        self._session.show_card(card)
        self._status.say(summary(card, report))
        self._status.announce(f"{card.banner}. {card.title}. {card.text}")
        self._update_actions()

    def _escape(self) -> None:
        if self._conversation.is_held:
            self._conversation.let_go()
        elif self._conversation.running:
            self._conversation.stop()
        elif self._session.detail.isVisible():
            self._session.close_detail()

    def _set_hold(self, on: bool) -> None:  # noqa: FBT001  # Qt's signal
        self._conversation.hold = on
        if not on and self._conversation.is_held:
            self._conversation.let_go()

    def _type(self, line: str) -> None:
        from smtp_workbench.smtp.typed import sends_mail  # noqa: PLC0415  # heavy

        if not sends_mail(line):
            self._conversation.say(line)
            return
        ask.confirm(
            self._session,
            self.tr("Send a message?"),
            self.tr("This command begins a message: what you type next is sent as mail."),
            self.tr("Begin the message"),
            lambda: self._conversation.say(line),
        )

    def _ask_for_plaintext(self) -> None:
        ask.confirm(
            self._session,
            self.tr("Send the password in plaintext?"),
            self.tr("Anyone on the way to the server can read it. This counts for one run."),
            self.tr("Send it in plaintext"),
            partial(self.send, plaintext=True)
            if self._is_sending
            else lambda: self._start(stepping=False, plaintext=True),
        )

    def _ask_to_send_twice(self) -> None:
        ask.confirm(
            self._session,
            self.tr("Send it again?"),
            self.tr("The server may have the message already; its recipients may get it twice."),
            self.tr("Send it again"),
            self.send,
        )
