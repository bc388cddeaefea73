"""Secrets of profiles: read when one is opened, written a moment after the last stroke.

What is known stays in memory too, so that nothing is lost while the keyring fails or does not
answer; it is written when that is over, or tried once more at the end.
"""

import asyncio

from PySide6.QtCore import QObject, QTimer, Signal

from smtp_workbench.settings.secret import Secret
from smtp_workbench.store.secrets import MEMORY, KeyringError, Secrets, names_of
from smtp_workbench.ui.errands import Errands

_DELAY: int = 400
"""Milliseconds after the last stroke until a secret is written."""


class Locker(QObject):
    """What is known of the secrets, by the names that the keyring has for them."""

    arrived = Signal(str, object, object)
    """The id of a profile and the password and the proxy's password that were read for it."""
    placed = Signal(str)
    """Where secrets are kept now, as `Secrets.where`."""
    troubled = Signal(str)

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets
        self.errands = Errands()
        self.where = ""
        self.read_only = False
        """Whether the profiles are another program's now, and so their secrets."""
        self._known: dict[str, Secret | None] = {}
        self._read: set[str] = set()
        """Names of which the keyring's own is known. Without that, none typed is none said."""
        self._origins: dict[str, str] = {}
        """Names to be filled from others that have not been read yet: copies."""
        self._gone: set[str] = set()
        """Profiles whose secrets are to be deleted; what is known of them stays, for undo."""
        self._unwritten: set[str] = set()
        self._awaited: set[str] = set()
        """Profiles to be read once the keyring answers."""
        self._is_late = False
        """Whether `_go_on_when_answered` is under way."""
        self._turn = asyncio.Lock()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(lambda: self.errands.run(self._write()))

    def of(self, profile_id: str) -> tuple[Secret | None, Secret | None]:
        """Return the password and the proxy's password of a profile, as far as they are known."""
        secret, proxy_secret = map(self._known.get, names_of(profile_id))
        return secret, proxy_secret

    def knows(self, profile_id: str) -> bool:
        """Whether there is nothing to be read for a profile."""
        return self._read.issuperset(names_of(profile_id))

    async def find(self) -> None:
        """Look where secrets are kept, and tell."""
        try:
            await self._secrets.find()
        except KeyringError as error:
            self._tell(error)
        self._tell_place()

    async def fetch(self, profile_id: str) -> None:
        """Read the secrets of a profile unless they are known; at the limit it goes on without."""
        if self.knows(profile_id):
            return
        async with self._turn:
            try:
                found = [await self._read_one(name) for name in names_of(profile_id)]
            except KeyringError as error:
                if error.late:
                    self._awaited.add(profile_id)
                self._tell(error)
                return
        self._tell_place()
        self.arrived.emit(profile_id, *found)

    def begin(self, profile_id: str, secret: Secret | None, proxy_secret: Secret | None) -> None:
        """Take the secrets of a new profile, of which the keyring has none."""
        self._read.update(names_of(profile_id))
        self.put(profile_id, secret, proxy_secret)

    def put(self, profile_id: str, secret: Secret | None, proxy_secret: Secret | None) -> None:
        """Take what the form has for a profile; a change is written a moment later."""
        for name, value in zip(names_of(profile_id), (secret, proxy_secret), strict=True):
            if value is None and name not in self._read:
                self._known.pop(name, None)
                self._unwritten.discard(name)
            elif self._known.get(name) != value:
                self._known[name] = value
                self._write_soon(name)

    def copy(self, profile_id: str, copy_id: str) -> None:
        """Give a new profile the secrets of another one, known or not."""
        for theirs, ours in zip(names_of(profile_id), names_of(copy_id), strict=True):
            if theirs in self._known:
                self._read.add(ours)
                self._known[ours] = self._known[theirs]
                self._write_soon(ours)
            else:
                self._origins[ours] = self._origins.get(theirs, theirs)

    def forget(self, profile_id: str) -> None:
        """Delete the secrets of a profile from the keyring, a moment later."""
        self._gone.add(profile_id)
        self._write_soon(*names_of(profile_id))

    def bring_back(self, profile_id: str) -> None:
        """Undo `forget`."""
        self._gone.discard(profile_id)
        self._write_soon(*names_of(profile_id))

    async def written_now(self) -> None:
        """Write what is not written yet, as far as the keyring lets us."""
        self._timer.stop()
        await self._write()

    async def _read_one(self, name: str) -> Secret | None:
        """Return what is kept as *name*; what was typed meanwhile stays."""
        if name in self._read:
            return self._known.get(name)
        origin = self._origins.get(name, name)
        if origin != name and origin in self._known:
            secret = self._known[origin]
        else:
            secret = await self._secrets.read(origin)
        self._read.add(name)
        if name not in self._known:
            self._known[name] = secret
            if self._origins.pop(name, None):
                self._write_soon(name)
        return secret

    def _write_soon(self, *names: str) -> None:
        if not self.read_only:
            self._unwritten.update(names)
            self._timer.start()

    async def _write(self) -> None:
        async with self._turn:
            try:
                for name in tuple(self._unwritten):
                    await self._write_one(name)
            except KeyringError as error:
                self._tell(error)
        self._tell_place()

    async def _write_one(self, name: str) -> None:
        if name.partition(":")[0] in self._gone:
            await self._read_one(name)  # or undo could not bring it back
        if name not in self._known:  # deleted and brought back before it was read
            self._unwritten.discard(name)
            return
        wanted = self._wanted(name)
        await self._secrets.write(name, wanted)
        self._read.add(name)
        if self._wanted(name) == wanted:
            self._unwritten.discard(name)

    def _wanted(self, name: str) -> Secret | None:
        return None if name.partition(":")[0] in self._gone else self._known[name]

    def _tell(self, error: KeyringError) -> None:
        text = self.tr("The keyring {why}; passwords typed here stay in memory until you quit.")
        self.troubled.emit(text.format(why=error))
        self._tell_place()
        if error.late and not self._is_late:
            self._is_late = True
            self.errands.run(self._go_on_when_answered())

    def _tell_place(self) -> None:
        where = MEMORY if self.read_only else self._secrets.where
        if where != self.where:
            self.where = where
            self.placed.emit(where)

    async def _go_on_when_answered(self) -> None:
        """Do what could not be done: its user may have been asked for the keyring's password."""
        await self._secrets.answered()
        self._is_late = False
        self._tell_place()
        awaited, self._awaited = self._awaited, set()
        for profile_id in awaited:
            await self.fetch(profile_id)
        if self._unwritten:
            await self._write()
