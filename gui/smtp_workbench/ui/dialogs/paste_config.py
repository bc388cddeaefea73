"""The dialog that takes settings of another program: pasted text in, a profile out."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.settings.change import Change, Finding, Fix, Severity
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.transport import TESTING, Transport
from smtp_workbench.ui.dialogs.room import take_room
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.finding_box import FindingList
from smtp_workbench.ui.widgets.found_area import FoundArea
from smtp_workbench.ui.widgets.paste_field import PasteField
from smtp_workbench.ui.widgets.taken_table import TakenTable

if TYPE_CHECKING:
    from smtp_workbench.formats.format import Format
    from smtp_workbench.ui.pasted import Pasted, Secrets

_PAUSE = 250
"""Milliseconds after the last stroke until the text is read."""
_SIZE = (620, 660)


class PasteConfig(QDialog):
    """Shows how a text is understood while it is typed; nothing happens before a button."""

    profile_asked = Signal(str, object)
    """A name, and the `Change` that the text makes."""
    form_asked = Signal(str, object)
    understood = Signal()
    """The text was read, or could not be."""

    def __init__(self, parent: QWidget, theme: Theme, errands: Errands) -> None:
        super().__init__(parent)
        self._errands = errands
        self._pasted: Pasted | None = None
        self._change: Change | None = None
        self._secrets: Secrets = None, None
        """What the bullets in the text stand for."""
        self._whole = False
        self._reading = 0
        self._closed = False
        self.setWindowTitle(self.tr("Paste config"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = PasteField(theme)
        self.text.setAccessibleName(self.tr("Settings of another program"))
        self.text.setPlaceholderText(
            self.tr("Code, .env, YAML, JSON, a URL, a command… Nothing in it is run.")
        )
        self.format = QComboBox()
        self.format.setAccessibleName(self.tr("Format"))
        self.taken, self.findings = TakenTable(), FindingList(theme)
        self.put = QPushButton(self.tr("Put into the form"))
        self.create_ = QPushButton(self.tr("Create profile"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._build()
        self._connect()
        self._show()

    def give(self, text: str) -> None:
        """Take *text* as if it were pasted; it is shown once its secret is cut from it."""
        self._whole = True
        self._errands.run(self._read(text))

    # Building

    def _build(self) -> None:
        label = QLabel(self.tr("Format"))
        label.setProperty("role", "label")
        label.setBuddy(self.format)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(label)
        line.addWidget(self.format, 1)
        area = FoundArea(self.taken, self.findings)
        area.column.setContentsMargins(0, 4, 8, 0)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.create_.setProperty("primary", "true")
        self.create_.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.put)
        buttons.addWidget(self.create_)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.text, 1)
        column.addLayout(line)
        column.addWidget(area, 2)
        column.addLayout(buttons)
        take_room(self, *_SIZE)

    def _connect(self) -> None:
        self.text.textChanged.connect(self._pause.start)
        self.text.pasted.connect(self._read_whole)
        self._pause.timeout.connect(lambda: self._errands.run(self._read(None)))
        self.format.activated.connect(lambda _place: self._errands.run(self._read(None)))
        self.findings.taken.connect(self._fix)
        self.put.clicked.connect(lambda: self._answer(self.form_asked))
        self.create_.clicked.connect(lambda: self._answer(self.profile_asked))

    # Reading

    def _read_whole(self) -> None:
        """Read at once, and cut the secret: nobody is in the middle of typing it."""
        if not (self._whole or self._closed) and self.text.document().isModified():
            self._whole = True
            self._pause.stop()
            self._errands.run(self._read(None))

    async def _read(self, given: str | None) -> None:
        """Read what stands in the field, or *given*; what was begun before counts no more."""
        if self._closed:
            return
        self._reading += 1
        turn, whole = self._reading, self._whole
        self._whole = False
        text = self.text.toPlainText() if given is None else given
        format_id = str(self.format.currentData() or "") if self._is_picked else ""
        pasted, refusal = await asyncio.to_thread(_understood, text, format_id, self._secrets)
        if turn != self._reading or self._closed:
            self._whole = self._whole or whole
            return
        self._pasted, self._change = pasted, pasted.found.change if pasted else None
        self.text.colours.use(pasted.format.syntax if pasted else "plain")
        if pasted is not None:
            self._take(pasted, text, whole=whole, given=given is not None)
        elif given is not None:
            self.text.put(text)
        self._show_formats()
        await self._check(refusal)
        if not self._closed:
            self.understood.emit()

    def _take(self, pasted: "Pasted", text: str, *, whole: bool, given: bool) -> None:
        if not whole:
            return
        if pasted.shown != text or given:
            before = self.text.blockSignals(True)
            self.text.put(pasted.shown)
            self.text.blockSignals(before)
        if pasted.shown != text:
            change = pasted.found.change
            self._secrets = change.secret, change.proxy_secret
        self.text.document().setModified(False)

    async def _check(self, refusal: str) -> None:
        """Show what was found, and what the checks of the form say of it."""
        from smtp_workbench.net.pem import read_facts  # noqa: PLC0415  # heavy

        findings: list[Finding] = []
        if self._pasted is not None and self._change is not None:
            transport = self._change.apply(Transport(timeouts=TESTING))
            facts = await read_facts(transport)
            findings = [
                *check(transport, secret=self._change.secret, files=facts),
                *self._remarks(self._pasted),
            ]
        elif refusal and self.text.toPlainText().strip():
            findings = [Finding("text", Severity.WARNING, refusal)]
        if not self._closed:
            self._show(findings)

    def _remarks(self, pasted: "Pasted") -> list[Finding]:
        remarks = []
        if not pasted.shown:
            remarks.append(self.tr("The text is not shown: the password can't be cut from it."))
        if pasted.found.ignored:
            text = self.tr("Ignored: {names}.")
            remarks.append(text.format(names=", ".join(pasted.found.ignored)))
        remarks.extend(pasted.found.notes)
        return [Finding("notes", Severity.NOTE, "\n".join(remarks))] if remarks else []

    # Showing

    @property
    def _is_picked(self) -> bool:
        """Whether the format was chosen by hand."""
        return self.format.currentIndex() > 0

    def _show_formats(self) -> None:
        """List the best guess, then what else it looks like, then all the others."""
        from smtp_workbench.ui.pasted import readable  # noqa: PLC0415  # loaded by the reading

        picked = self.format.currentData() if self._is_picked else None
        likely = self._pasted.likely if self._pasted else ()
        others: list[Format] = [item for item in readable() if item not in likely]
        self.format.clear()
        best = self.tr("{format} (best guess)").format(format=likely[0].title) if likely else ""
        self.format.addItem(best or self.tr("Not recognised"), "")
        for item in (*likely, *others):
            self.format.addItem(item.title, item.id)
        if picked is not None:
            self.format.setCurrentIndex(self.format.findData(picked))

    def _show(self, findings: list[Finding] | None = None) -> None:
        self.taken.show_change(self._change)
        self.findings.show_findings(findings or [])
        self.format.setEnabled(self.format.count() > 0)
        for button in (self.put, self.create_):
            button.setEnabled(self._change is not None)

    def _fix(self, fix: Fix) -> None:
        """Change what would be taken; the table shows it, and nothing else has it yet."""
        if self._change is not None:
            fields = {**self._change.fields, **fix.change.fields}
            secret = fix.change.secret or self._change.secret
            self._change = replace(self._change, fields=fields, secret=secret)
            self._errands.run(self._check(""))

    def done(self, result: int) -> None:
        """Close; what is still being read has nowhere to be shown."""
        self._closed = True
        super().done(result)

    def _answer(self, asked: object) -> None:
        if self._change is not None and self._pasted is not None:
            asked.emit(self._pasted.format.title, self._change)  # type: ignore[attr-defined]
            self.accept()


def _understood(text: str, format_id: str, known: "Secrets") -> "tuple[Pasted | None, str]":
    """Return how *text* is understood, or None and why not; it takes a moment."""
    from smtp_workbench.ui.pasted import understand  # noqa: PLC0415  # loads all formats

    try:
        return understand(text, format_id, known), ""
    except ValueError as error:
        return None, str(error)
