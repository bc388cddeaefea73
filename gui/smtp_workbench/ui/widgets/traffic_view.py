"""The table of the traffic: its sizes, its wrapping, and the end that stays in view."""

from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, QTimer
from PySide6.QtGui import QFont, QFontDatabase, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QTableView

from smtp_workbench.ui.models.traffic import DIRECTION, LOCK, TEXT, TIME, TrafficModel
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_marks import TrafficMarks

_ROOM: Final = 5
"""Points between two lines."""


class TrafficView(QTableView):
    """Shows lines as they come; stays at the end until the user goes elsewhere."""

    def __init__(self, model: TrafficModel, theme: Theme) -> None:
        super().__init__()
        self._traffic = model
        self._follows = True
        """Whether the end stays in view; until the user scrolls away from it."""
        self._top = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._scroll_to_top)
        self._fitting = False
        self._fitted: set[int] = set()
        """The rows that have the height of their wrapped text."""
        self._empty = QLabel(self)
        self._empty.setProperty("role", "secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._build(theme)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._stay_at_end)
        bar.valueChanged.connect(self._moved)
        self.horizontalHeader().sectionResized.connect(self._fit)
        model.rowsInserted.connect(self._fit)
        model.modelReset.connect(self._refilled)

    def follow_end(self) -> None:
        """Keep the end in view from now on."""
        self._follows = True

    def go_to(self, row: int) -> None:
        """Select a row and bring it into view."""
        self._follows = False
        index = self._traffic.index(row, TEXT)
        flag = QItemSelectionModel.SelectionFlag
        # Not `selectRow`: that takes Shift+Enter for the wish to select all rows between.
        self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect | flag.Rows)
        self.scrollTo(index)

    def go_to_first(self, rows: range) -> None:
        """Select *rows* alone, and bring the first of them to the top."""
        selection = self.selectionModel()
        selection.clearSelection()
        if not rows:
            return
        first, last = self._traffic.index(rows[0], 0), self._traffic.index(rows[-1], TEXT)
        selection.select(
            QItemSelection(first, last), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self._follows = False
        # Whoever selects them may open details above; scroll when what fits is settled.
        self._top = rows[0]
        self._settle.start()

    def selected_rows(self) -> list[range]:
        """Return the rows that are selected, in their order."""
        selection = self.selectionModel().selection()
        parts = [selection.at(at) for at in range(selection.count())]
        spans = sorted((part.top(), part.bottom() + 1) for part in parts)
        return [range(*span) for span in spans]

    def say(self, text: str) -> None:
        """Show *text* in the middle, where no line is; empty: nothing."""
        self._empty.setText(text)
        self._empty.setVisible(bool(text))

    def take_font(self, around: QFont) -> None:
        """Take every size from *around*, the font of the window."""
        self.setFont(_fixed(around))
        prose = QFont(around)
        # What was never set on a font a label takes from its parent, here the fixed one.
        prose.setFamilies(around.families())
        self._empty.setFont(prose)
        rows, height = self.verticalHeader(), self.fontMetrics().height() + _ROOM
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Give times, directions and locks their room; the text has the rest."""
        header, metrics = self.horizontalHeader(), self.fontMetrics()
        wide = metrics.horizontalAdvance("0")
        longest = "+0000.000" if self._traffic.relative else "00:00:00.000"
        header.resizeSection(TIME, metrics.horizontalAdvance(longest) + 2 * wide)
        header.resizeSection(DIRECTION, 3 * wide)
        header.resizeSection(LOCK, 3 * wide)
        self._fit()

    def wrap(self, wrapped: bool) -> None:  # noqa: FBT001  # Qt's signal
        """Break long lines, or cut them off."""
        self.setWordWrap(wrapped)
        rows = self.verticalHeader()
        for row in self._fitted:
            rows.resizeSection(row, rows.defaultSectionSize())
        self._fitted.clear()
        self.viewport().update()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the text of the empty state in the middle."""
        super().resizeEvent(event)
        self._empty.resize(self.size())
        self._fit()

    def _build(self, theme: Theme) -> None:
        self.setObjectName("trafficView")
        self.setModel(self._traffic)
        self.setAccessibleName(self.tr("Traffic"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setItemDelegate(TrafficMarks(theme, self._traffic, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.hide()
        header.setMinimumSectionSize(10)
        for section in (TIME, DIRECTION, LOCK):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)

    def _fit(self) -> None:
        """Give the rows in view the height of their wrapped text.

        Only those: Qt would need 24 seconds for the rows of 200,000 lines.
        """
        if self._fitting or not self.wordWrap():
            return
        self._fitting = True
        rows = self.verticalHeader()
        row, bottom = max(self.rowAt(0), 0), self.viewport().height()
        while row < self._traffic.rowCount() and self.rowViewportPosition(row) < bottom:
            height = self.sizeHintForRow(row) + _ROOM
            rows.resizeSection(row, max(rows.defaultSectionSize(), height))
            self._fitted.add(row)
            row += 1
        self._fitting = False

    def _refilled(self) -> None:
        """Forget the heights: they were of rows that are other lines now."""
        self._fitted.clear()
        self._fit()

    def _stay_at_end(self, _least: int, most: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(most)

    def _moved(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - 2
        self._fit()

    def _scroll_to_top(self) -> None:
        if self._top < self._traffic.rowCount():
            index = self._traffic.index(self._top, TEXT)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)


def _fixed(around: QFont) -> QFont:
    """Return the system's fixed font, larger by as much as *around* is."""
    system = QFontDatabase.SystemFont
    font = QFontDatabase.systemFont(system.FixedFont)
    usual = QFontDatabase.systemFont(system.GeneralFont).pointSizeF()
    # A size in pixels shows as -1 point.
    if min(font.pointSizeF(), usual, around.pointSizeF()) > 0:
        font.setPointSizeF(font.pointSizeF() * around.pointSizeF() / usual)
    return font
