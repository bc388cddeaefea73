"""The parts of a message that are files: a table, and how to save one or all."""

import mimetypes
import re
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.models.inbox import Index, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtp_workbench.message.reading import Part

_PATH: Final = re.compile(r".*[\\/]", re.DOTALL)
_NOT_IN_NAMES: Final = re.compile(r'[:*?"<>|\x00-\x1f\x7f]')
_LONGEST: Final = 120
"""Characters of a file's name."""


class PartsModel(QAbstractTableModel):
    """Name, type and size, a row for each part."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: Sequence[Part] = ()

    def show_parts(self, parts: "Sequence[Part]") -> None:
        """Show *parts* in place of what was there."""
        self.beginResetModel()
        self.parts = parts
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many parts there are."""
        return 0 if parent.isValid() else len(self.parts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how much is told of each."""
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Name"), self.tr("Type"), self.tr("Size"))[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a part."""
        part = self.parts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            name = part.name or self.tr("(no name)")
            return (name, part.content_type, size(len(part.octets)))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            facts = (part.name, part.content_type, part.disposition, part.content_id)
            return "\n".join(filter(None, facts))
        return None


class PartsView(QWidget):
    """Shows the parts and asks for them to be saved."""

    save_asked = Signal(str, object)
    """A name that is safe to offer for a file, and octets."""

    def __init__(self) -> None:
        super().__init__()
        self.model = PartsModel()
        self.table = QTableView()
        self.table.setObjectName("parts")
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Attachments"))
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(lambda _index: self._save())
        self.save = QPushButton(self.tr("Save…"))
        self.save.setProperty("small", "true")
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self.save)
        row.addStretch(1)
        column_of_all = QVBoxLayout(self)
        column_of_all.setContentsMargins(0, 0, 0, 0)
        column_of_all.setSpacing(0)
        column_of_all.addWidget(self.table, 1)
        column_of_all.addLayout(row)

    def show_parts(self, parts: "Sequence[Part]") -> None:
        """Show *parts*, the first of them selected."""
        self.model.show_parts(parts)
        self.save.setEnabled(bool(parts))
        if parts:
            self.table.selectRow(0)

    def _save(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < len(self.model.parts):
            part = self.model.parts[row]
            self.save_asked.emit(file_name(part, row + 1), part.octets)


def file_name(part: "Part", number: int) -> str:
    """Return a name for a file that leads nowhere else, whatever the sender has written."""
    name = _NOT_IN_NAMES.sub("_", _PATH.sub("", part.name)).strip(". ")[-_LONGEST:]
    return name or f"part-{number}{mimetypes.guess_extension(part.content_type) or ''}"
