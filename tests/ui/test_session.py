"""Runs in the window: what it shows equals what the engine reports, at every moment."""

import asyncio
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QPushButton

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.smtp.events import Stage
from smtp_workbench.ui.app import App
from support.leaks import find_leak
from ui.conftest import Expected, Open, settle

STAGES = ["dns", "connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "quit"]
VERIFIABLE = [fault for fault in FAULTS if fault.stage not in {"data", "mail", "rcpt"}]
SILENT = [fault for fault in VERIFIABLE if fault.holds]


def press(app: App, key: Qt.Key) -> None:
    QTest.keyClick(app.window, key)


async def verified(app: App) -> None:
    finished = Expected(app.conversation.finished)
    press(app, Qt.Key.Key_F5)
    await finished


def marks(app: App) -> list[str]:
    return [stop.state for stop in app.window.session.rail.stops]


def click(app: App, text: str) -> None:
    button = app.window.session.card.button(text)
    assert button is not None, f"no button {text!r}"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_the_first_start_needs_one_key(opened: Open) -> None:
    async with opened() as app:
        assert app.practice.running
        assert "F5" in app.window.session.card.text.text
        assert marks(app) == ["pending"] * len(STAGES)
        await verified(app)
        assert app.conversation.report.ok
        assert marks(app) == ["ok"] * len(STAGES)
        assert app.window.session.card.text.kind == app.window.status.verdict() == "good"
        app.window.status.say("something else")
        assert not app.window.status.verdict()


@pytest.mark.parametrize("fault", VERIFIABLE, ids=lambda fault: fault.id)
async def test_each_failure_is_shown_as_the_engine_tells_it(fault: Fault, opened: Open) -> None:
    async with opened() as app:
        app.practice.fail(fault)
        for limit in ("dns", "connect", "greeting", "socket"):
            app.form.type(f"timeouts.{limit}", 1.0)
        await verified(app)
        report = app.conversation.report
        assert report.failed_stage is not None
        assert report.failed_stage.value == fault.stage
        assert "failed" in marks(app)
        card = app.window.session.card.text
        assert card.kind == app.window.status.verdict() == "bad"
        diagnosis = diagnose(report, app.form.transport)
        assert diagnosis is not None
        assert diagnosis.cause == fault.cause
        assert (card.title, card.evidence) == (diagnosis.title, diagnosis.evidence)


async def test_stepping_waits_before_each_stage(opened: Open) -> None:
    async with opened() as app:
        seen = []
        waiting = Expected(app.conversation.waiting)
        press(app, Qt.Key.Key_F10)
        for number in range(len(STAGES)):
            (stage,) = await waiting
            seen.append(stage)
            assert marks(app)[number] == "next"
            assert len(app.conversation.report.stages) == number
            waiting = Expected(app.conversation.waiting)
            finished = Expected(app.conversation.finished)
            press(app, Qt.Key.Key_F10)
        await finished
        assert seen == STAGES
        assert app.conversation.report.ok


@pytest.mark.parametrize("number", range(len(STAGES)))
async def test_a_stop_while_stepping_ends_at_that_stage(number: int, opened: Open) -> None:
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        for _ in range(number):
            await waiting
            waiting = Expected(app.conversation.waiting)
            app.window.runs.step()
        await waiting
        finished = Expected(app.conversation.finished)
        press(app, Qt.Key.Key_Escape)
        await finished
        assert app.conversation.report.stopped
        assert not app.conversation.running
        assert app.window.session.card.text.title == "Stopped"


async def test_the_focus_stays_in_its_column_when_a_run_takes_the_button(opened: Open) -> None:
    async with opened() as app:
        session = app.window.session
        verify = session.card.button("Verify")
        assert verify is not None
        verify.setFocus()
        app.window.runs.begin_anew()  # as when the sandbox is ready
        assert app.frame.focusWidget() is session.card.button("Verify")
        await verified(app)
        assert app.frame.focusWidget() is session.log.view


async def test_enter_on_continue_goes_through_all_stages(opened: Open) -> None:
    async with opened() as app:
        waiting, finished = Expected(app.conversation.waiting), Expected(app.conversation.finished)
        app.window.runs.step()
        for _ in STAGES:
            await waiting
            settle()
            button = app.frame.focusWidget()
            assert isinstance(button, QPushButton)
            assert (button.text(), button.isVisible()) == ("Continue", True)
            waiting = Expected(app.conversation.waiting)
            button.click()
        await finished
        assert app.conversation.report.ok


async def test_tab_goes_through_the_session_from_above_to_below(opened: Open) -> None:
    async with opened() as app:
        session = app.window.session
        await verified(app)
        session.show_stage(5)  # the certificate, with two buttons
        settle()
        first = session.rail.findChildren(QAbstractButton)[0]
        first.setFocus()
        heights = []
        while (focused := app.frame.focusWidget()) and session.isAncestorOf(focused):
            heights.append(focused.mapTo(session, focused.rect().center()).y())
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert len(heights) > len(STAGES) + 8
        assert all(below >= above - 12 for above, below in pairwise(heights)), heights


async def test_stop_can_be_pressed_only_while_something_runs(opened: Open) -> None:
    async with opened() as app:
        stop = app.window.actions_.stop
        assert not stop.isEnabled()
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        await waiting
        assert stop.isEnabled()
        finished = Expected(app.conversation.finished)
        stop.trigger()
        await finished
        assert app.conversation.report.stopped
        assert not stop.isEnabled()


@pytest.mark.parametrize("number", range(len(STAGES)))
async def test_the_window_closes_at_each_stage(number: int, opened: Open) -> None:
    """What is left behind, a task, a socket or a warning, fails the test."""
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        for _ in range(number):
            await waiting
            waiting = Expected(app.conversation.waiting)
            app.window.runs.step()
        await waiting
        closing = Expected(app.frame.closing)
        app.frame.close()
        await closing
    assert app.conversation.report.stopped


async def test_from_stepping_to_the_end_with_one_key(opened: Open) -> None:
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        await waiting
        await verified(app)
        assert app.conversation.report.ok


@pytest.mark.parametrize("fault", SILENT, ids=lambda fault: fault.id)
async def test_a_stop_or_a_close_ends_a_stage_that_hangs(fault: Fault, opened: Open) -> None:
    async with opened() as app:
        app.practice.fail(fault)
        finished = Expected(app.conversation.finished)
        app.window.runs.verify()
        while not app.conversation.report.stages or _under_way(app) != fault.stage:
            await Expected(app.conversation.happened)
        if fault.stage == "greeting":
            press(app, Qt.Key.Key_Escape)
        else:
            app.frame.close()  # the block's end waits for what is under way
            await app.conversation.stopped()
        await finished
        assert app.conversation.report.stopped


def _under_way(app: App) -> str:
    last = app.conversation.report.stages[-1]
    return last.stage.value if last.status is None else ""


async def test_a_session_is_held_open_for_typed_commands(opened: Open) -> None:
    async with opened() as app:
        typed = app.window.session.typed
        QTest.mouseClick(typed.switch, Qt.MouseButton.LeftButton)
        held = Expected(app.conversation.held)
        press(app, Qt.Key.Key_F5)
        await held
        assert typed.line.isEnabled()
        await say(app, "VRFY postmaster")
        assert "VRFY postmaster" in spoken(app, "C")
        await say(app, "AUTH PLAIN AHVzZXIAdG9wc2VjcmV0cHc=")
        assert find_leak(json.dumps(spoken(app, "C")), "topsecretpw") is None
        typed.line.setText("")
        QTest.keyClick(typed.line, Qt.Key.Key_Up)
        assert typed.line.text() == "AUTH PLAIN"
        finished = Expected(app.conversation.finished)
        click(app, "Quit the session")
        await finished
        assert app.conversation.report.ok
        assert not typed.line.isEnabled()


async def say(app: App, command: str) -> None:
    """Type a command and wait for its reply."""
    line = app.window.session.typed.line
    line.clear()
    QTest.keyClicks(line, command)
    before = len(spoken(app, "S"))
    QTest.keyClick(line, Qt.Key.Key_Escape) if line.completer().popup().isVisible() else None
    QTest.keyClick(line, Qt.Key.Key_Return)
    await answered(app, before)


async def answered(app: App, before: int) -> None:
    """Wait until the server has said more than *before* lines."""
    while len(spoken(app, "S")) == before:
        await Expected(app.conversation.happened)


def spoken(app: App, direction: str) -> list[str]:
    return [item.text for item in app.conversation.report.lines if item.direction == direction]


async def test_a_refused_log_in_can_be_held_open_too(opened: Open) -> None:
    async with opened() as app:
        app.practice.fail(next(item for item in FAULTS if item.stage == "auth" and item.replies))
        app.conversation.hold = True
        held = Expected(app.conversation.held)
        app.window.runs.verify()
        await held
        assert "AUTH" in app.window.session.card.text.text
        finished = Expected(app.conversation.finished)
        app.conversation.let_go()
        await finished
        assert app.conversation.report.failed_stage is Stage.AUTH


async def test_a_typed_message_is_asked_for_once(opened: Open) -> None:
    async with opened() as app:
        app.conversation.hold = True
        held = Expected(app.conversation.held)
        app.window.runs.verify()
        await held
        await say(app, "MAIL FROM:<a@sender.example>")
        await say(app, "RCPT TO:<b@sandbox.test>")
        line = app.window.session.typed.line
        line.setText("DATA")
        QTest.keyClick(line, Qt.Key.Key_Return)
        box = next(item for item in app.window.findChildren(QMessageBox) if item.isVisible())
        before = len(spoken(app, "S"))
        button = next(item for item in box.findChildren(QPushButton) if "Begin" in item.text())
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await answered(app, before)
        for text in ("Subject: typed", "", "Hello"):
            line.setText(text)
            QTest.keyClick(line, Qt.Key.Key_Return)
        await say(app, ".")
        assert app.practice.messages == 1
        finished = Expected(app.conversation.finished)
        app.conversation.let_go()
        await finished


async def test_a_stage_shows_its_details(opened: Open) -> None:
    async with opened() as app:
        await verified(app)
        window = app.window
        for index in range(len(app.conversation.report.stages)):
            window.session.show_stage(index)
            assert window.session.detail.isVisible()
        window.session.show_stage(STAGES.index("tls"))
        trust = next(
            item
            for item in window.session.detail.findChildren(QPushButton)
            if item.text() == "Trust this certificate" and not item.isHidden()
        )
        QTest.mouseClick(trust, Qt.MouseButton.LeftButton)
        box = next(item for item in window.findChildren(QMessageBox) if item.isVisible())
        button = next(item for item in box.findChildren(QPushButton) if item.text() == "Change")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        facts = app.conversation.report.tls
        assert facts is not None
        assert facts.leaf is not None
        assert app.form.transport.tls.fingerprint == facts.leaf.sha256
        await verified(app)
        assert app.conversation.report.ok
        press(app, Qt.Key.Key_Escape)
        assert not window.session.detail.isVisible()


async def test_the_report_is_copied_without_the_password(opened: Open) -> None:
    async with opened() as app:
        app.practice.fail(next(item for item in FAULTS if item.id == "wrong-name"))
        await verified(app)
        click(app, "Copy report")
        text = QGuiApplication.clipboard().text()
        assert "hostname_mismatch" in text
        assert "| tls | failed |" in text
        assert app.form.filled.secret is not None
        assert find_leak(text, app.form.filled.secret.reveal()) is None


async def test_another_profile_ends_the_run_and_begins_anew(opened: Open) -> None:
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        await waiting
        finished = Expected(app.conversation.finished)
        app.window.actions_.new.trigger()
        await finished
        assert app.conversation.report.stopped
        assert "Nothing has been tried" in app.window.session.card.text.title
        assert set(marks(app)) == {"pending"}


async def test_the_first_job_by_keyboard_alone(opened: Open) -> None:
    """New profile, host, port, user, password, verify: never a mouse."""
    async with opened() as app:
        practice = app.practice.filled()
        host, port = practice.transport.host, practice.transport.effective_port
        assert practice.secret is not None
        QTest.keyClick(app.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)

        def typed(path: str, text: str) -> None:
            for _ in range(80):
                focused = QGuiApplication.focusObject()
                assert focused is not None
                if focused.objectName() == f"edit-{path}":
                    break
                QTest.keyClick(app.window.focusWidget(), Qt.Key.Key_Tab)
            else:
                raise AssertionError(f"{path} can't be reached with Tab")
            QTest.keyClicks(app.window.focusWidget(), text)

        typed("host", host)
        typed("port", str(port))
        typed("auth.user", practice.transport.auth.user)
        typed("secret", practice.secret.reveal())
        finished = Expected(app.conversation.finished)
        QTest.keyClick(app.window, Qt.Key.Key_F5)
        await finished
        # The sandbox's authority is its own, so trust fails; the shown remedy is a button.
        assert app.conversation.report.failed_stage is Stage.TLS
        assert app.book.profiles[0].last is not None


async def test_a_mistake_of_the_program_is_a_card_and_no_traceback(opened: Open) -> None:
    async with opened() as app:

        async def broken() -> None:
            raise RuntimeError("oops")

        app.window.errands.run(broken())
        with pytest.raises(RuntimeError):
            await app.window.errands.done()
        assert "oops" in app.window.session.card.text.evidence
        click(app, "Copy report")
        assert "RuntimeError" in QGuiApplication.clipboard().text()


async def test_the_command_line_tells_the_same(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        app.practice.fail(next(item for item in FAULTS if item.id == "expired"))
        await verified(app)
        filled = app.form.filled
        assert filled.secret is not None
        transport = filled.transport
        process = await asyncio.to_thread(
            subprocess.run,
            [
                *(sys.executable, "-m", "smtp_workbench", "verify", "--json"),
                f"smtp://{transport.host}:{transport.effective_port}?requireTLS=true",
                *("--user", transport.auth.user, "--password-stdin", "--server-name", "localhost"),
                *("--ca-file", transport.tls.ca_file),
            ],
            input=filled.secret.reveal(),
            capture_output=True,
            text=True,
        )
        told = json.loads(process.stdout)
        shown = app.conversation.report.as_json()
        assert [(s["stage"], s["status"]) for s in told["stages"]] == [
            (s["stage"], s["status"])
            for s in shown["stages"]  # type: ignore[attr-defined]
        ]
        assert told["diagnosis"]["title"] == app.window.session.card.text.title
