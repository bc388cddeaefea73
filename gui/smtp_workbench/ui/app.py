"""Builds what the window stands on, connects it, and ends it cleanly."""

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtGui import QIcon

from smtp_workbench.message import templates
from smtp_workbench.message.draft import Draft
from smtp_workbench.store.drafts import Drafts
from smtp_workbench.store.history import History
from smtp_workbench.store.profiles import Profiles
from smtp_workbench.store.secrets import Secrets
from smtp_workbench.store.state import State
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.keeper import Keeper
from smtp_workbench.ui.past import Past
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.window import Window


class App:
    """Everything in the window's frame, over one folder of this machine."""

    def __init__(self, frame: Frame, theme: Theme, folder: Path, kept: dict[str, Any]) -> None:
        self.frame, self.theme = frame, theme
        self._state = State(folder)
        self.form, self.conversation, self.practice = Form(), Conversation(), Practice()
        self.book = Book(Profiles(folder), Secrets())
        self.past = Past(History(folder), self.conversation, self.book)
        self.window = Window(
            self.form, self.conversation, self.book, self.practice, self.past, theme
        )
        self._closing = asyncio.Event()
        frame.closing.connect(self._closing.set)
        frame.setWindowIcon(QIcon(picture("plug", theme.tokens.link, 64)))
        frame.setCentralWidget(self.window)
        self.keeper = Keeper(Drafts(folder), self.window.letter)
        self.keeper.troubled.connect(self.window.status.say)
        self.window.letter.start_over(self.keeper.load() or _first_draft())
        theme.dress()
        self.window.restore(kept)
        self._open_last(str(kept.get("profile", "")))

    def _open_last(self, profile: str) -> None:
        self.book.load()
        self.past.load()
        self.window.status.show_unsaved(*self._unsaved())
        if self.book.get(profile) is not None:
            self.book.open(profile)
        else:
            self.window.errands.run(self.window.open_sandbox())

    def _unsaved(self) -> tuple[str, str]:
        """Return what this window does not save, and why; empty: it saves all."""
        tr, profiles, draft = self.window.tr, self.book.read_only, self.keeper.read_only
        if profiles and draft:
            return tr("Profiles and draft are not saved"), f"{profiles}\n{draft}"
        if profiles:
            return tr("Profiles are not saved"), profiles
        return tr("The draft is not saved") if draft else "", draft

    async def run(self) -> None:
        """Show the window, wait until it is to close, then end everything."""
        self.frame.show()
        self.window.focus_first()
        self.window.errands.run(self._warm_up())
        await self._closing.wait()
        await self.end()

    async def _warm_up(self) -> None:
        """Load keyring and engine beside the loop, now that the window is up."""
        await self.book.locker.find()
        for name in ("smtp.verify", "smtp.typed", "diagnosis.written"):
            await asyncio.to_thread(import_module, f"smtp_workbench.{name}")
        explain = import_module("smtp_workbench.diagnosis.explain").explain
        await asyncio.to_thread(explain, "")  # compiles the rules
        await asyncio.to_thread(import_module("smtp_workbench.diagnosis.likeness").known)

    async def end(self) -> None:
        """End runs and sandbox, write what is to be kept, close the window."""
        self.frame.setEnabled(False)
        kept = {
            "geometry": self.frame.geometry_as_text(),
            "splitter": self.window.splitter.sizes(),
            "theme": self.theme.choice,
            "profile": self.book.current,
        }
        await self.conversation.stopped()
        await self.window.errands.end()
        await self.past.errands.done()
        await self.practice.stop()
        await self.book.saved_now()
        await self.book.locker.errands.end()
        await self.keeper.saved_now()
        self.book.let_go()
        self.keeper.let_go()
        await asyncio.to_thread(self._state.save, kept)
        self.frame.close_now()

    def close(self) -> None:
        """Close the window as its user would."""
        self._closing.set()


def _first_draft() -> Draft:
    """Return a message to the sandbox, which is what a first start has open."""
    plain = templates.by_id("plain")
    to_sandbox = Draft(to=("demo@sandbox.test",))
    return templates.apply(plain, to_sandbox) if plain else to_sandbox
