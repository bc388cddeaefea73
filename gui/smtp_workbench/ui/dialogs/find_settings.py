"""The dialog that finds settings: a host or an address in, what works out, one click to use it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.diagnosis.reason import reason
from smtp_workbench.smtp.candidate import PORTS
from smtp_workbench.ui.detection import Detection
from smtp_workbench.ui.dialogs.room import take_room
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.models.found_settings import FoundModel, place_name, settings_name
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.found_table import FoundTable
from smtp_workbench.ui.widgets.verdict import Verdict

_SIZE = (940, 600)


class FindSettings(QDialog):
    """Shows a search as it goes. Nothing in the form changes before a button."""

    chosen = Signal(object, str)
    """The `Change` that puts settings into the form, and their name."""

    def __init__(self, parent: QWidget, theme: Theme, form: Form, detection: Detection) -> None:
        super().__init__(parent)
        self._form, self._theme, self._detection = form, theme, detection
        self._refusal = ""
        self.setWindowTitle(self.tr("Find settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.where = QLineEdit()
        self.search = QPushButton()
        self.log_in = QCheckBox()
        self.fetch = QCheckBox(self.tr("Read what the address's domain publishes on the web, too"))
        self.table = FoundTable(FoundModel(detection, theme))
        self.state = QLabel()
        self.verdict = Verdict(theme)
        self.use = QPushButton(self.tr("Use these settings"))
        self._area = QStackedWidget()
        self._build()
        self._fill()
        self.table.picked.connect(self._show_verdict)
        self.table.used.connect(self._use)
        detection.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(self._question())
        column.addWidget(self.log_in)
        column.addWidget(self.fetch)
        self.state.setProperty("role", "secondary")
        self.state.setWordWrap(True)
        column.addWidget(self.state)
        self._area.addWidget(self._empty())
        self._area.addWidget(self.table)
        column.addWidget(self._area, 1)
        column.addWidget(self.verdict)
        column.addLayout(self._buttons())
        take_room(self, *_SIZE)

    def _question(self) -> QHBoxLayout:
        label = QLabel(self.tr("Server or mail address"))
        label.setProperty("role", "label")
        label.setBuddy(self.where)
        self.where.setAccessibleName(self.tr("Server or mail address"))
        self.where.setPlaceholderText("smtp.example.com, me@example.com")
        self.where.textEdited.connect(lambda _text: self._refuse(""))
        self.where.textChanged.connect(lambda text: self.fetch.setVisible("@" in text))
        self.search.setProperty("primary", "true")
        # No button is the default one: what Enter does depends on where the cursor is.
        self.search.setAutoDefault(False)
        self.where.returnPressed.connect(self.search.click)
        self.search.clicked.connect(self._search_or_stop)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label)
        row.addWidget(self.where, 1)
        row.addWidget(self.search)
        return row

    def _empty(self) -> QLabel:
        ports = ", ".join(map(str, PORTS))
        empty = QLabel(
            self.tr(
                "Ports {ports} are tried all at once, with and without TLS, over IPv4 and IPv6.\n"
                "No mail is sent, and nobody logs in unless you ask for it."
            ).format(ports=ports)
        )
        empty.setProperty("role", "secondary")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        return empty

    def _buttons(self) -> QHBoxLayout:
        close = QPushButton(self.tr("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._use)
        row = QHBoxLayout()
        row.addWidget(close)
        row.addStretch(1)
        row.addWidget(self.use)
        return row

    def _fill(self) -> None:
        filled = self._form.filled
        user = filled.transport.auth.user
        self.fetch.setVisible(False)
        self.fetch.setToolTip(
            self.tr("Its autoconfig file, by HTTPS only. Without it just the DNS is asked.")
        )
        self.where.setText(filled.transport.host or (user if "@" in user else ""))
        self.where.selectAll()
        self.log_in.setText(
            self.tr("Log in once as {user}, on the best encrypted settings").format(user=user)
        )
        self.log_in.setVisible(bool(user and filled.secret))
        self.log_in.setToolTip(
            self.tr("Never in plaintext, never where the certificate is not trusted.")
        )

    # Searching

    def _search_or_stop(self) -> None:
        if self._detection.running:
            self._detection.stop()
            return
        self.table.follow_best()
        self._refuse("")
        log_in = self.log_in.isChecked() and not self.log_in.isHidden()
        try:
            self._detection.start(
                self.where.text(),
                self._form.filled,
                log_in=log_in,
                fetch=self.fetch.isChecked() and not self.fetch.isHidden(),
            )
        except ValueError as error:
            self._refuse(str(error))
            self.where.setFocus()

    def _refuse(self, why: str) -> None:
        """Say why there can't be a search, or take that back."""
        self._refusal = f"{why[:1].upper()}{why[1:]}." if why else ""
        self.where.setProperty("state", "warning" if why else "")
        dress_anew(self.where)
        self.state.setText(self._summary())

    # Showing

    def _show(self) -> None:
        detection = self._detection
        self.table.refresh()
        self.search.setText(self.tr("Stop") if detection.running else self.tr("Find"))
        self.where.setReadOnly(detection.running)
        self._area.setCurrentIndex(1 if detection.ranked else 0)
        self.state.setText(self._summary())
        self._show_verdict()

    def _summary(self) -> str:
        detection = self._detection
        tried = len(detection.ranked)
        counts = {
            "where": detection.text,
            "good": sum(item.candidate.answers for item in detection.ranked),
            "tried": tried,
            "seconds": max(detection.seconds, 0.1),
        }
        if detection.running and not tried:
            words = self.tr("Trying what could work at {where}…")
        elif detection.running:
            words = self.tr("Trying what could work at {where}… {good} of {tried} answer")
        elif self._refusal or not tried:
            return self._refusal
        elif detection.stopped:
            words = self.tr("{good} of {tried} answer; stopped after {seconds:.1f} s")
        elif detection.best is None:
            words = self.tr("No mail server answers at {where}; that took {seconds:.1f} s")
        else:
            words = self.tr("{good} of {tried} answer; that took {seconds:.1f} s")
        return words.format(**counts)

    def _show_verdict(self) -> None:
        detection, item = self._detection, self.table.shown
        self.use.setEnabled(item is not None and item.candidate.answers)
        self.use.setProperty("primary", "true" if self.use.isEnabled() else "false")
        dress_anew(self.use)
        if item is None and detection.ranked and not detection.running:
            item = detection.ranked[0]
        self.verdict.setVisible(item is not None)
        if item is None:
            return
        found, diagnosis = item.candidate, detection.diagnosis(item)
        name = settings_name(found)
        if item is detection.best:
            words = self.tr("Best so far: {name}") if detection.running else self.tr("Best: {name}")
            name = words.format(name=name)
        self.verdict.show_verdict(
            "good" if found.ok and found.encrypted else "warning" if found.answers else "bad",
            name,
            f"{diagnosis.title}. {diagnosis.explanation}" if diagnosis else "",
            [reason(notice) for notice in item.reasons],
        )

    # Ending

    def _use(self) -> None:
        item = self.table.shown
        if item is None or not item.candidate.answers:
            return
        change = self._detection.change(item, self._form.filled)
        self.chosen.emit(change, place_name(item.candidate))
        self.accept()

    def done(self, result: int) -> None:
        """Close; what is under way is ended."""
        self._detection.changed.disconnect(self._show)
        self._detection.stop()
        super().done(result)
