"""Draws the pictures of the window: `.venv/bin/python packaging/screenshots.py [FOLDER]`.

Each scene is played in the real window against the sandbox, at two sizes, light and dark. Without a
folder it draws only README's picture, `packaging/screenshot.png`.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

import qasync
from PySide6.QtWidgets import QApplication

from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.settings import presets
from smtp_workbench.ui.app import App
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.theme import Theme

SIZES = {(1360, 860): [208, 452, 700], (1024, 700): [150, 404, 470]}
SHOT = Path(__file__).with_name("screenshot.png")


async def until(condition: Callable[[], bool]) -> None:
    """Give the window its turns until *condition* holds."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def verified(app: App) -> None:
    app.window.runs.verify()
    await until(lambda: app.conversation.running)
    await until(lambda: not app.conversation.running)


async def scenes(app: App) -> AsyncIterator[str]:
    """Play one scene after the other; each is to be drawn when its name comes."""
    window, conversation, faults = app.window, app.conversation, {f.id: f for f in FAULTS}
    await until(lambda: app.practice.running)
    yield "first-start"
    await verified(app)
    yield "works"
    window.session.show_stage(5)
    yield "certificate"
    window.session.show_stage(6)
    yield "extensions"
    window.session.close_detail()
    window.practice.fail(faults["wrong-name"])
    await verified(app)
    yield "fails-at-tls"
    window.practice.fail(faults["app-password-required"])
    await verified(app)
    yield "fails-at-auth"
    app.form.type("port", 465)
    yield "mismatch"
    app.form.undo_stack.undo()
    window.practice.fail(None)
    for _ in range(5):
        window.runs.step()
        await until(lambda: conversation.is_waiting)
        await asyncio.sleep(0.05)
    yield "stepping"
    conversation.stop()
    await until(lambda: not conversation.running)
    window.session.typed.switch.setChecked(True)
    window.runs.verify()
    await until(lambda: conversation.is_held)
    for command in ("NOOP", "VRFY postmaster", "HELP"):
        window.session.typed.entered.emit(command)
        await asyncio.sleep(0.1)
    yield "held-open"
    window.session.typed.switch.setChecked(False)
    await until(lambda: not conversation.running)
    window.actions_.new.trigger()
    gmail = presets.by_id("gmail")
    if gmail is not None:
        app.form.pick(gmail)
    app.form.type("auth.user", "me")
    yield "provider"
    for fold, _ in window.page.folds.values():
        fold.unfold()
    yield "all-options"


async def draw(app: App, folder: Path | None) -> None:
    app.frame.show()
    app.window.focus_first()
    async for name in scenes(app):
        if folder is None and name != "fails-at-tls":
            continue
        for scheme in ("light", "dark") if folder else ("light",):
            app.theme.choose(scheme)
            for (width, height), columns in SIZES.items() if folder else [*SIZES.items()][:1]:
                app.frame.resize(width, height)
                app.window.splitter.setSizes(columns)
                await asyncio.sleep(0.15)  # animations of Qt's own
                place = folder / f"{name}-{scheme}-{width}.png" if folder else SHOT
                app.frame.grab().save(str(place))
    await app.end()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop, tempfile.TemporaryDirectory() as kept:
        app = App(Frame({}), Theme(application, "light"), Path(kept), {})
        loop.run_until_complete(draw(app, folder))


if __name__ == "__main__":
    main()
