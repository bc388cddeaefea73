"""The list of formats: a heading for each group, and below it what a search has left of it."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtp_workbench.formats.format import Format

HEADING: Final = Qt.ItemDataRole.UserRole + 1
"""Whether the row is the name of a group."""
_HEADINGS: Final = {
    "code": "CODE",
    "framework": "FRAMEWORKS",
    "service": "SERVICES",
    "tool": "TOOLS",
}
Index = QModelIndex | QPersistentModelIndex


class FormatModel(QAbstractListModel):
    """Shows the formats that match; only they can be selected."""

    def __init__(self) -> None:
        super().__init__()
        self._formats: tuple[Format, ...] = ()
        self._rows: list[Format | str] = []

    def show_formats(self, formats: "Sequence[Format]") -> None:
        """Show *formats*, which stand in the order of their groups."""
        self._formats = tuple(formats)
        self.search("")

    def search(self, words: str) -> None:
        """Show the formats whose title, id or file name holds every one of *words*."""
        wanted = words.casefold().split()
        self.beginResetModel()
        self._rows = []
        for item in self._formats:
            known = f"{item.title} {item.id} {item.suffix}".casefold()
            if not all(word in known for word in wanted):
                continue
            heading = _HEADINGS[item.group]
            if heading not in self._rows:
                self._rows.append(heading)
            self._rows.append(item)
        self.endResetModel()

    def format_at(self, index: Index) -> "Format | None":
        """Return the format in a row, None for a heading or no row."""
        row = self._rows[index.row()] if index.isValid() else ""
        return None if isinstance(row, str) else row

    def index_of(self, wanted: "Format | None") -> QModelIndex:
        """Return where *wanted* stands; else the first that is there; invalid if there is none."""
        if wanted in self._rows:
            return self.index(self._rows.index(wanted))
        return self.index(1) if self._rows else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many rows there are, headings among them."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a row."""
        row = self._rows[index.row()]
        if role == HEADING:
            return isinstance(row, str)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row if isinstance(row, str) else row.title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Keep the cursor away from headings."""
        if self.format_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
