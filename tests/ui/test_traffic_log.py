"""The traffic log: what comes is shown, found, filtered and copied."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic import TEXT, TIME
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_log import TrafficLog

BEGAN = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
LINES = [
    (Line(0.001, "*", False, "127.0.0.1:25"), 0),
    (Line(0.002, "S", False, "220 mail.example ESMTP"), 1),
    (Line(0.003, "C", False, "EHLO me.example"), 2),
    (Line(0.004, "S", False, "250 STARTTLS"), 2),
    (Line(0.010, "C", True, "AUTH PLAIN ••••••••"), 3),
    (Line(0.012, "S", True, "535 5.7.8 no"), 3),
]


@pytest.fixture
def log(qapp: QApplication) -> Iterator[TrafficLog]:
    log = TrafficLog(Theme(qapp))
    log.resize(600, 300)
    log.show()
    log.clear(BEGAN)
    log.take(LINES)
    yield log
    log.close()
    log.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def texts(log: TrafficLog) -> list[str]:
    return [log.model.text(row) for row in range(log.model.rowCount())]


def test_what_comes_is_shown_in_its_order(log: TrafficLog) -> None:
    assert texts(log) == [line.text for line, _ in LINES]
    assert log.model.index(1, TIME).data() == "+0.002"
    assert log.model.index(5, TEXT).data() == "535 5.7.8 no"
    role = Qt.ItemDataRole.AccessibleTextRole
    assert log.model.index(5, TEXT).data(role) == "server says: 535 5.7.8 no, encrypted"


def test_an_error_is_coloured_as_one(log: TrafficLog) -> None:
    role = Qt.ItemDataRole.BackgroundRole
    grounds = [log.model.index(row, TEXT).data(role) for row in range(len(LINES))]
    assert grounds[5] is not None
    assert grounds[5] != grounds[0]
    assert grounds[1] is None


def test_directions_and_stages_are_filtered(log: TrafficLog) -> None:
    log.model.filter(frozenset("C"), None)
    assert texts(log) == ["EHLO me.example", "AUTH PLAIN ••••••••"]
    log.take([(Line(0.02, "C", True, "QUIT"), 4), (Line(0.02, "S", True, "221 bye"), 4)])
    assert texts(log)[-1] == "QUIT"
    log.show_only(3)
    assert texts(log) == ["AUTH PLAIN ••••••••"]
    log.model.filter(frozenset("CS*"), None)
    assert len(texts(log)) == len(LINES) + 2


def test_a_search_goes_from_hit_to_hit(log: TrafficLog) -> None:
    log.focus_find()
    QTest.keyClicks(log.search, "STARTTLS")
    QTest.keyClick(log.search, Qt.Key.Key_Return)
    rows = {index.row() for index in log.view.selectionModel().selectedRows()}
    assert rows == {3}
    log.search.setText("25")
    QTest.keyClick(log.search, Qt.Key.Key_Return)
    QTest.keyClick(log.search, Qt.Key.Key_Return)
    rows = {index.row() for index in log.view.selectionModel().selectedRows()}
    assert rows == {3}
    QTest.keyClick(log.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)


def test_what_is_copied_is_what_is_shown(log: TrafficLog) -> None:
    log.activateWindow()
    log.view.setFocus()
    log.select_stage(3)
    QTest.keyClick(log.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines() == [
        "      +0.010 > tls AUTH PLAIN ••••••••",
        "      +0.012 < tls 535 5.7.8 no",
    ]
    log.view.clearSelection()
    assert len(log.copied().splitlines()) == len(LINES)


def test_times_can_be_those_of_the_day(log: TrafficLog) -> None:
    log.model.set_relative(relative=False)
    shown = log.model.index(5, TIME).data()
    assert shown == f"{BEGAN.astimezone():%H:%M:%S}.012"


def test_the_end_stays_in_view_until_one_scrolls_away(log: TrafficLog) -> None:
    bar = log.view.verticalScrollBar()
    log.take([(Line(1, "S", False, f"250-{at}"), 5) for at in range(200)])
    QApplication.processEvents()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(3)
    log.take([(Line(1, "S", False, f"250-{at}"), 5) for at in range(200)])
    QApplication.processEvents()
    assert bar.value() == 3


def test_long_lines_wrap_and_unwrap(log: TrafficLog) -> None:
    log.take([(Line(1, "S", False, "250 " + "word " * 100), 5)])
    before = log.view.rowHeight(6)
    log.wrap.setChecked(True)
    QApplication.processEvents()
    assert log.view.rowHeight(6) > before
    log.wrap.setChecked(False)
    QApplication.processEvents()
    assert log.view.rowHeight(6) == before
