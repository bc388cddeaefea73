"""The profiles of the window: which there are, which is open, and when they are written.

The file holds no secrets; they are in the `Locker`.
"""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal

from smtp_workbench.settings.secret import Secret
from smtp_workbench.smtp.report import Report
from smtp_workbench.store.kept import ReadOnlyError
from smtp_workbench.store.profiles import LastResult, Profile, Profiles, free_name
from smtp_workbench.store.secrets import Secrets
from smtp_workbench.ui.form import Filled
from smtp_workbench.ui.locker import Locker

_DELAY: int = 400
"""Milliseconds after the last stroke until a profile is written."""


class Book(QObject):
    """All profiles, and the one that is open."""

    changed = Signal()
    opened = Signal(object)
    """What the form is to hold now."""
    unlocked = Signal(object, object)
    """The secrets of the open profile have been read, after the form was filled."""
    troubled = Signal(str)

    def __init__(self, store: Profiles, secrets: Secrets) -> None:
        super().__init__()
        self._store = store
        self.locker = Locker(secrets)
        self.locker.arrived.connect(self._arrived)
        self.locker.troubled.connect(self.troubled)
        self.profiles: list[Profile] = []
        self.current = ""
        """The id of the profile that is open; empty: the sandbox."""
        self._removed: tuple[int, Profile] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(self._save_soon)
        self._saving: asyncio.Task[None] | None = None

    def load(self) -> None:
        """Read what is kept on this machine; troubles are told, never raised."""
        self.profiles, troubles = self._store.load()
        for trouble in troubles:
            self.troubled.emit(trouble)
        self.locker.read_only = bool(self.read_only)
        self.changed.emit()

    def open(self, profile_id: str) -> None:
        """Open a profile; secrets that have to be read follow."""
        profile = self.get(profile_id)
        if profile is None:
            return
        self.current = profile_id
        secret, proxy_secret = self.locker.of(profile_id)
        self.opened.emit(
            Filled(
                profile.transport,
                secret,
                proxy_secret,
                profile.preset,
                profile.mail_from,
                ", ".join(profile.rcpt_to),
            )
        )
        self.changed.emit()
        if not self.locker.knows(profile_id):
            self.locker.errands.run(self.locker.fetch(profile_id))

    def close(self) -> None:
        """Have no profile open."""
        self.current = ""
        self.changed.emit()

    def get(self, profile_id: str) -> Profile | None:
        """Return a profile by its id."""
        return next((item for item in self.profiles if item.id == profile_id), None)

    def keep(self, filled: Filled) -> None:
        """Take over what the form of the open profile holds."""
        profile = self.get(self.current)
        if profile is None:
            return
        self.locker.put(profile.id, filled.secret, filled.proxy_secret)
        recipients = tuple(item.strip() for item in filled.rcpt_to.split(",") if item.strip())
        self._replace(
            replace(
                profile,
                transport=filled.transport,
                preset=filled.preset,
                mail_from=filled.mail_from,
                rcpt_to=recipients,
            )
        )

    def record(self, profile_id: str, report: Report, cause: str | None, *, warned: bool) -> None:
        """Remember how a run of a profile went, and whether it left something to warn of."""
        profile = self.get(profile_id)
        if profile is None or report.stopped:
            return
        stage = report.failed_stage
        last = LastResult(
            at=datetime.now(UTC).replace(microsecond=0),
            ok=report.ok,
            warned=warned,
            stage=stage.value if stage else None,
            cause=cause,
        )
        self._replace(replace(profile, last=last))

    def add(self, name: str, filled: Filled) -> str:
        """Add a profile, open it and return its id."""
        profile = Profile(uuid.uuid4().hex, self._free(name), filled.transport, filled.preset)
        self.profiles.append(profile)
        self.locker.begin(profile.id, filled.secret, filled.proxy_secret)
        self._timer.start()
        self.open(profile.id)
        return profile.id

    def duplicate(self, profile_id: str) -> None:
        """Add a copy of a profile below it, and open it."""
        profile = self.get(profile_id)
        if profile is None:
            return
        copy = replace(profile, id=uuid.uuid4().hex, name=self._free(profile.name), last=None)
        self.profiles.insert(self.profiles.index(profile) + 1, copy)
        self.locker.copy(profile_id, copy.id)
        self._timer.start()
        self.open(copy.id)

    def take_in(
        self,
        profiles: Sequence[Profile],
        secrets: Mapping[str, tuple[Secret | None, Secret | None]],
    ) -> None:
        """Add *profiles* at the end, each under a name that is free, and open the first."""
        for profile in profiles:
            self.profiles.append(replace(profile, name=self._free(profile.name)))
            self.locker.begin(profile.id, *secrets.get(profile.id, (None, None)))
        if profiles:
            self._timer.start()
            self.open(profiles[0].id)

    def move(self, profile_id: str, before: int) -> None:
        """Put a profile before the one that is at the place *before* now."""
        profile = self.get(profile_id)
        if profile is None:
            return
        place = self.profiles.index(profile)
        if before not in (place, place + 1):
            del self.profiles[place]
            self.profiles.insert(before - (before > place), profile)
            self._timer.start()
            self.changed.emit()

    def rename(self, profile_id: str, name: str) -> None:
        """Give a profile another name."""
        profile = self.get(profile_id)
        if profile is not None and profile.name != name:
            self._replace(replace(profile, name=self._free(name)))

    def remove(self, profile_id: str) -> None:
        """Take a profile away; `bring_back` undoes it."""
        profile = self.get(profile_id)
        if profile is None:
            return
        place = self.profiles.index(profile)
        self._removed = place, profile
        del self.profiles[place]
        self.locker.forget(profile_id)
        if self.current == profile_id:
            self.current = ""
        self._timer.start()
        self.changed.emit()

    def bring_back(self) -> None:
        """Undo the last `remove`, and open the profile."""
        if self._removed is None:
            return
        place, profile = self._removed
        self._removed = None
        self.profiles.insert(place, profile)
        self.locker.bring_back(profile.id)
        self._timer.start()
        self.open(profile.id)

    async def saved_now(self) -> None:
        """Write what is not written yet."""
        if self._timer.isActive():
            self._timer.stop()
            self._save_soon()
        if self._saving is not None:
            await self._saving
        await self.locker.written_now()

    @property
    def read_only(self) -> str:
        """Why nothing is written, which `load` has told; empty: all is."""
        return self._store.read_only

    def let_go(self) -> None:
        """Let another window have the profiles."""
        self._store.close()

    def _arrived(self, profile_id: str, secret: Secret | None, proxy_secret: Secret | None) -> None:
        if profile_id == self.current:
            self.unlocked.emit(secret, proxy_secret)

    def _replace(self, profile: Profile) -> None:
        place = next(at for at, item in enumerate(self.profiles) if item.id == profile.id)
        if self.profiles[place] != profile:
            self.profiles[place] = profile
            self._timer.start()
            self.changed.emit()

    def _free(self, name: str) -> str:
        return free_name(name, {profile.name for profile in self.profiles})

    def _save_soon(self) -> None:
        before = self._saving
        self._saving = asyncio.get_event_loop().create_task(
            self._save(before, tuple(self.profiles)), name="save profiles"
        )

    async def _save(self, before: "asyncio.Task[None] | None", profiles: Sequence[Profile]) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            await asyncio.to_thread(self._store.save, list(profiles))
        except ReadOnlyError:
            pass  # told already, and the window shows it all the time
        except OSError as error:
            text = self.tr("The profiles could not be written: {why}")
            self.troubled.emit(text.format(why=error.strerror or error))
