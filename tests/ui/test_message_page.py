"""The message page: typed, pasted, dropped; seen as it would be sent; undone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QTextCursor,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from smtp_workbench.message import templates
from smtp_workbench.message.build import build
from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    Dsn,
    Invitation,
    Priority,
    ReturnContent,
    TransferEncoding,
)
from smtp_workbench.settings.change import Severity
from smtp_workbench.settings.change import value_of as setting
from smtp_workbench.settings.transport import Pool, Transport
from smtp_workbench.ui import letter_fields
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Filled, Form
from smtp_workbench.ui.letter import Letter, value_of
from smtp_workbench.ui.pages.message import MessagePage
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.address_field import AddressEditor, AddressField
from smtp_workbench.ui.widgets.body_bar import Side
from smtp_workbench.ui.widgets.field_row import FieldRow
from smtp_workbench.ui.widgets.given import Given

NOW = datetime(2026, 11, 26, 9, 0).astimezone()
WHOLE = Draft(
    author="Billing <billing@acme.example>",
    to=("dana@example.net", "ops@example.org"),
    subject="SMTP test",
    text="Hello,\n\nthis is a test.",
)
CONTROL = Qt.KeyboardModifier.ControlModifier


@dataclass
class Bench:
    """A page in a window of its own."""

    window: QMainWindow
    page: MessagePage
    letter: Letter
    form: Form
    errands: Errands
    said: list[str]

    def addresses(self, path: str) -> AddressField:
        editor = self.page.row(path).editor
        assert isinstance(editor, AddressEditor)
        return editor.field

    def line(self, path: str) -> QLineEdit:
        found = self.page.findChild(QLineEdit, f"edit-{path}")
        assert isinstance(found, QLineEdit)
        return found


Open = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture
def bench(qapp: QApplication) -> Open:
    """Return what opens a page over a draft, and closes it at the end of a block."""

    @asynccontextmanager
    async def open_page(draft: Draft = WHOLE) -> AsyncIterator[Bench]:
        theme, errands = Theme(qapp, "light"), Errands()
        form = Form(Filled(Transport(host="mail.example.com")))
        letter = Letter(form, errands)
        page = MessagePage(letter, form, theme, errands)
        window = QMainWindow()
        window.setCentralWidget(page)
        window.resize(452, 748)
        theme.dress()
        window.show()
        window.activateWindow()
        letter.start_over(draft)
        await errands.done()
        said: list[str] = []
        page.said.connect(said.append)
        failed: list[Exception] = []
        errands.failed.connect(failed.append)
        try:
            yield Bench(window, page, letter, form, errands, said)
            await errands.done()
            assert not failed
        finally:
            await errands.end()
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    return open_page


def copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


# Addresses


@pytest.mark.parametrize("end", [",", ";", "\r"])
async def test_a_typed_address_becomes_a_chip(bench: Open, end: str) -> None:
    async with bench(Draft()) as it:
        field = it.addresses("to")
        field.setFocus()
        QTest.keyClicks(field.line, "dana@example.net")
        assert it.letter.draft.to == ()
        QTest.keyClicks(field.line, end)
        assert it.letter.draft.to == ("dana@example.net",)
        assert [chip.address for chip in field.chips] == ["dana@example.net"]
        assert field.line.text() == ""


async def test_a_comma_within_quotes_is_part_of_the_name(bench: Open) -> None:
    async with bench(Draft()) as it:
        field = it.addresses("to")
        field.setFocus()
        QTest.keyClicks(field.line, '"Doe, Jane" <jane@example.net>,')
        assert it.letter.draft.to == ('"Doe, Jane" <jane@example.net>',)


async def test_leaving_the_field_makes_a_chip_and_settling_does(bench: Open) -> None:
    async with bench(Draft()) as it:
        it.addresses("to").setFocus()
        QTest.keyClicks(it.addresses("to").line, "dana@example.net")
        it.addresses("cc").setFocus()
        assert it.letter.draft.to == ("dana@example.net",)
        QTest.keyClicks(it.addresses("cc").line, "ops@example.org")
        it.page.settle()
        assert it.letter.draft.cc == ("ops@example.org",)


async def test_a_pasted_list_makes_many_without_duplicates(bench: Open) -> None:
    async with bench(Draft()) as it:
        field = it.addresses("to")
        field.setFocus()
        copy("Dana <dana@example.net>; ops@example.org,\nops@EXAMPLE.org\nlee@example.com\n")
        QTest.keyClick(field.line, Qt.Key.Key_V, CONTROL)
        assert it.letter.draft.to == (
            "Dana <dana@example.net>",
            "ops@example.org",
            "lee@example.com",
        )
        assert "Dana" in field.chips[0].toolTip()
        QTest.keyClicks(field.line, "ops@Example.org,")
        assert len(it.letter.draft.to) == len(field.chips) == 3
        it.letter.undo_stack.undo()
        assert it.letter.draft.to == ()
        assert field.chips == ()


async def test_chips_are_gone_through_and_deleted_by_keys(bench: Open) -> None:
    async with bench(replace(WHOLE, to=("a@x.example", "b@x.example", "c@x.example"))) as it:
        field = it.addresses("to")
        field.setFocus()
        QTest.keyClick(field.line, Qt.Key.Key_Backspace)
        assert it.letter.draft.to == ("a@x.example", "b@x.example")
        QTest.keyClick(field.line, Qt.Key.Key_Left)
        assert field.chips[1].hasFocus()
        QTest.keyClick(field.chips[1], Qt.Key.Key_Left)
        assert field.chips[0].hasFocus()
        QTest.keyClick(field.chips[0], Qt.Key.Key_Delete)
        assert it.letter.draft.to == ("b@x.example",)
        it.letter.undo_stack.undo()
        it.letter.undo_stack.undo()
        assert it.letter.draft.to == ("a@x.example", "b@x.example", "c@x.example")


async def test_a_chip_is_edited_in_its_place(bench: Open) -> None:
    async with bench(replace(WHOLE, to=("a@x.example", "b@x.example"))) as it:
        field = it.addresses("to")
        field.chips[0].setFocus()
        QTest.keyClick(field.chips[0], Qt.Key.Key_F2)
        assert field.line.text() == "a@x.example"
        QTest.keyClicks(field.line, "new@x.example\r")
        assert it.letter.draft.to == ("new@x.example", "b@x.example")
        QTest.mouseDClick(field.chips[0], Qt.MouseButton.LeftButton, pos=QPoint(12, 8))
        QTest.keyClick(field.line, Qt.Key.Key_Escape)
        assert [chip.address for chip in field.chips] == ["new@x.example", "b@x.example"]
        assert field.line.text() == ""


async def test_what_is_no_address_is_marked_and_told(bench: Open) -> None:
    async with bench(Draft()) as it:
        field = it.addresses("to")
        field.setFocus()
        QTest.keyClicks(field.line, "dana@example..net,")
        assert not field.chips[0].is_valid
        assert "not valid" in field.chips[0].accessibleName()
        assert any(item.field == "message.to" for item in it.letter.told)
        assert field.property("state") in ("warning", "blocking")


async def test_the_tab_key_goes_past_the_chips(bench: Open) -> None:
    async with bench() as it:
        field = it.addresses("to")
        field.setFocus()
        QTest.keyClick(field.line, Qt.Key.Key_Tab)
        assert it.addresses("cc").line.hasFocus()
        field.chips[0].setFocus()
        QTest.keyClick(field.chips[0], Qt.Key.Key_Tab)
        assert it.addresses("cc").line.hasFocus()


async def test_bcc_comes_with_its_button_and_stays_while_it_is_used(bench: Open) -> None:
    async with bench() as it:
        assert it.page.row("bcc").isHidden()
        button = next(
            item
            for item in it.page.findChildren(QAbstractButton)
            if item.accessibleName() == "Add Bcc"
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        field = it.addresses("bcc")
        assert field.line.hasFocus()
        QTest.keyClicks(field.line, "secret@example.com,")
        assert it.letter.draft.bcc == ("secret@example.com",)
        assert not it.page.row("bcc").isHidden()


# Fields


async def test_strokes_in_a_row_are_one_step_to_undo(bench: Open) -> None:
    async with bench() as it:
        edit = it.line("subject")
        edit.selectAll()
        QTest.keyClicks(edit, "New one")
        QTest.keyClicks(it.page.body.text, "X")
        assert it.letter.draft.subject == "New one"
        assert it.letter.draft.text.startswith("XHello")
        it.letter.undo_stack.undo()
        assert it.page.body.text.toPlainText() == WHOLE.text
        it.letter.undo_stack.undo()
        assert edit.text() == WHOLE.subject
        it.letter.undo_stack.redo()
        assert edit.text() == "New one"


async def test_undo_leaves_the_cursor_where_the_text_changed(bench: Open) -> None:
    async with bench(replace(WHOLE, text="one 🦊 two three")) as it:
        text = it.page.body.text
        cursor = text.textCursor()
        cursor.setPosition(len("one 🦊".encode("utf-16-le")) // 2)
        text.setTextCursor(cursor)
        QTest.keyClicks(text, "abc")
        assert it.letter.draft.text == "one 🦊abc two three"
        it.letter.undo_stack.undo()
        assert text.toPlainText() == "one 🦊 two three"
        assert text.textCursor().position() == cursor.position()


def all_specs() -> list[str]:
    loose = ["author", "to", "cc", "bcc", "subject"]
    return loose + [spec.path for section in letter_fields.SECTIONS for spec in section.rows]


def test_every_field_of_a_draft_is_on_the_page() -> None:
    draft = replace(Draft(), invitation=Invitation(starts=NOW, ends=NOW))
    paths = set()
    for field in fields(Draft):
        inner = getattr(getattr(draft, field.name), "__dataclass_fields__", None)
        paths |= {f"{field.name}.{name}" for name in inner} if inner else {field.name}
    beside_the_rows = {"text", "html", "derive_text", "attachments"}
    assert paths - set(all_specs()) == beside_the_rows


def test_every_setting_of_the_pool_is_beside_the_number_of_messages() -> None:
    paths = [spec.path for spec in letter_fields.REPEAT.rows]
    assert paths == ["count", *(f"pool.{field.name}" for field in fields(Pool))]


VALUES: dict[str, object] = {
    "priority": Priority.HIGH,
    "encoding": TransferEncoding.BASE64,
    "charset": "iso-8859-1",
    "headers": (("X-Test", "1"), ("X-Test", "2")),
    "dkim.skip": ("Date", "To"),
    "fallback": ("Staging relay", "Office"),
    "dsn.notify": ("SUCCESS", "DELAY"),
    "dsn.content": ReturnContent.HEADERS,
    "invitation.starts": NOW + timedelta(days=1),
    "invitation.ends": NOW + timedelta(days=2),
    "invitation.method": "CANCEL",
    "envelope_from": "",
}


def value_for(path: str, old: object) -> object:
    if path in VALUES:
        return VALUES[path]
    if path in ("to", "cc", "bcc", "reply_to", "envelope_to"):
        return ("new@example.com",)
    if isinstance(old, bool):
        return not old
    if isinstance(old, float):
        return old + 1
    return old + 7 if isinstance(old, int) else "text"


@pytest.mark.parametrize("path", [path for path in all_specs() if path != "invitation"])
async def test_each_field_shows_what_the_letter_holds(bench: Open, path: str) -> None:
    meeting = Invitation(starts=NOW, ends=NOW + timedelta(hours=1))
    async with bench(replace(WHOLE, invitation=meeting)) as it:
        in_pool = path.startswith("pool.")
        stack = (it.form if in_pool else it.letter).undo_stack

        def held() -> object:
            return setting(it.form.transport, path) if in_pool else value_of(it.letter.draft, path)

        editor, old = it.page.row(path).editor, held()
        new = value_for(path, old)
        editor.edited.emit(new)  # type: ignore[attr-defined]
        assert held() == new
        stack.undo()
        assert held() == old
        stack.redo()
        assert held() == new


async def test_the_null_sender_is_typed_as_angle_brackets(bench: Open) -> None:
    async with bench() as it:
        edit = it.line("envelope_from")
        QTest.keyClicks(edit, "<>")
        assert it.letter.draft.envelope_from == ""
        edit.selectAll()
        QTest.keyClick(edit, Qt.Key.Key_Delete)
        assert it.letter.draft.envelope_from is None
        it.letter.edit(envelope_from="")
        assert edit.text() == "<>"


async def test_never_stands_alone_among_the_notifications(bench: Open) -> None:
    async with bench(replace(WHOLE, dsn=Dsn(notify=("SUCCESS", "DELAY")))) as it:
        boxes = it.page.row("dsn.notify").editor.boxes  # type: ignore[attr-defined]
        boxes["NEVER"].click()
        assert it.letter.draft.dsn.notify == ("NEVER",)
        boxes["FAILURE"].click()
        assert it.letter.draft.dsn.notify == ("FAILURE",)
        assert not boxes["NEVER"].isChecked()


async def test_an_invitation_is_switched_on_and_off(bench: Open) -> None:
    async with bench() as it:
        it.page.folds["headers"][0].unfold()
        assert it.page.row("invitation.starts").isHidden()
        it.page.row("invitation").editor.edited.emit(True)  # type: ignore[attr-defined]
        meeting = it.letter.draft.invitation
        assert meeting is not None
        assert meeting.ends - meeting.starts == timedelta(hours=1)
        assert not it.page.row("invitation.starts").isHidden()
        QTest.keyClicks(it.line("invitation.location"), "Room 5")
        assert it.letter.draft.invitation is not None
        assert it.letter.draft.invitation.location == "Room 5"
        it.page.row("invitation").editor.edited.emit(False)  # type: ignore[attr-defined]
        assert it.letter.draft.invitation is None


async def test_more_headers_are_lines(bench: Open) -> None:
    async with bench() as it:
        text = it.page.findChild(QPlainTextEdit, "edit-headers")
        assert isinstance(text, QPlainTextEdit)
        QTest.keyClicks(text, "X-A: one\rX-B: two\r and more")
        assert it.letter.draft.headers == (("X-A", "one"), ("X-B", "two and more"))
        assert text.toPlainText() == "X-A: one\nX-B: two\n and more"


async def test_a_heading_says_what_is_set_below_it(bench: Open) -> None:
    signature = Dkim(domain="acme.example", selector="mail")
    async with bench(replace(WHOLE, dkim=signature, count=50, priority=Priority.LOW)) as it:
        hints = {name: fold._hint.text() for name, (fold, _) in it.page.folds.items()}
        assert "mail._domainkey.acme.example" in hints["dkim"]
        assert "50 messages, 5 connections" in hints["repeat"]
        assert "Priority" in hints["headers"]
        assert "DSN off" in hints["delivery"]


async def test_what_is_missing_is_told_when_it_is_to_be_sent(bench: Open) -> None:
    async with bench(Draft()) as it:
        assert it.page.row("to").findings.isHidden()
        it.page.settle()
        assert not it.page.row("to").findings.isHidden()
        assert not it.page.row("author").findings.isHidden()


async def test_a_fix_changes_the_letter_and_is_undone(bench: Open) -> None:
    async with bench(replace(WHOLE, count=0)) as it:
        assert it.page.folds["repeat"][0].is_open
        button = next(
            item
            for item in it.page.row("count").findChildren(QPushButton)
            if item.text() == "Send one"
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert it.letter.draft.count == 1
        it.letter.undo_stack.undo()
        assert it.letter.draft.count == 0


async def test_a_field_is_found_by_its_name(bench: Open) -> None:
    async with bench() as it:
        it.page.focus_on("message.dkim.domain")
        assert it.page.folds["dkim"][0].is_open
        assert it.line("dkim.domain").hasFocus()
        it.page.focus_on("message.html")
        assert it.page.body.html.hasFocus()
        it.page.focus_on("message.bcc")
        assert it.addresses("bcc").line.hasFocus()


# Attachments


async def attach(it: Bench, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), actions, mime, buttons, none)
    QApplication.sendEvent(it.page.viewport(), enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(50, 50), actions, mime, buttons, none)
    QApplication.sendEvent(it.page.viewport(), drop)
    await it.errands.done()


async def test_dropped_files_are_attached_and_shown(bench: Open, tmp_path: Path) -> None:
    report, odd = tmp_path / "report.pdf", tmp_path / "größe, “x”.txt"
    report.write_bytes(b"x" * 3_000_000)
    odd.write_text("hello")
    async with bench() as it:
        await attach(it, report, odd)
        assert [each.name for each in it.letter.draft.attachments] == [report.name, odd.name]
        rows = it.page.attachments.list.rows
        assert "2.9 MiB" in rows[0].accessibleName()
        assert "application/pdf" in rows[0].accessibleName()
        assert "5 bytes" in rows[1].accessibleName()
        it.letter.take_server({"SIZE": "35882577"}, 35882577)
        line = it.page.attachments.size_line.text()
        assert "2 files" in line
        assert "34.2 MiB the server accepts" in line
        rows[0].setFocus()
        QTest.keyClick(rows[0], Qt.Key.Key_Delete)
        assert [each.name for each in it.letter.draft.attachments] == [odd.name]
        it.letter.undo_stack.undo()
        assert len(it.page.attachments.list.rows) == 2


async def test_a_folder_is_not_attached(bench: Open, tmp_path: Path) -> None:
    async with bench() as it:
        await attach(it, tmp_path)
        assert it.letter.draft.attachments == ()
        assert any(tmp_path.name in text for text in it.said)


async def test_a_pasted_picture_becomes_a_file(bench: Open) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    async with bench() as it:
        QGuiApplication.clipboard().setImage(image)
        it.page.body.text.setFocus()
        QTest.keyClick(it.page.body.text, Qt.Key.Key_V, CONTROL)
        await it.errands.done()
        attachment = it.letter.draft.attachments[0]
        assert (attachment.name, attachment.content_type) == ("picture.png", "image/png")
        assert QImage.fromData(attachment.data).size() == image.size()
        it.page.attachments.list.choose.setFocus()
        QTest.keyClick(it.page.attachments.list.choose, Qt.Key.Key_V, CONTROL)
        await it.errands.done()
        assert it.letter.draft.attachments[1].name == "picture-2.png"


async def test_a_picture_pasted_into_html_is_shown_in_it(bench: Open) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    async with bench(replace(WHOLE, text="", html="<p></p>")) as it:
        it.page.body.focus_side(Side.HTML)
        it.page.body.html.moveCursor(QTextCursor.MoveOperation.End)
        QGuiApplication.clipboard().setImage(image)
        QTest.keyClick(it.page.body.html, Qt.Key.Key_V, CONTROL)
        await it.errands.done()
        assert it.letter.draft.attachments[0].content_id == "picture"
        assert it.letter.draft.html == '<p></p><img src="cid:picture" alt="picture">'


async def test_an_attachment_is_renamed_typed_and_made_inline(bench: Open) -> None:
    one = Attachment(name="a.bin", data=b"123")
    async with bench(replace(WHOLE, attachments=(one,))) as it:
        row = it.page.attachments.list.rows[0]
        row.setFocus()
        QTest.keyClick(row, Qt.Key.Key_F2)
        name = it.line("attachment.name")
        assert name.hasFocus()
        name.selectAll()
        QTest.keyClicks(name, "b.txt")
        QTest.keyClicks(it.line("attachment.content_type"), "text/csv")
        row.inline_asked.emit(True)
        assert it.letter.draft.attachments == (
            replace(one, name="b.txt", content_type="text/csv", content_id="b"),
        )
        assert it.line("attachment.content_id").text() == "b"
        assert "inline cid:b" in row.accessibleName()


# The body from all sides


async def test_the_source_is_what_would_be_sent(bench: Open) -> None:
    async with bench(replace(WHOLE, text="Grüße {{now}} {{random}}")) as it:
        it.page.body.focus_side(Side.SOURCE)
        await it.errands.done()
        octets = build(it.letter.complete, it.letter.occasion).content.read()
        assert it.page.body.source.text.toPlainText() == octets.decode().replace("\r\n", "\n")
        it.letter.edit(subject="Another")
        await it.errands.done()
        assert "Subject: Another" in it.page.body.source.text.toPlainText()


async def test_a_long_source_says_how_much_is_not_shown(bench: Open) -> None:
    big = Attachment(name="a.bin", data=bytes(600_000))
    async with bench(replace(WHOLE, attachments=(big,))) as it:
        it.page.body.focus_side(Side.SOURCE)
        await it.errands.done()
        source = it.page.body.source
        assert len(source.text.toPlainText()) <= 256 * 1024
        assert "more are not shown" in source.note.text()


async def test_what_can_not_be_built_leads_to_its_field(bench: Open) -> None:
    async with bench(replace(WHOLE, charset="us-ascii", text="Grüße")) as it:
        it.page.body.focus_side(Side.SOURCE)
        await it.errands.done()
        trouble = it.page.body.source.trouble
        button = next(
            item for item in trouble.findChildren(QPushButton) if item.text() == "Go to the field"
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert it.letter.built is not None
        assert it.letter.built.trouble is not None
        row = it.page.row(it.letter.built.trouble.field)
        assert row.isAncestorOf(QApplication.focusWidget())


async def test_the_preview_fetches_nothing_and_shows_inline_pictures(bench: Open) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    logo = Attachment(name="logo.png", data=png(image), content_id="logo")
    html = "<p>Hello {{host}}</p><img src='cid:logo'><img src='http://x.example/a.png'>"
    async with bench(replace(WHOLE, html=html, attachments=(logo,))) as it:
        it.page.body.focus_side(Side.PREVIEW)
        await it.errands.done()
        preview = it.page.body.preview
        assert "Hello mail.example.com" in preview.view.toPlainText()
        assert "1 thing" in preview.note.text()
        assert not preview.note.isHidden()


def png(image: QImage) -> bytes:
    return Given(picture=image).png()


async def test_a_variable_is_inserted_where_the_cursor_is(bench: Open) -> None:
    async with bench(replace(WHOLE, text="Sent ")) as it:
        it.page.body.text.moveCursor(QTextCursor.MoveOperation.End)
        bar = it.page.body.bar
        bar.insert.menu().aboutToShow.emit()
        action = next(item for item in bar.insert.menu().actions() if "{{now}}" in item.text())
        action.trigger()
        assert it.letter.draft.text == "Sent {{now}}"
        assert it.page.body.text.hasFocus()


async def test_a_template_is_put_in_and_taken_back(bench: Open) -> None:
    async with bench() as it:
        menu = it.page.body.bar.template.menu()
        menu.aboutToShow.emit()
        for action, template in zip(menu.actions(), templates.all_templates(), strict=True):
            assert template.purpose in action.toolTip()
            action.trigger()
            assert it.letter.draft.subject == template.subject
            assert it.letter.draft.to == WHOLE.to
            assert template.purpose in it.said[-1]
            it.letter.undo_stack.undo()
            assert it.letter.draft == WHOLE


async def test_alt_and_a_digit_go_from_side_to_side(bench: Open) -> None:
    async with bench() as it:
        it.page.body.text.setFocus()
        for key, side in ((Qt.Key.Key_2, Side.HTML), (Qt.Key.Key_3, Side.PREVIEW)):
            QTest.keyClick(QApplication.focusWidget(), key, Qt.KeyboardModifier.AltModifier)
            assert it.page.body.side is side
        await it.errands.done()


# In and out of files


async def test_a_message_is_saved_opened_and_sent_untouched(bench: Open, tmp_path: Path) -> None:
    path = tmp_path / "message.eml"
    async with bench() as it:
        await it.page.exchange.write_eml(path)
        assert path.read_bytes() == build(it.letter.complete, it.letter.occasion).content.read()
        it.letter.start_over(Draft())
        await it.page.exchange.read_eml(path)
        draft = it.letter.draft
        assert (draft.to, draft.subject) == (WHOLE.to, WHOLE.subject)
        assert draft.text.rstrip("\n") == WHOLE.text
        it.letter.undo_stack.undo()
        assert it.letter.draft == Draft()
        it.letter.change("untouched", untouched=str(path))
        await it.errands.done()
        assert it.letter.draft.to == ()
        assert not any(item.severity is Severity.BLOCKING for item in it.letter.findings)
        assert it.letter.built is not None
        assert it.letter.built.parcel is not None


async def test_files_that_json_names_are_read_after_a_yes(bench: Open, tmp_path: Path) -> None:
    note, path = tmp_path / "note.txt", tmp_path / "message.json"
    note.write_text("hello")
    message = {
        "from": "a@example.com",
        "to": "b@example.com",
        "subject": "From JSON",
        "attachments": [{"filename": "n.txt", "path": str(note)}],
    }
    path.write_text(json.dumps(message))
    async with bench() as it:
        await it.page.exchange.read_json(path)
        assert it.letter.draft.subject == "From JSON"
        assert it.letter.draft.attachments == ()
        box = next(item for item in it.page.findChildren(QMessageBox) if item.isVisible())
        assert str(note) in box.text()
        yes = next(item for item in box.buttons() if item.text() == "Attach them")
        QTest.mouseClick(yes, Qt.MouseButton.LeftButton)
        await it.errands.done()
        assert it.letter.draft.attachments[0].path == str(note)


async def test_json_comes_back_as_it_went(bench: Open, tmp_path: Path) -> None:
    path = tmp_path / "message.json"
    async with bench(replace(WHOLE, priority=Priority.HIGH)) as it:
        await it.page.exchange.write_json(path)
        it.letter.start_over(Draft())
        await it.page.exchange.read_json(path)
        assert it.letter.draft == replace(WHOLE, priority=Priority.HIGH)


async def test_a_file_that_is_not_there_is_told(bench: Open, tmp_path: Path) -> None:
    async with bench() as it:
        await it.page.exchange.read_eml(tmp_path / "none.eml")
        assert "none.eml" in it.said[-1]
        assert it.letter.draft == WHOLE


# Looks


async def shown(it: Bench) -> None:
    """Let the layouts come to rest."""
    await it.errands.done()
    for _ in range(10):
        await asyncio.sleep(0)


async def test_there_is_one_scroll_bar_never_two(bench: Open) -> None:
    async with bench(replace(WHOLE, text="line\n" * 60)) as it:
        await shown(it)
        text, page = it.page.body.text, it.page
        assert page.verticalScrollBar().maximum() == 0
        assert text.verticalScrollBar().maximum() > 0
        page.folds["delivery"][0].unfold()
        await shown(it)
        assert page.verticalScrollBar().maximum() > 0
        assert text.verticalScrollBar().maximum() == 0
        page.folds["delivery"][0].unfold(shown=False)
        await shown(it)
        assert page.verticalScrollBar().maximum() == 0


async def test_the_cursor_stays_in_sight_where_the_page_scrolls(bench: Open) -> None:
    async with bench(replace(WHOLE, text="line\n" * 60)) as it:
        it.page.folds["headers"][0].unfold()
        await shown(it)
        text = it.page.body.text
        text.setFocus()
        text.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(text, "last")
        await shown(it)
        place = text.mapTo(it.page.viewport(), text.cursor_place().center())
        assert it.page.viewport().rect().contains(place)


@pytest.mark.parametrize("size", [(404, 604), (452, 764)])
async def test_nothing_is_cut_and_nothing_scrolls_when_all_is_folded(
    bench: Open, size: tuple[int, int]
) -> None:
    files = (Attachment(name="a.pdf", data=b"1"), Attachment(name="b.png", data=b"2"))
    async with bench(replace(WHOLE, attachments=files)) as it:
        it.window.resize(*size)
        await shown(it)
        assert it.page.verticalScrollBar().maximum() == 0
        for fold, _ in it.page.folds.values():
            fold.unfold()
        await shown(it)
        assert it.page.widget().width() <= it.page.viewport().width()
        for row in it.page.findChildren(FieldRow):
            if row.isVisible():
                editor: QWidget = row.editor
                assert editor.width() >= editor.minimumSizeHint().width(), row.label.text()


async def test_every_control_has_a_name_and_can_be_reached(bench: Open) -> None:
    files = (Attachment(name="a.pdf", data=b"1"), Attachment(name="b.png", data=b"2"))
    meeting = Invitation(starts=NOW, ends=NOW)
    async with bench(replace(WHOLE, attachments=files, invitation=meeting)) as it:
        for fold, _ in it.page.folds.values():
            fold.unfold()
        reached: list[QWidget] = []
        widget = it.page.nextInFocusChain()
        while widget is not it.page and widget is not None:
            reached.append(widget)
            widget = widget.nextInFocusChain()
        kinds = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
        for control in (item for kind in kinds for item in it.page.findChildren(kind)):
            if control.objectName() == "qt_spinbox_lineedit" or not control.isVisible():
                continue
            named = control.accessibleName() or getattr(control, "text", lambda: "")()
            assert named, control
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                assert control in reached, control
        rows = it.page.attachments.list.rows
        body, choose = it.page.body.text, it.page.attachments.list.choose
        order = [reached.index(each) for each in (body, rows[0], rows[1], choose)]
        assert order == sorted(order)
