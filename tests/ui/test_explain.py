"""Errors of other programs, pasted: explained, the decisive line marked, the settings changed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.explain_error import ExplainError
from smtp_workbench.ui.form import Filled
from ui.conftest import Expected, Open, settle

SILENT = "Error: Greeting never received"
REFUSED = "connect ECONNREFUSED 192.0.2.1:25"
LOGIN = "535 5.7.8 Error: authentication failed"
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@asynccontextmanager
async def explaining(
    app: App, clipboard: str = "", *, host: str = "mail.example.com", port: int | None = 25
) -> AsyncIterator[ExplainError]:
    """Open a profile, press the keys, and wait for the dialog; close it at the end."""
    QGuiApplication.clipboard().setText(clipboard)
    if host:
        transport = Transport(host=host, port=port, security=Security.PLAINTEXT)
        app.book.add("Mine", Filled(transport))
    QTest.keyClick(app.window.sidebar.list, Qt.Key.Key_E, CTRL_SHIFT)
    dialog = app.window.explaining.dialog
    assert dialog is not None
    await app.window.errands.done()
    yield dialog
    if app.window.explaining.dialog is not None:
        dialog.reject()


async def pasted(dialog: ExplainError, text: str) -> None:
    """Paste *text* in place of what is there, and wait until it is explained."""
    data = QMimeData()
    data.setText(text)
    done = Expected(dialog.understood)
    dialog.text.selectAll()
    dialog.text.insertFromMimeData(data)
    await done


def shown(dialog: ExplainError) -> str:
    """Return all that can be read beside the text."""
    settle()
    return "\n".join(item.text() for item in dialog.findChildren(QLabel) if item.isVisible())


def button(dialog: ExplainError, text: str) -> QPushButton:
    settle()
    found = [item for item in dialog.findChildren(QPushButton) if item.text() == text]
    return next(item for item in found if item.isVisible())


def links(dialog: ExplainError) -> list[QPushButton]:
    settle()
    found = [item for item in dialog.findChildren(QPushButton) if item.property("link") == "true"]
    return [item for item in found if item.isVisible() and item is not dialog.known.clear_]


def click(item: QPushButton) -> None:
    QTest.mouseClick(item, Qt.MouseButton.LeftButton)


async def test_an_error_on_the_clipboard_is_explained_at_once(opened: Open) -> None:
    async with opened() as app, explaining(app, f"  {LOGIN}\n") as dialog:
        assert LOGIN in dialog.text.toPlainText()
        assert dialog.card.text.title == "User or password is wrong"
        assert dialog.card.text.evidence == LOGIN
        assert dialog.card.text.banner in ("Sure", "Likely", "A guess")
        assert dialog.text.marked() == LOGIN


@pytest.mark.parametrize("private", ["s3cret-passw0rd", "do not forget the milk", ""])
async def test_anything_else_on_the_clipboard_stays_there(opened: Open, private: str) -> None:
    async with opened() as app, explaining(app, private) as dialog:
        assert dialog.text.toPlainText() == ""
        assert "Paste what was printed" in shown(dialog)


async def test_what_is_typed_is_explained_after_a_pause(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        done = Expected(dialog.understood)
        QTest.keyClicks(dialog.text, REFUSED)
        await done
        assert dialog.card.text.title.startswith("Nothing answers on port 25")
        done = Expected(dialog.understood)
        dialog.text.selectAll()
        QTest.keyClick(dialog.text, Qt.Key.Key_Delete)
        await done
        assert "Paste what was printed" in shown(dialog)
        assert dialog.text.marked() == ""


async def test_the_decisive_line_of_a_log_is_marked_and_in_sight(opened: Open) -> None:
    log = [f"12:00:{i % 60:02} DEBUG 🙂 job-{i:05} done" for i in range(2000)]
    log.insert(900, LOGIN)
    async with opened() as app, explaining(app) as dialog:
        await pasted(dialog, "\r\n".join(log))
        assert dialog.text.marked() == LOGIN
        settle()
        (mark,) = dialog.text.extraSelections()
        place = dialog.text.cursorRect(mark.cursor)
        assert dialog.text.viewport().rect().contains(place.center())
        assert dialog.text.textCursor().atEnd()


async def test_a_fix_changes_the_form_and_shows_where(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        app.window.pages.show_page(app.window.message)
        await pasted(dialog, REFUSED)
        click(button(dialog, "Use port 465 with implicit TLS"))
        assert app.window.explaining.dialog is None
        assert (app.form.transport.port, app.form.transport.security) == (
            465,
            Security.IMPLICIT_TLS,
        )
        assert app.window.pages.page is app.window.page
        assert app.window.page.row("port").editor.focusProxy() is app.window.focusWidget()
        app.window.actions_.undo.trigger()
        assert (app.form.transport.port, app.form.transport.security) == (25, Security.PLAINTEXT)


async def test_the_settings_open_at_the_field_that_the_stage_is_about(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        dialog.known.stage.setCurrentIndex(dialog.known.stage.findData("auth"))
        await pasted(dialog, LOGIN)
        before = app.form.filled
        click(button(dialog, "Open the settings"))
        assert app.window.pages.page is app.window.page
        assert app.window.page.row("secret").editor.focusProxy() is app.window.focusWidget()
        assert app.form.filled == before


async def test_what_else_it_could_be_opens_and_leads_back(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        await pasted(dialog, "535 5.7.8 Username and Password not accepted")
        first = dialog.card.text.title
        other = links(dialog)[0]
        assert "It could also be:" in shown(dialog)
        title = other.text()
        click(other)
        assert dialog.card.text.title == title != first
        assert not links(dialog)
        click(button(dialog, "Back"))
        assert dialog.card.text.title == first
        assert links(dialog)


async def test_what_is_unknown_is_said_with_what_would_help(opened: Open) -> None:
    async with opened() as app, explaining(app, host="") as dialog:
        await pasted(dialog, "ERR_FLUX_9: the capacitor is out of its range")
        assert dialog.card.text.title == "I don't know this one"
        assert "at which stage" in shown(dialog)
        assert dialog.text.marked() == ""
        dialog.known.port.setText("587")
        await Expected(dialog.understood)
        assert "at which stage" not in shown(dialog)


async def test_what_is_known_besides_decides_and_can_be_cleared(opened: Open) -> None:
    async with opened() as app, explaining(app, host="smtp.gmail.com", port=465) as dialog:
        assert "from the open profile" in shown(dialog)
        await pasted(dialog, SILENT)
        assert "TLS" in dialog.card.text.title
        waits_for_tls = dialog.card.text.title
        done = Expected(dialog.understood)
        click(dialog.known.clear_)
        await done
        assert dialog.known.host.text() == dialog.known.port.text() == ""
        assert dialog.card.text.title != waits_for_tls
        assert "from the open profile" not in shown(dialog)


async def test_the_sandbox_is_not_what_failed_elsewhere(opened: Open) -> None:
    async with opened() as app, explaining(app, host="") as dialog:
        assert app.form.transport.host == "127.0.0.1"
        assert dialog.known.host.text() == ""


async def test_of_too_many_lines_the_last_count(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        await pasted(dialog, "a\n" * 60_000 + LOGIN)
        assert dialog.text.toPlainText().count("\n") < 10_000
        assert "characters are left out" in shown(dialog)
        assert dialog.text.marked() == LOGIN


async def test_of_too_long_a_text_the_end_counts_and_the_window_stays_alive(opened: Open) -> None:
    line = "12:00:00 ERROR could not do what was wanted, TLS certificate timed out 550 or so\n"
    text = "the beginning\n" + line * 5000 + LOGIN
    async with opened() as app, explaining(app) as dialog:
        gaps: list[float] = []

        async def beat() -> None:
            last = time.perf_counter()
            while True:
                await asyncio.sleep(0.001)
                now = time.perf_counter()
                gaps.append(now - last)
                last = now

        beating = asyncio.create_task(beat())
        await asyncio.sleep(0)
        await pasted(dialog, text)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        assert len(dialog.text.toPlainText()) <= 200_000
        assert dialog.text.toPlainText().startswith("12:00:00 ERROR")
        left_out = len(text) - len(dialog.text.toPlainText())
        assert f"the first {left_out:,} characters are left out" in shown(dialog)
        assert max(gaps) < 0.5
        await pasted(dialog, LOGIN)
        assert "left out" not in shown(dialog)


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_closing_in_the_middle_of_reading_leaves_nothing(opened: Open, turns: int) -> None:
    async with opened() as app, explaining(app) as dialog:
        dialog.give(LOGIN)
        for _ in range(turns):
            await asyncio.sleep(0)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert app.window.explaining.dialog is None
        await app.window.errands.done()


async def test_no_button_has_an_icon_of_the_system(opened: Open) -> None:
    async with opened() as app, explaining(app) as dialog:
        assert all(each.icon().isNull() for each in dialog.findChildren(QPushButton))


async def test_nothing_of_the_text_is_kept(opened: Open, tmp_path: Path) -> None:
    secret = "AUTH PLAIN AHMzY3JldA== 535 5.7.8 no"
    async with opened() as app, explaining(app) as dialog:
        await pasted(dialog, secret)
        assert dialog.card.text.title != "I don't know this one"
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"AHMzY3JldA" in path.read_bytes() for path in kept)
