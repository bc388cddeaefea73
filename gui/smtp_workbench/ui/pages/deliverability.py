"""The Deliverability page: what the domain of From publishes about its mail, row by row."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.settings.change import Finding, Severity
from smtp_workbench.ui.checkup import Checkup, Wanted
from smtp_workbench.ui.checkup_fields import FIELDS, SUGGESTED
from smtp_workbench.ui.fields import Editor, FieldSpec
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.editors import ValueEditor, editor_for, translated
from smtp_workbench.ui.widgets.field_row import FieldRow, label_width
from smtp_workbench.ui.widgets.verdict_row import VerdictRow

if TYPE_CHECKING:
    from smtp_workbench.diagnosis.deliverability import Row

_GAP: Final = 10
"""Points between a label and its field."""


class DeliverabilityPage(QScrollArea):
    """Asks what is to be checked, and shows what comes of it."""

    said = Signal(str)
    """Something short for the status bar."""

    def __init__(self, checkup: Checkup, theme: Theme) -> None:
        super().__init__()
        self._checkup, self._theme = checkup, theme
        self._typed: dict[str, Any] = {}
        """What the user has put into the fields."""
        self._asked = self._checked = ""
        """The domain of the check that was asked for, and of the one that is shown."""
        self._rows: dict[str, FieldRow] = {}
        self.verdicts: dict[str, VerdictRow] = {}
        """By subject, once there was a check."""
        self.check = QPushButton()
        self.copy = QPushButton(self.tr("Copy all"))
        self._source = _note()
        self._about = _note()
        self._summary = QLabel()
        self._results = QVBoxLayout()
        self._build()
        self._connect()
        self._show_suggestion()
        self._show_state()

    def row(self, field: str) -> FieldRow:
        """Return the row of a field of `Wanted`."""
        return self._rows[field]

    def line(self, field: str) -> QLineEdit:
        """Return the line in which *field* is typed."""
        line = self._rows[field].editor.focusProxy()
        assert isinstance(line, QLineEdit)  # noqa: S101  # all but the check box are
        return line

    def focus_on(self, field: str) -> None:
        """Put the cursor into a field of `Wanted`."""
        self._rows[field].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(self._rows[field])

    def start(self) -> None:
        """Check what the fields say."""
        for row in self._rows.values():
            row.show_findings(())
        texts = {spec.path: self._value(spec.path) for spec in FIELDS}
        if not texts["domain"]:
            self._refuse("domain", self.tr("Type the domain of the sender first."))
            return
        self._asked = texts["domain"]
        self._checkup.start(Wanted(**texts))
        self._show_state()

    def forget(self) -> None:
        """Follow the suggestions again: another profile is open, another message begun."""
        for field in SUGGESTED:
            self._typed.pop(field, None)
        self._show_suggestion()

    def showEvent(self, event: QShowEvent) -> None:
        """Have the message that was sent last looked at."""
        super().showEvent(event)
        self._checkup.look_at_sent()

    # Building

    def _build(self) -> None:
        self.setObjectName("page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setObjectName("pageBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        for spec in FIELDS:
            column.addWidget(self._row(spec))
        column.addLayout(self._indented(self._source))
        self.check.setProperty("primary", "true")
        buttons = self._indented(self.check, self.copy)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self._summary.setProperty("role", "heading")
        for label in (self._summary, self._about):
            label.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self._summary)
        column.addWidget(self._about)
        self._results.setSpacing(0)
        column.addLayout(self._results)
        column.addStretch(1)
        self.setWidget(body)

    def _row(self, spec: FieldSpec) -> FieldRow:
        editor = editor_for(spec, self._theme)
        way_back = self.tr("Changed. Click to go back to what message and connection have.")
        row = FieldRow(translated(spec.label), editor, self._theme, way_back=way_back)
        editor.edited.connect(lambda value, path=spec.path: self._type(path, value))
        row.reset.connect(lambda path=spec.path: self._follow(path))
        self._rows[spec.path] = row
        return row

    def _indented(self, *widgets: QWidget) -> QHBoxLayout:
        """Return a line of *widgets* that begins where the editors do."""
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addSpacing(label_width(self) + _GAP)
        for widget in widgets:
            line.addWidget(widget)
        return line

    def _connect(self) -> None:
        checkup = self._checkup
        checkup.suggests.connect(self._show_suggestion)
        checkup.started.connect(self._begin)
        checkup.judged.connect(self._take)
        checkup.refused.connect(self._refuse)
        checkup.finished.connect(self._end)
        self.check.clicked.connect(self._start_or_stop)
        self.copy.clicked.connect(self._copy)
        for spec in FIELDS:
            if spec.editor is Editor.TEXT:
                self.line(spec.path).returnPressed.connect(self.start)

    # Fields

    def _value(self, field: str) -> Any:
        suggested = getattr(self._checkup.suggestion, field, "")
        empty = False if field == "fetch" else ""
        return self._typed.get(field, suggested or empty)

    def _type(self, field: str, value: object) -> None:
        self._typed[field] = value
        self._rows[field].show_findings(())
        self._show_suggestion()

    def _follow(self, field: str) -> None:
        self._typed.pop(field, None)
        self._show_suggestion()

    def _show_suggestion(self) -> None:
        suggestion = self._checkup.suggestion
        for field, row in self._rows.items():
            if isinstance(row.editor, ValueEditor):
                row.editor.show_value(self._value(field))
            suggested = getattr(suggestion, field, "")
            row.show_changed(changed=bool(suggested) and self._value(field) != suggested)
        self._source.setText(self._sources())
        self._source.setVisible(bool(self._source.text()))

    def _sources(self) -> str:
        """Return what else goes into a check, from the other pages."""
        suggestion = self._checkup.suggestion
        parts = []
        if suggestion.domain and self._value("domain") == suggestion.domain:
            if suggestion.envelope not in ("", suggestion.domain):
                parts.append(self.tr("MAIL FROM {domain}").format(domain=suggestion.envelope))
            if suggestion.signer and self._value("selector"):
                parts.append(self.tr("signed as {domain}").format(domain=suggestion.signer))
        if suggestion.relay:
            relay = f"{suggestion.relay}:{suggestion.port}"
            parts.append(self.tr("relay {relay}").format(relay=relay))
        together = " · ".join(part.replace(" ", "\u00a0") for part in parts)
        return self.tr("With {parts}").format(parts=together) if parts else ""

    # The check

    def _start_or_stop(self) -> None:
        if self._checkup.running:
            self._checkup.stop()
        else:
            self.start()

    def _refuse(self, field: str, why: str) -> None:
        self._rows[field].show_findings([Finding(field, Severity.BLOCKING, why)])
        self.focus_on(field)

    def _begin(self, subjects: list[tuple[str, str]]) -> None:
        self._checked = self._asked
        for subject, title in subjects:
            if subject not in self.verdicts:
                self.verdicts[subject] = VerdictRow(title, self._theme)
                self.verdicts[subject].said.connect(self.said)
                self._results.addWidget(self.verdicts[subject])
            self.verdicts[subject].wait()
        self._show_state()

    def _take(self, row: "Row") -> None:
        self.verdicts[row.subject.value].show_row(row)
        self._show_state()

    def _end(self, complete: bool) -> None:  # noqa: FBT001  # Qt's signal
        for verdict in self.verdicts.values():
            verdict.give_up()
        self._show_state()
        if complete and self.verdicts:
            self.said.emit(self._summary.text())

    def _show_state(self) -> None:
        running = self._checkup.running
        self.check.setText(self.tr("Stop") if running else self.tr("Check"))
        self.check.setToolTip(self.tr("Ask what the domain publishes (F8)"))
        self.copy.setVisible(any(verdict.row for verdict in self.verdicts.values()))
        self._summary.setText(self._counted())
        self._summary.setVisible(bool(self.verdicts))
        self._about.setVisible(not self.verdicts)
        self._about.setText(
            self.tr(
                "Looks up what the domain publishes about its mail, and says of each thing whether "
                "it is right and what to do: MX, SPF, DKIM, DMARC and its alignment with your "
                "message, reverse DNS, MTA-STS, TLS reports, DANE and BIMI. Only the DNS is asked: "
                "nothing is sent, and no web server is asked unless you allow it."
            )
        )

    def _counted(self) -> str:
        states = [item.row.verdict.value for item in self.verdicts.values() if item.row]
        words = {
            "bad": self.tr("{n} bad"),
            "warning": self.tr("{n} to look at"),
            "good": self.tr("{n} good"),
            "unknown": self.tr("{n} unknown"),
        }
        counts = [words[key].format(n=states.count(key)) for key in words if key in states]
        return f"{self._checked}: {', '.join(counts)}" if counts else self._checked

    def _copy(self) -> None:
        text = "\n".join(item.text() for item in self.verdicts.values() if item.row)
        QGuiApplication.clipboard().setText(f"{self._summary.text()}\n\n{text}")
        self.said.emit(self.tr("Copied all that was found."))


def _note() -> QLabel:
    note = QLabel()
    note.setProperty("role", "secondary")
    note.setWordWrap(True)
    note.setTextFormat(Qt.TextFormat.PlainText)
    return note
