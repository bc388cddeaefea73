"""The folded sections of the message page: headers, delivery, signature, repeat."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtp_workbench.message.draft import Draft, Invitation
from smtp_workbench.settings.change import value_of as setting
from smtp_workbench.ui import letter_fields
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.fields import FieldSpec, Section
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.letter import Letter, value_of
from smtp_workbench.ui.letter_fields import SHAPES, Shape
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.dns_record import DnsRecord
from smtp_workbench.ui.widgets.editors import ValueEditor, translated
from smtp_workbench.ui.widgets.field_row import FieldRow
from smtp_workbench.ui.widgets.fold import Fold
from smtp_workbench.ui.widgets.letter_editors import editor_of

_POOL = "pool."


class Rows(QObject):
    """Rows of a page that edit the letter, or the form's pool; they hold nothing themselves."""

    fix_taken = Signal(object)
    troubled = Signal()
    """What is typed somewhere can't be read, or can again."""

    def __init__(self, letter: Letter, form: Form, theme: Theme) -> None:
        super().__init__()
        self._letter, self._form, self._theme = letter, form, theme
        self.by_path: dict[str, FieldRow] = {}
        self._editors: dict[str, ValueEditor] = {}

    def add(self, spec: FieldSpec) -> FieldRow:
        """Return a new row for *spec*."""
        editor = editor_of(spec, self._theme)
        editor.edited.connect(partial(self._edited, spec.path))
        editor.troubled.connect(self.troubled)
        row = FieldRow(translated(spec.label), editor, self._theme)
        row.findings.taken.connect(self.fix_taken)
        row.reset.connect(lambda: self._form.reset(spec.path))
        self.by_path[spec.path] = row
        self._editors[spec.path] = editor
        return row

    def show(self) -> None:
        """Show what letter and form have."""
        draft = self._letter.draft
        for path, editor in self._editors.items():
            if path.startswith(_POOL):
                editor.show_value(setting(self._form.transport, path))
                self.by_path[path].show_changed(changed=self._form.is_changed(path))
            elif path == "invitation":
                editor.show_value(draft.invitation is not None)
            elif path.startswith("invitation."):
                self.by_path[path].setVisible(draft.invitation is not None)
                if draft.invitation is not None:
                    editor.show_value(value_of(draft, path))
            else:
                editor.show_value(value_of(draft, path))

    def unreadable(self) -> Iterator[tuple[str, str]]:
        """Yield each field whose text can't be read, and why."""
        for path, editor in self._editors.items():
            if editor.trouble:
                yield path, editor.trouble

    def _edited(self, path: str, value: object) -> None:
        if path.startswith(_POOL):
            self._form.type(path, value)
        elif path == "invitation":
            meeting = next_hour() if value else None
            words = self.tr("add an invitation") if value else self.tr("remove the invitation")
            self._letter.change(words, invitation=meeting)
        elif SHAPES.get(path) is Shape.ADDRESSES:
            whole = value or None if path == "envelope_to" else value
            self._letter.change(self.tr("change the addresses"), **{path: whole})
        else:
            self._letter.type(path, value)


class Sections(QObject):
    """The folds, and what each of them says while it is folded."""

    said = Signal(str)

    def __init__(
        self, letter: Letter, form: Form, theme: Theme, rows: Rows, errands: Errands
    ) -> None:
        super().__init__()
        self._letter, self._form, self._theme, self._rows = letter, form, theme, rows
        self.folds: dict[str, tuple[Fold, Section]] = {}
        self.record = DnsRecord(letter, errands)
        self.record.said.connect(self.said)
        for section in letter_fields.SECTIONS:
            self.folds[section.id] = self._fold(section), section

    def fold_of(self, path: str) -> Fold | None:
        """Return the fold that a field stands in."""
        found = (
            fold
            for fold, section in self.folds.values()
            if any(spec.path == path for spec in section.rows)
        )
        return next(found, None)

    def show(self) -> None:
        """Say in each heading what is set below it."""
        for fold, section in self.folds.values():
            fold.show_hint(self._hint(section) or translated(section.hint))
        self.record.refresh()

    def _fold(self, section: Section) -> Fold:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for spec in section.rows:
            column.addWidget(self._rows.add(spec))
        if section.id == "dkim":
            row = FieldRow(self.tr("DNS record"), self.record, self._theme)
            row.hide()
            self.record.shown.connect(row.setVisible)
            column.addWidget(row)
        return Fold(translated(section.title), body, self._theme)

    def _hint(self, section: Section) -> str:
        draft, pool = self._letter.draft, self._form.transport.pool
        if section.id == "dkim":
            dkim = draft.dkim
            return f"{dkim.selector}._domainkey.{dkim.domain}" if dkim.domain else ""
        if section.id == "repeat":
            messages = self.tr("1 message") if draft.count == 1 else f"{draft.count:,} messages"
            connections = pool.max_connections if draft.count > 1 else 1
            many = self.tr("{count} connections").format(count=connections)
            return f"{messages}, {self.tr('1 connection') if connections == 1 else many}"
        return ", ".join(
            translated(spec.label)
            for spec in section.rows
            if spec.label and "." not in spec.path.removeprefix("dsn.") and _is_set(draft, spec)
        )


def next_hour() -> Invitation:
    """Return a meeting of one hour that begins with the next full hour."""
    now = datetime.now().astimezone()
    starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return Invitation(starts=starts, ends=starts + timedelta(hours=1))


def _is_set(draft: Draft, spec: FieldSpec) -> bool:
    return bool(value_of(draft, spec.path) != value_of(Draft(), spec.path))
