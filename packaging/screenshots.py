"""Draws the pictures of the window: `.venv/bin/python packaging/screenshots.py [FOLDER [SCENE]]`.

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
from PySide6.QtCore import QBuffer, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog

from smtp_workbench.formats.registry import by_id
from smtp_workbench.message.draft import Attachment, Draft
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.settings import presets
from smtp_workbench.settings.transport import Trust
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.share_profiles import ExportProfiles
from smtp_workbench.ui.form import Filled
from smtp_workbench.ui.frame import Frame
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.body_bar import Side

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.domains import good, txt, zone  # found there
from support.name_server import serve_names

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
    async for name in explain_scenes(app):
        yield name
    async for name in export_scenes(app):
        yield name
    async for name in detect_scenes(app):
        yield name
    async for name in message_scenes(app):
        yield name
    async for name in deliverability_scenes(app):
        yield name


async def explain_scenes(app: App) -> AsyncIterator[str]:
    """The same for errors of other programs."""
    window = app.window
    QApplication.clipboard().clear()
    window.actions_.explain.trigger()
    dialog = window.explaining.dialog
    await window.errands.done()
    yield "explain"
    for name, text in (
        ("line", "Error: Invalid login: 535-5.7.8 Username and Password not accepted."),
        (
            "log",
            log_with(
                "Peer certificate CN=`p3.secureserver.net' did not match expected "
                "CN=`smtp.gmail.com'"
            ),
        ),
        ("cut", log_with("554 5.7.1 <a@b.example>: Relay access denied", 6000)),
        ("unknown", "ERR_FLUX_9: the capacitor is out of its range"),
    ):
        dialog.give(text)
        await window.errands.done()
        yield f"explain-{name}"
    dialog.reject()


def log_with(line: str, lines: int = 300) -> str:
    """Return a log with *line* in it."""
    log = [f"2026-11-21 12:{i // 60 % 60:02}:{i % 60:02} DEBUG job {i} done" for i in range(lines)]
    log.insert(lines * 3 // 4, f"2026-11-21 12:03:20 {line}")
    return "\n".join(log)


async def detect_scenes(app: App) -> AsyncIterator[str]:
    """The same for finding settings."""
    window, finder, practice = app.window, app.window.finder, app.practice
    window.practice.fail(None)
    await window.open_sandbox()
    yield "find-button"
    window.actions_.find_settings.trigger()
    yield "find-settings-first"
    dialog, detection = finder.dialog, finder.detection
    server = practice.filled().transport
    detection.resolver = _found_here
    dialog.log_in.setChecked(True)
    dialog.search.click()
    await until(lambda: not detection.running)
    yield "find-settings"
    dialog.table.setFocus()
    dialog.table.selectRow(len(detection.ranked) - 1)
    yield "find-settings-failed"
    app.form.type("host", "mail.acme.example")
    app.form.type("port", server.port)
    dialog.where.setText("mail.acme.example")
    dialog.search.click()
    await until(lambda: not detection.running)
    yield "find-settings-name"
    app.form.type("tls.trust", Trust.SYSTEM)
    dialog.search.click()
    await until(lambda: not detection.running)
    yield "find-settings-untrusted"
    detection.resolver = _never
    dialog.search.click()
    yield "find-settings-running"
    dialog.search.click()
    await until(lambda: not detection.running)
    dialog.where.setText("nowhere.invalid")
    dialog.search.click()
    await until(lambda: not detection.running)
    yield "find-settings-nothing"
    dialog.where.setText("me@")
    dialog.search.click()
    yield "find-settings-refused"
    dialog.reject()


async def _found_here(_name: str, _family: object) -> list[str]:
    return ["127.0.0.1", "::1"]


async def _never(_name: str, _family: object) -> list[str]:
    await asyncio.Event().wait()
    return []


async def export_scenes(app: App) -> AsyncIterator[str]:
    """The same for taking settings out and in."""
    window, form, page = app.window, app.form, app.window.export
    window.practice.fail(None)
    await window.open_sandbox()
    await verified(app)
    app.book.add("Staging relay", form.filled)
    await verified(app)
    window.actions_.export.trigger()
    await until(lambda: page.formats.format is not None)
    form.type("source_address", "127.0.0.1")
    yield "export"
    for name in ("laravel", "spring-yaml", "go-mail"):
        page.formats.choose(by_id(name))
        yield f"export-{name}"
    form.undo_stack.undo()
    page.formats.choose(by_id("smtplib"))
    page.secret.button("include").click()
    yield "export-included"
    page.formats.search.setText("ra")
    yield "export-search"
    window.pages.show_page(window.page)
    QApplication.clipboard().setText(PASTED)
    window.sidebar.paste_asked.emit()
    dialog = window.importing.dialog
    await until(lambda: dialog._change is not None)
    yield "paste-config"
    dialog.give("this is no config at all")
    await until(lambda: dialog._change is None)
    yield "paste-config-refused"
    dialog.reject()
    window.sharing.export("")
    share = window.findChild(ExportProfiles)
    yield "share"
    share.with_passwords.setChecked(True)
    share.passphrase.setText("correct horse")
    yield "share-sealed"
    share.reject()


PASTED = """\
const transporter = nodemailer.createTransport({
  host: "smtp.acme.example",
  port: 587,
  secure: true,
  name: "relay-7",
  auth: { user: "billing@acme.example", pass: "correct horse battery" },
  tls: { rejectUnauthorized: false },
  logger: true,
});
"""


async def sent(app: App) -> None:
    await until(app.window.actions_.send.isEnabled)
    app.window.runs.send()
    await until(lambda: app.conversation.running)
    await until(lambda: not app.conversation.running)


async def message_scenes(app: App) -> AsyncIterator[str]:
    """The same for composing, sending and the inbox."""
    window, letter, faults = app.window, app.window.letter, {f.id: f for f in FAULTS}
    await window.open_sandbox()
    page, body = window.message, window.message.body
    window.pages.show_page(page)
    await until(lambda: letter.is_built)
    yield "message-first"
    dot = QImage(64, 64, QImage.Format.Format_RGB32)
    dot.fill(QColor("#1f6feb"))
    octets = QBuffer()
    octets.open(QBuffer.OpenModeFlag.WriteOnly)
    dot.save(octets, "PNG")
    letter.edit(
        author="Billing <billing@acme.example>",
        to=("Dana <dana@example.net>", "ops@example.org", "a.long.local.part@sub.example.org"),
        cc=("audit@example.org",),
        html='<h1>Hello {{to}}</h1><p>your <b>invoice</b>, {{now}}.</p><img src="cid:logo">'
        '<img src="https://example.org/pixel.png">',
        attachments=(
            Attachment(name="invoice-2026-11.pdf", data=b"%PDF" * 450_000),
            Attachment(name="logo.png", data=bytes(octets.data().data()), content_id="logo"),
        ),
    )
    await until(lambda: letter.is_built)
    yield "message"
    for side in (Side.HTML, Side.PREVIEW, Side.SOURCE):
        body.focus_side(side)
        await until(lambda: letter.is_built)
        await asyncio.sleep(0.3)
        yield f"message-{side.name.lower()}"
    body.focus_side(Side.TEXT)
    letter.edit(subject="", to=("dana@example.net", "not an address"), count=500)
    await until(lambda: letter.is_built)
    yield "message-findings"
    letter.edit(subject="SMTP test", to=("dana@example.net", "ops@example.org"), count=1)
    for fold, _ in page.folds.values():
        fold.unfold()
    yield "message-all-options"
    for fold, _ in page.folds.values():
        fold.unfold(shown=False)
    await sent(app)
    await asyncio.sleep(0.5)
    yield "inbox"
    window.pages.show_page(page)
    yield "sent"
    window.practice.fail(faults["greylist"])
    await sent(app)
    yield "greylisted"
    window.practice.fail(faults["drop-at-dot"])
    await sent(app)
    yield "unknown"
    window.practice.fail(None)
    letter.edit(count=400, attachments=())
    app.form.type("pool.enabled", value=True)
    app.form.type("pool.max_connections", value=8)
    await sent(app)
    yield "load"


async def deliverability_scenes(app: App) -> AsyncIterator[str]:
    """The same for what a domain publishes, over a name server on loopback."""
    window, page = app.window, app.window.deliverability
    app.form.start_over(Filled())
    app.form.type("host", "mail.example.org")
    window.letter.start_over(Draft(author="Billing <billing@example.org>"))
    window.pages.show_page(page)
    yield "deliverability-first"
    mended = good()
    broken = {
        **mended,
        "example.org": [
            "MX 10 mail.example.org.",
            txt("v=spf1 include:_spf.example.net ip4:192.0.2.25 ?all"),
        ],
        "_spf.example.net": [txt("v=spf1 ip4:198.51.100.0/24 -all")],
        "_dmarc.example.org": [txt("v=DMARC1; p=none; rua=mailto:dmarc@example.org")],
        "25.2.0.192.in-addr.arpa": ["PTR 25-2-0-192.dsl.example.net."],
        "_mta-sts.example.org": [],
    }
    silent = frozenset({"_smtp._tls.example.org", "default._bimi.example.org"})
    page.line("address").setText("192.0.2.25")
    page.line("address").textEdited.emit("192.0.2.25")
    page.line("selector").setText("s1")
    page.line("selector").textEdited.emit("s1")
    for name, records, quiet in (
        ("asking", broken, silent),
        ("broken", broken, frozenset()),
        ("good", mended, frozenset()),
    ):
        with serve_names(zone(records), silent=quiet, secure=not quiet) as server:
            page.line("resolver").setText(server.address)
            page.line("resolver").textEdited.emit(server.address)
            page.start()
            await until(lambda: window.checkup.running)
            if quiet:
                await until(lambda: sum(bool(item.row) for item in page.verdicts.values()) > 7)
                yield f"deliverability-{name}"
                window.checkup.stop()
            await until(lambda: not window.checkup.running)
        if not quiet:
            page.verticalScrollBar().setValue(0)
            yield f"deliverability-{name}"
            page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
            yield f"deliverability-{name}-below"
    page.line("domain").setText("exa mple")
    page.line("domain").textEdited.emit("exa mple")
    page.start()
    await until(lambda: not window.checkup.running)
    yield "deliverability-refused"


def picture(app: App) -> QPixmap:
    """Return the window with the dialog that is open over it."""
    shot = app.frame.grab()
    dialogs = app.frame.findChildren(QDialog)
    for dialog in (item for item in dialogs if item.isVisible()):
        # As if it had been opened over a window of this size.
        room = app.frame.size() - QSize(40, 40)
        dialog.resize(dialog.size().boundedTo(room))
        painter = QPainter(shot)
        painter.fillRect(shot.rect(), QColor(0, 0, 0, 60))
        left = (app.frame.width() - dialog.width()) // 2
        painter.drawPixmap(left, (app.frame.height() - dialog.height()) // 2, dialog.grab())
        painter.end()
    return shot


async def draw(app: App, folder: Path | None, wanted: str) -> None:
    app.frame.show()
    app.window.focus_first()
    async for name in scenes(app):
        if wanted and not name.startswith(wanted):
            continue
        if folder is None and name != "fails-at-tls":
            continue
        for scheme in ("light", "dark") if folder else ("light",):
            app.theme.choose(scheme)
            for (width, height), columns in SIZES.items() if folder else [*SIZES.items()][:1]:
                app.frame.resize(width, height)
                app.window.splitter.setSizes(columns)
                await asyncio.sleep(0.15)  # animations of Qt's own
                place = folder / f"{name}-{scheme}-{width}.png" if folder else SHOT
                picture(app).save(str(place))
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
        loop.run_until_complete(draw(app, folder, "".join(sys.argv[2:])))


if __name__ == "__main__":
    main()
