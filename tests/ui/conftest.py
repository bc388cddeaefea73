"""Async tests run on a Qt loop, over the real window; what the loop complains about fails them."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from smtp_workbench.store.state import State
from smtp_workbench.ui.app import App
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.theme import Theme

Open = Callable[[], AbstractAsyncContextManager[App]]


@pytest.fixture(autouse=True)
def _qt(qapp: QApplication) -> Iterator[None]:
    """Collect garbage on this thread only, as the program does."""
    qapp.setQuitOnLastWindowClosed(False)
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an async test on a Qt loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    complaints: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(str(context)))
        async with asyncio.timeout(60):
            await pyfuncitem.obj(**arguments)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks left behind: {left}"

    loop = qasync.QEventLoop(QApplication.instance())
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(run())
    asyncio.set_event_loop(None)
    assert not complaints, complaints
    return True


def settle() -> None:
    """Let Qt lay out and show what is new.

    Not `processEvents`: within a coroutine qasync would go on with another task in the middle of
    this one, and asyncio then drops a step of it for good.
    """
    QCoreApplication.sendPostedEvents()


def start(qapp: QApplication, folder: Path) -> App:
    """Build the window over a folder, as the program does."""
    qapp.setStyleSheet("")  # the last window's; every new widget would be dressed in it at once
    kept = State(folder).load()
    return App(Frame(kept), Theme(qapp, str(kept.get("theme", "system"))), folder, kept)


@pytest.fixture
def opened(qapp: QApplication, tmp_path: Path) -> Open:
    """Return what opens the window over an empty folder, and closes it at the end of a block."""

    @asynccontextmanager
    async def open_window() -> AsyncIterator[App]:
        app = start(qapp, tmp_path)
        app.frame.show()
        await app.window.errands.done()
        try:
            yield app
        finally:
            await app.end()
            app.frame.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    return open_window


class Expected:
    """Waits for a signal that is emitted after this was made."""

    def __init__(self, signal: Any, times: int = 1) -> None:
        self._signal, self._left = signal, times
        self._future: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()
        signal.connect(self._take)

    def _take(self, *values: Any) -> None:
        self._left -= 1
        if self._left == 0 and not self._future.done():
            self._future.set_result(values)

    def __await__(self) -> Any:
        return self._wait().__await__()

    async def _wait(self) -> tuple[Any, ...]:
        try:
            async with asyncio.timeout(20):
                return await self._future
        finally:
            self._signal.disconnect(self._take)
