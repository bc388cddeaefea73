"""The traffic log: a dense table with find, filter, copy and save."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
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
from smtp_workbench.ui.models.traffic_filter import Search
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.turns import Turns
from smtp_workbench.ui.widgets.elided import ElidedLabel
from smtp_workbench.ui.widgets.find_field import FindField
from smtp_workbench.ui.widgets.keys import on_keys
from smtp_workbench.ui.widgets.traffic_marks import TrafficMarks

_ROOM: Final = 5
"""Points between two lines."""
_PAUSE: Final = 150
"""Milliseconds after the last stroke until a search begins."""
_AT_A_TIME: Final = 500
"""Rows that are written before the clock is looked at."""


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
        self._hits = Search("", self.model)
        self._at = -1
        """Which hit is selected, -1: none."""
        self._jumps = False
        """Whether the first hit is still to be shown."""
        self._looking, self._writing = Turns(self), Turns(self)
        self._fitting = False
        self._fitted: set[int] = set()
        """The rows that have the height of their wrapped text."""
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self.view, 1)
        self._empty = QLabel(self.view)
        self._empty.setProperty("role", "secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._follows = True
        """Whether the end stays in view; until the user scrolls away from it."""
        bar = self.view.verticalScrollBar()
        bar.rangeChanged.connect(self._follow)
        bar.valueChanged.connect(self._moved)
        self.view.horizontalHeader().sectionResized.connect(self._fit)
        self.model.rowsInserted.connect(self._fit)
        self.model.modelAboutToBeReset.connect(self._writing.finish)
        self.model.modelReset.connect(self._refilled)
        theme.changed.connect(self._draw)
        self._measure()
        self._count()

    def take(self, lines: Sequence[tuple[Line, int]]) -> None:
        """Add lines, each with the place of its stage in the report."""
        self.model.take(lines)
        self._count()
        if self.search.text():
            self._looking.do(self._look())

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

    def show_relative(self, *, relative: bool) -> None:
        """Show seconds since the run began, or the time of day."""
        self.model.set_relative(relative=relative)
        self._measure()

    def focus_find(self) -> None:
        """Put the cursor into the field for searching."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # Building

    def _make_view(self) -> QTableView:
        view = QTableView()
        view.setObjectName("trafficView")
        view.setModel(self.model)
        view.setAccessibleName(self.tr("Traffic"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.horizontalHeader().hide()
        view.verticalHeader().hide()
        view.setItemDelegate(TrafficMarks(self._theme, self.model, view))
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = view.horizontalHeader()
        header.setMinimumSectionSize(10)
        for section in (TIME, DIRECTION, LOCK):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu)
        on_keys(view, QKeySequence.StandardKey.Copy, self._copy)
        return view

    def _header(self) -> QWidget:
        header = QWidget()
        header.setObjectName("trafficHeader")
        header.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Traffic"))
        title.setObjectName("trafficTitle")
        self._lines = ElidedLabel()
        self._lines.setObjectName("trafficCount")
        self.search = FindField()
        self.search.setObjectName("trafficFind")
        self.search.setPlaceholderText(self.tr("Find"))
        self.search.setAccessibleName(self.tr("Find in the traffic"))
        self.search.setToolTip(self.tr("Find (Ctrl+F); Enter: next, Shift+Enter: previous"))
        self.search.setClearButtonEnabled(True)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_PAUSE)
        self._wait.timeout.connect(self._search)
        self.search.textChanged.connect(self._restart)
        self.search.stepped.connect(self._step)
        row = QHBoxLayout(header)
        row.setContentsMargins(9, 5, 8, 5)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self._lines, 3)
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
        save.clicked.connect(self._save)
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
        relative.triggered.connect(lambda on: self.show_relative(relative=on))

    # Sizes

    def _measure(self) -> None:
        """Take every size from the font."""
        view, header = self.view, self.view.horizontalHeader()
        view.setFont(self._fixed_font())
        metrics = view.fontMetrics()
        height = metrics.height() + _ROOM
        view.verticalHeader().setMinimumSectionSize(height)
        view.verticalHeader().setDefaultSectionSize(height)
        wide = metrics.horizontalAdvance("0")
        longest = "+0000.000" if self.model.relative else "00:00:00.000"
        header.resizeSection(TIME, metrics.horizontalAdvance(longest) + 2 * wide)
        header.resizeSection(DIRECTION, 3 * wide)
        header.resizeSection(LOCK, 3 * wide)
        letter = self.fontMetrics().averageCharWidth()
        self.search.setMinimumWidth(letter * 14)
        self.search.setMaximumWidth(letter * 24)
        self._fit()

    def _fixed_font(self) -> QFont:
        """Return the system's fixed font, larger by as much as the window's font is."""
        system = QFontDatabase.SystemFont
        font = QFontDatabase.systemFont(system.FixedFont)
        usual = QFontDatabase.systemFont(system.GeneralFont).pointSizeF()
        # A size in pixels shows as -1 point.
        if min(font.pointSizeF(), usual, self.font().pointSizeF()) > 0:
            font.setPointSizeF(font.pointSizeF() * self.font().pointSizeF() / usual)
        return font

    def _fit(self) -> None:
        """Give the rows in view the height of their wrapped text.

        Only those: Qt would need 24 seconds for the rows of 200,000 lines.
        """
        if self._fitting or not self.view.wordWrap():
            return
        self._fitting = True
        view, header = self.view, self.view.verticalHeader()
        row, bottom = max(view.rowAt(0), 0), view.viewport().height()
        while row < self.model.rowCount() and view.rowViewportPosition(row) < bottom:
            height = view.sizeHintForRow(row) + _ROOM
            header.resizeSection(row, max(header.defaultSectionSize(), height))
            self._fitted.add(row)
            row += 1
        self._fitting = False

    def _wrap(self, wrapped: bool) -> None:  # noqa: FBT001  # Qt's signal
        header = self.view.verticalHeader()
        self.view.setWordWrap(wrapped)
        for row in self._fitted:
            header.resizeSection(row, header.defaultSectionSize())
        self._fitted.clear()
        self.view.viewport().update()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the text of the empty state in the middle."""
        super().resizeEvent(event)
        self._empty.resize(self.view.size())
        self._fit()

    # Doing

    def _follow(self, _least: int, most: int) -> None:
        if self._follows:
            self.view.verticalScrollBar().setValue(most)

    def _moved(self, value: int) -> None:
        self._follows = value >= self.view.verticalScrollBar().maximum() - 2
        self._fit()

    def _refilled(self) -> None:
        """Forget hits and heights: they were of rows that are other lines now."""
        self._fitted.clear()
        self._fit()
        self._search(jump=False)

    def _toggle(self, direction: str, shown: bool) -> None:  # noqa: FBT001  # Qt's signal
        directions = self.model.directions
        changed = directions | {direction} if shown else directions - {direction}
        self.model.filter(changed, self.model.only_stage)

    def _copy(self) -> None:
        selected = self.view.selectionModel().selection()
        parts = [selected.at(at) for at in range(selected.count())]
        spans = sorted((part.top(), part.bottom() + 1) for part in parts)
        self._write(spans or [(0, self.model.rowCount())], QGuiApplication.clipboard().setText)

    def _save(self) -> None:
        self._write([(0, self.model.rowCount())], self.save_requested.emit)

    def _write(self, spans: list[tuple[int, int]], then: Callable[[str], object]) -> None:
        """Hand the rows of *spans* as text to *then*, at once if they are few."""

        def steps() -> Iterator[None]:
            parts = []
            for first, end in spans:
                for start in range(first, end, _AT_A_TIME):
                    rows = range(start, min(start + _AT_A_TIME, end))
                    parts.append("".join(f"{self.model.written(row)}\n" for row in rows))
                    yield
            then("".join(parts))

        self._writing.finish()
        self._writing.do(steps())

    def _restart(self) -> None:
        self._wait.start()

    def _search(self, *, jump: bool = True) -> None:
        words = self.search.text()
        self._hits, self._at, self._jumps = Search(words, self.model), -1, jump
        self.model.mark(words)
        self._looking.do(self._look())

    def _look(self) -> Iterator[None]:
        for _ in self._hits.go_on():
            if self._jumps and self._hits.found:
                self._jumps = False
                self._go(1)
            yield
        self._jumps = False
        self._count()

    def _step(self, step: int) -> None:
        if self._wait.isActive():
            self._wait.stop()
            self._search()
        else:
            self._go(step)

    def _go(self, step: int) -> None:
        found = self._hits.found
        if not found:
            return
        before = max(self._at, 0) if step < 0 else self._at
        self._at = (before + step) % len(found)
        self._follows = False
        hit = self.model.index(found[self._at], TEXT)
        flag = QItemSelectionModel.SelectionFlag
        # Not `selectRow`: that takes Shift+Enter for the wish to select all rows between.
        self.view.selectionModel().setCurrentIndex(hit, flag.ClearAndSelect | flag.Rows)
        self.view.scrollTo(hit)
        self._count()

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            text, stage = self.model.text(index.row()), self.model.stage(index.row())
            line = self.model.written(index.row())
            menu.addAction(
                self.tr("Copy line"), lambda: QGuiApplication.clipboard().setText(f"{line}\n")
            )
            menu.addAction(self.tr("Explain this line"), lambda: self.explain_requested.emit(text))
            menu.addAction(self.tr("Show only this stage"), partial(self.show_only, stage))
        if self.model.only_stage is not None:
            menu.addAction(self.tr("Show all stages"), partial(self.show_only, None))
        menu.addAction(self.tr("Copy the selected lines, or all"), self._copy)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        text = self.tr("{n} lines").format(n=f"{total:,}")
        if shown != total:
            text = self.tr("{n} of {all} lines").format(n=f"{shown:,}", all=f"{total:,}")
        if self.search.text():
            text += " · " + self._hits_in_words()
        self._lines.short = f"{shown:,}"
        self._lines.setText(text)
        nothing = self.tr("Nothing has been said yet. Verify (F5) starts a conversation.")
        hidden = self.tr("No line is of the kind that is shown. “Show” brings the others back.")
        self._empty.setText(hidden if total else nothing)
        self._empty.setVisible(not shown)

    def _hits_in_words(self) -> str:
        number = f"{len(self._hits.found):,}"
        if self._at < 0:
            return self.tr("{n} found").format(n=number)
        return self.tr("{at} of {n} found").format(at=f"{self._at + 1:,}", n=number)

    def _draw(self) -> None:
        self.model.set_colours(_colours(self._theme))


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
