"""The runs before: keeps each one when it ends, and puts a kept one into the session column."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.history import History, HistoryError, KeptRun, Run
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.compared import Side
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.models.past_runs import moment

T = TypeVar("T")


class Past(QObject):
    """The history as the window sees it; the file is read and written beside the loop."""

    changed = Signal()
    said = Signal(str)
    opened = Signal(int)
    """The session column shows a kept run; 0: no longer."""
    compared = Signal(object, object)
    """Two sides to be shown beside each other: an earlier run and the one that is open."""

    def __init__(self, store: History, conversation: Conversation, book: Book) -> None:
        super().__init__()
        self._store, self._conversation, self._book = store, conversation, book
        self.runs: tuple[Run, ...] = ()
        """The newest, first."""
        self.errands = Errands()
        """What is being read and written; wait for it before the program ends."""
        self._wanted = 0
        """The run that was chosen last."""
        self._filter = ""
        conversation.started.connect(self.leave)

    def load(self) -> None:
        """Read what is kept on this machine; troubles are told, never raised."""
        self.errands.run(self._load())

    def keep(self, profile_id: str, cause: str | None) -> None:
        """Keep the run that has just ended; it was for a profile, empty for the sandbox."""
        conversation, profile = self._conversation, self._book.get(profile_id)
        report, order, began = conversation.report, conversation.order, conversation.began
        if order is None:
            return
        transport, kind = self._tried(order.transport), "send" if order.sends else "verify"
        name = profile.name if profile is not None else self.tr("Sandbox server")

        def add() -> None:
            self._store.add(
                report,
                transport,
                at=began,
                kind=kind,
                profile=profile_id,
                name=name,
                cause=cause,
            )

        self.errands.run(self._change(add))

    def open(self, run_id: int) -> None:
        """Show a kept run in the session column."""
        self._wanted = run_id
        if self._conversation.running:
            self.said.emit(self.tr("A run is under way. Stop it first to look at an earlier one."))
        else:
            self.errands.run(self._open(run_id))

    def leave(self) -> None:
        """Take note that something else is shown, or about to be."""
        self._wanted = 0
        self.opened.emit(0)

    def compare(self, run_id: int) -> None:
        """Compare a kept run with the one that is open; `compared` tells when it is read."""
        if self._conversation.order is None:
            self.said.emit(self.tr("No run is open. Open one to compare others with it."))
        else:
            self.errands.run(self._compare(run_id))

    def remove(self, run_id: int) -> None:
        """Delete a run."""
        self.errands.run(self._change(lambda: self._store.delete([run_id])))

    def filter(self, text: str) -> None:
        """Have only runs in `runs` that have *text* in name, host, stage or cause."""
        self._filter = text.strip()
        self.errands.run(self._renew())

    def _tried(self, transport: Transport) -> Transport:
        """Return the settings of the last try, which another server may have had."""
        outcome = self._conversation.outcome
        return outcome.attempts[-1].route.access.transport if outcome is not None else transport

    async def _load(self) -> None:
        for trouble in await asyncio.to_thread(self._store.open):
            self.said.emit(trouble)
        await self._renew()

    async def _change(self, change: Callable[[], object]) -> None:
        await self._tried_hard(change)
        await self._renew()

    async def _renew(self) -> None:
        """Read the newest runs again, once more where the filter has changed meanwhile."""
        text: str | None = None
        runs: tuple[Run, ...] | None = None
        while text != self._filter:
            text = self._filter
            runs = await self._tried_hard(partial(self._store.list, text=text))
        if runs is not None:
            self.runs = runs
            self.changed.emit()

    async def _open(self, run_id: int) -> None:
        kept = await self._get(run_id)
        # Meanwhile another one may have been chosen, or a run begun.
        if kept is not None and self._wanted == run_id and not self._conversation.running:
            self._conversation.show(kept)
            self.opened.emit(run_id)

    async def _compare(self, run_id: int) -> None:
        kept, conversation = await self._get(run_id), self._conversation
        order = conversation.order
        if kept is None or order is None:
            return
        run = kept.run
        name = order.past.name if order.past is not None else self.tr("the open run")
        self.compared.emit(
            Side(f"{moment(run.at)} · {run.name}", kept.transport, kept.report),
            Side(f"{moment(conversation.began)} · {name}", order.transport, conversation.report),
        )

    async def _get(self, run_id: int) -> KeptRun | None:
        return await self._tried_hard(lambda: self._store.get(run_id))

    async def _tried_hard(self, work: Callable[[], T]) -> T | None:
        try:
            return await asyncio.to_thread(work)
        except HistoryError as error:
            self.said.emit(str(error))
            return None
