"""Settings found by trying: the dialog as a user goes through it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTableView

from smtp_workbench.net.dns import Dns
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.find_settings import FindSettings
from smtp_workbench.ui.form import Filled
from smtp_workbench.ui.models.found_settings import Column
from support.certificates import authority
from support.leaks import find_leak
from support.mail_ports import MailPort, refusing, serving, silent
from support.name_server import NameServer, serve_names
from support.scripted import Peer, Script, serve
from ui.conftest import Expected, Open

PASSWORD = "correct-h0rse-battery"
CTRL = Qt.KeyboardModifier.ControlModifier


def fill(app: App, folder: Path, *, user: str = "", password: str = "") -> None:
    """Open a profile that trusts the tests' authority."""
    pem = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(pem))
    tls = Tls(trust=Trust.CA_FILE, ca_file=str(pem))
    transport = Transport(host="127.0.0.1", tls=tls, auth=Auth(user=user))
    app.book.add("Mine", Filled(transport, Secret(password) if password else None))


def opened_dialog(app: App, *ports: int) -> FindSettings:
    """Press the keys, and let the search try *ports* only."""
    QTest.keyClick(app.window.page.row("host").editor, Qt.Key.Key_D, CTRL)
    dialog = app.window.finder.dialog
    assert dialog is not None
    app.window.finder.detection.ports = dict.fromkeys(ports)
    return dialog


async def searched(app: App, dialog: FindSettings) -> None:
    """Press Enter in the field, and wait for the end."""
    QTest.keyClick(dialog.where, Qt.Key.Key_Return)
    assert dialog.search.text() == "Stop"
    await app.window.errands.done()
    assert dialog.search.text() == "Find"


def rows(dialog: FindSettings) -> list[list[str]]:
    model = dialog.table.found
    return [
        [str(model.data(model.index(row, column))) for column in Column]
        for row in range(model.rowCount())
    ]


def shown(dialog: FindSettings) -> str:
    """Return all that can be read beside the table."""
    return "\n".join(item.text() for item in dialog.findChildren(QLabel) if item.isVisible())


async def until_found(app: App, count: int) -> None:
    """Wait until so many settings have been tried."""
    detection = app.window.finder.detection
    async with asyncio.timeout(20):
        while len(detection.ranked) < count:
            await Expected(detection.changed)


@contextmanager
def mail(*scripts: Script) -> Iterator[list[int]]:
    with serving(*scripts) as servers:
        yield [server.port for server in servers]


async def test_the_best_is_marked_and_one_click_uses_it(opened: Open, tmp_path: Path) -> None:
    with mail(MailPort(), MailPort(implicit=True)) as ports, refusing() as closed:
        async with opened() as app:
            fill(app, tmp_path)
            before = app.form.transport
            dialog = opened_dialog(app, *ports, closed)
            assert dialog.where.text() == "127.0.0.1"
            assert not dialog.use.isEnabled()
            await searched(app, dialog)
            table = rows(dialog)
            assert [row[Column.SERVER] for row in table] == [
                f"127.0.0.1:{port}" for port in (ports[1], ports[0], ports[0], closed)
            ]
            assert [row[Column.SECURITY] for row in table[:3]] == [
                "Implicit TLS",
                "STARTTLS",
                "No TLS",
            ]
            assert table[0][Column.RESULT] == "Best: Works"
            assert table[0][Column.CERTIFICATE] == "trusted"
            assert table[0][Column.LOGIN] == "PLAIN, LOGIN"
            assert f"Best: 127.0.0.1:{ports[1]} · Implicit TLS" in shown(dialog)
            assert "The certificate is trusted." in shown(dialog)
            dialog.use.click()
            assert app.window.finder.dialog is None
            assert app.form.transport.port == ports[1]
            assert app.form.transport.security is Security.IMPLICIT_TLS
            assert app.form.transport.tls == before.tls
            app.window.undo.activeStack().undo()
            assert app.form.transport == before


async def test_what_the_user_goes_to_stays_and_enter_uses_it(opened: Open, tmp_path: Path) -> None:
    go_on = threading.Event()

    def late(peer: Peer) -> None:
        go_on.wait(20)
        MailPort(implicit=True)(peer)

    with mail(MailPort(), late) as (quick, slow):
        async with opened() as app:
            fill(app, tmp_path)
            dialog = opened_dialog(app, quick, slow)
            QTest.keyClick(dialog.where, Qt.Key.Key_Return)
            await until_found(app, 2)
            dialog.table.setFocus()
            QTest.keyClick(dialog.table, Qt.Key.Key_Down)
            QTest.keyClick(dialog.table, Qt.Key.Key_Up)
            go_on.set()
            await app.window.errands.done()
            assert rows(dialog)[0][Column.SERVER] == f"127.0.0.1:{slow}"
            assert f"127.0.0.1:{quick} · STARTTLS" in shown(dialog)
            assert "Best" not in dialog.verdict.title.text()
            QTest.keyClick(dialog.table, Qt.Key.Key_Return)
            assert app.form.transport.port == quick
            assert app.form.transport.security is Security.STARTTLS


async def test_the_log_in_is_asked_for_and_tried_once(opened: Open, tmp_path: Path) -> None:
    servers = [MailPort(implicit=True), MailPort(auth_before_tls=True)]
    with mail(*servers) as ports:
        async with opened() as app:
            fill(app, tmp_path, user="me", password=PASSWORD)
            dialog = opened_dialog(app, *ports)
            assert dialog.log_in.isVisible()
            assert not dialog.log_in.isChecked()
            await searched(app, dialog)
            assert not any(line.startswith("AUTH") for each in servers for _, line in each.commands)
            dialog.log_in.click()
            await searched(app, dialog)
            said = [line for each in servers for line in each.commands]
            assert [tls for tls, line in said if line.startswith("AUTH")] == [True]
            assert rows(dialog)[0][Column.RESULT] == "Best: Log-in refused"
            assert find_leak(shown(dialog), PASSWORD) is None
            dialog.reject()


async def test_without_a_password_no_log_in_is_offered(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        fill(app, tmp_path, user="me")
        dialog = opened_dialog(app)
        assert not dialog.log_in.isVisible()
        dialog.reject()


async def test_a_reference_to_nowhere_is_told(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        fill(app, tmp_path, user="me", password="${NO_SUCH_VARIABLE}")
        dialog = opened_dialog(app)
        dialog.log_in.click()
        dialog.search.click()
        assert "NO_SUCH_VARIABLE" in shown(dialog)
        dialog.reject()


async def test_closing_ends_the_search(opened: Open, tmp_path: Path) -> None:
    came, went = threading.Event(), threading.Event()

    def patient(peer: Peer) -> None:
        came.set()
        silent(peer)
        went.set()

    with serve(patient) as server:
        async with opened() as app:
            fill(app, tmp_path)
            dialog = opened_dialog(app, server.port)
            dialog.search.click()
            assert await asyncio.to_thread(came.wait, 20)
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            assert app.window.finder.dialog is None
            assert app.window.finder.detection.stopped
            await app.window.errands.done()
            assert await asyncio.to_thread(went.wait, 20)
            # The next one begins with nothing.
            app.window.actions_.find_settings.trigger()
            again = app.window.finder.dialog
            assert again is not None
            assert again.table.found.rowCount() == 0
            again.reject()


async def test_stopping_keeps_what_was_found(opened: Open, tmp_path: Path) -> None:
    with mail(MailPort(), silent) as (quick, slow):
        async with opened() as app:
            fill(app, tmp_path)
            dialog = opened_dialog(app, quick, slow)
            dialog.search.click()
            await until_found(app, 2)
            dialog.search.click()
            await app.window.errands.done()
            assert "stopped" in shown(dialog)
            assert dialog.use.isEnabled()
            dialog.reject()


async def test_nothing_that_answers_is_explained(opened: Open, tmp_path: Path) -> None:
    with refusing() as closed:
        async with opened() as app:
            fill(app, tmp_path)
            dialog = opened_dialog(app, closed)
            await searched(app, dialog)
            assert "No mail server answers at 127.0.0.1" in shown(dialog)
            assert f"Nothing answers on port {closed}" in shown(dialog)
            assert not dialog.use.isEnabled()
            dialog.where.setText("nowhere.invalid")
            await searched(app, dialog)
            assert rows(dialog)[0][Column.SERVER] == "nowhere.invalid"
            assert "There is no host named nowhere.invalid" in shown(dialog)
            dialog.reject()


async def test_what_is_no_host_is_told_in_a_sentence(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        fill(app, tmp_path)
        dialog = opened_dialog(app)
        for text, why in (("", "The host is empty"), ("me@", "is not a whole mail address")):
            dialog.where.setText(text)
            QTest.keyClick(dialog.where, Qt.Key.Key_Return)
            assert why in shown(dialog)
            assert not app.window.finder.detection.running
        QTest.keyClicks(dialog.where, "x")
        assert "whole mail address" not in shown(dialog)
        dialog.reject()


async def test_an_address_fills_the_user_too_and_another_host_drops_the_old_name(
    opened: Open, tmp_path: Path
) -> None:
    zones = {"workbench.example": "mail 60 IN A 127.0.0.1\n"}
    with mail(MailPort(implicit=True)) as ports, serve_names(zones) as server:
        async with opened() as app:
            fill(app, tmp_path)
            app.form.type("tls.server_name", "old.example")
            app.form.type("tls.trust", Trust.NONE)
            dialog = opened_dialog(app, *ports)
            ask(app, server)
            dialog.where.setText("me@workbench.example")
            await searched(app, dialog)
            dialog.use.click()
            transport = app.form.transport
            assert transport.host == "mail.workbench.example"
            assert transport.auth.user == "me@workbench.example"
            assert transport.tls.server_name == ""


async def test_a_server_that_the_domain_names_says_by_whom(opened: Open, tmp_path: Path) -> None:
    with mail(MailPort(implicit=True)) as ports:
        zone = f"_submissions._tcp 60 IN SRV 0 1 {ports[0]} out\nout 60 IN A 127.0.0.1\n"
        with serve_names({"workbench.example": zone}) as server:
            async with opened() as app:
                fill(app, tmp_path)
                app.form.type("tls.trust", Trust.NONE)
                dialog = opened_dialog(app, *ports)
                ask(app, server)
                assert dialog.fetch.isHidden()
                dialog.where.setText("me@workbench.example")
                assert not dialog.fetch.isHidden()
                assert not dialog.fetch.isChecked()
                await searched(app, dialog)
                (row,) = rows(dialog)
                assert row[Column.SERVER] == f"out.workbench.example:{ports[0]}"
                assert row[Column.SOURCE] == "SRV records"
                dialog.reject()


def ask(app: App, server: NameServer) -> None:
    detection = app.window.finder.detection
    detection.name_server = server.address
    detection.resolver = Dns(server.address).addresses


async def test_every_control_of_the_dialog_has_a_name_and_can_be_reached(
    opened: Open, tmp_path: Path
) -> None:
    with mail(MailPort()) as ports:
        async with opened() as app:
            fill(app, tmp_path, user="me", password=PASSWORD)
            dialog = opened_dialog(app, *ports)
            await searched(app, dialog)
            kinds = (QAbstractButton, QLineEdit, QTableView)
            found = [item for kind in kinds for item in dialog.findChildren(kind)]
            wanted = {item for item in found if item.isVisible() and item.isEnabled()}
            wanted = {item for item in wanted if item.focusPolicy() & Qt.FocusPolicy.TabFocus}
            dialog.where.setFocus()
            reached = set()
            for _ in range(12):
                widget = QApplication.focusWidget()
                assert widget is not None
                assert widget.accessibleName() or getattr(widget, "text", str)()
                reached.add(widget)
                QTest.keyClick(widget, Qt.Key.Key_Tab)
            assert wanted <= reached
            assert {dialog.where, dialog.search, dialog.log_in, dialog.table, dialog.use} <= reached
            dialog.reject()


async def test_the_page_has_a_button_for_it(opened: Open) -> None:
    async with opened() as app:
        buttons = app.window.page.findChildren(QAbstractButton)
        next(item for item in buttons if item.text() == "Find settings…").click()
        dialog = app.window.finder.dialog
        assert dialog is not None
        dialog.reject()
