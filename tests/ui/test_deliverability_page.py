"""The Deliverability page: what suggests itself, rows as they come, stopping, and bad input."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from smtp_workbench.lookup.deliverability import Subject
from smtp_workbench.message.draft import Draft
from smtp_workbench.settings.transport import Transport
from smtp_workbench.ui.app import App
from smtp_workbench.ui.form import Filled
from smtp_workbench.ui.pages.deliverability import DeliverabilityPage
from support.domains import ADDRESS, Records, good, txt, zone
from support.name_server import NameServer, serve_names
from ui.conftest import Expected, Open

DRAFT = Draft(author="Me <me@example.org>", to=("you@example.net",))
SETTINGS = Filled(Transport(host="mail.example.org", port=25))


def shown(app: App, draft: Draft = DRAFT) -> DeliverabilityPage:
    """Open a profile, a message and the page."""
    app.book.add("Mine", SETTINGS)
    app.window.letter.start_over(draft)
    app.window.pages.show_page(app.window.deliverability)
    return app.window.deliverability


def type_into(page: DeliverabilityPage, field: str, text: str) -> None:
    page.line(field).setFocus()
    page.line(field).selectAll()
    QTest.keyClicks(page.line(field), text)


@contextmanager
def served(
    page: DeliverabilityPage, records: Records, silent: frozenset[str] = frozenset()
) -> Iterator[NameServer]:
    """Serve *records* to the page, validated."""
    with serve_names(zone(records), silent=silent, secure=True) as server:
        type_into(page, "resolver", server.address)
        yield server


async def finished(app: App) -> None:
    await Expected(app.window.checkup.finished)


def verdicts(page: DeliverabilityPage) -> dict[str, str]:
    return {
        subject: item.row.verdict.value if item.row else ""
        for subject, item in page.verdicts.items()
    }


async def drawn() -> None:
    """Wait until Qt, a turn later, has shown what is new in a layout."""
    over = asyncio.get_running_loop().create_future()
    QTimer.singleShot(0, lambda: over.set_result(None))
    await over


async def remarks(page: DeliverabilityPage, field: str) -> list[str]:
    await drawn()
    labels = page.row(field).findings.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisible() and label.text()]


async def test_everything_good_is_said_to_be_good(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        assert not page.verdicts
        type_into(page, "address", ADDRESS)
        type_into(page, "selector", "s1")
        with served(page, good()):
            ended = Expected(app.window.checkup.finished)
            QTest.keyClick(app.frame, Qt.Key.Key_F8)
            assert page.check.text() == "Stop"
            await ended
        assert list(page.verdicts) == [subject.value for subject in Subject]
        found = verdicts(page)
        assert found.pop("mta_sts") == "unknown"  # nobody has allowed to fetch the policy
        assert set(found.values()) == {"good"}
        assert page.verdicts["spf"].record.toPlainText() == "v=spf1 mx -all"
        assert "valid" in page.verdicts["spf"].advice.text()
        assert app.window.status.text() == "example.org: 10 good, 1 unknown"
        assert page.check.text() == "Check"


async def test_a_row_and_all_of_them_can_be_copied(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        with served(page, good()):
            page.start()
            await finished(app)
        page.verdicts["dmarc"].copy.click()
        clipboard = QGuiApplication.clipboard()
        assert clipboard.text() == "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
        page.copy.click()
        text = clipboard.text()
        assert text.startswith("example.org: ")
        assert "SPF: good\nv=spf1 mx -all\n" in text
        record = page.verdicts["spf"].record
        record.selectAll()
        QTest.keyClick(record, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert clipboard.text() == "v=spf1 mx -all"


async def test_message_and_connection_suggest_what_to_check(opened: Open) -> None:
    async with opened() as app:
        page, letter = shown(app), app.window.letter
        assert page.line("domain").text() == "example.org"
        letter.type("dkim.domain", "signer.example")
        letter.type("dkim.selector", "k1")
        letter.type("envelope_from", "bounce@mail.example.org")
        assert page.line("selector").text() == "k1"
        with served(page, good()) as server:
            page.start()
            await finished(app)
        assert {"k1._domainkey.signer.example TXT", "mail.example.org TXT"} <= set(server.asked)
        assert "_25._tcp.mail.example.org TLSA" in server.asked
        aligned = page.verdicts["alignment"].record.toPlainText()
        assert "MAIL FROM mail.example.org: aligned" in aligned
        assert "DKIM d=signer.example: not aligned" in aligned


async def test_what_is_typed_stays_until_it_is_taken_back(opened: Open) -> None:
    async with opened() as app:
        page, letter = shown(app), app.window.letter
        type_into(page, "domain", "other.example")
        letter.edit(author="a@third.example")
        assert page.line("domain").text() == "other.example"
        page.row("domain").reset.emit()
        assert page.line("domain").text() == "third.example"
        type_into(page, "domain", "other.example")
        app.book.add("Another", SETTINGS)
        assert page.line("domain").text() == "third.example"


async def test_another_domain_is_not_mixed_with_the_message(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        app.window.letter.type("envelope_from", "bounce@esp.example")
        type_into(page, "domain", "sub.example.org")
        with served(page, good()) as server:
            page.start()
            await finished(app)
        assert "esp.example TXT" not in server.asked
        assert "sub.example.org TXT" in server.asked


async def test_the_message_sent_last_tells_its_selector(opened: Open, tmp_path: Path) -> None:
    message = tmp_path / "signed.eml"
    message.write_bytes(
        b"DKIM-Signature: v=1; d=signer.example; s=k7; b=x\r\nFrom: me@example.org\r\n"
        b"To: you@example.net\r\n\r\nHello\r\n"
    )
    async with opened() as app:
        letter = app.window.letter
        letter.start_over(replace(DRAFT, untouched=str(message)))
        sent = Expected(app.conversation.finished)
        app.window.runs.send()
        await sent
        await app.window.errands.done()
        letter.start_over(DRAFT)
        page = app.window.deliverability
        app.window.pages.show_page(page)
        await app.window.errands.done()
        assert page.line("selector").text() == "k7"
        assert app.window.checkup.suggestion.signer == "signer.example"


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("domain", "exa mple", "not a domain"),
        ("address", "mail", "not an IP address"),
        ("selector", "a b", "not a selector"),
        ("resolver", "dns", "not an address"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(
    opened: Open, field: str, text: str, why: str
) -> None:
    async with opened() as app:
        page = shown(app)
        type_into(page, field, text)
        QTest.keyClick(page.line(field), Qt.Key.Key_Return)
        await finished(app)
        assert why in (await remarks(page, field))[0]
        assert page.line(field).hasFocus()
        assert not page.verdicts
        QTest.keyClicks(page.line(field), "x")
        assert not await remarks(page, field)


async def test_without_a_domain_nothing_is_asked(opened: Open) -> None:
    async with opened() as app:
        page = shown(app, Draft())
        await app.window.errands.done()
        page.check.click()
        assert not app.window.checkup.running
        assert await remarks(page, "domain") == ["Type the domain of the sender first."]


async def test_rows_come_one_by_one_and_stop_ends_the_wait(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        silent = frozenset({"_smtp._tls.example.org"})
        with served(page, good(), silent):
            others = Expected(app.window.checkup.judged, len(Subject) - 1)
            page.start()
            await others
            assert app.window.checkup.running
            assert verdicts(page)["tls_rpt"] == ""
            ended = Expected(app.window.checkup.finished)
            QTest.keyClick(app.frame, Qt.Key.Key_Escape)
            assert await ended == (False,)
        assert verdicts(page)["spf"] == "good"
        assert "not asked to the end" in page.verdicts["tls_rpt"].accessibleName()
        with served(page, good()):
            page.check.click()
            await finished(app)
        assert verdicts(page)["tls_rpt"] == "good"


async def test_closing_the_window_ends_a_check(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        with served(page, good(), frozenset({"_dmarc.example.org"})):
            some = Expected(app.window.checkup.judged)
            page.start()
            await some
            await app.end()
            assert not app.window.checkup.running


async def test_the_policy_is_fetched_only_when_allowed(opened: Open) -> None:
    records = {**good(), "mta-sts.example.org": ["A 127.0.0.1"]}
    async with opened() as app:
        page = shown(app)
        with served(page, records) as server:
            page.start()
            await finished(app)
            assert "mta-sts.example.org A" not in server.asked
            page.row("fetch").editor.focusProxy().click()  # type: ignore[union-attr]
            page.start()
            await finished(app)
            assert "mta-sts.example.org A" in server.asked
        row = page.verdicts["mta_sts"].row
        assert row is not None
        assert row.label == "mta_sts_trouble"  # nothing that is trusted answers on this machine


async def test_the_tab_key_goes_from_field_to_field(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        with served(page, {"example.org": [txt("v=spf1 -all")]}):
            page.start()
            await finished(app)
        page.line("domain").setFocus()
        order = [
            *(page.line(field) for field in ("address", "selector", "resolver")),
            page.row("fetch").editor.focusProxy(),
            page.check,
            page.copy,
        ]
        for widget in order:
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            assert QApplication.focusWidget() is widget
        names = [item.accessibleName() for item in page.verdicts.values()]
        assert names[0].startswith("MX: bad. ")


async def test_a_long_record_needs_no_scroll_bar_of_its_own(opened: Open) -> None:
    async with opened() as app:
        page = shown(app)
        type_into(page, "selector", "s1")
        with served(page, good()):
            page.start()
            await finished(app)
        await drawn()
        record = page.verdicts["dkim"].record
        lines = record.document().size().height()
        assert lines > 3
        assert record.viewport().height() >= lines * record.fontMetrics().lineSpacing()
        assert not page.horizontalScrollBar().maximum()
