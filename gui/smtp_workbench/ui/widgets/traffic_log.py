"""The traffic log: a dense table with find, filter, copy and save."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic import TrafficColours, TrafficModel
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.turns import Turns
from smtp_workbench.ui.widgets.elided import ElidedLabel
from smtp_workbench.ui.widgets.keys import on_keys
from smtp_workbench.ui.widgets.traffic_find import TrafficFind
from smtp_workbench.ui.widgets.traffic_header import TrafficHeader
from smtp_workbench.ui.widgets.traffic_view import TrafficView

_AT_A_TIME: Final = 500
"""Rows that are written before the clock is looked at."""


class TrafficLog(QWidget):
    """The lines, and above them what can be done with them."""

    save_requested = Signal(str)
    explain_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("trafficLog")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = TrafficModel(_colours(theme))
        self.view = TrafficView(self.model, theme)
        self.search = TrafficFind(self.model)
        self._lines = ElidedLabel()
        self.wrap = _button(self.tr("Wrap"), self.tr("Break long lines"))
        self._writing = Turns(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._header())
        column.addWidget(self.view, 1)
        self.wrap.toggled.connect(self.view.wrap)
        self.search.reached.connect(self.view.go_to)
        self.search.counted.connect(self._count)
        self.view.customContextMenuRequested.connect(self._menu)
        on_keys(self.view, QKeySequence.StandardKey.Copy, self._copy)
        self.model.modelAboutToBeReset.connect(self._writing.finish)
        theme.changed.connect(self._draw)
        self._measure()
        self._count()

    def take(self, lines: Sequence[tuple[Line, int]]) -> None:
        """Add lines, each with the place of its stage in the report."""
        self.model.take(lines)
        self._count()

    def clear(self, began: datetime) -> None:
        """Forget all lines; the next ones count from *began*."""
        self.show_only(None)
        self.model.clear(began)
        self.view.follow_end()

    def select_stage(self, stage: int) -> None:
        """Select the lines of a stage and bring them into view."""
        self.view.go_to_first(self.model.rows_of_stage(stage))

    def show_only(self, stage: int | None) -> None:
        """Show the lines of one stage only, None: of all."""
        self.model.filter(self.model.directions, stage)

    def show_relative(self, *, relative: bool) -> None:
        """Show seconds since the run began, or the time of day."""
        self.model.set_relative(relative=relative)
        self.view.fit_columns()

    def focus_find(self) -> None:
        """Put the cursor into the field for searching."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # Building

    def _header(self) -> QWidget:
        title = QLabel(self.tr("Traffic"))
        title.setObjectName("trafficTitle")
        self._lines.setObjectName("trafficCount")
        self.wrap.setCheckable(True)
        copy = _button(self.tr("Copy"), self.tr("Copy the selected lines, or all (Ctrl+C)"))
        copy.clicked.connect(self._copy)
        save = _button(self.tr("Save…"), self.tr("Save the traffic as a text file"))
        save.clicked.connect(self._save)
        buttons = (self._show_button(), self.wrap, copy, save)
        return TrafficHeader(title, self._lines, self.search, buttons)

    def _show_button(self) -> QPushButton:
        button = _button(self.tr("Show"), self.tr("Which lines are shown, and which times"))
        menu = QMenu(button)
        menu.aboutToShow.connect(partial(self._fill_menu, menu))
        button.setMenu(menu)
        return button

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        names = {"C": self.tr("What we send"), "S": self.tr("What the server says")}
        names["*"] = self.tr("Notes")
        for direction, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(direction in self.model.directions)
            action.triggered.connect(partial(self._toggle, direction))
        menu.addSeparator()
        every = menu.addAction(self.tr("All stages"), partial(self.show_only, None))
        every.setEnabled(self.model.only_stage is not None)
        menu.addSeparator()
        relative = menu.addAction(self.tr("Seconds since the start"))
        relative.setCheckable(True)
        relative.setChecked(self.model.relative)
        relative.triggered.connect(lambda on: self.show_relative(relative=on))

    def _measure(self) -> None:
        self.view.take_font(self.font())
        letter = self.fontMetrics().averageCharWidth()
        self.search.setMinimumWidth(letter * 14)
        self.search.setMaximumWidth(letter * 24)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    # Doing

    def _toggle(self, direction: str, shown: bool) -> None:  # noqa: FBT001  # Qt's signal
        directions = self.model.directions
        changed = directions | {direction} if shown else directions - {direction}
        self.model.filter(changed, self.model.only_stage)

    def _copy(self) -> None:
        everything = [range(self.model.rowCount())]
        self._write(self.view.selected_rows() or everything, QGuiApplication.clipboard().setText)

    def _save(self) -> None:
        self._write([range(self.model.rowCount())], self.save_requested.emit)

    def _write(self, spans: list[range], then: Callable[[str], object]) -> None:
        """Hand the rows of *spans* as text to *then*, at once if they are few."""

        def steps() -> Iterator[None]:
            parts = []
            for span in spans:
                for start in range(0, len(span), _AT_A_TIME):
                    rows = span[start : start + _AT_A_TIME]
                    parts.append("".join(f"{self.model.written(row)}\n" for row in rows))
                    yield
            then("".join(parts))

        self._writing.finish()
        self._writing.do(steps())

    def _menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            text, stage = self.model.text(index.row()), self.model.stage(index.row())
            line = self.model.written(index.row())
            menu.addAction(
                self.tr("Copy line"), lambda: QGuiApplication.clipboard().setText(f"{line}\n")
            )
            menu.addAction(self.tr("Explain this line"), lambda: self.explain_requested.emit(text))
            menu.addAction(self.tr("Show only this stage"), partial(self.show_only, stage))
        if self.model.only_stage is not None:
            menu.addAction(self.tr("Show all stages"), partial(self.show_only, None))
        menu.addAction(self.tr("Copy the selected lines, or all"), self._copy)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        text = self.tr("{n} lines").format(n=f"{total:,}")
        if shown != total:
            text = self.tr("{n} of {all} lines").format(n=f"{shown:,}", all=f"{total:,}")
        if self.search.text():
            text += " · " + self.search.in_words()
        self._lines.short = f"{shown:,}"
        self._lines.setText(text)
        nothing = self.tr("Nothing has been said yet. Verify (F5) starts a conversation.")
        hidden = self.tr("No line is of the kind that is shown. “Show” brings the others back.")
        self.view.say("" if shown else hidden if total else nothing)

    def _draw(self) -> None:
        self.model.set_colours(_colours(self._theme))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("small", "true")
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    return button


def _colours(theme: Theme) -> TrafficColours:
    tokens = theme.tokens
    return TrafficColours(
        text=tokens.text,
        time=tokens.secondary,
        ours=tokens.link,
        note=tokens.secondary,
        note_ground=tokens.window,
        error=tokens.bad_text,
        error_ground=tokens.bad_ground,
    )
