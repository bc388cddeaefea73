"""The traffic of a run, line by line, for a view that shows a million of them."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic_filter import (
    DIRECTION_BITS,
    DIRECTIONS,
    TrafficFilter,
    lines_of_stage,
)

TIME, DIRECTION, LOCK, TEXT = range(4)
_NOTE: Final = DIRECTIONS.index("*")
_TLS: Final = 4
_ERROR: Final = 8
_REFUSAL: Final = re.compile("[45][0-9][0-9](?![0-9])")
"""A reply code of RFC 5321, section 4.2.1, that refuses."""

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class TrafficColours:
    """The colours of lines by their kind."""

    text: str
    time: str
    ours: str
    note: str
    note_ground: str
    error: str
    error_ground: str


class TrafficModel(QAbstractTableModel):
    """Lines are only ever added; those that the filter lets through are rows."""

    def __init__(self, colours: TrafficColours) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._times = array("d")
        self._stages = array("h")
        self._kinds = array("B")
        self._rows: array[int] | None = None
        """Which lines are shown; None: all."""
        self._filter = TrafficFilter()
        self._marked = ""
        self._bold = QFont()
        self._bold.setBold(True)
        self._began = datetime.now(UTC)
        self.relative = True
        self.set_colours(colours)

    def take(self, lines: Sequence[tuple[Line, int]]) -> None:
        """Add lines, each with the place of its stage in the report, which never goes back."""
        start = len(self._texts)
        kinds = bytes(_kind(line) for line, _ in lines)
        fitting = [
            start + at
            for at, (line, stage) in enumerate(lines)
            if self._filter.lets_through(line.direction, stage)
        ]
        first = self.rowCount()
        if fitting:
            self.beginInsertRows(QModelIndex(), first, first + len(fitting) - 1)
        self._texts.extend(line.text for line, _ in lines)
        self._times.extend(line.t for line, _ in lines)
        self._stages.extend(stage for _, stage in lines)
        self._kinds.frombytes(kinds)
        if self._rows is not None:
            self._rows.extend(fitting)
        if fitting:
            self.endInsertRows()

    def clear(self, began: datetime) -> None:
        """Forget all lines; the next ones count from *began*."""
        self.beginResetModel()
        self._texts = []
        del self._times[:], self._stages[:], self._kinds[:]
        if self._rows is not None:
            del self._rows[:]
        self._began = began
        self.endResetModel()

    def filter(self, directions: frozenset[str], stage: int | None) -> None:
        """Show only these directions (`C`, `S`, `*`), and one stage if given."""
        changed = TrafficFilter(directions, stage)
        if changed == self._filter:
            return
        self.beginResetModel()
        self._filter = changed
        self._rows = None if changed.is_open else changed.lines(self._kinds, self._stages)
        self.endResetModel()

    @property
    def directions(self) -> frozenset[str]:
        """The directions that are shown."""
        return self._filter.directions

    @property
    def only_stage(self) -> int | None:
        """The only stage that is shown, None: all."""
        return self._filter.stage

    @property
    def total(self) -> int:
        """All lines, shown or not."""
        return len(self._texts)

    def set_relative(self, *, relative: bool) -> None:
        """Show seconds since the run began, or the time of day."""
        self.relative = relative
        self._repaint(TIME)

    def set_colours(self, colours: TrafficColours) -> None:
        """Draw in other colours."""
        plain, error = QColor(colours.text), QColor(colours.error)
        self._time_colour = QColor(colours.time)
        self._ink = {"C": QColor(colours.ours), "S": plain, "*": QColor(colours.note)}
        self._error = error
        self._grounds = QColor(colours.note_ground), QColor(colours.error_ground)
        if self.rowCount():
            self._repaint(TEXT)

    def line_at(self, row: int) -> int:
        """Return which line stands in *row*."""
        return row if self._rows is None else self._rows[row]

    def text(self, row: int) -> str:
        """Return the text of the line in *row*."""
        return self._texts[self.line_at(row)]

    def stage(self, row: int) -> int:
        """Return the place of the stage that the line in *row* belongs to."""
        return self._stages[self.line_at(row)]

    def direction(self, row: int) -> str:
        """Return `C`, `S` or `*`."""
        return DIRECTIONS[self._kinds[self.line_at(row)] & DIRECTION_BITS]

    def is_encrypted(self, row: int) -> bool:
        """Whether the line went over TLS."""
        return bool(self._kinds[self.line_at(row)] & _TLS)

    def rows_of_stage(self, stage: int) -> range:
        """Return the rows of a stage; its lines stand together."""
        lines = lines_of_stage(self._stages, stage)
        if self._rows is None:
            return lines
        return range(bisect_left(self._rows, lines.start), bisect_left(self._rows, lines.stop))

    def texts(self, first: int, last: int) -> list[str]:
        """Return the texts of the rows from *first* up to but not with *last*."""
        if self._rows is None:
            return self._texts[first:last]
        return [self._texts[line] for line in self._rows[first:last]]

    def mark(self, words: str) -> None:
        """Show the lines that contain *words* in bold, case aside; no words: none."""
        wanted = words.casefold()
        if wanted == self._marked:
            return
        self._marked = wanted
        self._repaint(TEXT)

    def written(self, row: int) -> str:
        """Return the line in *row* as it is copied."""
        arrow = {"C": ">", "S": "<", "*": "*"}[self.direction(row)]
        lock = "tls" if self.is_encrypted(row) else "   "
        return f"{self._time(row):>12} {arrow} {lock} {self.text(row)}"

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many lines are shown."""
        if parent.isValid():
            return 0
        return len(self._texts) if self._rows is None else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the four columns."""
        return 0 if parent.isValid() else 4

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of one cell."""
        row, column = index.row(), index.column()
        aspect: Any = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                aspect = self._shown(row, column)
            case Qt.ItemDataRole.ForegroundRole:
                aspect = self._colour(row, column)
            case Qt.ItemDataRole.BackgroundRole:
                aspect = self._ground(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                aspect = self._spoken(row)
            case Qt.ItemDataRole.FontRole if column == TEXT and self._is_marked(row):
                aspect = self._bold
            case Qt.ItemDataRole.TextAlignmentRole if column == TIME:
                aspect = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _:
                pass
        return aspect

    def _shown(self, row: int, column: int) -> str | None:
        return self.text(row) if column == TEXT else self._time(row) if column == TIME else None

    def _time(self, row: int) -> str:
        seconds = self._times[self.line_at(row)]
        if self.relative:
            return f"+{seconds:.3f}"
        moment = (self._began + timedelta(seconds=seconds)).astimezone()
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"

    def _colour(self, row: int, column: int) -> QColor:
        if column == TIME:
            return self._time_colour
        if self._kinds[self.line_at(row)] & _ERROR:
            return self._error
        return self._ink[self.direction(row)]

    def _ground(self, row: int) -> QColor | None:
        kind = self._kinds[self.line_at(row)]
        if kind & _ERROR:
            return self._grounds[1]
        return self._grounds[0] if kind & DIRECTION_BITS == _NOTE else None

    def _spoken(self, row: int) -> str:
        who = {"C": "client sends", "S": "server says", "*": "note"}[self.direction(row)]
        lock = ", encrypted" if self.is_encrypted(row) else ""
        return f"{who}: {self.text(row)}{lock}"

    def _is_marked(self, row: int) -> bool:
        return bool(self._marked) and self._marked in self.text(row).casefold()

    def _repaint(self, column: int) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, column)
            self.dataChanged.emit(self.index(0, 0), last)


def _kind(line: Line) -> int:
    kind = DIRECTIONS.index(line.direction)
    if line.tls:
        kind |= _TLS
    if line.direction == "S" and _REFUSAL.match(line.text):
        kind |= _ERROR
    return kind
