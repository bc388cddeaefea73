"""The inside of the window: three columns, a toolbar above, the status below, and their wiring."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoGroup
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from smtp_workbench.store.secrets import MEMORY
from smtp_workbench.ui import ask
from smtp_workbench.ui.actions import Actions
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.checkup import Checkup
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.corrections import Corrections
from smtp_workbench.ui.dialogs.compare_runs import CompareRuns
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.explaining import Explaining
from smtp_workbench.ui.finder import Finder
from smtp_workbench.ui.form import Filled, Form
from smtp_workbench.ui.importing import Importing
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.pages.column import Pages
from smtp_workbench.ui.pages.connection import ConnectionPage
from smtp_workbench.ui.pages.deliverability import DeliverabilityPage
from smtp_workbench.ui.pages.export import ExportPage
from smtp_workbench.ui.pages.inbox import InboxPage
from smtp_workbench.ui.pages.message import MessagePage
from smtp_workbench.ui.pages.session import SessionColumn
from smtp_workbench.ui.pages.sidebar import Sidebar
from smtp_workbench.ui.past import Past
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.runs import Runs
from smtp_workbench.ui.saving import trouble_saving
from smtp_workbench.ui.sharing import Sharing
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.verified import Verified
from smtp_workbench.ui.widgets.status_row import StatusRow

_WIDTHS = [208, 452, 700]


class Window(QWidget):
    """Turns gestures into calls and shows what they tell."""

    def __init__(
        self,
        form: Form,
        conversation: Conversation,
        book: Book,
        practice: Practice,
        past: Past,
        theme: Theme,
    ) -> None:
        super().__init__()
        self.form, self.book, self.practice, self.theme = form, book, practice, theme
        self.past = past
        self.setObjectName("shell")
        self.errands = Errands()
        self.letter = Letter(form, self.errands)
        self.undo = QUndoGroup(self)
        for stack in (form.undo_stack, self.letter.undo_stack):
            self.undo.addStack(stack)
        self.actions_ = Actions(self, self.undo, theme)
        self.sidebar = Sidebar(book, practice, past, theme)
        self.page = ConnectionPage(form, theme)
        self.message = MessagePage(self.letter, form, theme, self.errands)
        self.checkup = Checkup(self.letter, form, conversation, self.errands)
        self.deliverability = DeliverabilityPage(self.checkup, theme)
        self.inbox = InboxPage(practice, theme, self.errands)
        self.verified = Verified(conversation, form, book)
        self.export = ExportPage(form, book, self.verified, theme, self.errands)
        self.importing = Importing(form, book, theme, self.errands, self)
        self.explaining = Explaining(form, book, theme, self.errands, self)
        self.finder = Finder(form, theme, self.errands, self)
        self.sharing = Sharing(book, self.errands, self)
        self.corrections = Corrections(form, self)
        self.pages = Pages(self.page, self.message, self.deliverability, self.export, self.inbox)
        self.session = SessionColumn(conversation, theme)
        self.status = StatusRow()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.runs = Runs(
            conversation,
            form,
            self.letter,
            book,
            self.pages,
            self.session,
            self.actions_,
            self.status,
            self.errands,
        )
        self.runs.serve(self.corrections.take, self._sandbox_if_wanted)
        self._build()
        self._connect()
        self.runs.begin_anew()

    def focus_first(self) -> None:
        """Put the focus on what comes first: the button that verifies."""
        button = self.session.card.button(self.tr("Verify"))
        if button is not None:
            button.setFocus()

    def restore(self, kept: dict[str, Any]) -> None:
        """Put the widths of the columns back; what is not there stays."""
        sizes = kept.get("splitter")
        if isinstance(sizes, list) and len(sizes) == len(_WIDTHS):
            self.splitter.setSizes([int(size) for size in sizes])

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.actions_.toolbar())
        for widget in (self.sidebar, self.pages, self.session):
            self.splitter.addWidget(widget)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.sidebar.setMinimumWidth(150)
        self.session.setMinimumWidth(320)
        self.splitter.setStretchFactor(2, 1)
        self.splitter.setSizes(_WIDTHS)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.status)

    def _connect(self) -> None:
        for speaker in (
            self.corrections,
            self.page,
            self.message,
            self.deliverability,
            self.export,
            self.inbox,
            self.importing,
            self.sharing,
            self.finder,
            self.past,
        ):
            speaker.said.connect(self.status.say)
        for proposer in (self.page, self.message, self.explaining):
            proposer.fix_taken.connect(self.corrections.take)
        for leader in (self.explaining.field_asked, self.export.field_asked, self.corrections.made):
            leader.connect(self.pages.focus_on)
        for filler in (self.importing, self.finder):
            filler.taken.connect(lambda: self.pages.focus_on("host"))
        self.form.changed.connect(self._form_changed)
        self.pages.shown.connect(self._page_shown)
        self._connect_actions()
        self._connect_profiles()
        self._connect_sandbox()
        self._connect_runs()

    def _connect_actions(self) -> None:
        actions, page = self.actions_, self.deliverability
        actions.new.triggered.connect(self._new)
        actions.from_form.triggered.connect(self._new_from_form)
        actions.paste.triggered.connect(self.importing.paste)
        actions.export.triggered.connect(self._show_export)
        actions.export_profiles.triggered.connect(lambda: self.sharing.export(self.book.current))
        actions.import_profiles.triggered.connect(self.sharing.ask_for_file)
        actions.find_settings.triggered.connect(self.finder.open)
        actions.explain.triggered.connect(self.explaining.open)
        actions.check_domain.triggered.connect(lambda: self.pages.show_page(page))
        actions.check_domain.triggered.connect(page.start)
        actions.escape.triggered.connect(self.checkup.stop)
        actions.find.triggered.connect(self.session.log.focus_find)
        actions.focus_form.triggered.connect(lambda: self.pages.focus_on("host"))
        actions.focus_profiles.triggered.connect(self.sidebar.setFocus)
        actions.theme_chosen.connect(self.theme.choose)
        self.page.search_asked.connect(self.finder.open)
        self.message.send_asked.connect(actions.send.trigger)

    def _connect_profiles(self) -> None:
        book, sidebar, sharing = self.book, self.sidebar, self.sharing
        book.opened.connect(self._opened)
        book.unlocked.connect(self.form.take_secrets)
        book.troubled.connect(self.status.say)
        book.changed.connect(self._offer_profiles)
        book.locker.placed.connect(self._show_place)
        sidebar.profile_chosen.connect(book.open)
        sidebar.removed.connect(self._removed)
        sidebar.paste_asked.connect(self.importing.paste)
        sidebar.text_dropped.connect(self.importing.paste_text)
        sidebar.file_dropped.connect(sharing.drop)
        sidebar.export_asked.connect(sharing.export)
        sidebar.import_asked.connect(sharing.ask_for_file)
        sharing.other_dropped.connect(self.importing.drop)
        self.form.started_over.connect(self.deliverability.forget)

    def _connect_sandbox(self) -> None:
        practice, sidebar, run = self.practice, self.sidebar, self.errands.run
        practice.changed.connect(self._practice_changed)
        practice.arrived.connect(self._arrived)
        self._practice_changed()
        sidebar.sandbox_chosen.connect(lambda: run(self.open_sandbox()))
        sidebar.sandbox_switched.connect(lambda on: run(self._switch_sandbox(on=on)))
        sidebar.fault_chosen.connect(practice.fail)
        self.inbox.edit_asked.connect(self.message.exchange.edit)
        self.inbox.edit_asked.connect(lambda _octets: self.pages.show_page(self.message))

    def _connect_runs(self) -> None:
        past, session = self.past, self.session
        self.runs.concluded.connect(past.keep)
        self.runs.begun_anew.connect(past.leave)
        past.errands.failed.connect(self.runs.show_mistake)
        past.compared.connect(lambda left, right: CompareRuns(left, right, self).open())
        session.detail.trust_asked.connect(self.corrections.trust)
        session.detail.save_asked.connect(lambda pem: self._save(pem, "chain.pem", "PEM (*.pem)"))
        session.log.save_requested.connect(
            lambda text: self._save(text, "traffic.txt", self.tr("Text (*.txt)"))
        )

    # Changes to the form

    def _form_changed(self) -> None:
        if self.book.current:
            self.book.keep(self.form.filled)
        self.runs.show_plan()
        tls = self.form.transport.tls
        if tls.ca_file or tls.client_certificate or tls.client_key:
            self.errands.run(self._read_files())
        else:
            self.form.take_files({})

    async def _read_files(self) -> None:
        from smtp_workbench.net.pem import read_facts  # noqa: PLC0415  # heavy

        self.form.take_files(await read_facts(self.form.transport))

    # Profiles and sandbox

    def _opened(self, filled: Filled) -> None:
        self.form.start_over(filled)
        self._show_place(self.book.locker.where)
        self.page.show_offered("")
        self.runs.begin_anew()

    def _show_place(self, where: str) -> None:
        """Say where passwords are kept; that of the sandbox is made up at each start."""
        lasting = where not in ("", MEMORY)
        if lasting:
            self.status.show_place(self.tr("Keyring: {name}").format(name=where))
        else:
            self.status.show_place(self.tr("Passwords: in memory until you quit") if where else "")
        self.page.show_keyring(where if lasting and self.book.current else "")

    def _new(self) -> None:
        self.book.add(self.tr("New profile"), Filled())
        self.pages.focus_on("host")

    def _new_from_form(self) -> None:
        name = self.form.transport.host or self.tr("New profile")
        self.book.add(name, self.form.filled)

    def _removed(self, name: str) -> None:
        self.status.say(self.tr("Deleted “{name}”.").format(name=name), self.book.bring_back)
        if not self.book.current:
            self.errands.run(self.open_sandbox())

    async def open_sandbox(self) -> None:
        """Start the sandbox and put its settings into the form."""
        try:
            await self.practice.start()
        except OSError as error:
            self.status.say(self.tr("The sandbox can't listen: {why}").format(why=error.strerror))
            return
        self.book.close()
        self.form.start_over(self.practice.filled())
        self._show_place(self.book.locker.where)
        self.runs.begin_anew()

    async def _sandbox_if_wanted(self) -> None:
        """Start the sandbox before a run if it is what the form leads to."""
        if not self.book.current and not self.practice.running:
            await self.open_sandbox()

    async def _switch_sandbox(self, *, on: bool) -> None:
        await (self.open_sandbox() if on else self.practice.stop())

    def _offer_profiles(self) -> None:
        names = [item.name for item in self.book.profiles if item.id != self.book.current]
        self.message.offer_profiles(names)

    def _show_export(self) -> None:
        self.pages.show_page(self.export)
        self.export.focus_search()

    def _page_shown(self, page: QWidget) -> None:
        """Let undo go to what is being edited."""
        stack = self.letter.undo_stack if page is self.message else self.form.undo_stack
        stack.setActive()

    def _practice_changed(self) -> None:
        self.pages.show_inbox(there=self.practice.running)

    def _arrived(self, message: Any) -> None:
        """Open the inbox for a message that was sent from here, one at a time."""
        order = self.runs.order
        if order is not None and order.mailing is not None and order.mailing.count == 1:
            self.pages.show_page(self.inbox)
            self.inbox.show_message(message.id)

    # Saying things

    def _save(self, text: str, name: str, pattern: str) -> None:
        ask.where_to_save(
            self, name, pattern, lambda path: self.errands.run(self._write(path, text))
        )

    async def _write(self, path: Path, text: str) -> None:
        saved = self.tr("Saved {file}").format(file=path)
        self.status.say(await trouble_saving(path, text) or saved)
