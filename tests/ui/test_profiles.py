"""Profiles in the window: kept without secrets, brought back when deleted, there next time."""

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtp_workbench.message.draft import Draft
from smtp_workbench.settings.secret import Secret
from smtp_workbench.ui.app import App
from ui.conftest import Expected, Open, settle, start

PASSWORD = "kept 0nly in memory"


def make(app: App, host: str) -> str:
    app.window.actions_.new.trigger()
    app.form.type("host", host)
    app.form.type("auth.user", "me@example.com")
    app.form.type_secret("secret", PASSWORD)
    return app.book.current


async def test_profiles_are_there_again_without_their_secrets(
    qapp: QApplication, tmp_path: Path, opened: Open
) -> None:
    async with opened() as app:
        first = make(app, "one.example.com")
        make(app, "two.example.com")
        app.book.rename(first, "Billing")
        app.book.open(first)
        assert app.form.filled.secret == Secret(PASSWORD)
    for file in tmp_path.iterdir():
        assert PASSWORD not in file.read_text("utf-8", "replace")
    async with opened() as app:
        assert [profile.name for profile in app.book.profiles] == ["Billing", "New profile 2"]
        assert app.book.current == first
        assert app.form.transport.host == "one.example.com"
        assert app.form.filled.secret is None


async def test_a_deleted_profile_comes_back_with_undo(opened: Open) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        app.window.sidebar.list.setFocus()
        QTest.keyClick(app.window.sidebar.list, Qt.Key.Key_Delete)
        await app.window.errands.done()
        assert app.book.profiles == []
        button = app.window.status.undo_button
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert app.book.current == profile
        assert app.form.transport.host == "one.example.com"
        assert app.form.filled.secret == Secret(PASSWORD)


async def test_a_copy_is_a_profile_of_its_own(opened: Open) -> None:
    async with opened() as app:
        first = make(app, "one.example.com")
        app.book.duplicate(first)
        app.form.type("host", "two.example.com")
        assert [item.transport.host for item in app.book.profiles] == [
            "one.example.com",
            "two.example.com",
        ]


async def test_a_run_leaves_its_mark_on_the_profile(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        filled = app.practice.filled()
        app.book.add("Mine", filled)
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        last = app.book.profiles[0].last
        assert last is not None
        assert last.ok
    kept = json.loads((tmp_path / "profiles.json").read_text("utf-8"))
    assert kept["profiles"][0]["last"]["ok"] is True


async def test_another_profile_does_not_inherit_what_became_of_the_last_run(opened: Open) -> None:
    async with opened() as app:
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        assert app.window.status.text().startswith("It works")
        make(app, "one.example.com")
        assert app.window.status.text() == ""


async def test_an_unreadable_file_is_set_aside_and_named(
    qapp: QApplication, tmp_path: Path
) -> None:
    (tmp_path / "profiles.json").write_text("{half", "utf-8")
    app = start(qapp, tmp_path)
    await app.window.errands.done()
    assert "kept as" in app.window.status.text()
    make(app, "new.example.com")
    await app.end()
    assert [item.read_text("utf-8") for item in tmp_path.glob("*.unreadable-*")] == ["{half"]
    assert "new.example.com" in (tmp_path / "profiles.json").read_text("utf-8")


async def test_a_second_window_says_that_it_does_not_save(
    qapp: QApplication, tmp_path: Path, opened: Open
) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        await app.book.saved_now()
        second = start(qapp, tmp_path)
        await second.window.errands.done()
        status = second.window.status
        assert "not saved" in status.text()
        assert status.unsaved() == "Profiles and draft are not saved"
        assert not app.window.status.unsaved()
        second.book.open(profile)
        second.form.type("host", "other.example.com")
        second.window.letter.start_over(Draft(subject="not kept"))
        status.say("")
        await second.end()
        assert not status.text()  # said once, and shown all the time: no need to nag
        assert app.form.transport.host == "one.example.com"
    assert "one.example.com" in (tmp_path / "profiles.json").read_text("utf-8")


async def test_the_window_comes_back_as_it_was(opened: Open) -> None:
    async with opened() as app:
        app.frame.resize(800, 640)  # what fits the offscreen screen
        app.window.splitter.setSizes([150, 420, 330])
        sizes = app.window.splitter.sizes()
        app.theme.choose("dark")
    async with opened() as app:
        assert app.theme.choice == "dark"
        assert (app.frame.width(), app.frame.height()) == (800, 640)
        assert app.window.splitter.sizes() == sizes
        app.theme.choose("system")


async def test_the_keys_for_the_profiles_work_before_there_are_any(opened: Open) -> None:
    async with opened() as app:
        QGuiApplication.clipboard().setText("SMTP_HOST=mail.example.com\nSMTP_PORT=587\n")
        app.window.actions_.focus_profiles.trigger()
        focused = app.window.sidebar.sandbox.button
        assert app.frame.focusWidget() is focused
        QTest.keyClick(focused, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert app.window.importing.dialog is not None
        await app.window.errands.done()
        app.window.importing.dialog.reject()


async def test_the_sandbox_stands_below_the_profiles_from_the_start(opened: Open) -> None:
    async with opened() as app:
        sidebar = app.window.sidebar
        for _ in range(2):
            settle()
            above = sidebar.list if sidebar.list.isVisible() else sidebar._empty
            assert sidebar.sandbox.y() - above.geometry().bottom() < 60
            make(app, "one.example.com")
