"""The inbox of the sandbox as its user meets it."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.modeltest import ModelTester

from smtp_workbench.message.reading import Part
from smtp_workbench.sandbox.inbox import Inbox, Message
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.models.inbox import MESSAGE, SIZE, TIME, WAY, InboxModel, subject
from smtp_workbench.ui.pages.inbox import InboxPage
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.message_view import HEADERS, PARTS, RENDERED, SOURCE, TEXT
from smtp_workbench.ui.widgets.parts_view import file_name
from ui.conftest import Expected

ROLE = Qt.ItemDataRole


def message(number: int, content: bytes = b"") -> Message:
    content = content or b"Subject: number %d\r\n\r\nhi\r\n" % number
    return Message(
        id=number,
        sender="a@b.example",
        recipients=("c@d.example",),
        content=content,
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def ids(model: InboxModel) -> list[int]:
    return [model.data(model.index(row), MESSAGE).id for row in range(model.rowCount())]


# The model


def test_the_newest_is_first(qtmodeltester: ModelTester) -> None:
    model = InboxModel()
    model.follow([message(1), message(2)])
    model.follow([message(2), message(3)])
    qtmodeltester.check(model)
    assert ids(model) == [3, 2]
    assert (model.row_of(2), model.row_of(1)) == (1, -1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(st.integers(1, 8), st.sets(st.integers(0, 20))), max_size=8))
def test_rows_that_stay_are_the_same_rows(qapp: QApplication, steps: list[int | set[int]]) -> None:
    inbox, model = Inbox(max_messages=12), InboxModel()
    held: dict[int, QPersistentModelIndex] = {}
    for step in steps:
        if isinstance(step, int):
            for _ in range(step):
                inbox.add(message(inbox.next_id()))
        else:
            for gone in {item.id for item in inbox} & step:
                inbox.delete(gone)
        model.follow(tuple(inbox))
        expected = [item.id for item in inbox][::-1]
        assert ids(model) == expected
        for known, index in held.items():
            assert index.isValid() is (known in expected)
            assert not index.isValid() or index.data(MESSAGE).id == known
        held |= {
            known: QPersistentModelIndex(model.index(model.row_of(known))) for known in expected
        }


def test_a_row_says_what_it_is() -> None:
    model = InboxModel()
    model.follow([message(1, b"subject:\r\n =?utf-8?q?h=C3=A9?=\r\n  you\r\n\r\n" + b"x" * 2000)])
    index = model.index(0)
    assert index.data() == "h\u00e9 you"
    assert index.data(WAY) == "a@b.example \u2192 c@d.example"
    assert index.data(SIZE) == "2.0 KiB"
    assert index.data(TIME).endswith(":04:05")
    assert index.data(ROLE.AccessibleTextRole).startswith("h\u00e9 you, a@b.example \u2192 ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ""),
        (b"\r\nSubject: in the body\r\n", ""),
        (b"X: 1\r\n\r\nSubject: in the body\r\n", ""),
        (b"X: 1\nSubject: bare\n\n", "bare"),
        (b"Subject: caf\xe9\r\n", "caf\u00e9"),
        (b"Subject: caf\xc3\xa9\r\n", "caf\u00e9"),
        (b"X-Subject: no\r\nSUBJECT : yes\r\n", "yes"),
        (b"Subject:" + b"\r\n " * 100_000, ""),
    ],
)
def test_a_subject_is_found_in_the_header_only(content: bytes, expected: str) -> None:
    assert subject(content) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\x.exe", "x.exe"),
        ("a\x00b\nc:d?.txt", "a_b_c_d_.txt"),
        ("..", "part-3.png"),
        ("", "part-3.png"),
        ("n" * 500 + ".txt", "n" * 116 + ".txt"),
    ],
)
def test_the_name_of_a_file_leads_nowhere_else(name: str, expected: str) -> None:
    assert file_name(Part(name, "image/png", "", b"", ""), 3) == expected


# The page


@asynccontextmanager
async def page_of(qapp: QApplication) -> AsyncIterator[InboxPage]:
    practice, errands = Practice(), Errands()
    page = InboxPage(practice, Theme(qapp), errands)
    page.resize(480, 700)
    page.show()
    await practice.start()
    try:
        yield page
    finally:
        await errands.end()
        await practice.stop()
        page.close()
        page.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def mail(subject: str = "Tool list", **more: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", subject
    for name, value in more.items():
        mail[name] = value
    mail.set_content("plain words\n")
    mail.add_alternative("<p>rich <b>words</b></p><img src='http://far.example/'>", subtype="html")
    mail.add_attachment(b"\x00\xffdata", "application", "octet-stream", filename="h\u00e9 llo.bin")
    return mail


async def send(page: InboxPage, *octets: bytes) -> None:
    """Send messages to the sandbox, and wait until the page knows of them."""
    server = page._practice.server
    assert server is not None

    def deliver() -> None:
        with smtplib.SMTP("127.0.0.1", server.ports.plain, timeout=10) as client:
            client.ehlo("my.host")
            for content in octets:
                client.sendmail("a@b.example", ["c@d.example", "e@f.example"], content)

    arrived = Expected(page._practice.arrived, len(octets))
    await asyncio.to_thread(deliver)
    await arrived
    await page._errands.done()


def shown(page: InboxPage) -> str:
    views = (page.view.html, page.view.text, page.view.headers, page.view.source)
    return next(view.toPlainText() for view in views if view.isVisible())


def button(page: InboxPage, text: str) -> QPushButton:
    found = page.findChildren(QPushButton)
    return next(item for item in found if item.text() == text and item.isVisible())


async def test_an_empty_inbox_says_what_will_be_there(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        assert not page.list.isVisible()
        server = page._practice.server
        assert server is not None
        assert str(server.ports.lmtp) in page._ports.text()
        await send(page, b"Subject: x\r\n\r\n")
        assert page.list.isVisible()


async def test_a_message_is_shown_in_every_way(qapp: QApplication) -> None:
    octets = mail().as_bytes()
    async with page_of(qapp) as page:
        await send(page, octets)
        assert shown(page).startswith("rich words")
        assert page.view.html.blocked == 1
        for aspect, words in (
            (TEXT, "plain words"),
            (HEADERS, "Subject: Tool list"),
            (SOURCE, "From: a@b.example\n"),
            (RENDERED, "rich words"),
        ):
            page.view.segments.picked.emit(aspect)
            assert words in shown(page)
        page.view.segments.picked.emit(PARTS)
        model = page.view.parts.model
        row = [model.index(0, column).data() for column in range(3)]
        assert row == ["h\u00e9 llo.bin", "application/octet-stream", "6 bytes"]
        facts = page._facts
        assert facts.mail_from.text().startswith("<a@b.example> size=")
        assert facts.rcpt_to.text() == "<c@d.example>, <e@f.example>"
        assert facts.session.text() == "EHLO my.host \u00b7 no TLS \u00b7 no log-in"


async def test_a_message_without_html_is_rendered_as_text(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, b"Subject: x\r\n\r\n<b>no tag</b>\r\n")
        assert shown(page).strip() == "<b>no tag</b>"


async def test_the_source_of_a_large_message_is_cut_and_says_so(qapp: QApplication) -> None:
    line = b"\xff" + b"x" * 75 + b"\r\n"
    async with page_of(qapp) as page:
        await send(page, b"Subject: x\r\n\r\n" + line * 10_000)
        page.view.show_aspect(SOURCE)
        text = shown(page)
        assert "\\xffxxx" in text
        assert text.endswith("KiB more, which \u201cSave as .eml\u201d keeps.")
        assert len(text) < 300_000


async def test_what_is_wrong_with_a_message_is_said(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n")
        (finding, *_) = page.view.notes._findings
        assert "boundary" in finding.message


async def test_keys_go_through_the_list_and_delete(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, *(mail(f"number {n}").as_bytes() for n in range(4)))
        page.list.setFocus()
        page.list.go_to(0)
        QTest.keyClick(page.list, Qt.Key.Key_Down)
        await page._errands.done()
        assert page._subject.text() == "number 2"
        QTest.keyClick(page.list, Qt.Key.Key_Delete)
        await page._errands.done()
        assert page._subject.text() == "number 1"
        QTest.keyClick(page.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(page.list, Qt.Key.Key_Delete)
        assert page._practice.messages == 0
        assert not page.list.isVisible()
        assert page._practice.summary().endswith("0 messages")


async def test_a_message_that_came_can_be_shown(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, mail("one").as_bytes(), mail("two").as_bytes())
        one, two = page._practice.inbox
        for wanted in (one, two, one):
            page.show_message(wanted.id)
            await page._errands.done()
            assert page._subject.text() == subject(wanted.content)
            assert page.list.selected() == [page.model.row_of(wanted.id)]
        page.show_message(99)
        assert page._message is one


async def test_all_are_deleted_after_a_question(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, mail().as_bytes())
        for choice, left in (("Cancel", 1), ("Delete all", 0)):
            button(page, "Delete all\u2026").click()
            (box,) = (b for b in page.findChildren(QMessageBox) if b.isVisible())
            next(b for b in box.buttons() if b.text().replace("&", "") == choice).click()
            assert page._practice.messages == left


async def test_octets_are_saved_as_they_came(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    octets = mail("a/b: \u201cc\u201d").as_bytes()
    async with page_of(qapp) as page:
        await send(page, octets)
        for press, name, expected in (
            (lambda: button(page, "Save as .eml\u2026").click(), "a_b_ _c.eml", octets),
            (page.view.parts.save.click, "h\u00e9 llo.bin", b"\x00\xffdata"),
        ):
            page.view.show_aspect(PARTS)
            press()
            (dialog,) = (d for d in page.findChildren(QFileDialog) if d.isVisible())
            assert Path(dialog.selectedFiles()[0]).name == name
            said = Expected(page.said)
            dialog.fileSelected.emit(str(tmp_path / "file"))
            dialog.reject()
            assert (await said)[0].startswith("Saved ")
            assert (tmp_path / "file").read_bytes() == expected
        said = Expected(page.said)
        page._errands.run(page._write(tmp_path / "file" / "in no folder", b""))
        assert (await said)[0].startswith("Could not write ")


async def test_a_message_is_handed_on(qapp: QApplication) -> None:
    octets = mail().as_bytes()
    async with page_of(qapp) as page:
        await send(page, octets)
        asked: list[bytes] = []
        page.edit_asked.connect(asked.append)
        button(page, "Edit as new").click()
        assert asked == [octets]
        button(page, "Copy source").click()
        assert QGuiApplication.clipboard().text().encode() == octets


async def test_a_flood_is_told_of_in_gulps_and_what_is_read_stays(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, mail("the first").as_bytes())
        server = page._practice.server
        assert server is not None
        told: list[int] = []
        page._practice.inbox_changed.connect(lambda: told.append(page.model.rowCount()))
        arrived = Expected(page._practice.arrived, 1500)
        for _ in range(1500):
            server.inbox.add(message(server.inbox.next_id()))
        await arrived
        await page._errands.done()
        assert told == [1000]
        assert page._subject.text() == "the first"  # it is gone from the inbox
        assert shown(page).startswith("rich words")
        assert page.list.selected() == []


async def test_a_stopped_sandbox_has_no_messages(qapp: QApplication) -> None:
    async with page_of(qapp) as page:
        await send(page, mail().as_bytes())
        await page._practice.stop()
        assert not page.list.isVisible()
        assert page.model.rowCount() == 0
        assert page._practice.inbox == ()


@pytest.fixture(autouse=True)
def _own_dialogs(qapp: QApplication) -> Iterator[None]:
    """Use Qt's file dialog, which a test can see."""
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    yield
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, False)
