"""A search for settings in the window: one at a time, on the window's loop, shown as it goes."""

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from smtp_workbench.settings.change import Change
from smtp_workbench.settings.transport import Trust
from smtp_workbench.smtp.candidate import DETECT, Candidate, Guess, Ports, limits
from smtp_workbench.smtp.guesses import named, of_named, of_text
from smtp_workbench.smtp.ranking import Ranked, best, rank
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smtp_workbench.diagnosis.diagnosis import Diagnosis
    from smtp_workbench.lookup.candidate import Discovered
    from smtp_workbench.net.resolve import Resolver
    from smtp_workbench.settings.secret import Secret
    from smtp_workbench.settings.transport import Transport


class Detection(QObject):
    """Runs a search and knows what it has found so far."""

    changed = Signal()
    """It began, found something, or ended."""

    def __init__(self, errands: Errands) -> None:
        super().__init__()
        self._errands = errands
        self.ports: Ports | None = None
        """The only ones to try; None: all that are usual."""
        self.resolver: Resolver | None = None
        self.name_server = ""
        """Whom to ask who sends for an address; empty: the system's resolver."""
        self._discovered: tuple[Discovered, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._found: dict[object, Candidate] = {}
        self._diagnoses: dict[object, Diagnosis] = {}
        self._began = 0.0
        self.ranked: tuple[Ranked, ...] = ()
        self.seconds = 0.0
        self.text = ""
        """What was searched for."""
        self.running = self.stopped = False

    @property
    def best(self) -> Ranked | None:
        """What is to be used, as far as is known."""
        return best(self.ranked)

    def diagnosis(self, item: Ranked) -> "Diagnosis | None":
        """Return why settings do not work; None where they do."""
        return self._diagnoses.get(item.candidate.key)

    def start(self, text: str, filled: Filled, *, log_in: bool, fetch: bool = False) -> None:
        """Search for what *text* names, a host or an address, as the form is *filled* otherwise.

        With *log_in* the form's user and password are tried once; with *fetch* the domain of an
        address is asked by HTTPS too. Does nothing while another search is on. Raises ValueError
        with one sentence where *text* is neither, or the password is nowhere.
        """
        if self.running:
            return
        guesses = self._guesses(text, filled)
        secret = filled.secret.resolved() if log_in and filled.secret else None
        proxy_secret = filled.proxy_secret and filled.proxy_secret.resolved()
        self.clear()
        self.text, self.running, self.stopped = text.strip(), True, False
        self._began = time.perf_counter()
        self._errands.run(self._run(guesses, filled, secret, proxy_secret, fetch=fetch))
        self.changed.emit()

    def clear(self) -> None:
        """Forget what an earlier search found, if none is on."""
        if not self.running:
            self._found, self._diagnoses, self.ranked, self.text = {}, {}, (), ""
            self._discovered = ()

    def stop(self) -> None:
        """End the search; what was found stays."""
        if self.running:
            self.stopped = True
            if self._task is not None:
                self._task.cancel()

    def change(self, item: Ranked, filled: Filled) -> Change:
        """Return what puts *item* into the form as it is *filled*."""
        fields = {**_unsuited(filled, item.candidate.host), **item.candidate.change.fields}
        if "@" in self.text and not filled.transport.auth.user:
            fields["auth.user"] = self._user_at(item.candidate.host)
        return Change(fields)

    def _user_at(self, host: str) -> str:
        """Return the user that somebody names for *host*, else the address itself."""
        offers = (item.change.fields for item in self._discovered)
        users = (fields.get("auth.user") for fields in offers if fields["host"] == host)
        return str(next(filter(None, users), self.text))

    def _guesses(self, text: str, filled: Filled) -> "Sequence[Guess]":
        guesses = of_text(text, self.ports)
        own = filled.transport
        if own.port is not None and own.host and own.host == guesses[0].host:
            # The port in the form may be one that nobody would guess.
            return (*guesses, Guess(own.host, own.port))
        return guesses

    async def _named(self, *, fetch: bool) -> "Sequence[Guess]":
        """Return the servers that somebody names for the address, if anybody can be asked."""
        from smtp_workbench.lookup.discover import discover  # noqa: PLC0415  # heavy
        from smtp_workbench.net.dns import Dns  # noqa: PLC0415  # heavy
        from smtp_workbench.net.web import open_web  # noqa: PLC0415  # heavy

        try:
            dns = Dns(self.name_server)
            web = await open_web(dns.addresses) if fetch else None
            found = await discover(self.text, dns, web)
        except ValueError:  # the system names no resolver
            return ()
        self._discovered = found.candidates
        places = [named(item.change, item.named_by or DETECT) for item in found.candidates]
        return of_named(places, self.ports)

    async def _run(
        self,
        guesses: "Sequence[Guess]",
        filled: Filled,
        secret: "Secret | None",
        proxy_secret: "Secret | None",
        *,
        fetch: bool,
    ) -> None:
        from smtp_workbench.smtp.probe import probe  # noqa: PLC0415  # heavy

        self._task = asyncio.current_task()
        coming: asyncio.Queue[Candidate | None] = asyncio.Queue()
        showing = asyncio.create_task(self._show(coming), name="show what was found")
        try:
            if not self.stopped:
                if "@" in self.text:
                    guesses = await self._named(fetch=fetch) or guesses
                await probe(
                    guesses,
                    _suited(filled, guesses[0].host),
                    secret,
                    observer=coming.put_nowait,
                    resolver=self.resolver,
                    proxy_secret=proxy_secret,
                )
        except asyncio.CancelledError:
            if not self.stopped:  # the whole window is closed
                raise
        finally:
            coming.put_nowait(None)
            await showing
            self._task, self.running = None, False
            self.seconds = time.perf_counter() - self._began
            self.changed.emit()

    async def _show(self, coming: "asyncio.Queue[Candidate | None]") -> None:
        """Take what comes until None does; many that come at once make one change."""
        ended = False
        while not ended:
            batch = [await coming.get()]
            while not coming.empty():
                batch.append(coming.get_nowait())
            ended = batch[-1] is None
            new: dict[object, Candidate] = {item.key: item for item in batch if item is not None}
            self._diagnoses |= await asyncio.to_thread(_diagnosed, new)
            self._found |= new
            self.ranked = rank(self._found.values())
            self.changed.emit()


def _diagnosed(found: "Mapping[object, Candidate]") -> "dict[object, Diagnosis]":
    """Return why those that do not work don't; it takes a moment."""
    from smtp_workbench.diagnosis.explain import diagnose  # noqa: PLC0415  # heavy

    diagnoses = {key: diagnose(item.telling, item.transport) for key, item in found.items()}
    return {key: item for key, item in diagnoses.items() if item is not None}


def _suited(filled: Filled, host: str) -> "Transport":
    """Return how to connect to *host*: as the form says, with the limits of a probe."""
    base = Change(_unsuited(filled, host)).apply(filled.transport)
    return replace(base, timeouts=limits())


def _unsuited(filled: Filled, host: str) -> dict[str, object]:
    """Return the fields that were about another host, as they are for one that is new."""
    tls = filled.transport.tls
    if host == filled.transport.host:
        return {}
    fields: dict[str, object] = {"tls.server_name": ""} if tls.server_name else {}
    if tls.trust is Trust.FINGERPRINT:
        fields |= {"tls.trust": Trust.SYSTEM, "tls.fingerprint": ""}
    return fields
