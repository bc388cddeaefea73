"""The table of settings that were tried, the best first."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from smtp_workbench.diagnosis.reason import source_name
from smtp_workbench.settings.hosts import endpoint
from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.candidate import DETECT, Candidate
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.ranking import Ranked
from smtp_workbench.ui.detection import Detection
from smtp_workbench.ui.models.inbox import Index
from smtp_workbench.ui.theme import Theme, picture


class Column(IntEnum):
    """What is told of each."""

    SERVER = 0
    SECURITY = 1
    RESULT = 2
    CERTIFICATE = 3
    LOGIN = 4
    TIME = 5
    SOURCE = 6


_NONE: Final = "—"
_TEXTS: Final = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)


def _(text: str) -> str:
    return QCoreApplication.translate("detection", text)


def security_name(security: Security) -> str:
    """Return it in a word or two."""
    return {
        Security.IMPLICIT_TLS: _("Implicit TLS"),
        Security.STARTTLS: "STARTTLS",
        Security.PLAINTEXT: _("No TLS"),
    }.get(security, security.value)


def has_address(candidate: Candidate) -> bool:
    """Whether there was anything to connect to."""
    return candidate.report.failed_stage is not Stage.DNS


def place_name(candidate: Candidate) -> str:
    """Return host and port; a host without an address has no ports either."""
    if not has_address(candidate):
        return candidate.host
    return endpoint(candidate.host, candidate.port)


def settings_name(candidate: Candidate) -> str:
    """Return where and how, as a heading."""
    place = place_name(candidate)
    if not has_address(candidate):
        return place
    return f"{place} · {security_name(candidate.security)}"


@dataclass(frozen=True, slots=True)
class _Row:
    """What is drawn again and again, made once."""

    item: Ranked
    texts: tuple[str, ...]
    """By column."""
    look: Mapping[tuple[int, Column | None], object]
    """By role, for one column or, without one, for all."""


class FoundModel(QAbstractTableModel):
    """A row for each."""

    def __init__(self, detection: Detection, theme: Theme) -> None:
        super().__init__()
        self._detection, self._theme = detection, theme
        self._rows: list[_Row] = []

    def refresh(self) -> None:
        """Show what the search knows now."""
        self.beginResetModel()
        self._rows = [
            _Row(item, self._texts(item), self._look(item)) for item in self._detection.ranked
        ]
        self.endResetModel()

    @property
    def best(self) -> Ranked | None:
        """What is to be used, as far as is known."""
        return self._detection.best

    def ranked_at(self, index: Index) -> Ranked | None:
        """Return what stands in a row, None for no row."""
        return self._rows[index.row()].item if index.isValid() else None

    def row_of(self, wanted: Ranked) -> int:
        """Return the row with the same settings, the first if they are gone."""
        keys = [_settings(row.item) for row in self._rows]
        return keys.index(_settings(wanted)) if _settings(wanted) in keys else 0

    def current(self, wanted: Ranked) -> Ranked | None:
        """Return what is known by now of the same settings."""
        same = (row.item for row in self._rows if _settings(row.item) == _settings(wanted))
        return next(same, None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how much is told of each."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a column."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return _heading(Column(section))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of one of them."""
        row, column = self._rows[index.row()], index.column()
        if role in _TEXTS:
            return row.texts[column]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_heading(Column(column))}: {row.texts[column]}"
        return row.look.get((role, Column(column)), row.look.get((role, None)))

    def _look(self, item: Ranked) -> Mapping[tuple[int, Column | None], object]:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        look: dict[tuple[int, Column | None], object] = {
            (Qt.ItemDataRole.DecorationRole, Column.RESULT): picture(*self._sign(item.candidate)),
            (Qt.ItemDataRole.TextAlignmentRole, Column.TIME): right,
        }
        if not item.candidate.answers:
            grey = QBrush(QColor(self._theme.tokens.secondary))
            look[Qt.ItemDataRole.ForegroundRole, None] = grey
        if item is self.best:
            bold = QFont()
            bold.setBold(True)
            look[Qt.ItemDataRole.FontRole, None] = bold
        return look

    def _texts(self, item: Ranked) -> tuple[str, ...]:
        found = item.candidate
        nothing = _("none offered") if found.answers else _NONE
        return (
            place_name(found),
            security_name(found.security) if has_address(found) else _NONE,
            self._result(item),
            _certificate(found),
            ", ".join(found.auth) or nothing,
            _("{n} ms").format(n=round(found.ms)),
            _("tried") if found.source == DETECT else source_name(found.source),
        )

    def _result(self, item: Ranked) -> str:
        found, diagnosis = item.candidate, self._detection.diagnosis(item)
        if found.login is not None and found.login.ok:
            words = _("Log-in accepted")
        elif found.login is not None:
            words = _("Log-in refused")
        elif found.ok:
            words = _("Works") if found.encrypted else _("Works, not encrypted")
        elif found.answers:
            words = _("Answers, not trusted")
        else:
            return diagnosis.title if diagnosis else _("Does not work")
        return _("Best: {words}").format(words=words) if item is self.best else words

    def _sign(self, found: Candidate) -> tuple[str, str]:
        tokens = self._theme.tokens
        if found.ok and found.encrypted:
            return "check", tokens.good
        return ("triangle-alert", tokens.warning) if found.answers else ("x", tokens.secondary)


def _heading(column: Column) -> str:
    return (
        _("Server"),
        _("Security"),
        _("Result"),
        _("Certificate"),
        _("Log-in"),
        _("Time"),
        _("From"),
    )[column]


def _settings(item: Ranked) -> tuple[str, int, Security]:
    found = item.candidate
    return found.host, found.port, found.security


def _certificate(found: Candidate) -> str:
    tls = found.report.tls
    if tls is None or not found.encrypted:
        return _NONE
    return _("trusted") if tls.trusted else _("not trusted")
