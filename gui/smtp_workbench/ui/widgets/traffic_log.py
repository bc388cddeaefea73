"""The traffic log: a dense table with find, filter, copy and save."""

from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic import (
    DIRECTION,
    LOCK,
    TEXT,
    TIME,
    TrafficColours,
    TrafficModel,
)
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_marks import TrafficMarks

_FOUND: Final = 10_000
"""Rows at which a search ends."""
_AT_ONCE: Final = 50_000
"""Rows that are searched in one go: some 10 ms."""
_PAUSE: Final = 150
"""Milliseconds after the last stroke until a search begins."""


class TrafficLog(QWidget):
    """Shows lines as they come; stays at the end if it was there."""

    save_requested = Signal(str)
    explain_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("trafficLog")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = TrafficModel(_colours(theme))
        self.view = self._make_view()
        self._top = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._scroll_to_top)
        self._found: list[int] = []
        self._at = -1
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self.view, 1)
        self._empty = QLabel(self.tr("Nothing has been said yet."), self.view)
        self._empty.setProperty("role", "secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._follows = True
        """Whether the end stays in view; until the user scrolls away from it."""
        bar = self.view.verticalScrollBar()
        bar.rangeChanged.connect(self._follow)
        bar.valueChanged.connect(self._moved)
        self.model.rowsInserted.connect(self._count)
        self.model.modelReset.connect(self._count)
        theme.changed.connect(self._draw)
        self._count()

    def take(self, lines: list[tuple[Line, int]]) -> None:
        """Add lines, each with the place of its stage in the report."""
        self.model.take(lines)

    def clear(self, began: datetime) -> None:
        """Forget all lines; the next ones count from *began*."""
        self.show_only(None)
        self.model.clear(began)
        self._follows = True

    def select_stage(self, stage: int) -> None:
        """Select the lines of a stage and bring them into view."""
        rows = self.model.rows_of_stage(stage)
        selection = self.view.selectionModel()
        selection.clearSelection()
        if not rows:
            return
        first, last = self.model.index(rows[0], 0), self.model.index(rows[-1], TEXT)
        selection.select(
            QItemSelection(first, last), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self._follows = False
        # The details that open above change what fits; scroll when that is settled.
        self._top = rows[0]
        self._settle.start()

    def _scroll_to_top(self) -> None:
        if self._top < self.model.rowCount():
            index = self.model.index(self._top, TEXT)
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)

    def show_only(self, stage: int | None) -> None:
        """Show the lines of one stage only, None: of all."""
        self.model.filter(self.model.directions, stage)

    def focus_find(self) -> None:
        """Put the cursor into the field for searching."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def copied(self) -> str:
        """Return the selected lines, all if there is no selection."""
        rows = sorted({index.row() for index in self.view.selectionModel().selectedRows()})
        shown = rows or range(self.model.rowCount())
        return "".join(f"{self.model.written(row)}\n" for row in shown)

    # Building

    def _make_view(self) -> QTableView:
        view = QTableView()
        view.setObjectName("trafficView")
        view.setModel(self.model)
        view.setAccessibleName(self.tr("Traffic"))
        view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.horizontalHeader().hide()
        view.setItemDelegate(TrafficMarks(self._theme, self.model, view))
        view.setVerticalHeader(_row_header(view, wrapped=False))
        header = view.horizontalHeader()
        header.setMinimumSectionSize(10)
        wide = view.fontMetrics().horizontalAdvance("0")
        for section, width in ((TIME, 11 * wide), (DIRECTION, 3 * wide), (LOCK, 3 * wide)):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(section, width)
        header.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)
        copy = QShortcut(QKeySequence.StandardKey.Copy, view)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self._copy)
        return view

    def _header(self) -> QWidget:
        header = QWidget()
        header.setObjectName("trafficHeader")
        header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Traffic"))
        title.setObjectName("trafficTitle")
        self._lines = QLabel()
        self._lines.setObjectName("trafficCount")
        self.search = QLineEdit()
        self.search.setObjectName("trafficFind")
        self.search.setPlaceholderText(self.tr("Find"))
        self.search.setAccessibleName(self.tr("Find in the traffic"))
        self.search.setToolTip(self.tr("Ctrl+F; Enter: next, Shift+Enter: previous"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(self.fontMetrics().averageCharWidth() * 24)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_PAUSE)
        self._wait.timeout.connect(self._search)
        self._next_row = 0
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(lambda: self._search_from(self._next_row))
        self.search.textChanged.connect(self._restart)
        self.search.returnPressed.connect(self._next)
        row = QHBoxLayout(header)
        row.setContentsMargins(9, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self._lines)
        row.addStretch(1)
        row.addWidget(self.search, 2)
        row.addWidget(self._show_button())
        self.wrap = _button(self.tr("Wrap"), self.tr("Break long lines"))
        self.wrap.setCheckable(True)
        self.wrap.toggled.connect(self._wrap)
        row.addWidget(self.wrap)
        copy = _button(self.tr("Copy"), self.tr("Copy the selected lines, or all (Ctrl+C)"))
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        save = _button(self.tr("Save…"), self.tr("Save the traffic as a text file"))
        save.clicked.connect(lambda: self.save_requested.emit(self._all()))
        row.addWidget(save)
        return header

    def _show_button(self) -> QPushButton:
        button = _button(self.tr("Show"), self.tr("Which lines are shown, and which times"))
        menu = QMenu(button)
        menu.aboutToShow.connect(partial(self._fill_menu, menu))
        button.setMenu(menu)
        return button

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        names = {"C": self.tr("What we send"), "S": self.tr("What the server says")}
        names["*"] = self.tr("Notes")
        for direction, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(direction in self.model.directions)
            action.triggered.connect(partial(self._toggle, direction))
        menu.addSeparator()
        every = menu.addAction(self.tr("All stages"), partial(self.show_only, None))
        every.setEnabled(self.model.only_stage is not None)
        menu.addSeparator()
        relative = menu.addAction(self.tr("Seconds since the start"))
        relative.setCheckable(True)
        relative.setChecked(self.model.relative)
        relative.triggered.connect(lambda on: self.model.set_relative(relative=on))

    # Doing

    def _follow(self, _least: int, most: int) -> None:
        if self._follows:
            self.view.verticalScrollBar().setValue(most)

    def _moved(self, value: int) -> None:
        self._follows = value >= self.view.verticalScrollBar().maximum() - 2

    def _toggle(self, direction: str, shown: bool) -> None:  # noqa: FBT001  # Qt's signal
        directions = self.model.directions
        changed = directions | {direction} if shown else directions - {direction}
        self.model.filter(changed, self.model.only_stage)

    def _wrap(self, wrapped: bool) -> None:  # noqa: FBT001
        self.view.setWordWrap(wrapped)
        self.view.setVerticalHeader(_row_header(self.view, wrapped=wrapped))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.copied())

    def _all(self) -> str:
        return "".join(f"{self.model.written(row)}\n" for row in range(self.model.rowCount()))

    def _restart(self) -> None:
        self._more.stop()
        self._wait.start()

    def _search(self) -> None:
        self._found, self._at = [], -1
        self._search_from(0)

    def _search_from(self, start: int) -> None:
        """Search a part of the rows, and the rest when the window has had its turn."""
        words, count = self.search.text(), self.model.rowCount()
        rows = range(start, min(start + _AT_ONCE, count))
        if words:
            self._found += self.model.find(words, rows)
        self._count()
        if self._found and self._at < 0:
            self._go(1)
        if words and rows.stop < count and len(self._found) < _FOUND:
            self._more.start()
            self._next_row = rows.stop

    def _next(self) -> None:
        if self._wait.isActive():
            self._wait.stop()
            self._search()
            return
        back = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        self._go(-1 if back else 1)

    def _go(self, step: int) -> None:
        if self._found:
            self._at = (self._at + step) % len(self._found)
            self.view.selectRow(self._found[self._at])
            self.view.scrollTo(self.model.index(self._found[self._at], TEXT))
            self._count()

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            text, stage = self.model.text(index.row()), self.model.stage(index.row())
            menu.addAction(self.tr("Explain this line"), lambda: self.explain_requested.emit(text))
            menu.addAction(self.tr("Show only this stage"), partial(self.show_only, stage))
        if self.model.only_stage is not None:
            menu.addAction(self.tr("Show all stages"), partial(self.show_only, None))
        menu.addAction(self.tr("Copy"), self._copy)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        text = self.tr("{n} lines").format(n=f"{total:,}")
        if shown != total:
            text = self.tr("{n} of {all} lines").format(n=f"{shown:,}", all=f"{total:,}")
        if self.search.text():
            text += " · " + self.tr("{at} of {n} found").format(at=self._at + 1, n=len(self._found))
        self._lines.setText(text)
        self._empty.setVisible(not shown)
        self._empty.resize(self.view.viewport().size())

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        """Keep the text of the empty state in the middle."""
        self._empty.resize(self.view.viewport().size())

    def _draw(self) -> None:
        self.model.set_colours(_colours(self._theme))


def _row_header(view: QTableView, *, wrapped: bool) -> QHeaderView:
    """Return what decides on the heights of rows; an old one never lets go of those it has."""
    header = QHeaderView(Qt.Orientation.Vertical, view)
    height = view.fontMetrics().height() + 5
    header.setMinimumSectionSize(height)
    header.setDefaultSectionSize(height)
    modes = QHeaderView.ResizeMode
    header.setSectionResizeMode(modes.ResizeToContents if wrapped else modes.Fixed)
    header.hide()
    return header


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("small", "true")
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    return button


def _colours(theme: Theme) -> TrafficColours:
    tokens = theme.tokens
    return TrafficColours(
        text=tokens.text,
        time=tokens.secondary,
        ours=tokens.link,
        note=tokens.secondary,
        note_ground=tokens.window,
        error=tokens.bad_text,
        error_ground=tokens.bad_ground,
    )
