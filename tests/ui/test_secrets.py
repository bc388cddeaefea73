"""Passwords of profiles in the window: in the keyring, hidden, and there when a run needs them."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from keyring.backends import SecretService
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.profiles import Profile, Profiles
from smtp_workbench.store.secrets import LIMIT, SERVICE, Secrets, names_of
from smtp_workbench.store.state import State
from smtp_workbench.ui.app import App
from support.leaks import files_that_leak, find_leak
from support.practice import practice_server
from support.secret_service import asking_keyring, gnome_keyring, silent_service, use_here
from ui.conftest import Expected, Open, start
from ui.test_profiles import make

PASSWORD = "kept 0nly in memory"
"""What `make` types."""


@pytest.fixture
def session(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Have a real keyring."""
    with gnome_keyring(tmp_path_factory.mktemp("home")) as environment:
        use_here(environment, monkeypatch)
        yield


async def kept(profile_id: str) -> str | None:
    """Return what the keyring has, by another way than the window's."""
    read = SecretService.Keyring().get_password
    return await asyncio.to_thread(read, SERVICE, names_of(profile_id)[0])


def field(app: App) -> QLineEdit:
    found = app.window.page.row("secret").editor.focusProxy()
    assert isinstance(found, QLineEdit)
    return found


def hint(app: App) -> str:
    row = app.window.page.row("kept")
    return row.editor.text() if row.isVisible() else ""  # type: ignore[attr-defined]


async def opened_again(app: App, profile_id: str) -> None:
    """Open a profile and wait for what the keyring has of it."""
    app.book.open(profile_id)
    await app.book.locker.errands.done()


async def test_a_password_is_there_next_time_and_hidden(
    session: None, opened: Open, tmp_path: Path
) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        await app.book.saved_now()
        assert await kept(profile) == PASSWORD
    assert not files_that_leak(tmp_path, PASSWORD)
    async with opened() as app:
        await opened_again(app, profile)
        assert app.form.filled.secret == Secret(PASSWORD)
        assert app.window.status.place() == "Keyring: Secret Service"
        assert hint(app) == "Kept in the keyring (Secret Service), never in the profile file"
        assert field(app).text() == ""
        assert field(app).placeholderText().startswith(BULLETS)
        assert not app.form.undo_stack.canUndo()
        eye = field(app).actions()[0]
        eye.trigger()
        assert field(app).text() == PASSWORD
        assert field(app).echoMode() is QLineEdit.EchoMode.Normal
        app.book.duplicate(profile)
        assert app.form.filled.secret == Secret(PASSWORD)
        assert field(app).text() == ""


async def test_typing_replaces_it_and_backspace_deletes_it(session: None, opened: Open) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
    async with opened() as app:
        await opened_again(app, profile)
        QTest.keyClicks(field(app), "new")
        assert field(app).text() == "new"
        assert field(app).echoMode() is QLineEdit.EchoMode.Password
        await app.book.saved_now()
        assert await kept(profile) == "new"
        app.form.undo_stack.undo()
        assert field(app).text() == ""
        assert app.form.filled.secret == Secret(PASSWORD)
        QTest.keyClick(field(app), Qt.Key.Key_Backspace)
        assert app.form.filled.secret is None
        assert BULLETS not in field(app).placeholderText()
        await app.book.saved_now()
        assert await kept(profile) is None


async def test_a_copy_has_it_and_a_new_name_keeps_it(session: None, opened: Open) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        app.book.close()
    async with opened() as app:  # nothing has been read yet
        app.book.duplicate(profile)
        copy = app.book.current
        await app.book.locker.errands.done()
        assert app.form.filled.secret == Secret(PASSWORD)
        app.book.rename(profile, "Billing")
        await app.book.saved_now()
        assert await kept(copy) == await kept(profile) == PASSWORD


@pytest.mark.parametrize("read", [True, False])
async def test_it_is_deleted_with_its_profile_and_comes_back_with_it(
    session: None, opened: Open, read: bool
) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        app.book.close()
    async with opened() as app:
        if read:
            await opened_again(app, profile)
        app.book.remove(profile)
        await app.book.saved_now()
        assert await kept(profile) is None
        app.book.bring_back()
        await app.book.saved_now()
        assert app.form.filled.secret == Secret(PASSWORD)
        assert await kept(profile) == PASSWORD


async def test_without_a_keyring_the_window_says_so(opened: Open) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        await app.book.saved_now()
        await opened_again(app, profile)
        assert app.window.status.place() == "Passwords: in memory until you quit"
        assert hint(app) == "Kept in memory until you quit, never in the profile file"


def save(folder: Path, transport: Transport) -> str:
    """Have a profile in *folder* that the window opens first."""
    store = Profiles(folder)
    store.load()
    store.save([Profile("mine", "Mine", transport)])
    store.close()
    State(folder).save({"profile": "mine"})
    return "mine"


async def test_a_run_waits_for_the_keyring(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        practice_server(PASSWORD) as server,
        asking_keyring({"mine": PASSWORD}, monkeypatch) as unlocked,
    ):
        save(tmp_path, server.transport())
        app = start(qapp, tmp_path)
        assert app.book.current == "mine"
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await asyncio.sleep(0)
        assert not app.conversation.running
        assert app.window.status.text() == "Waiting for the keyring…"
        unlocked.set()
        await finished
        report = app.conversation.report
        assert report.ok
        assert ("auth", "ok") in [
            (stage["stage"], stage["status"])
            for stage in report.as_json()["stages"]  # type: ignore[attr-defined]
        ]
        assert find_leak(json.dumps(report.as_json(), default=str), PASSWORD) is None
        await app.end()


async def test_a_run_goes_on_without_a_keyring_that_does_not_answer(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_workbench.ui.app.Secrets", partial(Secrets, limit=0.1))
    with practice_server(PASSWORD) as server, asking_keyring({}, monkeypatch):
        save(tmp_path, server.transport())
        app = start(qapp, tmp_path)
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        told = {item["stage"]: item for item in app.conversation.report.as_json()["stages"]}  # type: ignore[attr-defined]
        assert told["tls"]["status"] == "ok"
        assert told["auth"]["detail"] == "no password given"
        await app.end()


async def test_what_was_done_while_the_keyring_did_not_answer_is_not_lost(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_workbench.ui.app.Secrets", partial(Secrets, limit=0.1))
    there = {"mine": PASSWORD, "mine:proxy": "through"}
    with asking_keyring(there, monkeypatch) as unlocked:
        save(tmp_path, Transport(host="one.example.com"))
        app = start(qapp, tmp_path)
        await Expected(app.book.troubled)
        assert "The keyring does not answer" in app.window.status.text()
        assert app.window.status.place() == "Passwords: in memory until you quit"
        app.form.type("host", "two.example.com")
        app.form.type_secret("proxy_secret", "no, not that")
        app.form.undo_stack.undo()
        app.form.type_secret("secret", "new")
        await app.book.saved_now()
        assert there == {"mine": PASSWORD, "mine:proxy": "through"}
        placed = Expected(app.book.locker.placed)
        unlocked.set()
        await placed
        await app.book.locker.errands.done()
        assert app.window.status.place() == "Keyring: Secret Service"
        assert there == {"mine": "new", "mine:proxy": "through"}
        assert app.form.filled.proxy_secret == Secret("through")
        app.form.undo_stack.undo()
        assert app.form.filled.secret == Secret(PASSWORD)
        app.form.undo_stack.undo()
        assert app.form.transport.host == "one.example.com"
        assert app.form.filled.proxy_secret == Secret("through")
        await app.end()
    assert there == {"mine": PASSWORD, "mine:proxy": "through"}


async def test_what_was_typed_and_undone_before_the_keyring_answered_deletes_nothing(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"mine": PASSWORD}
    with asking_keyring(there, monkeypatch) as unlocked:
        save(tmp_path, Transport(host="one.example.com"))
        app = start(qapp, tmp_path)
        app.form.type_secret("secret", "not that")
        app.form.undo_stack.undo()
        app.book.close()
        unlocked.set()
        await app.book.locker.errands.done()
        await app.end()
    assert there == {"mine": PASSWORD}


async def test_a_reference_is_legible_and_looked_up_for_the_run(
    session: None, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as app:
        filled = app.practice.filled()
        assert filled.secret is not None
        profile = app.book.add("Mine", replace(filled, secret=Secret("${WORKBENCH_TEST}")))
        assert field(app).text() == "${WORKBENCH_TEST}"
        assert field(app).echoMode() is QLineEdit.EchoMode.Normal
        assert hint(app) == "Taken from the environment when it is used"
        app.window.runs.verify()
        await app.window.errands.done()
        assert "WORKBENCH_TEST is not set" in app.window.status.text()
        assert app.conversation.order is None
        monkeypatch.setenv("WORKBENCH_TEST", filled.secret.reveal())
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        await finished
        assert app.conversation.report.ok
        await app.book.saved_now()
        assert await kept(profile) == "${WORKBENCH_TEST}"


async def test_a_second_window_does_not_touch_what_the_first_one_keeps(
    session: None, qapp: QApplication, opened: Open, tmp_path: Path
) -> None:
    async with opened() as app:
        profile = make(app, "one.example.com")
        await app.book.saved_now()
        second = start(qapp, tmp_path)
        await second.window.errands.done()
        second.book.open(profile)
        await second.book.locker.errands.done()
        assert second.form.filled.secret == Secret(PASSWORD)
        second.form.type_secret("secret", "other")
        second.book.remove(profile)
        await second.end()
        assert await kept(profile) == PASSWORD


def test_the_program_starts_and_ends_with_a_service_that_never_answers(tmp_path: Path) -> None:
    with silent_service(tmp_path) as (environment, asked):
        folder = Path(environment["XDG_CONFIG_HOME"]) / "smtp-workbench"
        folder.mkdir(parents=True)
        save(folder, Transport(host="one.example.com"))
        with subprocess.Popen(
            [sys.executable, "-m", "smtp_workbench"],
            env={**environment, "QT_QPA_PLATFORM": "offscreen"},
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            assert asked.readline() == "asked\n"
            began = time.perf_counter()
            program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=20)
        assert (program.returncode, errors) == (0, "")
        assert time.perf_counter() - began < LIMIT + 2
