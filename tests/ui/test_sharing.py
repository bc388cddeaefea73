"""Profiles handed on from the window and taken into it, and put in another order."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.profiles import Profile
from smtp_workbench.store.sharing import read, share
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.share_profiles import AskPassphrase, ExportProfiles
from smtp_workbench.ui.form import Filled
from ui.conftest import Expected, Open, settle

PASSWORD = "for one reader 0nly"
PHRASE = Secret("correct horse battery staple")
W = TypeVar("W", bound=QWidget)


def add(app: App, *names: str) -> list[str]:
    transport = Transport(host="smtp.example.com")
    return [app.book.add(name, Filled(transport, Secret(PASSWORD))) for name in names]


def names(app: App) -> list[str]:
    return [profile.name for profile in app.book.profiles]


def shown(app: App, kind: type[W]) -> W:
    (widget,) = [item for item in app.window.findChildren(kind) if item.isVisible()]
    return widget


async def save_to(app: App, path: Path) -> str:
    """Choose *path* in the file dialog; return the name it offered."""
    dialog = shown(app, QFileDialog)
    offered = dialog.selectedFiles()[0]
    dialog.fileSelected.emit(str(path))
    dialog.close()
    await app.window.errands.done()
    return Path(offered).name


def drop(on: QWidget, data: QMimeData, at: QPoint) -> bool:
    """Drag *data* over a widget and let go; return whether the widget took it."""
    action, button, key = Qt.DropAction.MoveAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier
    enter = QDragEnterEvent(at, action, data, button, key.NoModifier)
    QApplication.sendEvent(on, enter)
    if not enter.isAccepted():
        return False
    move = QDragMoveEvent(at, action, data, button, key.NoModifier)
    QApplication.sendEvent(on, move)
    QApplication.sendEvent(on, QDropEvent(QPointF(at), action, data, button, key.NoModifier))
    return True


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


async def test_one_profile_goes_out_without_its_password(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        add(app, "One", "a/b: c")
        app.window.actions_.export_profiles.trigger()
        dialog = shown(app, ExportProfiles)
        assert [dialog.which.itemText(at) for at in range(3)] == ["All 2 profiles", "One", "a/b: c"]
        assert dialog.which.currentText() == "a/b: c"
        assert not dialog.passphrase.isVisible()
        dialog.go_on.click()
        assert await save_to(app, tmp_path / "out.json") == "a-b- c.smtp-profiles.json"
        text = app.window.status.text()
        assert text == "Exported 1 profile to out.json, without passwords."
    octets = (tmp_path / "out.json").read_bytes()
    assert PASSWORD.encode() not in octets
    assert [item.name for item in read(octets).profiles] == ["a/b: c"]


async def test_all_go_out_and_come_in_with_their_passwords(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "out.age"
    async with opened() as app:
        add(app, "One", "Two")
        app.window.sidebar.export_asked.emit("")
        dialog = shown(app, ExportProfiles)
        dialog.with_passwords.click()
        assert dialog.passphrase.isVisible()
        assert not dialog.go_on.isEnabled()
        QTest.keyClicks(dialog.passphrase, PHRASE.reveal())
        QTest.keyClicks(dialog.again, "another")
        assert "differ" in dialog.trouble.text()
        assert not dialog.go_on.isEnabled()
        dialog.again.setText(PHRASE.reveal())
        dialog.go_on.click()
        assert await save_to(app, file) == "all.smtp-profiles.age"
        assert app.window.status.text() == "Exported 2 profiles to out.age, encrypted."
        assert PASSWORD.encode() not in file.read_bytes()
        app.window.sharing.import_(file)
        await app.window.errands.done()
        asking = shown(app, AskPassphrase)
        assert asking.focusWidget() is asking.passphrase
        QTest.keyClicks(asking.passphrase, "wrong")
        QTest.keyClick(asking.passphrase, Qt.Key.Key_Return)
        await app.window.errands.done()
        assert "out.age was not read: the passphrase is wrong" in asking.trouble.text()
        asking.passphrase.setText(PHRASE.reveal())
        asking.go_on.click()
        await app.window.errands.done()
        assert names(app) == ["One", "Two", "One 2", "Two 2"]
        assert app.window.status.text() == "2 profiles came from out.age."
        assert app.book.current == app.book.profiles[2].id
        assert app.form.filled.secret == Secret(PASSWORD)
        assert app.book.locker.of(app.book.profiles[3].id)[0] == Secret(PASSWORD)
    kept = (tmp_path / "profiles.json").read_text("utf-8")
    assert [entry["name"] for entry in json.loads(kept)["profiles"]] == names(app)
    assert PASSWORD not in kept


async def test_the_window_lives_while_a_file_is_opened(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "in.age"
    file.write_bytes(share([Profile("1", "One")], {}, PHRASE))
    async with opened() as app:
        app.window.sharing.import_(file)
        await app.window.errands.done()
        asking = shown(app, AskPassphrase)
        asking.passphrase.setText(PHRASE.reveal())
        asking.go_on.click()
        opening = asyncio.ensure_future(app.window.errands.done())
        longest, began = 0.0, time.monotonic()
        while not opening.done():
            before = time.monotonic()
            await asyncio.wait([opening], timeout=0.01)
            longest = max(longest, time.monotonic() - before)
        # All of it if the other thread kept the interpreter to itself.
        assert longest < (time.monotonic() - began) / 3
        assert names(app) == ["One"]


async def test_who_cancels_gets_nothing(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "in.age"
    file.write_bytes(share([Profile("1", "One")], {}, PHRASE))
    async with opened() as app:
        app.window.sharing.import_(file)
        await app.window.errands.done()
        asking = shown(app, AskPassphrase)
        asking.passphrase.setText(PHRASE.reveal())
        asking.go_on.click()
        asking.reject()
        await app.window.errands.done()
        assert names(app) == []


async def test_a_dropped_file_is_taken_and_nothing_overwritten(
    opened: Open, tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(share([Profile("1", "One", Transport(host="new")), Profile("1", "One")]))
    async with opened() as app:
        (first,) = add(app, "One")
        before = app.book.get(first)
        view = app.window.sidebar.list.viewport()
        # The list leaves files to the column that it stands in.
        assert drop(view, files(file), QPoint(5, 5))
        await app.window.errands.done()
        assert names(app) == ["One", "One 2", "One 3"]
        assert app.book.get(first) == before
        assert app.form.transport.host == "new"
        assert app.window.status.text() == "2 profiles came from mine.json."


async def test_another_dropped_file_is_a_paste(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SMTP_HOST=smtp.example.com\n", "utf-8")
    async with opened() as app:
        assert drop(app.window.sidebar, files(file), QPoint(5, 5))
        await app.window.errands.done()
        dialog = app.window.importing.dialog
        assert dialog is not None
        assert "SMTP_HOST" in dialog.text.toPlainText()
        dialog.reject()


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda file: file.write_text("{}", "utf-8"), "bad.json was not read: format: it does not"),
        (lambda file: file.mkdir(), "Could not read bad.json: Is a directory"),
    ],
)
async def test_what_is_no_file_of_profiles_is_refused(
    opened: Open, tmp_path: Path, write: Callable[[Path], object], said: str
) -> None:
    write(tmp_path / "bad.json")
    async with opened() as app:
        app.window.actions_.import_profiles.trigger()
        dialog = shown(app, QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "bad.json"))
        dialog.close()
        await app.window.errands.done()
        assert app.window.status.text().startswith(said)
        assert names(app) == []


async def test_the_menu_of_a_profile_exports_it(opened: Open) -> None:
    async with opened() as app:
        first, _ = add(app, "One", "Two")
        view = app.window.sidebar.list
        at = view.visualRect(view.model().index(0, 0)).center()
        view.customContextMenuRequested.emit(at)
        menu = shown(app, QMenu)
        texts = [action.text() for action in menu.actions()]
        action = menu.actions()[texts.index("Export this profile…")]
        asked = Expected(app.window.sidebar.export_asked)
        action.trigger()
        menu.close()
        assert await asked == (first,)
        shown(app, ExportProfiles).reject()


async def test_profiles_are_moved_by_keys(opened: Open) -> None:
    async with opened() as app:
        first, *_ = add(app, "One", "Two", "Three")
        app.book.open(first)
        view = app.window.sidebar.list
        view.setFocus()
        for key, expected in (
            (Qt.Key.Key_Up, ["One", "Two", "Three"]),
            (Qt.Key.Key_Down, ["Two", "One", "Three"]),
            (Qt.Key.Key_Down, ["Two", "Three", "One"]),
            (Qt.Key.Key_Down, ["Two", "Three", "One"]),
            (Qt.Key.Key_Up, ["Two", "One", "Three"]),
        ):
            QTest.keyClick(view, key, Qt.KeyboardModifier.AltModifier)
            assert names(app) == expected
            assert app.book.current == first
            assert view.currentIndex().data() == "One"
    async with opened() as app:
        assert names(app) == ["Two", "One", "Three"]


async def test_keys_move_past_what_the_filter_shows(opened: Open) -> None:
    async with opened() as app:
        first, *_ = add(app, "One a", "Two", "Three a")
        app.book.open(first)
        app.window.sidebar.filter.setText(" a")
        view = app.window.sidebar.list
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert names(app) == ["Two", "Three a", "One a"]


async def test_profiles_are_moved_by_dragging(opened: Open) -> None:
    async with opened() as app:
        add(app, "One", "Two", "Three")
        settle()
        view = app.window.sidebar.list
        model = view.model()

        def drag(row: int, at: QPoint) -> list[str]:
            assert drop(view.viewport(), model.mimeData([model.index(row, 0)]), at)
            return names(app)

        last, top = view.visualRect(model.index(2, 0)), view.visualRect(model.index(0, 0))
        assert drag(0, QPoint(20, last.bottom() - 1)) == ["Two", "Three", "One"]
        assert drag(2, QPoint(20, top.top() + 1)) == ["One", "Two", "Three"]
        assert drag(0, QPoint(20, last.top() + 1)) == ["Two", "One", "Three"]
        strange = QMimeData()
        strange.setData(model.mimeTypes()[0], b"of another window")
        assert drop(view.viewport(), strange, QPoint(20, top.top() + 1))
    async with opened() as app:
        assert names(app) == ["Two", "One", "Three"]
