"""The runs of this machine in one SQLite file: each verify and send with settings and report.

No secret is in it: settings are kept as in profiles, reports hold none. Every call opens the file
anew, waits for the disk, and belongs off the event loop; several programs may use it at once.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.report import Report
from smtp_workbench.store import plain, reports
from smtp_workbench.store.atomic import set_aside

_SCHEMA: Final = 1
"""Kept in the file's `user_version`."""
_TABLE: Final = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    profile TEXT NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    ok INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    stage TEXT,
    cause TEXT,
    code INTEGER,
    seconds REAL NOT NULL,
    settings TEXT NOT NULL,
    report TEXT NOT NULL
)
"""
_PATIENCE: Final = 5.0
"""Seconds to wait for another program that writes."""


class HistoryError(Exception):
    """The history can't be used just now; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """A kept run in short."""

    id: int
    at: datetime
    """When it began, in UTC, to the millisecond."""
    kind: str
    """`verify` or `send`."""
    profile: str
    """The profile's id; empty for the sandbox."""
    name: str
    """The profile's name at that time."""
    host: str
    ok: bool
    stopped: bool
    stage: str | None
    """Where it failed."""
    cause: str | None
    """The diagnosis' label."""
    code: int | None
    """Of the reply that decided."""
    seconds: float


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A kept run with all that was seen."""

    run: Run
    transport: Transport
    report: Report


_COLUMNS: Final = ", ".join(item.name for item in fields(Run))


class History:
    """The file `history.sqlite` in *folder*; it keeps the newest *most* runs of *days* days."""

    def __init__(self, folder: Path, *, most: int = 500, days: int = 90) -> None:
        self.path = folder / "history.sqlite"
        self._most, self._days = most, days
        self._lock = threading.Lock()

    def open(self) -> list[str]:
        """Make the file if it is missing, set it aside if it can't be read, drop what is too old.

        Returns a sentence for each trouble.
        """
        try:
            try:
                self._check()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):  # locked, or the disk
                    raise
                kept_as = f"the file was kept as {self._set_aside().name}"
                self._check()
                return [f"{self.path.name} could not be read ({error}); {kept_as}."]
        except (HistoryError, OSError, sqlite3.Error) as error:
            return [str(_said(error))]
        return []

    def add(
        self,
        report: Report,
        transport: Transport,
        *,
        at: datetime,
        kind: str,
        profile: str = "",
        name: str = "",
        cause: str | None = None,
    ) -> Run:
        """Keep a run; once this returns, it is on the disk. Raises HistoryError."""
        target, stage = report.target, report.failed_stage
        at = at.astimezone(UTC)
        values = {
            "at": at.isoformat(timespec="milliseconds"),
            "kind": kind,
            "profile": profile,
            "name": _storable(name),
            "host": _storable(target.host if target else transport.host),
            "ok": report.ok,
            "stopped": report.stopped,
            "stage": stage.value if stage else None,
            "cause": cause,
            "code": report.reply.code if report.reply else None,
            "seconds": report.seconds,
        }
        content = {
            "settings": json.dumps(plain.to_plain(transport)),
            "report": json.dumps(reports.to_plain(report)),
        }
        names = [*values, *content]
        marks = ", ".join(f":{name}" for name in names)
        insert = f"INSERT INTO run ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  # our names
        with self._use() as connection:
            row = connection.execute(insert, {**values, **content}).lastrowid
            self._prune(connection)
        return _run({"id": row, **values})

    def list(self, limit: int = 50, text: str = "") -> tuple[Run, ...]:
        """Return the newest runs first, with *text* in name, host, stage or cause.

        Raises HistoryError.
        """
        query = (
            f"SELECT {_COLUMNS} FROM run "  # noqa: S608  # our own names
            "WHERE instr(folded(name || ' ' || host || ' ' || ifnull(stage, '') || ' ' "
            "|| ifnull(cause, '')), ?) ORDER BY at DESC, id DESC LIMIT ?"
        )
        with self._use() as connection:
            connection.create_function("folded", 1, str.casefold, deterministic=True)
            rows = connection.execute(query, (_storable(text.casefold()), limit)).fetchall()
        return tuple(_run(row) for row in rows)

    def get(self, run_id: int) -> KeptRun | None:
        """Return a run, None if it is gone. Raises HistoryError, also where it can't be read."""
        with self._use() as connection:
            row = connection.execute("SELECT * FROM run WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            return None
        try:
            transport = plain.from_plain(json.loads(row["settings"]))
            report = reports.from_plain(json.loads(row["report"]))
        except ValueError as error:
            raise HistoryError(f"This run can't be read: {error}.") from None
        return KeptRun(_run(row), transport, report)

    def delete(self, run_ids: Iterable[int]) -> None:
        """Drop some runs. Raises HistoryError."""
        with self._use() as connection:
            connection.executemany("DELETE FROM run WHERE id = ?", [(item,) for item in run_ids])

    def clear(self) -> None:
        """Drop all runs. Raises HistoryError."""
        with self._use() as connection:
            connection.execute("DELETE FROM run")

    def _check(self) -> None:
        with self._lock, self._connected() as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError("its content is damaged")
            self._prune(connection)

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, self._connected() as connection:
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise _said(error) from None

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; its owner alone may read it."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with closing(
            sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        ) as connection:
            connection.row_factory = sqlite3.Row
            _refuse_newer(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _version(connection) == 0:
                    connection.execute(_TABLE)
                    connection.execute("CREATE INDEX run_at ON run (at)")
                    connection.execute(f"PRAGMA user_version = {_SCHEMA}")
                yield connection
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prune(self, connection: sqlite3.Connection) -> None:
        oldest = (datetime.now(UTC) - timedelta(days=self._days)).isoformat(timespec="milliseconds")
        connection.execute("DELETE FROM run WHERE at < ?", (oldest,))
        connection.execute(
            "DELETE FROM run WHERE id IN "
            "(SELECT id FROM run ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)",
            (self._most,),
        )

    def _set_aside(self) -> Path:
        """Put the file away with what SQLite keeps beside it, or a new one would take that over."""
        for ending in ("-wal", "-shm"):
            beside = self.path.with_name(self.path.name + ending)
            if beside.exists():
                set_aside(beside)
        return set_aside(self.path)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _refuse_newer(connection: sqlite3.Connection) -> None:
    if _version(connection) > _SCHEMA:
        raise HistoryError(
            "A newer SMTP Workbench wrote the history; this one leaves the file alone."
        )


def _run(row: Mapping[str, Any] | sqlite3.Row) -> Run:
    found = {item.name: row[item.name] for item in fields(Run)}
    found |= {"at": datetime.fromisoformat(found["at"])}
    found |= {name: bool(found[name]) for name in ("ok", "stopped")}
    return Run(**found)


def _storable(text: str) -> str:
    """Return *text* without halves of characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _said(error: Exception) -> HistoryError:
    if isinstance(error, HistoryError):
        return error
    why = error.strerror if isinstance(error, OSError) else error
    return HistoryError(f"The history can't be used: {why}.")
