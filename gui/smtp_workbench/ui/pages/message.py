"""The Message page: who gets what, its body, its files, and sections for the rest."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.settings.change import Finding, Fix, Severity
from smtp_workbench.ui import letter_fields
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.fields import Section
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import PREFIX, Letter
from smtp_workbench.ui.letter_exchange import LetterExchange
from smtp_workbench.ui.letter_files import LetterFiles
from smtp_workbench.ui.pages.body_height import BodyHeight
from smtp_workbench.ui.pages.message_attachments import Attachments
from smtp_workbench.ui.pages.message_sections import Rows, Sections
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.address_field import AddressEditor
from smtp_workbench.ui.widgets.body_bar import Side
from smtp_workbench.ui.widgets.field_row import FieldRow
from smtp_workbench.ui.widgets.finding_box import FindingList
from smtp_workbench.ui.widgets.fold import Fold
from smtp_workbench.ui.widgets.given import Given, given_in, may_be_given
from smtp_workbench.ui.widgets.keys import on_keys
from smtp_workbench.ui.widgets.letter_editors import NamesEditor
from smtp_workbench.ui.widgets.message_body import MessageBody

_SCROLLBAR = 14
"""Points."""
_SIDES = {"text": Side.TEXT, "html": Side.HTML, "derive_text": Side.TEXT}


class MessagePage(QScrollArea):
    """Renders the letter and turns gestures into changes of it."""

    send_asked = Signal()
    fix_taken = Signal(object)
    """A fix that is not about the message but about the settings."""
    said = Signal(str)
    """Something short for the status bar."""

    def __init__(self, letter: Letter, form: Form, theme: Theme, errands: Errands) -> None:
        super().__init__()
        self._letter, self._form, self._theme = letter, form, theme
        self.files = LetterFiles(letter, errands, self)
        self.exchange = LetterExchange(letter, errands, self)
        self.rows = Rows(letter, form, theme)
        self.body = MessageBody(letter, theme, errands, self.exchange.menu())
        self.attachments = Attachments(letter, self.files, theme)
        self.sections = Sections(letter, form, theme, self.rows, errands)
        self.setObjectName("page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        inside = QWidget()
        inside.setObjectName("pageBody")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 12, 8, 8)
        self._column.setSpacing(8)
        self._build()
        self.setWidget(inside)
        self._height = BodyHeight(self, inside, self.body)
        self._connect()
        self._show()

    @property
    def folds(self) -> dict[str, tuple[Fold, Section]]:
        """The sections by their id, each with its table of fields."""
        return self.sections.folds

    def row(self, path: str) -> FieldRow:
        """Return the row of a field of the draft, or of the pool."""
        return self.rows.by_path[path]

    def focus_on(self, path: str) -> None:
        """Put the cursor into a field such as `message.to`, unfolding its section."""
        name = path.removeprefix(PREFIX)
        if name in _SIDES:
            self.body.focus_side(_SIDES[name])
            self.ensureWidgetVisible(self.body)
        elif name.startswith("attachments"):
            self.attachments.list.choose.setFocus(Qt.FocusReason.OtherFocusReason)
            self.ensureWidgetVisible(self.attachments)
        elif row := self.rows.by_path.get(name):
            fold = self.sections.fold_of(name)
            if fold is not None:
                fold.unfold()
            row.show()
            row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self._column.activate()
            self.ensureWidgetVisible(row)

    def offer_profiles(self, names: Sequence[str]) -> None:
        """Offer the saved profiles *names* as servers to fall back to."""
        editor = self.row("fallback").editor
        assert isinstance(editor, NamesEditor)  # noqa: S101  # by the table of fields
        editor.offer(names)

    def settle(self) -> None:
        """Take what is half typed, such as an address without a comma, before it is sent."""
        for row in self.rows.by_path.values():
            if isinstance(row.editor, AddressEditor):
                row.editor.field.take()
        if self.body.side is not Side.SOURCE:
            self._letter.renew()  # nobody has seen another time than now
        self._letter.try_it()

    def unreadable(self) -> tuple[str, str] | None:
        """Return a field whose text can't be read, and why; None if all can."""
        path, why = next(self.rows.unreadable(), ("", ""))
        in_pool = path.startswith("pool.")
        return (path if in_pool else PREFIX + path, why) if path else None

    # Building

    def _build(self) -> None:
        for spec in (letter_fields.AUTHOR, letter_fields.TO, letter_fields.CC, letter_fields.BCC):
            self._column.addWidget(self.rows.add(spec))
        self._bcc = QToolButton()
        self._bcc.setText("Bcc")
        self._bcc.setProperty("quiet", "true")
        self._bcc.setToolTip(self.tr("Add recipients that no header shows"))
        self._bcc.setAccessibleName(self.tr("Add Bcc"))
        self._bcc.clicked.connect(lambda: self.focus_on("bcc"))
        self._bcc.clicked.connect(self._bcc.hide)
        copies = self.row("cc").editor
        assert isinstance(copies, AddressEditor)  # noqa: S101  # by the table of fields
        copies.add_button(self._bcc)
        self._column.addWidget(self.rows.add(letter_fields.SUBJECT))
        self._body_findings = FindingList(self._theme)
        self._wide = QVBoxLayout()
        self._wide.setSpacing(8)
        self._wide.addWidget(self.body, 1)
        self._wide.addWidget(self._body_findings)
        self._wide.addWidget(self.attachments)
        self._column.addLayout(self._wide, 1)
        folds = QVBoxLayout()
        folds.setSpacing(0)
        for fold, _ in self.sections.folds.values():
            folds.addWidget(fold)
        self._column.addLayout(folds)
        margins = self._column.contentsMargins()
        widest = max(row.minimumSizeHint().width() for row in self.rows.by_path.values())
        end = self.row("subject").findings.contentsMargins().right()
        widest = max(widest, self.body.bar.minimumSizeHint().width() + end)
        self.setMinimumWidth(widest + margins.left() + margins.right() + _SCROLLBAR)

    def _connect(self) -> None:
        letter, files = self._letter, self.files
        letter.changed.connect(self._show)
        letter.findings_changed.connect(self._show_findings)
        self._form.changed.connect(self._show)
        self.rows.fix_taken.connect(self._fix)
        self.rows.troubled.connect(self._show_findings)
        for speaker in (self.sections, files, self.exchange):
            speaker.said.connect(self.said)
        files.picture_added.connect(self.body.put_picture)
        for findings in (self._body_findings, self.attachments.findings):
            findings.taken.connect(self._fix)
        self.body.given.connect(self._given_to_body)
        self.body.field_asked.connect(self.focus_on)
        self.body.bar.picture_asked.connect(files.choose_picture)
        self.body.bar.template_picked.connect(self.exchange.use_template)
        for number, side in enumerate(Side, 1):
            on_keys(self, f"Alt+{number}", partial(self.body.focus_side, side), within=True)
        on_keys(self, "Ctrl+Shift+A", files.choose, within=True)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have what goes over the whole width end where the fields end.

        Rows leave room for a button behind their field, whose width comes from the style.
        """
        super().resizeEvent(event)
        row = self.row("subject")
        self._wide.setContentsMargins(0, 0, row.width() - row.editor.geometry().right() - 1, 0)

    # From the letter to the widgets

    def _show(self) -> None:
        draft = self._letter.draft
        self.rows.show()
        line = self.row("author").editor.focusProxy()
        sender = self._letter.complete.author or letter_fields.AUTHOR.placeholder
        line.setPlaceholderText(sender)  # type: ignore[union-attr]
        if draft.bcc or self.row("bcc").editor.isAncestorOf(QApplication.focusWidget() or self):
            self.row("bcc").show()
        else:
            self.row("bcc").hide()
        self._bcc.setVisible(self.row("bcc").isHidden())
        self.sections.show()
        self._show_findings()

    def _show_findings(self) -> None:
        on: dict[str, list[Finding]] = {path: [] for path in self.rows.by_path}
        body: list[Finding] = []
        files: list[Finding] = []
        for finding in self._letter.told:
            name = finding.field.removeprefix(PREFIX)
            place = body if name in _SIDES else on.get(name, files)
            place.append(finding)
        for path, trouble in self.rows.unreadable():
            on[path] = [Finding(path, Severity.BLOCKING, trouble)]
        for path, findings in on.items():
            self.rows.by_path[path].show_findings(findings)
            fold = self.sections.fold_of(path)
            if findings and fold is not None:
                fold.unfold()
        self._body_findings.show_findings(body)
        self.attachments.findings.show_findings(files)

    def _fix(self, fix: Fix) -> None:
        fields = tuple(fix.change.fields)
        if fields and all(name.startswith(PREFIX) for name in fields):
            self._letter.fix(fix)
            self.said.emit(self.tr("Changed: {what}. Ctrl+Z undoes it.").format(what=fix.label))
            self.focus_on(fields[0])
        else:
            self.fix_taken.emit(fix)

    # Gestures of the whole page

    def _given_to_body(self, given: Given) -> None:
        self.files.attach(given, inline=self.body.side is Side.HTML)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send, where no action of the window has taken the keys."""
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.settle()
            self.send_asked.emit()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, wherever on the page."""
        if may_be_given(event.mimeData()):
            self.attachments.list.show_dropping(dropping=True)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Go on taking them."""
        if may_be_given(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget them."""
        self.attachments.list.show_dropping(dropping=False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach them."""
        self.attachments.list.show_dropping(dropping=False)
        given = given_in(event.mimeData())
        if given is not None:
            self.files.attach(given)
            event.acceptProposedAction()

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Have undo go to what the focus edits: the message, or the settings of the pool."""
        if now is None or not self.isAncestorOf(now):
            return
        pool = any(
            row.isAncestorOf(now)
            for path, row in self.rows.by_path.items()
            if path.startswith("pool.")
        )
        (self._form if pool else self._letter).undo_stack.setActive()
