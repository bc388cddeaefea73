"""Sending from the window: the message page, the session column and the inbox together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from smtp_workbench.message.draft import Attachment
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security
from smtp_workbench.smtp.events import Delivered, Progress, Stage
from smtp_workbench.ui.app import App
from smtp_workbench.ui.widgets.body_bar import Side
from support.mail_script import MailScript
from support.scripted import Peer, serve
from ui.conftest import Expected, Open

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


async def sent(app: App) -> None:
    """Press Ctrl+Return and wait until it is over."""
    finished = Expected(app.conversation.finished)
    QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL)
    await finished


def click(app: App, text: str) -> None:
    button = app.window.session.card.button(text)
    assert button is not None, [action.label for action in app.window.session.card.text.actions]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def answer(yes: str) -> None:
    """Answer the question that is open."""
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    button = next(item for item in box.buttons() if item.text() == yes)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def lines(app: App) -> list[str]:
    return [line.text for line in app.conversation.report.lines]


@asynccontextmanager
async def talking_to(app: App, script: MailScript) -> AsyncIterator[None]:
    """Have the form lead to a scripted server, in a profile of its own."""
    with serve(script) as server:
        app.window.actions_.new.trigger()
        fields = {"host": "127.0.0.1", "port": server.port, "security": Security.PLAINTEXT}
        app.form.apply(Change({**fields, "auth": Auth()}), "test")
        app.window.letter.edit(
            author="me@example.org", to=("a@example.org", "b@example.org", "c@example.org")
        )
        yield


async def test_the_first_start_sends_with_one_key_and_opens_the_inbox(opened: Open) -> None:
    async with opened() as app:
        arrived = Expected(app.practice.arrived)
        await sent(app)
        card = app.window.session.card.text
        assert card.title.startswith("Sent, queued as")
        assert card.kind == "good"
        (message,) = await arrived
        assert app.window.pages.page is app.window.inbox
        assert b"this message was sent by SMTP Workbench" in message.content
        assert app.window.inbox.list.currentIndex().row() == 0
        assert [stop.state for stop in app.window.session.rail.stops] == ["ok"] * 12


async def test_the_source_that_was_shown_is_what_was_sent(opened: Open) -> None:
    async with opened() as app:
        letter = app.window.letter
        app.window.pages.show_page(app.window.message)
        app.window.message.body.focus_side(Side.SOURCE)
        if not letter.is_built:
            await Expected(letter.built_anew)
        assert letter.built is not None
        assert letter.built.parcel is not None
        shown = letter.built.parcel.content.read()
        arrived = Expected(app.practice.arrived)
        await sent(app)
        (message,) = await arrived
        assert message.content == shown
        assert letter.occasion.random not in shown.decode(), "the next one is another message"


async def test_the_body_is_one_line_in_the_traffic(opened: Open) -> None:
    async with opened() as app:
        await sent(app)
        assert sum("octets]" in text for text in lines(app)) == 1
        assert not any("sent by SMTP Workbench" in text for text in lines(app))


async def test_what_has_to_be_mended_first_gets_the_focus(opened: Open) -> None:
    async with opened() as app:
        app.window.letter.edit(to=())
        QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL)
        assert not app.conversation.running
        assert app.window.pages.page is app.window.message
        focus = QApplication.focusWidget()
        assert focus is not None
        assert app.window.message.row("to").isAncestorOf(focus)
        assert "recipient" in app.window.status.text()


async def test_some_refused_recipients_are_named_and_the_others_get_it(opened: Open) -> None:
    script = MailScript(answers={"RCPT TO:<b@example.org>": b"550 5.1.1 no such user\r\n"})
    async with opened() as app, talking_to(app, script):
        await sent(app)
        card = app.window.session.card.text
        assert card.title == "Sent to 2 of 3 recipients"
        assert any("b@example.org: 550" in line for line in card.advice)
        assert len(script.messages) == 1


async def test_a_message_in_doubt_is_sent_again_only_after_a_yes(opened: Open) -> None:
    first = [True]

    def gone_once(peer: Peer) -> bytes:
        if first and first.pop():
            peer.sock.close()
            raise ConnectionAbortedError
        return b"250 2.0.0 Ok: queued as AB12CD34\r\n"

    script = MailScript(answers={".": gone_once})
    async with opened() as app, talking_to(app, script):
        await sent(app)
        assert app.conversation.report.delivered is Delivered.UNKNOWN
        assert "Nobody knows" in app.window.session.card.text.title
        click(app, "Send again, perhaps twice…")
        assert not app.conversation.running
        finished = Expected(app.conversation.finished)
        answer("Send it again")
        await finished
        assert app.window.session.card.text.title == "Sent, queued as AB12CD34"
        assert len(script.messages) == 2


async def test_keep_trying_waits_as_long_as_the_server_said(opened: Open) -> None:
    refusals = [b"451 4.7.1 Greylisted, try again in 1 seconds\r\n"] * 6

    def at_first(_peer: Peer) -> bytes:
        return refusals.pop() if refusals else b"250 ok\r\n"

    script = MailScript(answers={"RCPT": at_first})
    async with opened() as app, talking_to(app, script):
        await sent(app)
        assert app.window.session.card.button("Try again now") is not None
        finished = Expected(app.conversation.finished)
        click(app, "Keep trying, first in 1 s")
        await asyncio.wait_for(_until_waiting(app), 10)
        await finished
        assert app.conversation.report.ok
        assert len(app.conversation.earlier) == 1
        assert any("Try 1" in line for line in app.window.session.card.text.advice)
        # The lines of a stage are those of the run that the rail shows.
        app.window.session.show_stage(1)
        rows = {index.row() for index in app.window.session.log.view.selectedIndexes()}
        connected = [app.window.session.log.model.text(row) for row in rows]
        assert len([text for text in connected if "TCP connected" in text]) == 1


async def _until_waiting(app: App) -> None:
    while not app.window.session.card.text.title.startswith("Trying again at"):
        await Expected(app.conversation.happened)


async def test_the_next_profile_takes_it_and_the_card_tells_the_chain(opened: Open) -> None:
    second = MailScript()
    refuses = MailScript(answers={"MAIL": b"452 4.5.3 daily sending quota exceeded\r\n"})
    async with opened() as app, talking_to(app, second):
        app.book.rename(app.book.current, "Backup")
        async with talking_to(app, refuses):
            app.window.letter.edit(fallback=("Backup",))
            await sent(app)
            card = app.window.session.card.text
            assert card.title.startswith("Sent, queued as")
            assert any("Try 1, over 127.0.0.1" in line for line in card.advice)
            assert any("Try 2, over Backup" in line for line in card.advice)
            assert len(second.messages) == 1


async def test_a_fallback_that_does_not_exist_is_told(opened: Open) -> None:
    async with opened() as app:
        refused = Expected(app.window.runs.refused)
        app.window.letter.edit(fallback=("Nowhere",))
        QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL)
        await refused
        assert "Nowhere" in app.window.status.text()
        assert not app.conversation.running


async def test_many_messages_are_counted_and_the_inbox_stays_where_it_is(opened: Open) -> None:
    async with opened() as app:
        app.window.pages.show_page(app.window.message)
        app.window.letter.edit(count=40)
        app.form.type("pool.enabled", value=True)
        await sent(app)
        assert app.window.session.card.text.title == "40 of 40 messages were accepted"
        assert app.window.session.load.isVisible()
        assert app.window.pages.page is app.window.message
        assert app.practice.messages == 40
        await sent(app)
        assert app.practice.messages == 80


async def test_many_messages_to_somebody_else_are_asked_about_first(opened: Open) -> None:
    async with opened() as app:
        app.window.actions_.new.trigger()
        app.form.apply(Change({"host": "mail.example.com", "auth": Auth()}), "test")
        app.window.letter.edit(author="me@example.org", count=21)
        QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL)
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert "21" in box.windowTitle() + box.text()
        answer("Cancel")
        assert not app.conversation.running


async def test_a_stop_in_the_middle_says_what_the_server_has(opened: Open, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as stream:
        stream.truncate(30_000_000)

    def stuck(peer: Peer, octets: int) -> bool:
        if octets > 100_000:
            peer.wait_for_close()
            return True
        return False

    async with opened() as app, talking_to(app, MailScript(in_message=stuck)):
        app.window.letter.edit(attachments=(Attachment(name="big.bin", path=str(big)),))
        finished = Expected(app.conversation.finished)
        moved = asyncio.get_running_loop().create_future()

        def watch(events: list[Any]) -> None:
            if any(isinstance(event, Progress) for event in events) and not moved.done():
                moved.set_result(None)

        app.conversation.happened.connect(watch)
        QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL)
        await moved
        QTest.keyClick(app.window, Qt.Key.Key_Escape)
        await finished
        assert app.conversation.report.delivered is Delivered.NOT_SENT
        assert "throw it away" in app.window.session.card.text.text


async def test_sending_step_by_step_waits_before_the_message(opened: Open) -> None:
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        QTest.keyClick(app.window, Qt.Key.Key_Return, CONTROL | SHIFT)
        stages = []
        while True:
            (stage,) = await waiting
            stages.append(stage)
            if stage == Stage.DATA.value:
                break
            waiting = Expected(app.conversation.waiting)
            QTest.keyClick(app.window, Qt.Key.Key_F10)
        assert stages[-3:] == ["mail", "rcpt", "data"]
        assert app.practice.messages == 0
        finished = Expected(app.conversation.finished)
        QTest.keyClick(app.window, Qt.Key.Key_F5)
        await finished
        assert app.conversation.report.delivered is Delivered.ACCEPTED


async def test_the_password_goes_over_plaintext_only_for_the_send_that_was_allowed(
    opened: Open,
) -> None:
    script = MailScript(extensions=("AUTH PLAIN",), answers={"AUTH": b"235 2.7.0 ok\r\n"})
    async with opened() as app, talking_to(app, script):
        # By name it could be anybody's machine; nothing listens there, so nothing is said.
        app.form.apply(Change({"auth.user": "me"}, Secret("hunter2hunter2")), "test")
        await sent(app)
        assert app.conversation.report.ok, "loopback is this machine itself"
        assert not any("hunter2" in line for line in lines(app))


async def test_the_draft_is_there_again_after_a_restart(opened: Open) -> None:
    pasted = Attachment(name="pasted.png", data=b"\x89PNG" + b"\0" * 100_000)
    async with opened() as app:
        app.window.letter.edit(subject="Kept ✓", text="typed here", attachments=(pasted,))
    async with opened() as app:
        draft = app.window.letter.draft
        assert (draft.subject, draft.text) == ("Kept ✓", "typed here")
        assert draft.attachments == (pasted,)


async def test_the_draft_is_written_a_moment_after_the_last_stroke(
    opened: Open, tmp_path: Path
) -> None:
    async with opened() as app:
        app.window.letter.edit(subject="just typed")
        await Expected(app.keeper.written)
        assert "just typed" in (tmp_path / "draft.json").read_text()


async def test_a_received_message_is_edited_as_a_new_one(opened: Open) -> None:
    async with opened() as app:
        arrived = Expected(app.practice.arrived)
        await sent(app)
        (message,) = await arrived
        app.window.inbox.edit_asked.emit(message.content)
        await app.window.errands.done()
        assert app.window.pages.page is app.window.message
        assert app.window.letter.draft.text.startswith("Hello,")
        app.window.actions_.undo.trigger()
        assert "{{host}}" in app.window.letter.draft.text


async def test_faults_at_the_end_are_shown_as_the_engine_tells_them(opened: Open) -> None:
    at_the_end = (item for item in FAULTS if "DOT" in item.replies or item.drops == "DOT")
    for fault in at_the_end:
        async with opened() as app:
            app.practice.fail(fault)
            await sent(app)
            assert app.conversation.report.failed_stage is Stage.DATA, fault.id
            assert app.window.session.card.text.kind == "bad", fault.id
