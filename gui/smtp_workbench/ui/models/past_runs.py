"""The list of kept runs: when it was, what came of it, and which profile it was for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

from smtp_workbench.smtp.events import Stage
from smtp_workbench.store.history import Run
from smtp_workbench.ui.stops import name_of

BELOW: Final = Qt.ItemDataRole.UserRole + 1
"""The second line: the profile."""
ID: Final = Qt.ItemDataRole.UserRole + 2
SHORT: Final = Qt.ItemDataRole.UserRole + 3
"""The first line where there is little room."""

Index = QModelIndex | QPersistentModelIndex


def _(text: str) -> str:
    return QCoreApplication.translate("history", text)


class PastModel(QAbstractListModel):
    """Shows runs, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[Run, ...] = ()

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show *runs* in their order."""
        if self._runs != tuple(runs):
            self.beginResetModel()
            self._runs = tuple(runs)
            self.endResetModel()

    def row_of(self, run_id: int) -> int:
        """Return the row of a run, -1 if it is not there."""
        ids = [run.id for run in self._runs]
        return ids.index(run_id) if run_id in ids else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a run."""
        run = self._runs[index.row()]
        title = f"{moment(run.at)} · {outcome(run)}"
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{title}, {run.name}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{run.at.astimezone():%Y-%m-%d %H:%M:%S} · {run.host}"
            case _:
                short = f"{moment(run.at).split()[-1]} · {outcome(run)}"
                return {BELOW: run.name, ID: run.id, SHORT: short}.get(role)


def moment(at: datetime, now: datetime | None = None) -> str:
    """Return *at* as people say it, in this machine's time."""
    there, today = at.astimezone(), (now or datetime.now().astimezone()).date()
    time = f"{there:%H:%M}"
    if there.date() == today:
        return _("Today {time}").format(time=time)
    if there.date() == today - timedelta(days=1):
        return _("Yesterday {time}").format(time=time)
    return f"{there:%Y-%m-%d} {time}"


def outcome(run: Run) -> str:
    """Return what came of a run, in a few words."""
    if run.stopped:
        return _("stopped")
    if run.stage is not None:
        return _("{stage} failed").format(stage=name_of(Stage(run.stage)))
    if not run.ok:
        return _("not all were sent")
    if run.kind != "send":
        return _("works")
    return _("sent, {code}").format(code=run.code) if run.code else _("sent")
