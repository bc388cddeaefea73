"""The table of settings that were tried: follows the best, or stays with the user's row."""

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from smtp_workbench.smtp.ranking import Ranked
from smtp_workbench.ui.models.found_settings import Column, FoundModel

_MECHANISMS = 24
"""Average characters of the column of mechanisms, of which some servers have many."""


class FoundTable(QTableView):
    """Shows a `FoundModel`."""

    picked = Signal()
    """The user went to a row."""
    used = Signal()
    """The user wants what is shown: a double click, or Enter."""

    def __init__(self, model: FoundModel) -> None:
        super().__init__()
        self.found = model
        self._own: Ranked | None = None
        self._refreshing = False
        self.setObjectName("foundSettings")
        self.setAccessibleName(self.tr("Settings that were tried, the best first"))
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(Column.LOGIN, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(Column.LOGIN, self.fontMetrics().averageCharWidth() * _MECHANISMS)
        head.setSectionResizeMode(Column.RESULT, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self.used)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shortcut = QShortcut(key, self, self.used.emit)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.selectionModel().selectionChanged.connect(self._selected)

    @property
    def shown(self) -> Ranked | None:
        """What the user went to, as it is known now; else the best."""
        return self.found.current(self._own) if self._own is not None else self.found.best

    def follow_best(self) -> None:
        """Forget the row that the user went to."""
        self._own = None

    def refresh(self) -> None:
        """Show what the search knows now."""
        self._refreshing = True
        self.found.refresh()
        shown = self.shown
        if shown is None:
            self.clearSelection()
        else:
            self.selectRow(self.found.row_of(shown))
        self._refreshing = False

    def _selected(self, selected: QItemSelection) -> None:
        places = selected.indexes()
        if places and not self._refreshing:
            self._own = self.found.ranked_at(places[0])
            self.picked.emit()
