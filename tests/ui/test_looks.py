"""What a designer and a screen reader would look at."""

from dataclasses import fields
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from smtp_workbench.ui.theme import DARK, GROUNDS, LIGHT, Tokens
from ui.conftest import Open, settle


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"), [(text, ground) for text, all_ in GROUNDS.items() for ground in all_]
)
def test_text_that_carries_meaning_is_readable(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= 7


def test_every_colour_of_text_is_looked_at() -> None:
    inks = {"text", "secondary", "link"} | {
        field.name for field in fields(Tokens) if field.name.endswith("_text")
    }
    assert inks | {"on_accent"} == set(GROUNDS)


def controls(window: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    found = [item for kind in kinds for item in window.findChildren(kind)]
    own = [item for item in found if item.objectName() != "qt_spinbox_lineedit"]
    return [item for item in own if item.isVisible() and item.isEnabled()]


async def test_every_control_has_a_name_and_can_be_reached(opened: Open) -> None:
    async with opened() as app:
        window = app.window
        for fold, _ in window.page.folds.values():
            fold.unfold()
        reachable = set()
        widget = window.nextInFocusChain()
        while widget is not window and widget is not None:
            reachable.add(widget)
            widget = widget.nextInFocusChain()
        for control in controls(window):
            named = control.accessibleName() or getattr(control, "text", lambda: "")()
            inside = isinstance(control.parent(), QComboBox | QLineEdit)
            assert named or inside, control
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus:
                assert control in reachable or control.focusProxy() in reachable, control


async def test_no_scroll_area_stands_in_another(opened: Open) -> None:
    async with opened() as app:
        for area in app.window.findChildren(QScrollArea):
            parent = area.parentWidget()
            while parent is not None:
                assert not isinstance(parent, QScrollArea)
                parent = parent.parentWidget()


async def test_no_button_above_the_traffic_is_cut_when_the_window_shrinks(opened: Open) -> None:
    async with opened() as app:
        app.frame.resize(1360, 860)
        settle()
        app.frame.resize(app.frame.minimumSize())
        settle()
        for button in app.window.session.log.findChildren(QPushButton):
            assert button.width() >= button.minimumSizeHint().width(), button.text()


async def test_a_long_host_on_a_button_does_not_push_the_form_out_of_its_column(
    opened: Open,
) -> None:
    async with opened() as app:
        app.form.type("host", f"{'long-' * 12}host.mail.example.com/path")
        settle()
        page = app.window.page
        body = page.widget()
        assert body is not None
        assert body.width() <= page.viewport().width()
        for button in page.row("host").findings.findChildren(QPushButton):
            assert button.geometry().right() < page.row("host").editor.width()


async def test_the_window_gets_no_narrower_than_what_is_in_it(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as app:
        wide = SimpleNamespace(availableSize=lambda: QSize(3000, 2000))
        monkeypatch.setattr(app.frame, "screen", lambda: wide)
        app.window.updateGeometry()
        settle()
        needed = app.window.minimumSizeHint().width()
        assert app.frame.minimumWidth() == needed
        wide.availableSize = lambda: QSize(needed - 50, 700)
        app.window.updateGeometry()
        settle()
        assert app.frame.minimumWidth() == needed - 50  # than the screen neither


async def test_what_is_said_of_a_field_is_as_wide_as_the_field(opened: Open) -> None:
    async with opened() as app:
        app.form.type("host", "not a host")
        settle()
        row = app.window.page.row("host")
        box = next(item for item in row.findings.findChildren(QFrame) if item.property("finding"))
        right = box.mapTo(row, box.rect().topRight()).x()
        assert right == row.editor.geometry().right()


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [1024, 1360])
async def test_no_label_of_the_form_is_cut(
    scale: float, width: int, opened: Open, qapp: QApplication
) -> None:
    before = qapp.font()
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * scale)
    qapp.setFont(font)
    try:
        async with opened() as app:
            app.frame.resize(width, 700)
            for fold, _ in app.window.page.folds.values():
                fold.unfold()
            settle()
            for path in ("host", "port", "security", "auth.user", "secret"):
                row = app.window.page.row(path)
                label: QLabel = row.label
                assert label.sizeHint().width() <= label.width() or label.wordWrap()
                assert row.editor.width() >= row.editor.minimumSizeHint().width()
            viewport = app.window.page.viewport()
            body = app.window.page.widget()
            assert body is not None
            assert body.width() <= viewport.width()
    finally:
        qapp.setFont(before)


async def test_the_theme_can_be_switched_while_it_runs(opened: Open) -> None:
    async with opened() as app:
        for choice, tokens in (("dark", DARK), ("light", LIGHT)):
            app.window.actions_.theme_chosen.emit(choice)
            assert app.theme.tokens is tokens
            colour = app.window.palette().window().color().name()
            assert colour == tokens.window
