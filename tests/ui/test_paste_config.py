"""Settings of other programs, pasted or dropped: understood, shown without the secret, taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from formats.round_trips import NASTY, PASSWORDLESS
from smtp_workbench.formats.format import Format
from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.settings.transport import TESTING, Auth, Security, Transport
from smtp_workbench.ui import pasted
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.paste_config import PasteConfig
from smtp_workbench.ui.form import Filled
from ui.conftest import Expected, Open, settle

PASSWORD = "correct horse"
MISMATCH = """
nodemailer.createTransport({
  host: "mail.example.com", port: 587, secure: true, logger: true,
  auth: { user: "me@example.com", pass: "correct horse" },  // not "battery": correct horse
});
"""
CTRL = Qt.KeyboardModifier.ControlModifier


@asynccontextmanager
async def offered(app: App, text: str) -> AsyncIterator[PasteConfig]:
    """Put *text* on the clipboard, press the keys over the profiles, and wait for the dialog."""
    QGuiApplication.clipboard().setText(text)
    app.book.add("Mine", Filled(Transport(host="old.example.com")))
    app.window.sidebar.list.setFocus()
    QTest.keyClick(app.window.sidebar.list, Qt.Key.Key_V, CTRL)
    dialog = app.window.importing.dialog
    assert dialog is not None
    await app.window.errands.done()
    yield dialog
    if app.window.importing.dialog is not None:
        dialog.reject()


def shown(dialog: QWidget) -> str:
    """Return all that can be read in it."""
    settle()
    labels = [item.text() for item in dialog.findChildren(QLabel) if item.isVisible()]
    fields = [dialog.text.toPlainText()] if isinstance(dialog, PasteConfig) else []
    return "\n".join(labels + fields)


def button(dialog: QWidget, text: str) -> QPushButton:
    settle()
    found = [item for item in dialog.findChildren(QPushButton) if item.text() == text]
    return next(item for item in found if item.isVisible())


def click(item: QPushButton) -> None:
    QTest.mouseClick(item, Qt.MouseButton.LeftButton)


async def retyped(app: App, dialog: PasteConfig, text: str) -> None:
    """Type *text* in place of what is there, and wait until it is read."""
    dialog.text.setFocus()
    dialog.text.selectAll()
    QTest.keyClicks(dialog.text, text)
    await Expected(dialog.understood)


async def test_a_pasted_config_becomes_a_profile_without_showing_its_secret(opened: Open) -> None:
    async with opened() as app, offered(app, MISMATCH) as dialog:
        assert dialog.format.currentText() == "Nodemailer (best guess)"
        taken = dialog.taken.texts()
        assert taken == {
            "Host": "mail.example.com",
            "Port": "587",
            "Security": "Implicit TLS",
            "User": "me@example.com",
            "Password": BULLETS,
        }
        assert "Ignored: logger" in shown(dialog)
        assert PASSWORD not in shown(dialog)
        dialog.text.undo()
        assert PASSWORD not in dialog.text.toPlainText()
        click(dialog.create_)
        assert app.window.importing.dialog is None
        assert app.form.transport.host == "mail.example.com"
        assert app.form.transport.timeouts == TESTING
        assert app.form.filled.secret == Secret(PASSWORD)
        assert app.book.profiles[-1].name == "mail.example.com"
        assert app.book.current == app.book.profiles[-1].id


async def test_what_looks_wrong_is_caught_and_fixed_here(opened: Open) -> None:
    async with opened() as app, offered(app, MISMATCH) as dialog:
        click(button(dialog, "Use STARTTLS"))
        await app.window.errands.done()
        assert dialog.taken.texts()["Security"] == "STARTTLS, required"
        assert app.form.transport.host == "old.example.com"
        click(dialog.create_)
        assert app.form.transport.security is Security.STARTTLS
        assert app.form.transport.port == 587


async def test_put_into_the_form_is_one_step_to_undo(opened: Open) -> None:
    async with opened() as app, offered(app, MISMATCH) as dialog:
        before = app.form.filled
        profiles = len(app.book.profiles)
        click(dialog.put)
        assert app.form.transport.auth.user == "me@example.com"
        assert app.form.filled.secret == Secret(PASSWORD)
        assert len(app.book.profiles) == profiles
        app.window.actions_.undo.trigger()
        assert app.form.filled == before


async def test_what_is_changed_by_hand_keeps_the_secret_behind_the_bullets(opened: Open) -> None:
    async with opened() as app, offered(app, MISMATCH) as dialog:
        text = dialog.text.toPlainText().replace("mail.example.com", "new.example.com")
        dialog.text.selectAll()
        dialog.text.insertPlainText(text)
        await Expected(dialog.understood)
        assert dialog.taken.texts()["Host"] == "new.example.com"
        click(dialog.create_)
        assert app.form.transport.host == "new.example.com"
        assert app.form.filled.secret == Secret(PASSWORD)


async def test_a_typed_secret_is_cut_when_its_typing_is_over(opened: Open) -> None:
    async with opened() as app, offered(app, "") as dialog:
        assert not dialog.create_.isEnabled()
        await retyped(app, dialog, "smtp://me:s3cret@mail.example.com")
        assert dialog.taken.texts()["Host"] == "mail.example.com"
        assert "s3cret" in dialog.text.toPlainText()
        dialog.format.setFocus()
        await app.window.errands.done()
        assert "s3cret" not in dialog.text.toPlainText()
        click(dialog.create_)
        assert app.form.filled.secret == Secret("s3cret")


async def test_another_format_can_be_chosen(opened: Open) -> None:
    text = "SMTP_HOST=mail.example.com\nSMTP_PORT=587\n"
    async with opened() as app, offered(app, text) as dialog:
        assert "best guess" in dialog.format.itemText(0)
        dialog.format.setFocus()
        place = dialog.format.findText("Django")
        assert place > 0
        dialog.format.setCurrentIndex(place)
        dialog.format.activated.emit(place)
        await app.window.errands.done()
        assert dialog.format.currentText() == "Django"
        assert not dialog.create_.isEnabled()
        assert "Django" in shown(dialog)
        dialog.format.setCurrentIndex(0)
        dialog.format.activated.emit(0)
        await app.window.errands.done()
        assert dialog.taken.texts()["Host"] == "mail.example.com"


async def test_what_is_no_config_is_left_on_the_clipboard_and_refused(opened: Open) -> None:
    async with opened() as app, offered(app, "a shopping list: milk and bread") as dialog:
        assert dialog.text.toPlainText() == ""
        await retyped(app, dialog, "milk and bread")
        assert "no format that is known" in shown(dialog)
        assert not dialog.create_.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert app.window.importing.dialog is None
        assert app.form.transport.host == "old.example.com"


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_closing_in_the_middle_of_reading_leaves_nothing(opened: Open, turns: int) -> None:
    async with opened() as app:
        QGuiApplication.clipboard().setText(MISMATCH)
        app.window.actions_.paste.trigger()
        dialog = app.window.importing.dialog
        assert dialog is not None
        dialog.give(MISMATCH)
        for _ in range(turns):
            await asyncio.sleep(0)
        dialog.reject()
        await app.window.errands.done()
        assert app.book.profiles == []


def drop(app: App, mime: QMimeData) -> None:
    """Do what Qt does with a drag; it sends no event of one to a widget that tests could make."""
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    how = (Qt.DropAction.CopyAction, mime, left, none)
    enter, event = QDragEnterEvent(QPoint(20, 100), *how), QDropEvent(QPointF(20, 100), *how)
    app.window.sidebar.dragEnterEvent(enter)
    assert enter.isAccepted()
    app.window.sidebar.dropEvent(event)


async def test_a_file_that_is_dropped_on_the_profiles_is_read(opened: Open, tmp_path: Path) -> None:
    good, bad = tmp_path / "mail.js", tmp_path / "picture.png"
    good.write_text(MISMATCH, "utf-8-sig")
    bad.write_bytes(b"\x89PNG\xff\xfe")
    async with opened() as app:
        for path in (bad, tmp_path / "missing.env"):
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(path))])
            drop(app, mime)
            await app.window.errands.done()
            assert app.window.importing.dialog is None
            assert path.name in app.window.status.text()
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(good))])
        drop(app, mime)
        await app.window.errands.done()
        dialog = app.window.importing.dialog
        assert dialog is not None
        assert dialog.taken.texts()["Host"] == "mail.example.com"
        assert PASSWORD not in shown(dialog)
        dialog.reject()


SETTINGS = Transport(host="mail.example.com", port=587, auth=Auth(user="me@example.com"))


WITH_SECRET = [item for item in pasted.readable() if item.id not in PASSWORDLESS]


@pytest.mark.parametrize("secret", [NASTY, "hunter2", "mail", "587"])
@pytest.mark.parametrize("item", WITH_SECRET, ids=lambda item: item.id)
def test_the_secret_is_cut_from_every_format(item: Format, secret: str) -> None:
    try:
        text = item.write(SETTINGS, Secret(secret)).text
    except ValueError:
        return  # it can't hold this one
    found = pasted.understand(text, item.id)
    assert found.found.change.secret == Secret(secret)
    assert BULLETS in found.shown
    again = pasted.understand(found.shown, item.id, (Secret(secret), None))
    assert again.found.change == found.found.change
    if secret in (NASTY, "hunter2"):  # the others are words that the settings themselves need
        assert secret not in found.shown


def test_a_secret_is_cut_however_it_is_written() -> None:
    found = pasted.understand("smtp://me:a%62c@mail.example.com")
    assert found.found.change.secret == Secret("abc")
    assert found.shown == f"smtp://me:{BULLETS}@mail.example.com"


@pytest.mark.parametrize("own", ["", ", pass: 'hunter2'"])
def test_the_secret_of_a_proxy_is_cut_too(own: str) -> None:
    text = f"""nodemailer.createTransport({{
  host: 'mail.example.com', auth: {{ user: 'me'{own} }}, proxy: 'socks5://joe:s3cr%65t@127.0.0.1:1080',
}})"""
    found = pasted.understand(text)
    assert found.found.change.proxy_secret == Secret("s3cret")
    assert "socks5://joe:" in found.shown
    assert not any(each in found.shown for each in ("s3cr", "hunter2"))
    known = found.found.change.secret, found.found.change.proxy_secret
    assert pasted.understand(found.shown, "", known).found.change == found.found.change


def test_the_name_of_a_variable_is_no_secret() -> None:
    found = pasted.understand("SMTP_HOST=mail.example.com\nSMTP_PASS=${MAIL_PASSWORD}\n")
    assert "${MAIL_PASSWORD}" in found.shown


def test_a_text_too_long_for_settings_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        pasted.understand("SMTP_HOST=mail.example.com\n" * 20_000)
