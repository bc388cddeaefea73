"""The dialog that puts two runs side by side: what changed in settings and in what was seen."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.compared import Row, Side, rows
from smtp_workbench.ui.dialogs.room import take_room

_SIZE = (860, 620)


class CompareRuns(QDialog):
    """Shows what differs; the rest on demand. Open it with `open`."""

    def __init__(self, left: Side, right: Side, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare two runs"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._rows = rows(left, right)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["", left.title, right.title])
        self.everything = QCheckBox(self.tr("Show also what is the same"))
        self.everything.toggled.connect(self._fill)
        self._same = QLabel(self.tr("The runs differ in nothing but their times."))
        self._same.setProperty("role", "secondary")
        self._build()
        self._fill()
        take_room(self, *_SIZE)

    def shown(self) -> list[Row]:
        """Return the rows that are shown."""
        return [row for row in self._rows if row.changed or self.everything.isChecked()]

    def _build(self) -> None:
        table = self.table
        table.setAccessibleName(self.tr("What changed"))
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QTableWidget.ScrollMode.ScrollPerPixel)
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        head.sectionResized.connect(table.resizeRowsToContents)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addWidget(self._same)
        column.addWidget(table, 1)
        column.addWidget(self.everything)
        column.addWidget(close)

    def _fill(self) -> None:
        shown, section = self.shown(), ""
        self._same.setHidden(any(row.changed for row in self._rows))
        self.table.clearSpans()
        self.table.setRowCount(0)
        for row in shown:
            if row.section != section:
                section = row.section
                self._add_heading(section)
            self._add(row)
        self.table.resizeRowsToContents()

    def _add_heading(self, section: str) -> None:
        place = self.table.rowCount()
        self.table.insertRow(place)
        self.table.setSpan(place, 0, 1, 3)
        item = QTableWidgetItem(section)
        font = self.table.font()
        font.setBold(True)
        item.setFont(font)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.table.setItem(place, 0, item)

    def _add(self, row: Row) -> None:
        place = self.table.rowCount()
        self.table.insertRow(place)
        for at, text in enumerate((row.name, row.left or "—", row.right or "—")):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self.table.setItem(place, at, item)
