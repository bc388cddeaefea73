"""Secrets of profiles, in the keyring of the system and nowhere else.

A keyring may ask its user something first, or never answer. So every call has a thread of its own,
which neither the event loop nor the end of the program waits for, and a limit. Where there is no
keyring that encrypts, secrets live in memory.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from smtp_workbench.settings.secret import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE: Final = "smtp-workbench"
"""Under which the keyring lists our secrets."""
MEMORY: Final = "memory until you quit"
"""The place of secrets where there is no keyring."""
LIMIT: Final = 5.0
"""Seconds for one call."""
_LATE: Final = "does not answer"
_KEYRINGS: Final = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "Keychain",
    "keyring.backends.Windows": "Credential Locker",
}
"""Modules of `keyring` that store with the system. All others are refused: they write plain files,
ask on the terminal, or keep nothing."""


class KeyringError(Exception):
    """The keyring did not do it. The text goes on after "the keyring" and holds no secret."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late
        """It has not answered yet; `Secrets.answered` waits until it has."""


def names_of(profile_id: str) -> tuple[str, str]:
    """Return the names that a profile's password and its proxy's password have in the keyring."""
    return profile_id, f"{profile_id}:proxy"


class Secrets:
    """The secrets of this program, each under a name. Calls are made one after the other."""

    def __init__(self, *, limit: float = LIMIT) -> None:
        self._limit = limit
        self._turn = asyncio.Lock()
        self._place: _Place | None = None
        self._late: asyncio.Future[Any] | None = None
        """The call that has not been answered within the limit."""

    @property
    def where(self) -> str:
        """Where secrets are kept now: the name of the keyring, or MEMORY; empty: not known yet."""
        if self._late is not None:
            return MEMORY
        return "" if self._place is None else _name_of(self._place)

    async def find(self) -> str:
        """Look for the keyring; return `where`. Raises KeyringError."""
        await self._call(self._found)
        return self.where

    async def read(self, name: str) -> Secret | None:
        """Return the secret called *name*, None if there is none. Raises KeyringError."""
        text = await self._call(lambda: self._found().get_password(SERVICE, name))
        return Secret(text) if text else None

    async def write(self, name: str, secret: Secret | None) -> None:
        """Keep *secret* as *name*; None deletes what is there. Raises KeyringError."""

        def write() -> None:
            place = self._found()
            if secret:
                place.set_password(SERVICE, name, secret.reveal())
            elif place.get_password(SERVICE, name) is not None:
                place.delete_password(SERVICE, name)

        await self._call(write)

    async def answered(self) -> None:
        """Wait, without a limit, until no call is late any more."""
        while self._late is not None:
            await asyncio.wait([self._late])

    def _found(self) -> "_Place":
        """Return the place; this takes a while at first, so it is for the threads only."""
        if self._place is None:
            self._place = _system_keyring() or _Memory()
        return self._place

    async def _call(self, work: Callable[[], T]) -> T:
        async with self._turn:
            if self._late is not None:
                raise KeyringError(_LATE, late=True)
            answer = _on_a_thread(work)
            try:
                done, _ = await asyncio.wait([answer], timeout=self._limit)
            finally:  # also if nobody waits for it any more
                if not answer.done():
                    self._late = answer
                    answer.add_done_callback(self._came)
            if not done:
                raise KeyringError(_LATE, late=True)
            return answer.result()()

    def _came(self, _answer: object) -> None:
        self._late = None


class _Place(Protocol):
    """As much of `keyring.backend.KeyringBackend` as is used here."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class _Memory:
    """In place of a keyring."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._texts.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._texts[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._texts[service, username]


def _name_of(place: _Place) -> str:
    return _KEYRINGS.get(type(place).__module__, MEMORY)


def _system_keyring() -> "KeyringBackend | None":
    import keyring  # noqa: PLC0415  # heavy
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    try:
        chosen = keyring.get_keyring()
    except Exception:  # noqa: BLE001  # one that was set up by hand and can't be loaded
        return None
    backends = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    return next((item for item in backends if type(item).__module__ in _KEYRINGS), None)


def _on_a_thread(work: Callable[[], T]) -> "asyncio.Future[Callable[[], T]]":
    """Begin *work* on a thread that may be left behind; the result is a call that returns its own.

    Such a future has no exception that the loop would complain about when nobody asks.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Callable[[], T]] = loop.create_future()

    def tell(outcome: Callable[[], T]) -> None:
        if not future.done():
            future.set_result(outcome)

    def run() -> None:
        outcome = _outcome_of(work)
        with suppress(RuntimeError):  # the loop is closed: the program has ended
            loop.call_soon_threadsafe(tell, outcome)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    return future


def _outcome_of(work: Callable[[], T]) -> Callable[[], T]:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001  # of any keyring, in whose text a secret might be
        why = _why(error)

        def refuse() -> T:
            raise KeyringError(why)

        return refuse
    return lambda: result


def _why(error: Exception) -> str:
    name = type(error).__name__
    return "is locked" if name == "KeyringLocked" else f"failed ({name})"
