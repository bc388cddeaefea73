"""Run with `PYTHONPATH=tests .venv/bin/python tests/bench/send_window.py`.

How long the window's loop is held at most while it sends: a message with a 100 MB attachment to
Postfix's smtp-sink; one with 25 MB, and 1,000 small ones over 10 connections, to the sandbox, which
runs on the same loop. Exit status 1 if a stall is over 50 ms.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import qasync
from mail_sink import sink
from PySide6.QtWidgets import QApplication

from smtp_workbench.message.draft import Attachment
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.report import Report
from smtp_workbench.ui.app import App
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.loop import favour_window
from smtp_workbench.ui.theme import Theme

LIMIT = 50.0
"""Milliseconds."""


class Stalls:
    """Asks for a turn all the time, and notes how long it had to wait for one."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            self.longest = max(self.longest, (time.perf_counter() - began) * 1000)

    async def end(self) -> float:
        self._task.cancel()
        await asyncio.wait([self._task])
        return self.longest


async def send(app: App) -> tuple[float, Report]:
    """Send what the letter holds; return the longest stall, and the report."""
    finished = asyncio.Event()
    app.conversation.finished.connect(finished.set)
    stalls = Stalls()
    app.window.runs.send()
    await finished.wait()
    await asyncio.sleep(0.3)  # what comes after it counts too
    assert app.conversation.report.ok, app.conversation.report.failure
    return await stalls.end(), app.conversation.report


async def measure(app: App, folder: Path, sink: int) -> bool:
    app.frame.show()
    await app.window.errands.done()
    letter, page = app.window.letter, app.window.message
    await send(app)  # to get warm
    results = {}
    for title, count, octets in (
        ("1,000 messages to the sandbox", 1000, 0),
        ("25 MB attachment to the sandbox", 1, 25_000_000),
        ("100 MB attachment to smtp-sink", 1, 100_000_000),
    ):
        app.window.pages.show_page(page)
        path = folder / f"{octets}.bin"
        path.write_bytes(os.urandom(octets))
        letter.edit(count=count, attachments=(Attachment(name="a.bin", path=str(path)),))
        app.form.apply(Change({"pool.enabled": True, "pool.max_connections": 10}), "bench")
        if "sink" in title:
            app.window.actions_.new.trigger()
            plain = {"security": Security.PLAINTEXT, "auth.user": ""}
            app.form.apply(Change({"host": "127.0.0.1", "port": sink, **plain}), "bench")
            letter.edit(author="me@example.org")
        await app.window.errands.done()
        results[title] = await send(app)
    for title, (stall, report) in results.items():
        verdict = "met" if stall <= LIMIT else "MISSED"
        print(f"{title:32} {report.seconds:6.2f} s   longest stall {stall:6.1f} ms  ({verdict})")
    await app.end()
    return all(stall <= LIMIT for stall, _ in results.values())


def main() -> int:
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    favour_window()
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with sink() as port, loop, tempfile.TemporaryDirectory() as kept:
        app = App(Frame({}), Theme(application, "light"), Path(kept), {})
        with tempfile.TemporaryDirectory() as files:
            met = loop.run_until_complete(measure(app, Path(files), port))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
