"""The kept runs in the sidebar: look at one again, compare it with the open one, delete it."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import (
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from smtp_workbench.store.history import Run
from smtp_workbench.ui.models.past_runs import BELOW, ID, SHORT, Index, PastModel
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.bare_list import BareList
from smtp_workbench.ui.widgets.keys import on_keys
from smtp_workbench.ui.widgets.two_lines import draw_ground, draw_lines, height_of_lines


class HistoryList(BareList):
    """The newest runs; one opens with a click or Enter."""

    chosen = Signal(int)
    compare_asked = Signal(int)
    delete_asked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("history")
        self._model = PastModel()
        self._open = 0
        """The run that is open; 0: none of them."""
        self.setAccessibleName(self.tr("History of runs"))
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self._ask(self.indexAt(at)))
        self.clicked.connect(lambda index: self.chosen.emit(index.data(ID)))
        for key, tell in (
            (Qt.Key.Key_Return, self.chosen.emit),
            (Qt.Key.Key_Enter, self.chosen.emit),
            (QKeySequence.StandardKey.Delete, self.delete_asked.emit),
        ):
            on_keys(self, key, partial(self._tell, tell))

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show *runs*, and stay at the place of the one that was current."""
        row, run_id = self.currentIndex().row(), self.currentIndex().data(ID)
        selected = self.selectionModel().hasSelection()
        self._model.show_runs(runs)
        if run_id is None or not runs:
            return
        there = self._model.row_of(run_id)
        self._go_to(there if there >= 0 else min(row, len(runs) - 1), selected and there >= 0)

    def show_open(self, run_id: int) -> None:
        """Mark the run that is open; 0: none of them is."""
        row, self._open = self._model.row_of(run_id), run_id
        self.clearSelection()
        if row >= 0:
            self.setCurrentIndex(self._model.index(row))

    def menu(self, run_id: int) -> QMenu:
        """Return what can be done with a run."""
        menu = QMenu(self)
        menu.addAction(self.tr("Open"), partial(self.chosen.emit, run_id))
        compare = menu.addAction(
            self.tr("Compare with the run that is open"), partial(self.compare_asked.emit, run_id)
        )
        compare.setEnabled(run_id != self._open)
        menu.addAction(self.tr("Delete\tDel"), partial(self.delete_asked.emit, run_id))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _go_to(self, row: int, selected: bool) -> None:  # noqa: FBT001  # one of two states
        flag = self.selectionModel().SelectionFlag
        how = flag.ClearAndSelect if selected else flag.NoUpdate
        self.selectionModel().setCurrentIndex(self._model.index(row), how)

    def _ask(self, index: QModelIndex) -> None:
        if index.isValid():
            self.menu(index.data(ID)).popup(self.cursor().pos())

    def _tell(self, tell: Callable[[int], None]) -> None:
        run_id = self.currentIndex().data(ID)
        if run_id is not None:
            tell(run_id)


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(100, height_of_lines(option))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = draw_ground(painter, option, tokens)
        place = ground.adjusted(8, 0, -6, 0)
        title = index.data()
        if option.fontMetrics.horizontalAdvance(title) > place.width():
            title = index.data(SHORT)
        draw_lines(painter, option, place, (title, index.data(BELOW)), tokens)
        painter.restore()
