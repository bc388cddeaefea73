"""The traffic log as its user and a screen reader meet it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic import (
    DIRECTION,
    LOCK,
    TEXT,
    TIME,
    TrafficColours,
    TrafficModel,
)
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_log import TrafficLog

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SESSION = [
    (Line(0.0, "*", False, "mail.test is 127.0.0.1"), 0),
    (Line(0.075, "S", False, "220 mail.test ESMTP"), 1),
    (Line(0.076, "C", False, "EHLO first"), 2),
    (Line(0.097, "S", False, "250 STARTTLS"), 2),
    (Line(0.17, "C", True, "EHLO second"), 5),
    (Line(0.192, "S", True, "250 AUTH PLAIN"), 5),
    (Line(0.193, "C", True, "AUTH PLAIN ••••••••"), 6),
    (Line(0.453, "S", True, "535 5.7.8 Wrong"), 6),
]
COLOURS = TrafficColours(
    text="#000001",
    time="#000002",
    ours="#000003",
    note="#000004",
    note_ground="#000005",
    error="#000006",
    error_ground="#000007",
)
ROLE = Qt.ItemDataRole


@pytest.fixture
def log(qtbot: QtBot, qapp: QApplication) -> Iterator[TrafficLog]:
    widget = TrafficLog(Theme(qapp))
    widget.resize(700, 300)
    widget.clear(BEGAN)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    widget.close()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def model() -> TrafficModel:
    made = TrafficModel(COLOURS)
    made.clear(BEGAN)
    made.take(SESSION)
    return made


def many(count: int, text: str = "250 line {at}") -> list[tuple[Line, int]]:
    return [(Line(at / 1000, "S", False, text.format(at=at)), 0) for at in range(count)]


def shown(model: TrafficModel) -> list[str]:
    return [model.text(row) for row in range(model.rowCount())]


def selected(log: TrafficLog) -> list[str]:
    rows = sorted({index.row() for index in log.view.selectionModel().selectedRows()})
    return [log.model.text(row) for row in rows]


def counted(log: TrafficLog) -> str:
    label = log.findChild(QLabel, "trafficCount")
    assert label is not None
    return label.text()


def button(log: TrafficLog, text: str) -> QPushButton:
    return next(item for item in log.findChildren(QPushButton) if item.text() == text)


def colour(model: TrafficModel, row: int, column: int, role: ROLE) -> str | None:
    value = model.index(row, column).data(role)
    return None if value is None else value.name()


def find(qtbot: QtBot, log: TrafficLog, words: str) -> None:
    log.search.setText(words)
    qtbot.keyClick(log.search, Qt.Key.Key_Return)


# What a line shows


def test_a_batch_is_one_insertion(model: TrafficModel, qtbot: QtBot) -> None:
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.take(SESSION)
    assert inserted == [(8, 15)]


def test_an_empty_batch_is_no_insertion(model: TrafficModel) -> None:
    model.rowsInserted.connect(lambda *_: pytest.fail("nothing came"))
    model.take([])
    assert model.rowCount() == len(SESSION)


def test_times_count_from_the_start_or_are_those_of_the_day(model: TrafficModel) -> None:
    cell = model.index(7, TIME)
    assert cell.data() == "+0.453"
    model.set_relative(relative=False)
    assert cell.data() == f"{BEGAN.astimezone():%H:%M:%S}.453"


@pytest.mark.parametrize(
    ("line", "ink", "ground"),
    [
        (Line(0, "C", False, "535 typed"), COLOURS.ours, None),
        (Line(0, "S", False, "250 ok"), COLOURS.text, None),
        (Line(0, "S", False, "334 go on"), COLOURS.text, None),
        (Line(0, "S", False, "421 busy"), COLOURS.error, COLOURS.error_ground),
        (Line(0, "S", False, "550-no"), COLOURS.error, COLOURS.error_ground),
        (Line(0, "S", False, "554"), COLOURS.error, COLOURS.error_ground),
        (Line(0, "S", False, "45"), COLOURS.text, None),
        (Line(0, "S", False, "5000 octets"), COLOURS.text, None),
        (Line(0, "S", False, ""), COLOURS.text, None),
        (Line(0, "*", False, "500 ms without a word"), COLOURS.note, COLOURS.note_ground),
    ],
)
def test_notes_and_refusals_are_tinted(
    model: TrafficModel, line: Line, ink: str, ground: str | None
) -> None:
    model.clear(BEGAN)
    model.take([(line, 0)])
    assert colour(model, 0, TEXT, ROLE.ForegroundRole) == ink
    assert colour(model, 0, TEXT, ROLE.BackgroundRole) == ground
    assert colour(model, 0, TIME, ROLE.ForegroundRole) == COLOURS.time


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (0, "note: mail.test is 127.0.0.1"),
        (1, "server says: 220 mail.test ESMTP"),
        (4, "client sends: EHLO second, encrypted"),
    ],
)
def test_a_screen_reader_hears_a_sentence(model: TrafficModel, row: int, sentence: str) -> None:
    for column in (TIME, DIRECTION, LOCK, TEXT):
        assert model.index(row, column).data(ROLE.AccessibleTextRole) == sentence


def test_direction_and_lock_show_without_colour(log: TrafficLog, qtbot: QtBot) -> None:
    log.model.set_colours(TrafficColours(*["#000000"] * 5, "#000000", "#ffffff"))
    log.take([(Line(0, way, tls, "x"), 0) for way in "CS" for tls in (False, True)])

    def cell(row: int, column: int) -> QImage:
        rect = log.view.visualRect(log.model.index(row, column))
        return log.view.viewport().grab(rect).toImage()

    assert cell(0, DIRECTION) == cell(1, DIRECTION)
    assert cell(0, DIRECTION) != cell(2, DIRECTION)
    assert cell(0, LOCK) == cell(2, LOCK)
    assert cell(0, LOCK) != cell(1, LOCK)


def test_rows_that_are_there_grow_with_the_font(
    log: TrafficLog, qtbot: QtBot, qapp: QApplication
) -> None:
    before = qapp.font()
    log.take(SESSION)
    small = log.view.rowHeight(3)
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * 1.5)
    qapp.setFont(font)
    try:
        qtbot.waitUntil(lambda: log.view.rowHeight(3) > small)
        assert log.view.fontMetrics().height() <= log.view.rowHeight(3)
    finally:
        qapp.setFont(before)
    qtbot.waitUntil(lambda: log.view.rowHeight(3) == small)


def test_the_field_for_finding_keeps_its_room(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(many(1_000))
    find(qtbot, log, "line")
    log.resize(log.minimumSizeHint().width(), 300)
    QApplication.processEvents()
    assert log.search.width() >= log.search.fontMetrics().averageCharWidth() * 14


@pytest.mark.parametrize("points", [9, 16])
def test_no_button_is_cut_however_narrow_the_column(
    log: TrafficLog, qtbot: QtBot, qapp: QApplication, points: int
) -> None:
    before = qapp.font()
    qapp.setFont(QFont(before.family(), points))
    try:
        among = button(log, "Wrap").parentWidget()
        assert among is not None
        log.resize(log.minimumSizeHint().width(), 300)
        qtbot.waitUntil(lambda: log.search.geometry().bottom() < among.y())
        for each in log.findChildren(QPushButton):
            assert each.width() >= each.minimumSizeHint().width(), each.text()
        log.resize(2 * log.width(), 300)
        qtbot.waitUntil(lambda: log.search.geometry().right() < among.x())
    finally:
        qapp.setFont(before)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_times_fit_their_column(
    log: TrafficLog, qtbot: QtBot, qapp: QApplication, scale: float, relative: bool
) -> None:
    before = qapp.font()
    small = log.view.verticalHeader().defaultSectionSize()
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * scale)
    qapp.setFont(font)
    try:
        qtbot.waitUntil(lambda: log.font().pointSizeF() == font.pointSizeF())
        log.take([(Line(3599.999, "S", False, "250 late"), 0)])
        log.show_relative(relative=relative)
        metrics = log.view.fontMetrics()
        text = log.model.index(0, TIME).data()
        assert metrics.horizontalAdvance(text) + 6 <= log.view.columnWidth(TIME)
        assert metrics.height() <= log.view.rowHeight(0)
        assert (log.view.rowHeight(0) > small) == (scale > 1)
    finally:
        qapp.setFont(before)


def test_every_control_says_what_it_is(log: TrafficLog) -> None:
    assert log.search.accessibleName()
    assert "Ctrl+F" in log.search.toolTip()
    assert log.view.accessibleName()
    buttons = log.findChildren(QPushButton)
    assert len(buttons) == 4
    assert all(item.text() and item.toolTip() for item in buttons)


# Which lines are shown


def test_an_empty_log_says_what_to_do(log: TrafficLog) -> None:
    def said() -> str:
        labels = [label for label in log.view.findChildren(QLabel) if label.isVisible()]
        return labels[0].text() if labels else ""

    assert "F5" in said()
    log.take(SESSION)
    assert said() == ""
    log.model.filter(frozenset(), None)
    assert "Show" in said()
    assert "F5" not in said()


def test_a_stage_that_comes_twice_is_selected_once(log: TrafficLog) -> None:
    log.take(SESSION)
    log.select_stage(5)
    assert selected(log) == ["EHLO second", "250 AUTH PLAIN"]
    log.model.filter(frozenset("C"), None)
    log.select_stage(2)
    assert selected(log) == ["EHLO first"]
    log.select_stage(4)
    assert selected(log) == []


lines = st.lists(st.tuples(st.sampled_from("CS*"), st.booleans(), st.integers(0, 4)), max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines,
    lines,
    st.frozensets(st.sampled_from("CS*")),
    st.none() | st.integers(0, 5),
    st.integers(0, 5),
)
def test_a_filter_shows_what_it_should_whenever_it_is_set(
    qapp: QApplication,
    before: list[tuple[str, bool, int]],
    after: list[tuple[str, bool, int]],
    directions: frozenset[str],
    stage: int | None,
    picked: int,
) -> None:
    # A run only ever goes on to later stages.
    stages = sorted(at for *_, at in before + after)
    both = [
        (Line(0, way, tls, f"{at}"), stages[at]) for at, (way, tls, _) in enumerate(before + after)
    ]
    model = TrafficModel(COLOURS)
    model.take(both[: len(before)])
    model.filter(directions, stage)
    model.take(both[len(before) :])
    expected = [
        (line.text, line.direction, line.tls, at)
        for line, at in both
        if line.direction in directions and stage in (None, at)
    ]
    seen = [
        (model.text(row), model.direction(row), model.is_encrypted(row), model.stage(row))
        for row in range(model.rowCount())
    ]
    assert seen == expected
    rows = [row for row, (*_, at) in enumerate(expected) if at == picked]
    assert list(model.rows_of_stage(picked)) == rows
    assert model.total == len(both)


# Following the end


def test_the_end_stays_in_view_until_one_scrolls_away(log: TrafficLog, qtbot: QtBot) -> None:
    bar = log.view.verticalScrollBar()
    log.take(many(500))
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    log.take(many(500))
    qtbot.waitUntil(lambda: bar.maximum() > 15_000 and bar.value() == bar.maximum())
    bar.setValue(100)
    most = bar.maximum()
    log.take(many(500))
    qtbot.waitUntil(lambda: bar.maximum() > most)
    assert bar.value() == 100


# Find


def test_enter_goes_through_what_was_found_and_round_again(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(SESSION)
    find(qtbot, log, "ehlo")
    assert selected(log) == ["EHLO first"]
    assert counted(log) == "8 lines · 1 of 2 found"
    qtbot.keyClick(log.search, Qt.Key.Key_Return)
    assert selected(log) == ["EHLO second"]
    qtbot.keyClick(log.search, Qt.Key.Key_Return)
    assert selected(log) == ["EHLO first"]
    qtbot.keyClick(log.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert selected(log) == ["EHLO second"]
    assert counted(log) == "8 lines · 2 of 2 found"


def test_typing_alone_finds(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(SESSION)
    qtbot.keyClicks(log.search, "WRONG")
    qtbot.waitUntil(lambda: selected(log) == ["535 5.7.8 Wrong"])


def test_lines_that_come_later_are_found_and_do_not_move_the_view(
    log: TrafficLog, qtbot: QtBot
) -> None:
    log.take(SESSION)
    find(qtbot, log, "quit")
    assert counted(log) == "8 lines · 0 found"
    log.take([(Line(1, "C", True, "QUIT"), 7)])
    assert counted(log) == "9 lines · 1 found"
    assert selected(log) == []
    qtbot.keyClick(log.search, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert selected(log) == ["QUIT"]


def test_hits_are_rows_of_what_is_shown_after_a_filter(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(SESSION)
    find(qtbot, log, "250")
    log.model.filter(frozenset("S"), None)
    assert counted(log) == "4 of 8 lines · 2 found"
    qtbot.keyClick(log.search, Qt.Key.Key_Return)
    assert selected(log) == ["250 STARTTLS"]
    log.clear(BEGAN)
    assert counted(log) == "0 lines · 0 found"
    qtbot.keyClick(log.search, Qt.Key.Key_Return)


def test_lines_that_were_found_are_bold(log: TrafficLog, qtbot: QtBot) -> None:
    def bold() -> list[str]:
        fonts: list[Any] = [
            log.model.index(row, TEXT).data(ROLE.FontRole) for row in range(log.model.rowCount())
        ]
        return [log.model.text(row) for row, font in enumerate(fonts) if font and font.bold()]

    log.take(SESSION)
    find(qtbot, log, "auth")
    assert bold() == ["250 AUTH PLAIN", "AUTH PLAIN ••••••••"]
    log.search.clear()
    qtbot.waitUntil(lambda: not bold())
    assert counted(log) == "8 lines"


def test_all_of_many_lines_are_searched(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(many(100_000))
    find(qtbot, log, "line 9999")
    qtbot.waitUntil(lambda: counted(log) == "100,000 lines · 1 of 11 found")
    find(qtbot, log, "250")
    qtbot.waitUntil(lambda: counted(log) == "100,000 lines · 1 of 100,000 found")


# Wrap


def test_wrapping_gives_height_to_what_is_in_view_only(log: TrafficLog, qtbot: QtBot) -> None:
    view, plain = log.view, log.view.verticalHeader().defaultSectionSize()

    def tall() -> list[int]:
        return [row for row in range(log.model.rowCount()) if view.rowHeight(row) > plain]

    def first_fits() -> bool:
        row = view.rowAt(0)
        return view.rowHeight(row) >= view.sizeHintForRow(row) > plain

    log.take(many(3_000, "250 " + "many words " * 40))
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
    view.verticalScrollBar().setValue(0)
    log.wrap.click()
    assert first_fits()
    assert len(tall()) < 50
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    assert view.rowAt(0) > 1_000
    assert first_fits()
    before = view.rowHeight(view.rowAt(0))
    log.resize(400, 300)
    qtbot.waitUntil(lambda: view.rowHeight(view.rowAt(0)) > before)
    log.wrap.click()
    assert tall() == []


# Copy, save, explain


def test_copy_takes_the_selection_or_else_all(log: TrafficLog) -> None:
    log.take(SESSION)
    button(log, "Copy").click()
    text = QGuiApplication.clipboard().text()
    assert text.count("\n") == len(SESSION)
    assert "\t" not in text
    assert all(line.text in text for line, _ in SESSION)
    log.view.selectRow(6)
    button(log, "Copy").click()
    assert QGuiApplication.clipboard().text() == "      +0.193 > tls AUTH PLAIN ••••••••\n"


def test_the_keys_for_copy_copy_lines(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(SESSION)
    log.view.setFocus()
    log.view.selectRow(1)
    qtbot.keyClick(log.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "      +0.075 <     220 mail.test ESMTP\n"


def test_a_copy_of_many_lines_is_whole_although_a_new_run_begins(log: TrafficLog) -> None:
    log.take(many(50_000))
    QGuiApplication.clipboard().clear()
    button(log, "Copy").click()
    assert QGuiApplication.clipboard().text() == "", "the window got no turn"
    log.clear(BEGAN)
    assert QGuiApplication.clipboard().text().count("\n") == 50_000


def test_save_hands_over_what_is_shown(log: TrafficLog, qtbot: QtBot) -> None:
    log.take(SESSION)
    log.model.filter(frozenset("*"), None)
    with qtbot.waitSignal(log.save_requested) as saved:
        button(log, "Save…").click()
    assert saved.args == ["      +0.000 *     mail.test is 127.0.0.1\n"]


@pytest.fixture
def choose(log: TrafficLog, qtbot: QtBot) -> Callable[[int, str], None]:
    def pick(row: int, entry: str) -> None:
        at = log.view.visualRect(log.model.index(row, TEXT)).center()
        log.view.customContextMenuRequested.emit(QPoint(at))
        menu = log.findChildren(QMenu)[-1]
        next(action for action in menu.actions() if action.text() == entry).trigger()
        with qtbot.waitSignal(menu.destroyed):
            menu.close()

    return pick


def test_a_line_is_explained_copied_or_shown_with_its_stage(
    log: TrafficLog, qtbot: QtBot, choose: Callable[[int, str], None]
) -> None:
    log.take(SESSION)
    with qtbot.waitSignal(log.explain_requested) as asked:
        choose(7, "Explain this line")
    assert asked.args == ["535 5.7.8 Wrong"]
    choose(1, "Copy line")
    assert QGuiApplication.clipboard().text() == "      +0.075 <     220 mail.test ESMTP\n"
    choose(4, "Show only this stage")
    assert shown(log.model) == ["EHLO second", "250 AUTH PLAIN"]
    log.take([(Line(2, "C", True, "QUIT"), 7)])
    assert counted(log) == "2 of 9 lines"
    choose(0, "Show all stages")
    assert len(shown(log.model)) == 9
