"""Saved profiles: one file that people can read, written atomically, by one program at a time.

It holds no secret. A file that can't be read is set aside and named, one of a newer program is
left alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from smtp_workbench.settings.transport import TESTING, Transport
from smtp_workbench.store.kept import KeptFile
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


def free_name(name: str, taken: Collection[str]) -> str:
    """Return *name*, with the first number from 2 on that makes it none of *taken*."""
    if name not in taken:
        return name
    return next(f"{name} {at}" for at in range(2, len(taken) + 3) if f"{name} {at}" not in taken)


class Profiles:
    """The file `profiles.json` in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder, "profiles.json", subject="the profiles", schema=SCHEMA)

    def load(self) -> tuple[list[Profile], list[str]]:
        """Return the profiles, and a sentence for each trouble there was."""
        profiles, troubles = self._file.open(_read)
        return profiles or [], troubles

    def peek(self) -> list[Profile]:
        """Return the profiles without locking or moving anything. Raises ValueError."""
        return self._file.peek(_read) or []

    def save(self, profiles: Sequence[Profile]) -> None:
        """Write *profiles*. Raises OSError, ReadOnlyError where writing would do harm."""
        content = {"profiles": [plain_of(profile) for profile in profiles]}
        self._file.write(content, keep_previous=True)

    @property
    def read_only(self) -> str:
        """Why `save` would write nothing; empty: it would."""
        return self._file.read_only

    def close(self) -> None:
        """Let another program have the file."""
        self._file.close()


def _read(content: Mapping[str, Any]) -> list[Profile]:
    if not isinstance(content.get("profiles"), list):
        raise ValueError("it is not a list of profiles")  # noqa: TRY004  # of a file, not a call
    return [profile_of(entry) for entry in content["profiles"]]


def profile_of(entry: Mapping[str, Any]) -> Profile:
    """Return the profile that `plain_of` wrote. Raises ValueError naming profile and field."""
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


def plain_of(profile: Profile) -> dict[str, Any]:
    """Return *profile* as plain JSON values, without what is at its default."""
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
