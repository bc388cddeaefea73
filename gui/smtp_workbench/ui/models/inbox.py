"""The messages that the sandbox keeps, the newest first."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractListModel, QLocale, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from smtp_workbench.sandbox.inbox import Message

MESSAGE: Final = Qt.ItemDataRole.UserRole + 1
WAY: Final = Qt.ItemDataRole.UserRole + 2
"""Sender and recipients of the envelope."""
TIME: Final = Qt.ItemDataRole.UserRole + 3
SIZE: Final = Qt.ItemDataRole.UserRole + 4
_HEADER: Final = 16 * 1024
"""Octets in which the subject is looked for."""
_SUBJECT: Final = re.compile(
    rb"^subject[ \t]*:((?:[^\r\n]*(?:\r?\n[ \t])?)*+)", re.IGNORECASE | re.MULTILINE
)
_BODY: Final = re.compile(rb"(?:\A|\r?\n)\r?\n")
_MOST_RUNS: Final = 50
"""Gaps that are closed one by one; the views look at all rows after each."""
_MOST_NAMED: Final = 100
"""Recipients that are named."""

Index = QModelIndex | QPersistentModelIndex


class InboxModel(QAbstractListModel):
    """Follows the inbox: rows come at the top and go wherever they are."""

    def __init__(self) -> None:
        super().__init__()
        self._messages: list[Message] = []
        """The oldest first, so that new ones are added where it costs nothing."""
        self._subjects: dict[int, str] = {}

    def follow(self, messages: "Sequence[Message]") -> None:
        """Show *messages*, the oldest first; rows that stay are the same rows."""
        there = {message.id for message in messages}
        gone = [at for at, message in enumerate(self._messages) if message.id not in there]
        runs = list(_runs(gone))
        if len(runs) > _MOST_RUNS:
            self.beginResetModel()
            self._messages = [message for message in self._messages if message.id in there]
            self.endResetModel()
            runs = []
        for first, last in reversed(runs):
            top = len(self._messages) - 1
            self.beginRemoveRows(QModelIndex(), top - last, top - first)
            del self._messages[first : last + 1]
            self.endRemoveRows()
        newest = self._messages[-1].id if self._messages else 0
        new = [message for message in messages if message.id > newest]
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._messages.extend(new)
            self.endInsertRows()
        self._subjects = {known: text for known, text in self._subjects.items() if known in there}

    def message(self, row: int) -> "Message":
        """Return the message of a row."""
        return self._messages[-1 - row]

    def row_of(self, message_id: int) -> int:
        """Return the row of a message, -1 if it is not there."""
        ids = (message.id for message in reversed(self._messages))
        return next((row for row, known in enumerate(ids) if known == message_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """Return how many there are."""
        return 0 if parent.isValid() else len(self._messages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one aspect of a message."""
        message = self.message(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._subject(message)
            case Qt.ItemDataRole.AccessibleTextRole:
                parts = (self._subject(message), way(message), size(message.size), time(message))
                return ", ".join(parts)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{way(message)}\n{message.at.astimezone():%Y-%m-%d %H:%M:%S}"
            case _:
                return _aspect(message, role)

    def _subject(self, message: "Message") -> str:
        if message.id not in self._subjects:
            self._subjects[message.id] = subject(message.content) or self.tr("(no subject)")
        return self._subjects[message.id]


def subject(content: bytes) -> str:
    """Return the subject of a message, without reading more of it than its beginning."""
    from smtp_workbench.message.reading import decoded  # noqa: PLC0415  # not at the start

    start = content[:_HEADER]
    end = _BODY.search(start)
    found = _SUBJECT.search(start, 0, end.start() if end else len(start))
    if found is None:
        return ""
    try:
        value = found[1].decode()
    except UnicodeDecodeError:
        value = found[1].decode("latin-1")
    return " ".join(decoded(value).split())


def way(message: "Message") -> str:
    """Return who sent it to whom, by the envelope."""
    named = ", ".join(message.recipients[:_MOST_NAMED])
    more = len(message.recipients) - _MOST_NAMED
    return f"{message.sender or '<>'} → {named}" + (f" (+{more})" if more > 0 else "")


def time(message: "Message") -> str:
    """Return the time of day when it came."""
    return f"{message.at.astimezone():%H:%M:%S}"


def size(octets: int) -> str:
    """Return a number of octets in words."""
    return QLocale.c().formattedDataSize(octets, 1)


def _aspect(message: "Message", role: int) -> Any:
    if role == MESSAGE:
        return message
    if role == SIZE:
        return size(message.size)
    word = {WAY: way, TIME: time}.get(role)
    return word(message) if word else None


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of numbers that follow each other; *numbers* ascend."""
    first = 0
    for at, number in enumerate(numbers):
        if at + 1 == len(numbers) or numbers[at + 1] != number + 1:
            yield numbers[first], number
            first = at + 1
