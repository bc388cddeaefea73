"""The Export page: a format is looked for, read, copied, saved; the secret is in it on demand."""

import asyncio
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton

from smtp_workbench.formats.format import Export, File, Format, Group
from smtp_workbench.formats.registry import FORMATS
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Pool, Transport
from smtp_workbench.ui import syntax
from smtp_workbench.ui.app import App
from smtp_workbench.ui.form import Filled
from smtp_workbench.ui.pages.export import ExportPage
from ui.conftest import Expected, Open

PASSWORD = "shown 0nly on demand"
CTRL = Qt.KeyboardModifier.ControlModifier
SETTINGS = Filled(
    Transport(host="mail.example.com", port=587, auth=Auth(user="me@example.com")),
    Secret(PASSWORD),
)


async def shown(app: App, filled: Filled = SETTINGS) -> ExportPage:
    """Open a profile with these settings, and the page."""
    app.book.add("Mine", filled)
    app.window.actions_.export.trigger()
    await app.window.errands.done()
    return app.window.export


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def text(page: ExportPage) -> str:
    return page.text.toPlainText()


def remarks(page: ExportPage) -> list[str]:
    QApplication.processEvents()  # Qt shows what is new in a layout a turn later
    labels = page.findings.findChildren(QLabel)
    return [item.text() for item in labels if item.isVisible() and item.text()]


def title(page: ExportPage) -> str:
    assert page.formats.format is not None
    return page.formats.format.title


async def test_the_settings_are_written_in_the_format_that_is_looked_for(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app)
        assert title(page) == "Nodemailer"
        assert 'host: "mail.example.com"' in text(page)
        assert "process.env.SMTP_PASSWORD" in text(page)
        assert page.formats.search.hasFocus()
        QTest.keyClicks(page.formats.search, "djan")
        assert title(page) == "Django"
        assert "mail.example.com" in text(page)
        assert "nodemailer" not in text(page)
        page.formats.search.selectAll()
        QTest.keyClicks(page.formats.search, "no such thing")
        assert not page.formats.view.isVisible()
        assert text(page)


async def test_the_arrow_keys_go_from_format_to_format_over_headings(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app)
        QTest.keyClicks(page.formats.search, "ruby mail")
        page.formats.search.clear()
        assert title(page) == "Ruby Mail"
        QTest.keyClick(page.formats.search, Qt.Key.Key_Down)
        assert title(page) == "Django"
        page.formats.view.setFocus()
        QTest.keyClick(page.formats.view, Qt.Key.Key_Up)
        assert title(page) == "Ruby Mail"
        assert "require" in text(page)


async def test_the_secret_is_in_it_on_demand_and_until_another_profile(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app)
        assert PASSWORD not in text(page)
        click(page.secret.button("include"))
        assert PASSWORD in text(page)
        assert page.text.property("state") == "warning"
        assert any("password" in remark for remark in remarks(page))
        app.book.add("Another", SETTINGS)
        assert not page.includes_secret
        assert PASSWORD not in text(page)
        assert page.text.property("state") == ""
        click(page.secret.button("include"))
        app.window.pages.show_page(app.window.page)
        assert text(page) == ""
        await app.window.open_sandbox()
        app.window.pages.show_page(page)
        assert not page.includes_secret


async def test_what_a_target_cannot_say_is_said_here(opened: Open) -> None:
    filled = Filled(Transport(host="mail.example.com", source_address="10.0.0.1"))
    async with opened() as app:
        page = await shown(app, filled)
        assert remarks(page) == []
        QTest.keyClicks(page.formats.search, "laravel")
        assert any("source address" in remark for remark in remarks(page))
        assert any("STARTTLS where it is offered" in remark for remark in remarks(page))


async def test_what_cannot_be_written_is_one_sentence(opened: Open) -> None:
    filled = Filled(SETTINGS.transport, Secret("a ${b} c"))
    async with opened() as app:
        page = await shown(app, filled)
        click(page.secret.button("include"))
        QTest.keyClicks(page.formats.search, "grafana")
        assert len(remarks(page)) == 1
        assert not page.text.isVisible()
        assert not page.copy.isEnabled()
        click(page.secret.button("placeholder"))
        assert page.text.isVisible()
        assert page.copy.isEnabled()


async def test_without_a_host_there_is_nothing_but_the_way_to_it(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app, Filled())
        assert not page.copy.isEnabled()
        way = page.findings.findChild(QPushButton)
        assert way is not None
        click(way)
        assert app.window.pages.page is app.window.page
        app.form.type("host", "mail.example.com")
        QTest.keyClick(app.window, Qt.Key.Key_4, CTRL)
        assert "mail.example.com" in text(page)


async def test_a_change_of_the_form_is_in_it_at_once(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app)
        app.form.type("port", 2525)
        assert "port: 2525" in text(page)
        app.window.actions_.undo.trigger()
        assert "port: 587" in text(page)


async def test_copy_and_save_give_the_very_text(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        page = await shown(app)
        click(page.copy)
        copied = QGuiApplication.clipboard().text()
        assert copied.rstrip("\n") == text(page)
        assert copied.endswith("\n")
        click(page.save)
        dialog = page.findChild(QFileDialog)
        assert dialog is not None
        place = tmp_path / "mail.js"
        dialog.fileSelected.emit(str(place))
        dialog.close()
        await app.window.errands.done()
        assert place.read_text("utf-8") == copied
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert "Saved" in app.window.status.text()
        QTest.keyClicks(page.formats.search, "swaks")
        page.files._write({tmp_path / "missing.txt" / "x": "y", place / "under a file": "z"})
        await app.window.errands.done()
        assert "Could not write" in app.window.status.text()


PAIR = Format(
    "pair",
    "A pair of files",
    Group.TOOL,
    ".cf",
    "ini",
    lambda transport, _secret: Export(
        (File("main.cf", f"relayhost = {transport.host}\n"), File("sasl_passwd", "host me\n"))
    ),
)


async def test_several_files_are_copied_one_at_a_time_and_saved_together(
    opened: Open, tmp_path: Path
) -> None:
    async with opened() as app:
        page = await shown(app)
        page.formats.show_formats([PAIR])
        page.formats.choose(PAIR)
        assert page.tabs.isVisible()
        assert text(page) == "relayhost = mail.example.com"
        page.tabs.bar.setFocus()
        QTest.keyClick(page.tabs.bar, Qt.Key.Key_Right)
        assert text(page) == "host me"
        click(page.copy)
        assert QGuiApplication.clipboard().text() == "host me\n"
        click(page.save)
        dialog = page.findChild(QFileDialog)
        assert dialog is not None
        assert dialog.fileMode() is QFileDialog.FileMode.Directory
        dialog.fileSelected.emit(str(tmp_path))
        dialog.close()
        await app.window.errands.done()
        assert (tmp_path / "main.cf").read_text("utf-8") == "relayhost = mail.example.com\n"
        assert (tmp_path / "sasl_passwd").read_text("utf-8") == "host me\n"


async def test_the_badge_knows_whether_these_very_settings_were_verified(opened: Open) -> None:
    async with opened() as app:
        page = await shown(app, app.practice.filled())
        assert page.badge.text() == "Not verified yet."
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        assert page.badge.text() == "These settings were verified just now."
        later = datetime.now(UTC) + timedelta(minutes=2, seconds=5)
        assert app.window.verified.words(later) == "These settings were verified 2 minutes ago."
        app.form.type("auth.user", "somebody else")
        assert page.badge.text() == "Not verified since you changed them."
        app.window.actions_.undo.trigger()
        assert page.badge.text() == "These settings were verified just now."
        app.form.type_secret("secret", "another password")
        assert page.badge.text() == "Not verified since you changed them."
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        assert page.badge.text() == "These settings failed just now."
        app.book.add("Another", SETTINGS)
        assert page.badge.text() == "Not verified yet."


async def test_writing_holds_the_window_for_no_time(opened: Open) -> None:
    filled = Filled(Transport(host="mail.example.com", pool=Pool(enabled=True)), Secret(PASSWORD))
    loop = asyncio.get_running_loop()
    async with opened() as app:
        page = await shown(app, filled)
        for row in range(page.formats.model.rowCount()):
            item = page.formats.model.format_at(page.formats.model.index(row))
            if item is not None:
                before = loop.time()
                page.formats.choose(item)
                assert loop.time() - before < 0.05, item.id


async def test_the_program_starts_without_the_formats() -> None:
    code = (
        "import sys, smtp_workbench.ui.window\n"
        "print(any(n.startswith('smtp_workbench.formats.') for n in sys.modules))"
    )
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("js", 'host: "a // b", // c', [("string", '"a // b"'), ("comment", "// c")]),
        ("js", "const x = 30;", [("keyword", "const"), ("number", "30")]),
        ("python", "x = 'it\\'s' # why", [("string", "'it\\'s'"), ("comment", "# why")]),
        ("dotenv", "SMTP_PORT=587", [("keyword", "SMTP_PORT"), ("number", "587")]),
        ("yaml", "u: 'a''b' # c", [("keyword", "u"), ("string", "'a''b'"), ("comment", "# c")]),
        ("ini", "[smtp]", [("keyword", "[smtp]")]),
        ("xml", '<port a="1">', [("keyword", "<port"), ("string", '"1"'), ("keyword", ">")]),
        ("plain", "const x = 1", []),
    ],
)  # fmt: skip
def test_parts_of_a_line(name: str, line: str, expected: list[tuple[str, str]]) -> None:
    found = [(kind, line[at : at + length]) for at, length, kind in syntax.parts(line, name)]
    assert found == expected


def test_every_syntax_of_a_format_has_colours() -> None:
    unknown = {item.syntax for item in FORMATS} - set(syntax._SYNTAXES)
    assert unknown <= {"plain"}
