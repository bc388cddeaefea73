"""The Export page: the settings in the form that another program wants, to copy or to save."""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Finding, Fix, Severity
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.export_files import ExportFiles
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.verified import Verified
from smtp_workbench.ui.widgets.code_view import CodeView
from smtp_workbench.ui.widgets.file_tabs import FileTabs
from smtp_workbench.ui.widgets.finding_box import FindingList
from smtp_workbench.ui.widgets.format_list import FormatList
from smtp_workbench.ui.widgets.segments import Segments

if TYPE_CHECKING:
    from smtp_workbench.formats.format import Export

_LIST_WIDTH = 200
_PLACEHOLDER, _INCLUDE = "placeholder", "include"
_LOOK_AGAIN = 10_000
"""Milliseconds after which “2 minutes ago” is looked at again."""


class ExportPage(QWidget):
    """Writes what the form holds in the chosen format, while it is shown.

    The secret is in it only on demand, and until another profile is opened.
    """

    said = Signal(str)
    """Something short for the status bar."""
    field_asked = Signal(str)
    """A field that has to be filled in first."""

    def __init__(
        self, form: Form, book: Book, verified: Verified, theme: Theme, errands: Errands
    ) -> None:
        super().__init__()
        self._form, self._book, self._verified = form, book, verified
        self._theme, self._errands = theme, errands
        self._profile = book.current
        self._asked_for = False
        self._export: Export | None = None
        self.files = ExportFiles(errands, self)
        self.formats = FormatList(theme)
        self.secret = Segments(
            self.tr("Secret"),
            {
                _PLACEHOLDER: (
                    self.tr("Placeholder"),
                    self.tr("The target's own way to a variable"),
                ),
                _INCLUDE: (self.tr("Include"), self.tr("The password itself, in the clear")),
            },
        )
        self.tabs = FileTabs()
        self.text = CodeView(self.tr("Settings in this format"), theme)
        self.findings = FindingList(theme)
        self.copy = QPushButton(self.tr("Copy"))
        self.save = QPushButton(self.tr("Save as…"))
        self.badge = QLabel()
        self._dot = QLabel()
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_AGAIN)
        self._build()
        self._connect()

    @property
    def includes_secret(self) -> bool:
        """Whether the secret itself stands in the text."""
        return self.secret.button(_INCLUDE).isChecked()

    def focus_search(self) -> None:
        """Put the cursor where a format is looked for."""
        self.formats.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Building

    def _build(self) -> None:
        self.setObjectName("exportPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.secret.show_value(_PLACEHOLDER)
        self.secret.button(_INCLUDE).setProperty("warns", "true")
        self.copy.setProperty("primary", "true")
        self.badge.setProperty("role", "secondary")
        self.badge.setWordWrap(True)
        self.formats.setMaximumWidth(_LIST_WIDTH)
        line = QFrame()
        line.setObjectName("exportLine")
        line.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(self.formats, 2)
        row.addWidget(line)
        row.addLayout(self._right(), 3)

    def _right(self) -> QVBoxLayout:
        label = QLabel(self.tr("Secret"))
        label.setProperty("role", "label")
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.secret, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.save)
        buttons.addStretch(1)
        state = QHBoxLayout()
        state.setSpacing(6)
        state.addWidget(self._dot)
        state.addWidget(self.badge, 1)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.tabs)
        column.addWidget(self.text, 1)
        column.addWidget(self.findings)
        column.addLayout(buttons)
        column.addLayout(state)
        column.addStretch()
        return column

    def _connect(self) -> None:
        self._form.changed.connect(self._show)
        self._book.opened.connect(self._profile_changed)
        self._book.changed.connect(self._profile_changed)
        self._verified.changed.connect(self._show_badge)
        self._theme.changed.connect(self._show_badge)
        self._clock.timeout.connect(self._show_badge)
        self.formats.chosen.connect(self._show)
        self.secret.picked.connect(self._show)
        self.tabs.picked.connect(self._show_file)
        self.findings.taken.connect(lambda _fix: self.field_asked.emit("host"))
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._save)
        self.files.said.connect(self.said)

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Load the formats the first time; they take longer than the window may be held."""
        super().showEvent(event)
        self._clock.start()
        if not self._asked_for:
            self._asked_for = True
            self._errands.run(self._load())
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing that nobody looks at, least of all a secret."""
        super().hideEvent(event)
        self._clock.stop()
        self._export = None
        self.text.clear()

    async def _load(self) -> None:
        registry = await asyncio.to_thread(import_module, "smtp_workbench.formats.registry")
        self.formats.show_formats(registry.FORMATS)

    def _profile_changed(self) -> None:
        if self._profile != self._book.current:
            self._profile = self._book.current
            self.secret.show_value(_PLACEHOLDER)
            self._show()

    def _show(self) -> None:
        wanted = self.formats.format
        if wanted is None or not self.isVisible():
            return
        self._export, findings = None, []
        filled = self._form.filled
        if not filled.transport.host:
            way = (Fix(self.tr("Go to the host")),)
            text = self.tr("There is nothing to export yet: the settings name no host.")
            findings = [Finding("host", Severity.NOTE, text, way)]
        else:
            try:
                secret = filled.secret if self.includes_secret else None
                self._export = wanted.write(filled.transport, secret)
                findings = self._said_of(self._export)
            except ValueError as error:
                findings = [Finding("format", Severity.BLOCKING, _sentence(str(error)))]
        self.tabs.show_names([file.name for file in self._export.files] if self._export else [])
        self.findings.show_findings(findings)
        for button in (self.copy, self.save):
            button.setEnabled(self._export is not None)
        self._show_file()
        self._show_badge()

    def _show_file(self) -> None:
        wanted, export = self.formats.format, self._export
        self.text.setVisible(export is not None)
        if wanted is None or export is None:
            self.text.clear()
            return
        state = "warning" if self._holds_secret else ""
        if self.text.property("state") != state:
            self.text.setProperty("state", state)
            self.text.style().polish(self.text)
        self.text.show_text(export.files[self.tabs.place].text, wanted.syntax)

    @property
    def _holds_secret(self) -> bool:
        return self.includes_secret and bool(self._form.filled.secret)

    def _said_of(self, export: "Export") -> list[Finding]:
        """Return what is to be known about *export*."""
        title = self.formats.format.title if self.formats.format else ""
        findings = []
        if self._holds_secret:
            text = self.tr("The password stands in this text in the clear.")
            findings.append(Finding("secret", Severity.WARNING, text))
        elif self.includes_secret:
            text = self.tr("The form holds no password, so there is none to include.")
            findings.append(Finding("secret", Severity.NOTE, text))
        if export.left_out:
            text = self.tr("{format} cannot express {what}; it was left out.")
            if len(export.left_out) > 1:
                text = self.tr("{format} cannot express {what}; they were left out.")
            what = _listed(export.left_out, self.tr(" and "))
            findings.append(
                Finding("left_out", Severity.WARNING, text.format(format=title, what=what))
            )
        if export.assumed:
            findings.append(Finding("assumed", Severity.NOTE, "\n".join(export.assumed)))
        return findings

    def _show_badge(self) -> None:
        self.badge.setText(self._verified.words())
        icons = {"good": ("shield-check", "good"), "bad": ("circle-alert", "bad")}
        icon, colour = icons.get(self._verified.state(), ("circle", "secondary"))
        self._dot.setPixmap(picture(icon, getattr(self._theme.tokens, colour)))
        self._dot.setAlignment(Qt.AlignmentFlag.AlignTop)

    # Taking it away

    def _copy(self) -> None:
        if self._export is None:
            return
        file = self._export.files[self.tabs.place]
        QGuiApplication.clipboard().setText(file.text)
        text = self.tr("Copied {file}.")
        if self._holds_secret:
            text = self.tr("Copied {file}, with the password in it.")
        self.said.emit(text.format(file=file.name))

    def _save(self) -> None:
        if self._export is not None and self.formats.format is not None:
            self.files.ask(self._export.files, self.formats.format)


def _listed(nouns: tuple[str, ...], last: str) -> str:
    *others, end = nouns
    return f"{', '.join(others)}{last}{end}" if others else end


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
