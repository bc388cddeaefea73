"""Builds the window and all that it stands on, connects them, and ends them cleanly."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_API", "pyside6")

import qasync
from platformdirs import user_config_path
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from smtp_workbench.store.profiles import Profiles
from smtp_workbench.store.state import State
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.window import Window


class App:
    """Everything the window stands on, over one folder of this machine."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self.state = State(folder)
        self.theme = Theme(application)
        self.form, self.conversation, self.practice = Form(), Conversation(), Practice()
        self.book = Book(Profiles(folder))
        self.window = Window(self.form, self.conversation, self.book, self.practice, self.theme)
        self.window.setWindowIcon(QIcon(picture("plug", self.theme.tokens.link, 64)))
        self._closing = asyncio.Event()
        self.window.closing.connect(self._closing.set)
        self._restore(self.state.load())

    def _restore(self, kept: dict[str, Any]) -> None:
        self.theme.choose(str(kept.get("theme", "system")))
        self.window.restore_layout(kept)
        self.book.load()
        profile = str(kept.get("profile", ""))
        if self.book.get(profile) is not None:
            self.book.open(profile)
        else:
            self.window.run(self.window.open_sandbox())

    async def run(self) -> None:
        """Show the window, wait until it is to close, then end everything."""
        self.window.show()
        self.window.focus_first()
        self.window.run(self._warm_up())
        await self._closing.wait()
        await self.end()

    async def _warm_up(self) -> None:
        """Load the engine beside the loop, now that the window is up."""
        await asyncio.to_thread(import_module, "smtp_workbench.smtp.verify")
        await asyncio.to_thread(import_module, "smtp_workbench.smtp.typed")
        explain = await asyncio.to_thread(import_module, "smtp_workbench.diagnosis.explain")
        await asyncio.to_thread(explain.explain, "")  # compiles the rules

    async def end(self) -> None:
        """End runs and sandbox, write what is to be kept, close the window."""
        self.window.setEnabled(False)
        kept = {
            **self.window.layout_as_text(),
            "theme": self.theme.choice,
            "profile": self.book.current,
        }
        await self.window.settled()
        await self.practice.stop()
        await self.book.saved_now()
        self.book.let_go()
        await asyncio.to_thread(self.state.save, kept)
        self.window.close_now()
        self.window.deleteLater()

    def close(self) -> None:
        """Close the window as its user would."""
        self._closing.set()


def run() -> int:
    """Open the window; return the exit status when it is closed."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("smtp-workbench")
    application.setApplicationDisplayName("SMTP Workbench")
    application.setDesktopFileName("smtp-workbench")
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_main(application, loop))
    return 0


async def _main(application: QApplication, loop: asyncio.AbstractEventLoop) -> None:
    app = App(application, user_config_path("smtp-workbench", appauthor=False))

    def show_mistake(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            app.window.show_mistake(error)

    loop.set_exception_handler(show_mistake)
    sys.excepthook = lambda _kind, error, _trace: app.window.show_mistake(error)
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), app.close)
    await app.run()
