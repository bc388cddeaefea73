"""Saved profiles: one file that people can read, written atomically, by one program at a time.

It holds no secret. A file that can't be read is set aside and named, one of a newer program is
left alone.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from smtp_workbench.settings.transport import TESTING, Transport
from smtp_workbench.store.atomic import set_aside, write_atomically
from smtp_workbench.store.plain import from_plain, to_plain

SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class LastResult:
    """How the last run went."""

    at: datetime
    ok: bool
    warned: bool = False
    stage: str | None = None
    """Where it failed."""
    cause: str | None = None
    """The label of its diagnosis."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings with a name."""

    id: str
    name: str
    transport: Transport = field(default_factory=lambda: Transport(timeouts=TESTING))
    preset: str = ""
    """The id of the provider it was made from."""
    mail_from: str = ""
    rcpt_to: tuple[str, ...] = ()
    last: LastResult | None = None


class ReadOnlyError(OSError):
    """The profiles can't be written by this program just now; the text says why."""


class Profiles:
    """The file `profiles.json` in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "profiles.json"
        self._lock = _Lock(folder / "profiles.lock")
        self._read_only = ""
        """Why nothing may be written; empty: it may."""

    def load(self) -> tuple[list[Profile], list[str]]:
        """Return the profiles, and a sentence for each trouble there was."""
        troubles = []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self._lock.take():
                self._read_only = "Another window of SMTP Workbench has the profiles open."
                troubles.append(f"{self._read_only} Changes made here are not saved.")
        except OSError as error:
            self._read_only = f"The folder {self._path.parent} can't be written: {error.strerror}."
            troubles.append(self._read_only)
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return [], troubles
        except (OSError, ValueError) as error:
            return [], [*troubles, self._put_aside(error)]
        try:
            return _read(text), troubles
        except _NewerError as error:
            self._read_only = str(error)
            return [], [*troubles, str(error)]
        except ValueError as error:
            return [], [*troubles, self._put_aside(error)]

    def peek(self) -> list[Profile]:
        """Return the profiles without locking or moving anything. Raises ValueError."""
        try:
            return _read(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ValueError(error.strerror) from None

    def save(self, profiles: Sequence[Profile]) -> None:
        """Write *profiles*. Raises OSError, ReadOnlyError where writing would do harm."""
        if self._read_only:
            raise ReadOnlyError(0, self._read_only)
        content = {"schema": SCHEMA, "profiles": [_plain(profile) for profile in profiles]}
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        write_atomically(self._path, text, keep_previous=True)

    def close(self) -> None:
        """Let another program have the file."""
        self._lock.release()

    def _put_aside(self, error: Exception) -> str:
        why = getattr(error, "strerror", None) or str(error)
        if self._read_only:
            return f"The profiles can't be read: {why}."
        try:
            place = set_aside(self._path)
        except OSError:
            self._read_only = f"{self._path} can't be read: {why}."
            return self._read_only
        return f"The profiles could not be read ({why}); the file was kept as {place.name}."


class _NewerError(ValueError):
    pass


def _read(text: str) -> list[Profile]:
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(content.get("profiles"), list):
        raise ValueError("it is not a list of profiles")  # noqa: TRY004
    schema = content.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise _NewerError(
            "The profiles were written by a newer SMTP Workbench; this one leaves them alone."
        )
    return [_profile(entry) for entry in content["profiles"]]


def _profile(entry: Mapping[str, Any]) -> Profile:
    try:
        name = str(entry["name"])
        last = entry.get("last")
        return Profile(
            str(entry["id"]),
            name,
            from_plain(entry["transport"]),
            str(entry.get("preset", "")),
            str(entry.get("mail_from", "")),
            tuple(str(item) for item in entry.get("rcpt_to", ())),
            _last(last) if last else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a profile lacks {error}") from None
    except ValueError as error:
        raise ValueError(f"profile {name!r}: {error}") from None


def _last(entry: Mapping[str, Any]) -> LastResult:
    at = datetime.fromisoformat(entry["at"])
    return LastResult(
        at, bool(entry["ok"]), bool(entry.get("warned")), entry.get("stage"), entry.get("cause")
    )


def _plain(profile: Profile) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": profile.id, "name": profile.name}
    for name in ("preset", "mail_from"):
        if value := getattr(profile, name):
            plain[name] = value
    if profile.rcpt_to:
        plain["rcpt_to"] = list(profile.rcpt_to)
    plain["transport"] = to_plain(profile.transport)
    last = profile.last
    if last is not None:
        result: dict[str, Any] = {"at": last.at.isoformat(), "ok": last.ok}
        result |= {"warned": True} if last.warned else {}
        result |= {"stage": last.stage, "cause": last.cause} if last.stage else {}
        plain["last"] = result
    return plain


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
