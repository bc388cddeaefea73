"""The traffic of a run, line by line, for a view that shows a million of them."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from smtp_workbench.smtp.events import Line

TIME, DIRECTION, LOCK, TEXT = range(4)
ERROR: Final = Qt.ItemDataRole.UserRole + 1
_DIRECTIONS: Final = "CS*"
_TLS: Final = 4
_ERROR: Final = 8

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
        self._directions = frozenset(_DIRECTIONS)
        self._stage: int | None = None
        self._began = datetime.now(UTC)
        self.relative = True
        self.set_colours(colours)

    def take(self, lines: Sequence[tuple[Line, int]]) -> None:
        """Add lines, each with the place of its stage in the report."""
        start = len(self._texts)
        kinds = bytes(_kind(line) for line, _ in lines)
        fitting = [
            start + at
            for at, (line, stage) in enumerate(lines)
            if self._lets_through(line.direction, stage)
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
        if (directions, stage) == (self._directions, self._stage):
            return
        self.beginResetModel()
        self._directions, self._stage = directions, stage
        if stage is None and directions == frozenset(_DIRECTIONS):
            self._rows = None
        else:
            shown = (at for at in range(len(self._texts)) if self._is_shown(at))
            self._rows = array("l", shown)
        self.endResetModel()

    @property
    def directions(self) -> frozenset[str]:
        """The directions that are shown."""
        return self._directions

    @property
    def only_stage(self) -> int | None:
        """The only stage that is shown, None: all."""
        return self._stage

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
        return _DIRECTIONS[self._kinds[self.line_at(row)] & 3]

    def is_encrypted(self, row: int) -> bool:
        """Whether the line went over TLS."""
        return bool(self._kinds[self.line_at(row)] & _TLS)

    def rows_of_stage(self, stage: int) -> range:
        """Return the rows of a stage; its lines stand together."""
        rows = [row for row in range(self.rowCount()) if self.stage(row) == stage]
        return range(rows[0], rows[-1] + 1) if rows else range(0)

    def find(self, words: str, rows: range) -> list[int]:
        """Return which of *rows* contain *words*; case does not matter."""
        wanted = words.casefold()
        return [row for row in rows if wanted in self._texts[self.line_at(row)].casefold()]

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
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._shown(row, column)
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(row, column)
            case Qt.ItemDataRole.BackgroundRole:
                return self._ground(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row)
            case Qt.ItemDataRole.TextAlignmentRole if column == TIME:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _:
                return None

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
        return self._grounds[0] if kind & 3 == 2 else None

    def _spoken(self, row: int) -> str:
        who = {"C": "client sends", "S": "server says", "*": "note"}[self.direction(row)]
        lock = ", encrypted" if self.is_encrypted(row) else ""
        return f"{who}: {self.text(row)}{lock}"

    def _lets_through(self, direction: str, stage: int) -> bool:
        return direction in self._directions and self._stage in (None, stage)

    def _is_shown(self, at: int) -> bool:
        return self._lets_through(_DIRECTIONS[self._kinds[at] & 3], self._stages[at])

    def _repaint(self, column: int) -> None:
        if self.rowCount():
            last = self.index(self.rowCount() - 1, column)
            self.dataChanged.emit(self.index(0, 0), last)


def _kind(line: Line) -> int:
    kind = _DIRECTIONS.index(line.direction)
    if line.tls:
        kind |= _TLS
    if line.direction == "S" and line.text[:1] in "45" and line.text[:3].isdigit():
        kind |= _ERROR
    return kind
