"""Keeps the draft on this machine: a moment after each change, and once more at the end."""

import asyncio

from PySide6.QtCore import QObject, QTimer, Signal

from smtp_workbench.message.draft import Draft
from smtp_workbench.store.drafts import Drafts
from smtp_workbench.store.kept import ReadOnlyError
from smtp_workbench.ui.letter import Letter

_DELAY: int = 400
"""Milliseconds after the last stroke until it is written."""


class Keeper(QObject):
    """Writes what the letter holds, one time after the other."""

    troubled = Signal(str)
    written = Signal()
    """The draft lies on the disk as it was a moment ago."""

    def __init__(self, store: Drafts, letter: Letter) -> None:
        super().__init__()
        self._store, self._letter = store, letter
        self._written: Draft | None = None
        self._saving: asyncio.Task[None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY)
        self._timer.timeout.connect(self._save_soon)
        letter.changed.connect(self._timer.start)

    def load(self) -> Draft | None:
        """Return what was kept, None if there is nothing; troubles are told, never raised."""
        draft = self._store.load()
        for trouble in self._store.troubles:
            self.troubled.emit(trouble)
        self._written = draft
        return draft

    async def saved_now(self) -> None:
        """Write what is not written yet, and wait for it."""
        self._timer.stop()
        self._save_soon()
        if self._saving is not None:
            await self._saving

    @property
    def read_only(self) -> str:
        """Why nothing is written, which `load` has told; empty: all is."""
        return self._store.read_only

    def let_go(self) -> None:
        """Let another program have the draft."""
        self._store.close()

    def _save_soon(self) -> None:
        before, draft = self._saving, self._letter.draft
        if draft != self._written:
            self._written = draft
            self._saving = asyncio.get_event_loop().create_task(
                self._save(before, draft), name="save the draft"
            )

    async def _save(self, before: "asyncio.Task[None] | None", draft: Draft) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            await asyncio.to_thread(self._store.save, draft)
        except ReadOnlyError:
            pass  # told already, and the window shows it all the time
        except OSError as error:
            self._written = None
            text = self.tr("The draft could not be written: {why}")
            self.troubled.emit(text.format(why=error.strerror or error))
        else:
            self.written.emit()
