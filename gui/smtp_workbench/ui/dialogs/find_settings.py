"""The dialog that finds settings: a host or an address in, what works out, one click to use it."""

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.diagnosis.reason import reason
from smtp_workbench.smtp.candidate import PORTS
from smtp_workbench.smtp.ranking import Ranked
from smtp_workbench.ui.detection import Detection
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.models.found_settings import (
    Column,
    FoundModel,
    place_name,
    settings_name,
)
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.reason_list import ReasonList

_SIZE = (940, 600)
_LOGIN = 24
"""Average characters of the column of mechanisms, of which some servers have many."""


class FindSettings(QDialog):
    """Shows a search as it goes. Nothing in the form changes before a button."""

    chosen = Signal(object, str)
    """The `Change` that puts settings into the form, and their name."""

    def __init__(self, parent: QWidget, theme: Theme, form: Form, detection: Detection) -> None:
        super().__init__(parent)
        self._form, self._theme, self._detection = form, theme, detection
        self._picked: Ranked | None = None
        """The row that the user went to; None: the best is followed."""
        self._refusal = ""
        self._refreshing = False
        self.setWindowTitle(self.tr("Find settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.where = QLineEdit()
        self.search = QPushButton()
        self.log_in = QCheckBox()
        self.model = FoundModel(detection, theme)
        self.table = QTableView()
        self.state, self.title, self.text = QLabel(), QLabel(), QLabel()
        self.reasons = ReasonList(theme)
        self.use = QPushButton(self.tr("Use these settings"))
        self._area = QStackedWidget()
        self._build()
        self._fill()
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
        self.state.setProperty("role", "secondary")
        self.state.setWordWrap(True)
        column.addWidget(self.state)
        self._build_table()
        self._area.addWidget(self._empty())
        self._area.addWidget(self.table)
        column.addWidget(self._area, 1)
        column.addWidget(self._verdict())
        column.addLayout(self._buttons())
        parent = self.parentWidget()
        assert parent is not None  # noqa: S101  # it is opened over the window
        room = parent.window().size()
        self.resize(min(_SIZE[0], room.width() - 40), min(_SIZE[1], room.height() - 40))

    def _question(self) -> QHBoxLayout:
        label = QLabel(self.tr("Server or mail address"))
        label.setProperty("role", "label")
        label.setBuddy(self.where)
        self.where.setAccessibleName(self.tr("Server or mail address"))
        self.where.setPlaceholderText("smtp.example.com, me@example.com")
        self.where.textEdited.connect(lambda _text: self._refuse(""))
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

    def _build_table(self) -> None:
        table = self.table
        table.setObjectName("foundSettings")
        table.setAccessibleName(self.tr("Settings that were tried, the best first"))
        table.setModel(self.model)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setTextElideMode(Qt.TextElideMode.ElideRight)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(Column.LOGIN, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(Column.LOGIN, self.fontMetrics().averageCharWidth() * _LOGIN)
        head.setSectionResizeMode(Column.RESULT, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(lambda _index: self._use())
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(key, table, self._use)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        table.selectionModel().selectionChanged.connect(self._row_selected)

    def _verdict(self) -> QFrame:
        self._card = QFrame()
        self.title.setProperty("role", "cardTitle")
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addWidget(self.reasons)
        return self._card

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
        self._picked = None
        self._refuse("")
        log_in = self.log_in.isChecked() and not self.log_in.isHidden()
        try:
            self._detection.start(self.where.text(), self._form.filled, log_in=log_in)
        except ValueError as error:
            self._refuse(str(error))
            self.where.setFocus()

    def _refuse(self, why: str) -> None:
        """Say why there can't be a search, or take that back."""
        self._refusal = f"{why[:1].upper()}{why[1:]}." if why else ""
        self.where.setProperty("state", "warning" if why else "")
        _restyle(self.where)
        self.state.setText(self._summary())

    # Showing

    def _show(self) -> None:
        detection = self._detection
        shown = self._picked or detection.best
        self._refreshing = True
        self.model.refresh()
        self._select(shown)
        self._refreshing = False
        self.search.setText(self.tr("Stop") if detection.running else self.tr("Find"))
        self.where.setReadOnly(detection.running)
        self._area.setCurrentIndex(1 if detection.ranked else 0)
        self.state.setText(self._summary())
        self._show_verdict(shown)

    def _summary(self) -> str:
        detection = self._detection
        tried = len(detection.ranked)
        work = sum(item.candidate.answers for item in detection.ranked)
        if detection.running:
            return self.tr("Trying what could work at {where}… {work} of {tried} answer").format(
                where=detection.text, work=work, tried=tried
            )
        if self._refusal or not tried:
            return self._refusal
        if not work and not detection.stopped:
            words = self.tr("No mail server answers at {where}; that took {seconds:.1f} s")
            return words.format(where=detection.text, seconds=detection.seconds)
        words = self.tr("{work} of {tried} answer; that took {seconds:.1f} s")
        if detection.stopped:
            words = self.tr("{work} of {tried} answer; stopped after {seconds:.1f} s")
        return words.format(work=work, tried=tried, seconds=detection.seconds)

    def _select(self, item: Ranked | None) -> None:
        if item is None:
            self.table.clearSelection()
        else:
            self.table.selectRow(self.model.row_of(item))

    def _row_selected(self, selected: QItemSelection) -> None:
        """Stay with the row that the user goes to, whatever is found next."""
        rows = selected.indexes()
        if rows and not self._refreshing:
            self._picked = self.model.ranked_at(rows[0])
            self._show_verdict(self._picked)

    def _show_verdict(self, item: Ranked | None) -> None:
        detection = self._detection
        self.use.setEnabled(item is not None and item.candidate.answers)
        self.use.setProperty("primary", "true" if self.use.isEnabled() else "false")
        if item is None and detection.ranked and not detection.running:
            item = detection.ranked[0]
        self._card.setVisible(item is not None)
        if item is None:
            return
        found, diagnosis = item.candidate, detection.diagnosis(item)
        name = settings_name(found)
        if item is detection.best:
            name = self.tr("Best: {name}").format(name=name)
        self.title.setText(name)
        why = diagnosis.explanation if diagnosis is not None else ""
        self.text.setText(f"{diagnosis.title}. {why}" if diagnosis is not None else "")
        self.text.setVisible(diagnosis is not None)
        self.reasons.show_reasons([reason(notice) for notice in item.reasons])
        self.reasons.setVisible(bool(item.reasons))
        state = "good" if found.ok and found.encrypted else "warning" if found.answers else "bad"
        self._card.setProperty("card", state)
        _restyle(self._card, self.use)

    # Ending

    def _use(self) -> None:
        item = self._picked or self._detection.best
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


def _restyle(*widgets: QWidget) -> None:
    """Draw *widgets* as the style sheet wants them with their new properties."""
    for widget in widgets:
        widget.style().unpolish(widget)
        widget.style().polish(widget)
