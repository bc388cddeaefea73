"""One JSON file of the program: written whole, kept safe, owned by one program at a time.

A file that can't be read is set aside and named, one of a newer program is left alone.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from smtp_workbench.store.atomic import set_aside, write_atomically

T = TypeVar("T")


class ReadOnlyError(OSError):
    """The file can't be written by this program just now; the text says why."""


class KeptFile:
    """The file *name* in *folder*; *subject* says in a few words what it holds.

    Its content is an object with `schema`, the number of its form.
    """

    def __init__(self, folder: Path, name: str, *, subject: str, schema: int) -> None:
        self.path = folder / name
        self._subject = subject
        self._schema = schema
        self._lock = _Lock(self.path.with_suffix(".lock"))
        self.read_only = ""
        """Why nothing may be written; empty: it may."""

    def open(self, parse: Callable[[Mapping[str, Any]], T]) -> tuple[T | None, list[str]]:
        """Lock the file; return what *parse* makes of it, and a sentence for each trouble.

        *parse* raises ValueError for what it can't take.
        """
        self.read_only = ""
        troubles = self._own()
        try:
            return parse(self._content()), troubles
        except FileNotFoundError:
            return None, troubles
        except _NewerError as error:
            self.read_only = str(error)
            return None, [*troubles, str(error)]
        except (OSError, ValueError) as error:
            return None, [*troubles, self._put_aside(error)]

    def peek(self, parse: Callable[[Mapping[str, Any]], T]) -> T | None:
        """Return what *parse* makes of it without locking or moving anything. Raises ValueError."""
        try:
            return parse(self._content())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValueError(error.strerror) from None

    def write(
        self, content: Mapping[str, Any], *, ascii_only: bool = False, keep_previous: bool = False
    ) -> None:
        """Write *content* below the schema. Raises OSError and what `claim` raises."""
        self.claim()
        whole = {"schema": self._schema, **content}
        text = json.dumps(whole, indent=2, ensure_ascii=ascii_only) + "\n"
        write_atomically(self.path, text, keep_previous=keep_previous)

    def claim(self) -> None:
        """Raise ReadOnlyError where writing would do harm."""
        if self.read_only:
            raise ReadOnlyError(0, self.read_only)

    def close(self) -> None:
        """Let another program have the file."""
        self._lock.release()

    def _own(self) -> list[str]:
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._lock.take():
                for left in folder.glob(f".{self.path.name}-*"):  # by a kill in a write
                    left.unlink(missing_ok=True)
                return []
        except OSError as error:
            self.read_only = f"The folder {folder} can't be written: {error.strerror}."
            return [self.read_only]
        self.read_only = f"Another window of SMTP Workbench has {self._subject} open."
        return [f"{self.read_only} Changes made here are not saved."]

    def _content(self) -> Mapping[str, Any]:
        try:
            content = json.loads(self.path.read_text("utf-8"))
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("it is not an object")  # noqa: TRY004  # of a file, not of a call
        schema = content.get("schema")
        if isinstance(schema, int) and schema > self._schema:
            raise _NewerError(
                f"A newer SMTP Workbench wrote {self._subject}; this one leaves the file alone."
            )
        return content

    def _put_aside(self, error: Exception) -> str:
        why = getattr(error, "strerror", None) or str(error)
        if self.read_only:
            return f"The file {self.path.name} can't be read: {why}."
        try:
            place = set_aside(self.path)
        except OSError:
            self.read_only = f"{self.path} can't be read: {why}."
            return self.read_only
        return f"{self.path.name} could not be read ({why}); the file was kept as {place.name}."


class _NewerError(ValueError):
    pass


class _Lock:
    """Held while the program runs; the system lets go of it when the program dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Return whether it is ours now."""
        if self._handle is not None:
            return True
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
