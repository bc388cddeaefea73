"""The form: what is typed is checked at once, fixed with a click, and undone."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPushButton, QWidget

from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Fix, Safety, value_of
from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.settings.transport import Security, Transport, Trust
from smtp_workbench.ui import fields
from smtp_workbench.ui.app import App
from smtp_workbench.ui.form import Filled
from ui.conftest import Open


def line(app: App, path: str) -> QLineEdit:
    found = app.window.findChild(QLineEdit, f"edit-{path}")
    assert isinstance(found, QLineEdit)
    return found


def retype(app: App, path: str, text: str) -> None:
    edit = line(app, path)
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text) if text else QTest.keyClick(edit, Qt.Key.Key_Delete)


def button(parent: QWidget, text: str) -> QPushButton:
    found = [item for item in parent.findChildren(QPushButton) if item.text() == text]
    return next(item for item in found if not item.isHidden())


def question(app: App) -> QMessageBox:
    shown = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    assert len(shown) == 1
    return shown[0]


def messages(app: App, field: str) -> list[str]:
    return [item.message for item in app.form.findings if item.field == field]


async def test_a_port_that_does_not_fit_is_told_while_it_is_typed(opened: Open) -> None:
    async with opened() as app:
        app.form.start_over(Filled(Transport(host="mail.example.com")))
        retype(app, "port", "46")
        assert not any("465" in text for text in messages(app, "port"))
        QTest.keyClicks(line(app, "port"), "5")
        assert any("465" in text for text in messages(app, "port"))
        assert line(app, "port").property("state") == "warning"
        row = app.window.page.row("port")
        QTest.mouseClick(button(row, "Use implicit TLS"), Qt.MouseButton.LeftButton)
        assert app.form.transport.security is Security.IMPLICIT_TLS
        assert messages(app, "port") == []
        app.window.actions_.undo.trigger()
        assert app.form.transport.security is Security.STARTTLS
        assert any("465" in text for text in messages(app, "port"))
        app.window.actions_.undo.trigger()
        assert app.form.transport.port is None
        assert line(app, "port").text() == ""
        app.window.actions_.redo.trigger()
        assert app.form.transport.port == 465


async def test_undo_works_from_within_a_field(opened: Open) -> None:
    async with opened() as app:
        app.form.start_over(Filled(Transport(host="mail.example.com")))
        retype(app, "auth.user", "me@example.com")
        QTest.keyClick(line(app, "auth.user"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert app.form.transport.auth.user == ""
        assert line(app, "auth.user").text() == ""


async def test_a_url_pasted_as_the_host_fills_the_form(opened: Open) -> None:
    async with opened() as app:
        app.window.actions_.new.trigger()
        edit = line(app, "host")
        edit.setText("")
        QGuiApplication.clipboard().setText("smtps://me%40example.com:s3cret@mail.example.com:4650")
        edit.paste()
        transport = app.form.transport
        assert (transport.host, transport.port) == ("mail.example.com", 4650)
        assert transport.security is Security.IMPLICIT_TLS
        assert transport.auth.user == "me@example.com"
        assert app.form.filled.secret == Secret("s3cret")
        assert line(app, "secret").text() == ""
        assert BULLETS in line(app, "secret").placeholderText()
        assert line(app, "secret").echoMode() is QLineEdit.EchoMode.Password


async def test_a_url_typed_as_the_host_is_taken_when_it_is_whole(opened: Open) -> None:
    async with opened() as app:
        app.window.actions_.new.trigger()
        hosts = []
        app.form.changed.connect(lambda: hosts.append(app.form.transport.host))
        retype(app, "host", "smtp://me:s3cret@mail.example.com:2525")
        assert not any("s3cret" in host for host in hosts)
        QTest.keyClick(line(app, "host"), Qt.Key.Key_Return)
        transport = app.form.transport
        assert (transport.host, transport.port) == ("mail.example.com", 2525)
        assert transport.auth.user == "me"
        assert app.form.filled.secret == Secret("s3cret")


async def test_a_password_typed_into_the_proxys_url_goes_to_its_own_field(opened: Open) -> None:
    async with opened() as app:
        app.window.actions_.new.trigger()
        app.window.page.focus_on("proxy")
        retype(app, "proxy", "socks5://u:s3cret@127.0.0.1:1080")
        assert app.form.transport.proxy == "socks5://u@127.0.0.1:1080"
        assert line(app, "proxy").text() == "socks5://u@127.0.0.1:1080"
        assert app.form.filled.proxy_secret == Secret("s3cret")


async def test_a_provider_fills_the_form_and_says_what_it_wants(opened: Open) -> None:
    gmail = next(item for item in presets.all_presets() if "gmail" in item.id)
    async with opened() as app:
        app.window.actions_.new.trigger()
        app.form.pick(gmail)
        assert app.form.transport.host == "smtp.gmail.com"
        assert line(app, "host").text() == "smtp.gmail.com"
        assert not app.form.is_changed("port")
        retype(app, "port", "2525")
        assert app.form.is_changed("port")
        app.form.reset("port")
        assert app.form.transport.port == gmail.main.port


async def test_the_host_of_a_known_provider_offers_its_settings(opened: Open) -> None:
    async with opened() as app:
        app.window.actions_.new.trigger()
        retype(app, "host", "smtp.gmail.com")
        offers = [
            item.text()
            for item in app.window.page.row("host").findChildren(QPushButton)
            if not item.isHidden()
        ]
        assert any("Gmail" in text for text in offers)


async def test_what_is_no_number_is_marked_and_nothing_is_lost(opened: Open) -> None:
    async with opened() as app:
        app.form.start_over(Filled(Transport(host="mail.example.com", port=25)))
        retype(app, "port", "2x")
        assert line(app, "port").property("state") == "blocking"
        app.window.runs.verify()
        assert "Port" in app.window.status.text()
        assert app.conversation.order is None
        app.form.type("auth.user", "me")
        assert line(app, "port").text() == "2x"
        retype(app, "port", "2525")
        assert app.form.transport.port == 2525


def all_specs() -> list[fields.FieldSpec]:
    loose = [fields.HOST, fields.PORT, fields.MECHANISM, fields.USER]
    return loose + [
        spec
        for section in fields.SECTIONS
        for spec in section.rows
        if spec.path.count("secret") == 0
    ]


def test_every_option_of_a_transport_is_on_the_form() -> None:
    transport = Transport()
    paths = set()
    for name in Transport.__dataclass_fields__:
        group = getattr(transport, name)
        inner = getattr(group, "__dataclass_fields__", None)
        paths |= {f"{name}.{field}" for field in inner} if inner else {name}
    assert paths - {spec.path for spec in all_specs()} == {"security"}


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: spec.path)
async def test_each_field_shows_what_the_settings_hold(
    spec: fields.FieldSpec, opened: Open
) -> None:
    if spec.path in ("mail_from", "rcpt_to"):
        return
    async with opened() as app:
        editor = app.window.page.row(spec.path).editor
        values = list(spec.choices) or ["text"]
        old = value_of(app.form.transport, spec.path)
        if isinstance(old, bool):
            values = [not old]
        elif isinstance(old, float):
            values = [old + 1.5]
        elif isinstance(old, int) or spec.path == "port":
            values = [77]
        for value in values:
            editor.edited.emit(value)  # type: ignore[attr-defined]
            assert value_of(app.form.transport, spec.path) == value
            app.form.undo_stack.undo()
            assert value_of(app.form.transport, spec.path) == old
            app.form.undo_stack.redo()


async def test_a_fix_that_gives_up_protection_asks_first(opened: Open) -> None:
    async with opened() as app:
        fix = Fix("Check nothing", Change({"tls.trust": Trust.NONE}), Safety.ASK)
        before = app.form.transport
        app.window.corrections.take(fix)
        assert app.form.transport == before
        box = question(app)
        assert "tls.trust" in box.text()
        QTest.mouseClick(box.defaultButton(), Qt.MouseButton.LeftButton)
        assert app.form.transport == before
        app.window.corrections.take(fix)
        box = question(app)
        QTest.mouseClick(button(box, "Change"), Qt.MouseButton.LeftButton)
        assert app.form.transport.tls.trust is Trust.NONE


async def test_a_file_that_is_not_there_is_told(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        app.form.start_over(Filled(Transport(host="h.example")))
        app.form.type("tls.trust", Trust.CA_FILE)
        retype(app, "tls.ca_file", str(tmp_path / "none.pem"))
        await app.window.errands.done()
        assert messages(app, "tls.ca_file")
