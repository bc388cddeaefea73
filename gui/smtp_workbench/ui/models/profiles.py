"""The list of profiles: name, server, and how the last run went."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from smtp_workbench.settings.hosts import endpoint
from smtp_workbench.store.profiles import Profile

STATE: Final = Qt.ItemDataRole.UserRole + 1
"""`good`, `warning`, `bad` or empty."""
WHERE: Final = Qt.ItemDataRole.UserRole + 2
ID: Final = Qt.ItemDataRole.UserRole + 3

_MIME: Final = "application/x-smtp-workbench-profile"

Index = QModelIndex | QPersistentModelIndex


class ProfileModel(QAbstractListModel):
    """Shows profiles; a new name typed in place is passed on."""

    renamed = Signal(str, str)
    moved = Signal(str, int)
    """The id of a profile that was dropped before what is in that row."""

    def __init__(self) -> None:
        super().__init__()
        self._profiles: tuple[Profile, ...] = ()

    def show_profiles(self, profiles: Sequence[Profile]) -> None:
        """Show *profiles* in their order."""
        before = [profile.id for profile in self._profiles]
        if before == [profile.id for profile in profiles]:
            self._profiles = tuple(profiles)
            self.dataChanged.emit(self.index(0), self.index(len(profiles) - 1))
            return
        self.beginResetModel()
        self._profiles = tuple(profiles)
        self.endResetModel()

    def row_of(self, profile_id: str) -> int:
        """Return the row of a profile, -1 if it is not there."""
        ids = [profile.id for profile in self._profiles]
        return ids.index(profile_id) if profile_id in ids else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._profiles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a profile."""
        profile = self._profiles[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return profile.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{profile.name}, {where(profile)}, {_state_in_words(profile)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{where(profile)} · {_state_in_words(profile)}"
            case _:
                aspects = {STATE: state(profile), WHERE: where(profile), ID: profile.id}
                return aspects.get(role)

    def setData(  # Qt's name
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Pass a new name on."""
        name = str(value).strip()
        if role != Qt.ItemDataRole.EditRole or not name:
            return False
        self.renamed.emit(self._profiles[index.row()].id, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited in place; profiles are dropped between others, never onto one."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Return what can be done to a profile: it is moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Return what is taken: a profile of this list; files are for the column around it."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the id of what is dragged."""
        data = QMimeData()
        data.setData(_MIME, indexes[0].data(ID).encode())
        return data

    def dropMimeData(
        self,
        data: QMimeData,
        action: Qt.DropAction,  # noqa: ARG002  # Qt's signature
        row: int,
        column: int,  # noqa: ARG002
        parent: Index,  # noqa: ARG002
    ) -> bool:
        """Pass on where a profile was dropped: before *row*, at the end if that is -1."""
        profile_id = data.data(_MIME).toStdString()
        if self.row_of(profile_id) < 0:
            return False
        self.moved.emit(profile_id, row if row >= 0 else len(self._profiles))
        return True


def state(profile: Profile) -> str:
    """Return how the last run went: `good`, `warning`, `bad` or empty."""
    last = profile.last
    if last is None:
        return ""
    return "bad" if not last.ok else "warning" if last.warned else "good"


def where(profile: Profile) -> str:
    """Return the server in short."""
    transport = profile.transport
    if not transport.host:
        return "no host yet"
    plain = " · no TLS" if transport.security.value == "plaintext" else ""
    return endpoint(transport.host, transport.effective_port) + plain


def _state_in_words(profile: Profile) -> str:
    last = profile.last
    if last is None:
        return "not verified yet"
    day = f"{last.at:%Y-%m-%d %H:%M}"
    if last.ok:
        return f"worked on {day}" + (", with warnings" if last.warned else "")
    return f"failed at {last.stage} on {day}"
