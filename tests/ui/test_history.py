"""The history in the window: every run is kept, shown again as it was, and compared."""

import json
import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from smtp_workbench.diagnosis.page import html
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.settings.change import Finding, Severity
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Line, RecipientAnswered, Stage, Status, Target
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.report import Report, StageReport
from smtp_workbench.store.history import History
from smtp_workbench.ui.app import App
from smtp_workbench.ui.dialogs.compare_runs import CompareRuns
from smtp_workbench.ui.models.past_runs import BELOW
from support.leaks import find_leak
from ui.conftest import Expected, Open

FAULT = {fault.id: fault for fault in FAULTS}


async def verified(app: App) -> None:
    await app.past.errands.done()
    kept = Expected(app.past.changed)
    app.window.runs.verify()
    await kept


def shown(app: App) -> list[tuple[str, str]]:
    model = app.window.sidebar.history.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    return [(row.data().split(" · ")[1], row.data(BELOW)) for row in rows]


async def choose(app: App, row: int) -> None:
    history = app.window.sidebar.history
    opened = Expected(app.past.opened)
    place = history.visualRect(history.model().index(row, 0)).center()
    QTest.mouseClick(history.viewport(), Qt.MouseButton.LeftButton, pos=place)
    await opened


def column(app: App) -> tuple[object, ...]:
    """Return what the session column shows: rail, card, and lines with their stages."""
    session = app.window.session
    model = session.log.model
    stages = [model.rows_of_stage(at) for at in range(12)]
    texts = [model.index(row, at).data() for row in range(model.rowCount()) for at in range(5)]
    card = session.card.text
    return session.rail.stops, card.kind, card.title, card.text, card.evidence, texts, stages


async def test_there_is_no_heading_without_runs(opened: Open) -> None:
    async with opened() as app:
        assert not app.window.sidebar.history.isVisible()
        await verified(app)
        assert app.window.sidebar.history.isVisible()


async def test_every_run_is_listed_newest_first(opened: Open) -> None:
    async with opened() as app:
        await verified(app)
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        app.practice.fail(None)
        app.book.add("Mine", app.practice.filled())
        kept = Expected(app.past.changed)
        app.window.runs.send()
        await kept
        waiting, kept = Expected(app.conversation.waiting), Expected(app.past.changed)
        app.window.runs.step()
        await waiting
        app.conversation.stop()
        await kept
        assert shown(app) == [
            ("stopped", "Mine"),
            ("sent, 250", "Mine"),
            ("TLS failed", "Sandbox server"),
            ("works", "Sandbox server"),
        ]


async def test_a_run_that_the_closing_ends_is_kept(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        await waiting
    (run,) = History(tmp_path).list()
    assert run.stopped


async def test_a_kept_run_is_shown_as_it_was(opened: Open) -> None:
    async with opened() as app:
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        before = column(app)
        app.window.actions_.copy_report.trigger()
        report = QGuiApplication.clipboard().text()
    async with opened() as app:
        await verified(app)
        works = column(app)
        await choose(app, 1)
        assert column(app) == before
        card = app.window.session.card.text
        assert "history" in card.banner
        assert [action.label for action in card.actions] == ["Copy report", "Save report…"]
        app.window.actions_.copy_report.trigger()
        assert head(QGuiApplication.clipboard().text()) == head(report)
        app.window.session.show_stage(5)
        assert app.window.session.detail.isVisible()
        await verified(app)
        assert column(app)[1:3] == works[1:3]
        assert not app.window.session.card.text.banner
        assert not app.window.sidebar.history.selectionModel().hasSelection()


def head(report: str) -> str:
    """Return a report without the findings of the form, which a kept run has none of."""
    return report.partition("## Findings")[0].partition("## Traffic")[0]


async def test_a_sent_message_is_shown_again(opened: Open) -> None:
    async with opened() as app:
        kept = Expected(app.past.changed)
        app.window.runs.send()
        await kept
        before = column(app)
        await verified(app)
        await choose(app, 1)
        assert column(app) == before
        assert app.window.session.card.text.title.startswith("Sent")


async def test_a_run_under_way_is_not_replaced(opened: Open) -> None:
    async with opened() as app:
        await verified(app)
        waiting = Expected(app.conversation.waiting)
        app.window.runs.step()
        await waiting
        report = app.conversation.report
        app.window.sidebar.history.chosen.emit(app.past.runs[0].id)
        await app.past.errands.done()
        assert app.conversation.report is report
        assert "Stop it first" in app.window.status.text()
        kept = Expected(app.past.changed)
        app.conversation.stop()
        await kept


async def test_the_keys_open_and_delete(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        await verified(app)
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        history = app.window.sidebar.history
        app.frame.activateWindow()
        history.setFocus()
        history.setCurrentIndex(history.model().index(1, 0))
        opened_ = Expected(app.past.opened)
        QTest.keyClick(history, Qt.Key.Key_Return)
        await opened_
        assert app.conversation.report.ok
        changed = Expected(app.past.changed)
        QTest.keyClick(history, Qt.Key.Key_Delete)
        await changed
        assert shown(app) == [("TLS failed", "Sandbox server")]
        assert history.currentIndex().row() == 0
    assert len(History(tmp_path).list()) == 1


async def test_the_filter_finds_runs(opened: Open) -> None:
    async with opened() as app:
        await verified(app)
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        for text, found in (("HOSTNAME_mis", 1), ("nobody", 0), ("", 2)):
            app.window.sidebar.filter.setText(text)
            await app.past.errands.done()
            assert len(shown(app)) == found
            assert app.window.sidebar.filter.isVisible()
        assert [title for title, _name in shown(app)] == ["TLS failed", "works"]


async def test_an_unreadable_history_is_said_and_the_window_works(
    opened: Open, tmp_path: Path
) -> None:
    (tmp_path / "history.sqlite").write_text("not a database " * 100)
    async with opened() as app:
        await app.past.errands.done()
        assert "could not be read" in app.window.status.text()
        await verified(app)
        assert len(shown(app)) == 1


async def test_no_secret_is_in_the_folder(opened: Open, tmp_path: Path) -> None:
    password = "t0p secret pässword"
    async with opened() as app:
        app.form.type_secret("secret", password)
        await verified(app)
        assert shown(app)[0][0] == "AUTH failed"
        for file in tmp_path.iterdir():
            assert find_leak(file.read_bytes(), password) is None


def differences(app: App) -> dict[str, tuple[str, str]]:
    (dialog,) = app.window.findChildren(CompareRuns)
    assert dialog.isVisible()
    return {f"{row.section}: {row.name}": (row.left, row.right) for row in dialog.shown()}


async def compare(app: App, row: int, *, by_menu: bool = True) -> None:
    for dialog in app.window.findChildren(CompareRuns):
        dialog.close()
        QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete.value)
    compared = Expected(app.past.compared)
    menu = app.window.sidebar.history.menu(app.past.runs[row].id)
    assert menu.actions()[1].isEnabled() == by_menu
    if by_menu:
        menu.actions()[1].trigger()
    else:
        app.past.compare(app.past.runs[row].id)
    menu.deleteLater()
    await compared


async def test_runs_are_compared_with_the_open_one(opened: Open) -> None:
    async with opened() as app:
        await verified(app)
        app.form.type("ehlo_name", "other.example.com")
        await verified(app)
        await compare(app, 1)
        assert differences(app) == {"Settings: EHLO name": ("", "other.example.com")}
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        await compare(app, 1)
        found = differences(app)
        assert found["Result: Ended"] == ("works", "TLS failed")
        assert found["TLS: Names"][1] == "mail.another-host.example"
        assert found["TLS: Trusted"][0] == "yes"
        assert len(found["TLS: SHA-256"][1]) == 65  # in two lines
        assert "235 " in found["Replies: AUTH"][0]
        assert found["Extensions: AUTH"][1] == ""
        await choose(app, 1)
        await compare(app, 1, by_menu=False)  # which is of no use with itself
        assert differences(app) == {}
        (dialog,) = app.window.findChildren(CompareRuns)
        dialog.everything.click()
        assert differences(app)["Settings: Host"] == ("127.0.0.1", "127.0.0.1")


async def test_nothing_is_compared_without_an_open_run(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        await verified(app)
    async with opened() as app:
        await app.past.errands.done()
        app.past.compare(app.past.runs[0].id)
        assert "No run is open" in app.window.status.text()


async def test_the_report_is_saved_in_three_forms(opened: Open, tmp_path: Path) -> None:
    async with opened() as app:
        app.practice.fail(FAULT["wrong-name"])
        await verified(app)
        secret = app.form.filled.secret
        assert secret is not None
        texts = {}
        for ending in (".md", ".html", ".json"):
            button = app.window.session.card.button("Save report…")
            assert button is not None
            button.click()
            (dialog,) = app.window.findChildren(QFileDialog)
            dialog.fileSelected.emit(str(tmp_path / f"report{ending}"))
            dialog.close()
            QCoreApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete.value)
            await app.window.errands.done()
            texts[ending] = (tmp_path / f"report{ending}").read_text("utf-8")
            assert find_leak(texts[ending], secret.reveal()) is None
        assert texts[".md"].startswith("# SMTP report: 127.0.0.1:")
        assert "hostname_mismatch" in texts[".md"]
        assert json.loads(texts[".json"])["diagnosis"]["cause"] == "hostname_mismatch"
        assert "<h2>Stages</h2>" in texts[".html"]
        assert "<script" not in texts[".html"]


def test_what_anyone_says_is_no_html() -> None:
    evil = "<script>alert(1)</script><img src=//127.0.0.1/>&amp;\"'"
    reply = Reply(550, (evil,))
    report = Report(
        Target(evil, 25, evil, evil),
        [StageReport(Stage.DNS, 0.0, 1.0, Status.OK, evil)],
        [Line(0.0, "S", tls=False, text=evil)],
        [RecipientAnswered(0.0, evil, accepted=False, reply=reply)],
    )
    finding = Finding("host", Severity.WARNING, evil)
    text = html(report, Transport(host=evil), [finding], datetime.now(UTC))
    assert set(re.findall(r"<(\w+)", text)) == {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2"),
        *("table", "tr", "th", "td", "p", "blockquote", "ul", "li", "pre"),
    }
    assert text.count(escape(evil)) >= 7
