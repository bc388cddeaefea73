"""The main window: three columns, a toolbar above, the status below."""

import asyncio
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QGuiApplication,
)
from PySide6.QtWidgets import QLabel, QMainWindow, QPushButton, QSplitter, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Change, Fix, Safety, value_of
from smtp_workbench.settings.transport import Trust
from smtp_workbench.smtp.events import Kind, Stage
from smtp_workbench.ui import ask, cards
from smtp_workbench.ui.actions import Actions
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Conversation, Order, envelope_of
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.pages.connection import ConnectionPage
from smtp_workbench.ui.pages.session import SessionColumn
from smtp_workbench.ui.pages.sidebar import Sidebar
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.card import CardText

_WIDTHS = [208, 452, 700]
_NOTICE: int = 8_000
"""Milliseconds that a notice with an undo button stays."""


class Window(QMainWindow):
    """Turns gestures into calls and shows what they tell."""

    closing = Signal()

    def __init__(
        self, form: Form, conversation: Conversation, book: Book, practice: Practice, theme: Theme
    ) -> None:
        super().__init__()
        self.form, self.conversation, self.book = form, conversation, book
        self.practice, self.theme = practice, theme
        self._tasks: set[asyncio.Task[None]] = set()
        self._ran_for = ""
        self._may_close = False
        self._fresh = True
        """Whether nothing has been tried yet with what the form shows."""
        self.setWindowTitle("SMTP Workbench")
        self.resize(1360, 860)
        self.setMinimumSize(800, 560)
        self.actions_ = Actions(self, form, theme)
        self.sidebar = Sidebar(book, practice, theme)
        self.page = ConnectionPage(form, theme)
        self.session = SessionColumn(conversation, theme)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._deeds = cards.Deeds(
            verify=self.verify,
            step=self.step,
            go_on=conversation.go_on,
            to_the_end=lambda: conversation.go_on(to_the_end=True),
            stop=conversation.stop,
            let_go=conversation.let_go,
            copy_report=self.copy_report,
            take=self.take_fix,
            go_to=self.page.focus_on,
            once_in_plaintext=self._ask_for_plaintext,
        )
        self._build()
        self._connect()
        self._show_first_card()
        self._update_actions()

    # Building

    def _build(self) -> None:
        shell = QWidget()
        shell.setObjectName("shell")
        column = QVBoxLayout(shell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.actions_.toolbar())
        for widget in (self.sidebar, self._page_column(), self.session):
            self.splitter.addWidget(widget)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.sidebar.setMinimumWidth(150)
        self.session.setMinimumWidth(320)
        self.splitter.setStretchFactor(2, 1)
        self.splitter.setSizes(_WIDTHS)
        column.addWidget(self.splitter, 1)
        self.setCentralWidget(shell)
        self._status = QLabel()
        self._status.setContentsMargins(8, 2, 8, 2)
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.setProperty("small", "true")
        self.undo_button.hide()
        self._kept = QLabel(self.tr("Passwords: in memory until you quit"))
        self._kept.setProperty("role", "secondary")
        self._kept.setContentsMargins(8, 2, 8, 2)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._status)
        bar.addWidget(self.undo_button)
        bar.addPermanentWidget(self._kept)
        self._notice = QTimer(self)
        self._notice.setSingleShot(True)
        self._notice.timeout.connect(self._end_notice)

    def _page_column(self) -> QWidget:
        tabs = QWidget()
        tabs.setObjectName("tabs")
        tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        heading = QLabel(self.tr("Connection"))
        heading.setObjectName("tab")
        row = QVBoxLayout(tabs)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(heading, 0, Qt.AlignmentFlag.AlignLeft)
        holder = QWidget()
        holder.setObjectName("pageColumn")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(tabs)
        column.addWidget(self.page, 1)
        return holder

    def _connect(self) -> None:
        actions, conversation = self.actions_, self.conversation
        actions.verify.triggered.connect(self.verify)
        actions.step.triggered.connect(self.step)
        actions.stop.triggered.connect(self._escape)
        actions.new.triggered.connect(self._new)
        actions.from_provider.triggered.connect(self._new_from_form)
        actions.copy_report.triggered.connect(self.copy_report)
        actions.find.triggered.connect(self.session.log.focus_find)
        actions.focus_form.triggered.connect(lambda: self.page.focus_on("host"))
        actions.focus_profiles.triggered.connect(self.sidebar.list.setFocus)
        actions.theme_chosen.connect(self.theme.choose)
        conversation.started.connect(self._started)
        conversation.waiting.connect(self._waiting)
        conversation.held.connect(self._held)
        conversation.refused.connect(self._say)
        conversation.finished.connect(self._finished)
        self.form.changed.connect(self._form_changed)
        self.page.fix_taken.connect(self.take_fix)
        self.page.said.connect(self._say)
        self.book.opened.connect(self._opened)
        self.book.troubled.connect(self._say)
        self.sidebar.profile_chosen.connect(self.book.open)
        self.sidebar.removed.connect(self._removed)
        self.sidebar.sandbox_chosen.connect(lambda: self.run(self.open_sandbox()))
        self.sidebar.sandbox_switched.connect(lambda on: self.run(self._switch_sandbox(on=on)))
        self.sidebar.fault_chosen.connect(self.practice.fail)
        session = self.session
        session.command_entered.connect(self._type)
        session.typed.hold_changed.connect(self._set_hold)
        session.detail.trust_asked.connect(self._trust)
        session.detail.save_asked.connect(lambda pem: self._save(pem, "chain.pem", "PEM (*.pem)"))
        session.log.save_requested.connect(
            lambda text: self._save(text, "traffic.txt", self.tr("Text (*.txt)"))
        )
        session.log.explain_requested.connect(self._explain)

    # Runs

    def verify(self) -> None:
        """Run all stages; in step mode, go on to the end."""
        if self.conversation.is_waiting:
            self.conversation.go_on(to_the_end=True)
        else:
            self._start(stepping=False)

    def step(self) -> None:
        """Begin the next stage."""
        if self.conversation.is_waiting:
            self.conversation.go_on()
        else:
            self._start(stepping=True)

    def _start(self, *, stepping: bool, plaintext: bool = False) -> None:
        if self.conversation.running:
            return
        filled = self.form.filled
        if not filled.transport.host:
            self.page.focus_on("host")
            self._say(self.tr("Host: type the name of a server first."))
            return
        try:
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
        except ValueError as error:
            self.page.focus_on("mail_from")
            self._say(str(error))
            return
        order = Order(
            filled.transport,
            filled.secret,
            filled.proxy_secret,
            envelope,
            stepping=stepping,
            allow_plaintext_auth=plaintext,
        )
        self._ran_for = self.book.current
        self.run(self._ready(order))

    async def _ready(self, order: Order) -> None:
        """Start the sandbox first if it is what the form leads to."""
        if not self.book.current and not self.practice.running:
            await self.open_sandbox()
            filled = self.form.filled
            order = Order(
                filled.transport, filled.secret, envelope=order.envelope, stepping=order.stepping
            )
        self.conversation.start(order)

    def _started(self) -> None:
        self._fresh = False
        self.session.show_card(cards.under_way(self._deeds))
        self._say(self.tr("Verifying…"))
        self._update_actions()

    def _waiting(self, stage: str) -> None:
        card = cards.waiting(stage, self._deeds)
        self.session.show_card(card)
        self._announce(card.title)
        self._update_actions()
        button = self.session.card.button(self.tr("Continue"))
        if button is not None:
            button.setFocus()

    def _held(self) -> None:
        self.session.show_card(cards.held(self.conversation.report, self._deeds))
        self._say(self.tr("The session is held open"))
        self._announce(self.tr("The session is held open"))
        self._update_actions()

    def _finished(self) -> None:
        self._conclude()
        self._update_actions()

    def _conclude(self) -> None:
        from smtp_workbench.diagnosis.explain import diagnose  # noqa: PLC0415  # heavy

        report, order = self.conversation.report, self.conversation.order
        if order is None:
            return
        diagnosis = None if report.stopped else diagnose(report, order.transport)
        if report.stopped:
            card = cards.stopped(report, self._deeds)
        elif diagnosis is not None:
            refused = report.failure is not None and report.failure.kind
            risk = refused == Kind.PLAINTEXT_CREDENTIALS
            stage = report.failed_stage or Stage.DNS
            card = cards.failed(diagnosis, stage, self._deeds, may_risk=risk)
        else:
            card = cards.worked(report, self._deeds)
        self.session.show_card(card)
        self.book.record(self._ran_for, report, diagnosis.cause if diagnosis else None)
        self.page.show_offered(report.extensions.get("AUTH", ""))
        self._say(self._summary(card))
        self._announce(f"{card.title}. {card.text}")

    def _summary(self, card: CardText) -> str:
        report = self.conversation.report
        parts = [f"{card.title} · {report.seconds * 1000:.0f} ms"]
        if report.tls is not None:
            parts.append(report.tls.protocol.replace("TLSv", "TLS "))
            if report.tls.leaf is not None:
                day = f"{report.tls.leaf.not_after:%Y-%m-%d}"
                parts.append(self.tr("certificate until {day}").format(day=day))
        size = report.extensions.get("SIZE", "")
        if size.isdigit() and int(size):
            parts.append(f"SIZE {int(size) / 2**20:.1f} MiB")
        return "     ".join(parts)

    def _escape(self) -> None:
        if self.conversation.is_held:
            self.conversation.let_go()
        elif self.conversation.running:
            self.conversation.stop()
        elif self.session.detail.isVisible():
            self.session.close_detail()

    def _set_hold(self, on: bool) -> None:  # noqa: FBT001  # Qt's signal
        self.conversation.hold = on
        if not on and self.conversation.is_held:
            self.conversation.let_go()

    def _type(self, line: str) -> None:
        from smtp_workbench.smtp.typed import sends_mail  # noqa: PLC0415  # heavy

        if not sends_mail(line):
            self.conversation.say(line)
            return
        ask.confirm(
            self,
            self.tr("Send a message?"),
            self.tr("This command begins a message: what you type next is sent as mail."),
            self.tr("Begin the message"),
            lambda: self.conversation.say(line),
        )

    def _ask_for_plaintext(self) -> None:
        ask.confirm(
            self,
            self.tr("Send the password in plaintext?"),
            self.tr("Anyone on the way to the server can read it. This counts for one run."),
            self.tr("Send it in plaintext"),
            lambda: self._start(stepping=False, plaintext=True),
        )

    # Changes to the form

    def take_fix(self, fix: Fix) -> None:
        """Make the change of *fix*, after showing the difference where that is due."""
        if fix.safety is Safety.ASK:
            lines = [
                f"{path}:  {_word(value_of(self.form.transport, path))}  →  {_word(value)}"
                for path, value in fix.change.fields.items()
            ]
            text = fix.label + "\n\n" + "\n".join(lines)
            ask.confirm(
                self,
                self.tr("Change the settings?"),
                text,
                self.tr("Change"),
                lambda: self._fix(fix),
            )
        else:
            self._fix(fix)

    def _fix(self, fix: Fix) -> None:
        self.form.apply(fix.change, fix.label)
        self._say(self.tr("Changed: {what}. Ctrl+Z undoes it.").format(what=fix.label))
        path = next(iter(fix.change.fields), "")
        if path:
            self.page.focus_on(path)

    def _trust(self, certificate: Any) -> None:
        pin = Change({"tls.trust": Trust.FINGERPRINT, "tls.fingerprint": certificate.sha256})
        self.take_fix(Fix(self.tr("Trust exactly this certificate"), pin, Safety.ASK))

    def _form_changed(self) -> None:
        if self.book.current:
            self.book.keep(self.form.filled)
        if self._fresh and not self.conversation.running:
            self._show_plan()
        tls = self.form.transport.tls
        if tls.ca_file or tls.client_certificate or tls.client_key:
            self.run(self._read_files())
        else:
            self.form.take_files({})

    async def _read_files(self) -> None:
        from smtp_workbench.net.pem import read_facts  # noqa: PLC0415  # heavy

        self.form.take_files(await read_facts(self.form.transport))

    # Profiles and sandbox

    def _opened(self, filled: Any) -> None:
        self.form.start_over(filled)
        self.page.show_offered("")
        if not self.conversation.running:
            self._show_first_card()

    def _new(self) -> None:
        from smtp_workbench.ui.form import Filled  # noqa: PLC0415

        self.book.add(self.tr("New profile"), Filled())
        self.page.focus_on("host")

    def _new_from_form(self) -> None:
        name = self.form.transport.host or self.tr("New profile")
        self.book.add(name, self.form.filled)

    def _removed(self, name: str) -> None:
        self._say(self.tr("Deleted “{name}”.").format(name=name), undo=self.book.bring_back)
        if not self.book.current:
            self.run(self.open_sandbox())

    async def open_sandbox(self) -> None:
        """Start the sandbox and put its settings into the form."""
        try:
            await self.practice.start()
        except OSError as error:
            self._say(self.tr("The sandbox can't listen: {why}").format(why=error.strerror))
            return
        self.book.close()
        self.form.start_over(self.practice.filled())
        if not self.conversation.running:
            self._show_first_card()

    async def _switch_sandbox(self, *, on: bool) -> None:
        await (self.open_sandbox() if on else self.practice.stop())

    # Saying things

    def copy_report(self) -> None:
        """Put the report of the last run on the clipboard, as Markdown."""
        from smtp_workbench.diagnosis.written import markdown  # noqa: PLC0415  # heavy

        conversation = self.conversation
        if conversation.order is None:
            return
        transport = conversation.order.transport
        text = markdown(conversation.report, transport, self.form.findings, conversation.began)
        QGuiApplication.clipboard().setText(text)
        self._say(self.tr("Report copied, without secrets."))

    def show_mistake(self, error: BaseException) -> None:
        """Tell of a mistake of the program, in one card."""
        report = "".join(traceback.format_exception(error))
        what = traceback.format_exception_only(error)[-1].strip()
        copy = lambda: QGuiApplication.clipboard().setText(report)  # noqa: E731
        self.session.show_card(cards.broken(what, copy))
        self._update_actions()

    def _explain(self, line: str) -> None:
        self.run(self._explain_off_the_loop(line))

    async def _explain_off_the_loop(self, line: str) -> None:
        from smtp_workbench.diagnosis.explain import explain  # noqa: PLC0415  # heavy

        diagnosis = await asyncio.to_thread(explain, line)
        before = self.session.card.text
        self.session.show_card(cards.explained(diagnosis, lambda: self.session.show_card(before)))

    def _show_first_card(self) -> None:
        self._fresh = True
        self.session.show_card(cards.first(self._deeds, sandbox=not self.book.current))
        self._show_plan()

    def _show_plan(self) -> None:
        filled = self.form.filled
        with suppress(ValueError):  # a half-typed address
            envelope = envelope_of(filled.mail_from, filled.rcpt_to)
            self.session.show_plan(Order(filled.transport, envelope=envelope))

    def status_text(self) -> str:
        """Return what the status bar says."""
        return self._status.text()

    def _say(self, text: str, undo: Any = None) -> None:
        self._status.setText(text)
        self._notice.stop()
        self.undo_button.setVisible(undo is not None)
        if undo is not None:
            if self.undo_button.receivers("2clicked()"):
                self.undo_button.clicked.disconnect()
            self.undo_button.clicked.connect(self._end_notice)
            self.undo_button.clicked.connect(undo)
            self._notice.start(_NOTICE)

    def _end_notice(self) -> None:
        self.undo_button.hide()
        self._status.clear()

    def _announce(self, text: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _save(self, text: str, name: str, pattern: str) -> None:
        ask.where_to_save(self, name, pattern, lambda path: self.run(self._write(path, text)))

    async def _write(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(path.write_text, text, "utf-8")
        except OSError as error:
            self._say(
                self.tr("Could not write {file}: {why}").format(file=path, why=error.strerror)
            )
        else:
            self._say(self.tr("Saved {file}").format(file=path))

    # Life

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do *work* on the loop; a mistake in it is shown, not lost."""
        task = asyncio.get_event_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def quiet(self) -> None:
        """Wait until nothing of the window's own is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def settled(self) -> None:
        """End what is under way and wait for it."""
        await self.conversation.stopped()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.show_mistake(error)

    def _update_actions(self) -> None:
        running, waiting = self.conversation.running, self.conversation.is_waiting
        self.actions_.verify.setEnabled(not running or waiting)
        self.actions_.step.setEnabled(not running or waiting)
        # Esc also closes the details, so its action stays alive.
        self.actions_.stop.setEnabled(True)
        self.actions_.copy_report.setEnabled(self.conversation.order is not None)

    def closeEvent(self, event: QCloseEvent) -> None:  # Qt's name
        """Leave the closing to the program, which ends runs and writes profiles first."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.closing.emit()

    def close_now(self) -> None:
        """Close without asking anyone."""
        self._may_close = True
        self.close()

    def focus_first(self) -> None:
        """Put the focus on what comes first: the button that verifies."""
        button = self.session.card.button(self.tr("Verify"))
        if button is not None:
            button.setFocus()

    def layout_as_text(self) -> dict[str, object]:
        """Return geometry and widths, to be kept."""
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        return {"geometry": geometry, "splitter": self.splitter.sizes()}

    def restore_layout(self, kept: dict[str, Any]) -> None:
        """Put geometry and widths back; what is not there stays."""
        geometry, sizes = kept.get("geometry"), kept.get("splitter")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode())))
        if isinstance(sizes, list) and len(sizes) == 3:
            self.splitter.setSizes([int(size) for size in sizes])


def _word(value: object) -> str:
    return str(getattr(value, "value", value)) if value not in ("", None) else "—"
