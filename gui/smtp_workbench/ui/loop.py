"""The event loop of the program: Qt's, with asyncio on it."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from smtp_workbench.ui.app import App
from smtp_workbench.ui.collector import Collector
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.theme import Theme

_TURN = 0.001
"""Seconds that another thread may run Python while the window waits; 0.005 is usual."""


def favour_window() -> None:
    """Let other threads run Python for a moment only when the window wants to.

    Every call into Qt lets go of Python, so one turn of the window waits for it many times: with
    the usual interval a thread that reads a big message held the window up for 250 ms.
    """
    sys.setswitchinterval(_TURN)


def fill(
    application: QApplication, frame: Frame, theme: Theme, folder: Path, kept: dict[str, Any]
) -> int:
    """Fill *frame* and run until it is closed; return the exit status."""
    favour_window()
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    collector = Collector()
    with loop:
        loop.run_until_complete(_main(App(frame, theme, folder, kept), loop))
    collector.deleteLater()
    return 0


async def _main(app: App, loop: asyncio.AbstractEventLoop) -> None:
    def show_mistake(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            app.window.runs.show_mistake(error)

    loop.set_exception_handler(show_mistake)
    sys.excepthook = lambda _kind, error, _trace: app.window.runs.show_mistake(error)
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), app.close)
    await app.run()
