"""Runs: from what the user does to a conversation, and back to what can be done next."""

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from smtp_workbench.settings.change import Fix
from smtp_workbench.ui import cards, risks
from smtp_workbench.ui.actions import Actions
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Conversation, Order
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.orders import Orders
from smtp_workbench.ui.pages.column import Pages
from smtp_workbench.ui.pages.session import SessionColumn
from smtp_workbench.ui.reporting import Reporting
from smtp_workbench.ui.sending import Sending
from smtp_workbench.ui.telling import Telling
from smtp_workbench.ui.widgets.status_row import StatusRow

_TRIES: int = 5
"""How often a message is tried again on demand."""


class Runs(QObject):
    """Starts, steps and stops, and has `Telling` say what comes of it."""

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
        self._orders = Orders(form, book, pages, self._sending)
        self._orders.refused.connect(self._refuse)
        self._orders.said.connect(status.say)
        self.reporting = Reporting(conversation, form, errands, session)
        self.reporting.said.connect(status.say)
        self._actions, self._status, self._errands = actions, status, errands
        self._fresh = True
        """Whether nothing has been tried yet with what the form shows."""
        self._take_fix: Callable[[Fix], None] = lambda _fix: None
        self._make_ready: Callable[[], Awaitable[None]] | None = None
        self._telling = Telling(
            conversation, letter, book, pages.connection, session, status, self._deeds
        )
        self._telling.told.connect(self._update_actions)
        self._telling.concluded.connect(self._end)
        conversation.started.connect(self._leave_plan)
        conversation.shown.connect(self._leave_plan)
        actions.verify.triggered.connect(self.verify)
        actions.step.triggered.connect(self.step)
        actions.send.triggered.connect(self.send)
        actions.send_stepping.triggered.connect(lambda: self.send(stepping=True))
        actions.stop.triggered.connect(self._escape)
        actions.escape.triggered.connect(self._escape)
        actions.copy_report.triggered.connect(self.reporting.copy)
        session.command_entered.connect(self._type)
        session.typed.hold_changed.connect(self._set_hold)
        session.log.explain_requested.connect(lambda line: errands.run(self._telling.explain(line)))
        errands.failed.connect(self.show_mistake)
        book.locker.errands.failed.connect(self.show_mistake)
        self._update_actions()

    def serve(
        self, take_fix: Callable[[Fix], None], make_ready: Callable[[], Awaitable[None]]
    ) -> None:
        """Use *take_fix* for the fixes on cards, and *make_ready* before each run."""
        self._take_fix, self._make_ready = take_fix, make_ready

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
            once_in_plaintext=partial(risks.reveal_password, self._session, self._risk_plaintext),
            send=self.send,
            send_twice=partial(risks.send_twice, self._session, self.send),
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
        self._telling.forget()
        self._session.show_card(cards.first(self._deeds(), sandbox=not self._book.current))
        self.show_plan()
        self.begun_anew.emit()

    def show_plan(self) -> None:
        """Show the stages that a run would have, as long as there was none."""
        if not self._fresh or self._conversation.running:
            return
        planned = self._orders.planned()
        if planned is not None:
            self._session.show_plan(planned)

    def show_mistake(self, error: BaseException) -> None:
        """Tell of a mistake of the program, in one card."""
        report = "".join(traceback.format_exception(error))
        what = traceback.format_exception_only(error)[-1].strip()
        self._session.show_card(
            cards.broken(what, lambda: QGuiApplication.clipboard().setText(report))
        )
        self._update_actions()

    def _update_actions(self) -> None:
        running, waiting = self._conversation.running, self._conversation.is_waiting
        self._actions.verify.setEnabled(not running or waiting)
        self._actions.step.setEnabled(not running or waiting)
        self._actions.stop.setEnabled(running)
        self._actions.send.setEnabled(not running)
        self._actions.send_stepping.setEnabled(not running)
        self._actions.copy_report.setEnabled(self._conversation.order is not None)

    def verify(self) -> None:
        """Run all stages; in step mode, go on to the end."""
        if self._conversation.is_waiting:
            self._conversation.go_on(to_the_end=True)
        else:
            self._verify(stepping=False)

    def step(self) -> None:
        """Begin the next stage."""
        if self._conversation.is_waiting:
            self._conversation.go_on()
        else:
            self._verify(stepping=True)

    def send(
        self,
        _checked: bool = False,  # noqa: FBT001, FBT002  # Qt's signal
        *,
        stepping: bool = False,
        plaintext: bool = False,
        retries: int | None = None,
    ) -> None:
        """Send the message, after asking where it would be many to somebody else's server."""
        if self._conversation.running:
            return
        order = self._orders.to_send(stepping=stepping, plaintext=plaintext)
        if order is None:
            return

        def start() -> None:
            self._errands.run(self._send(order, retries))

        if self._sending.is_much():
            count, host = self._letter.draft.count, order.transport.host
            risks.send_many(self._session, count, host, start)
        else:
            start()

    def _verify(self, *, stepping: bool, plaintext: bool = False) -> None:
        if self._conversation.running:
            return
        order = self._orders.to_verify(stepping=stepping, plaintext=plaintext)
        if order is not None:
            self._errands.run(self._run(order))

    async def _send(self, order: Order, retries: int | None) -> None:
        mailing = await self._sending.mailing(retries=retries)
        if mailing is not None:
            await self._run(replace(order, mailing=mailing))

    async def _run(self, order: Order) -> None:
        if self._make_ready is not None:
            await self._make_ready()
        # That may have filled the form anew, as the sandbox does when it starts.
        complete = await self._orders.complete(order)
        if complete is not None:
            self._conversation.start(complete)

    def _leave_plan(self) -> None:
        self._fresh = False

    def _end(self, profile_id: str, cause: str | None) -> None:
        self.concluded.emit(profile_id, cause)
        if profile_id != self._book.current:
            self.begin_anew()

    def _refuse(self, field: str, why: str) -> None:
        self._pages.focus_on(field)
        self._status.say(why)
        self.refused.emit(field)

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

        if sends_mail(line):
            risks.begin_message(self._session, lambda: self._conversation.say(line))
        else:
            self._conversation.say(line)

    def _risk_plaintext(self) -> None:
        order = self._conversation.order
        if order is not None and order.sends:
            self.send(plaintext=True)
        else:
            self._verify(stepping=False, plaintext=True)
