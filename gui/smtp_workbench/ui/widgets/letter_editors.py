"""Editors of values that only a message has; `editor_of` picks the one for a field."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QDateTime, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QDateTimeEdit, QFileDialog, QMenu, QToolButton, QWidget

from smtp_workbench.ui.fields import FieldSpec
from smtp_workbench.ui.letter_fields import NOTIFICATIONS, SHAPES, Shape
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.address_field import AddressEditor
from smtp_workbench.ui.widgets.editors import (
    FileEditor,
    TextEditor,
    ValueEditor,
    editor_for,
    translated,
)
from smtp_workbench.ui.widgets.flow import FlowLayout
from smtp_workbench.ui.widgets.plain_editor import PlainEditor

_NEVER: Final = "NEVER"
_NULL_SENDER: Final = "<>"
_HEADER_LINES: Final = 3


class WordsEditor(TextEditor):
    """Names separated by blanks or commas; the value is a tuple of them."""

    def show_value(self, value: Any) -> None:
        """Show *value*, unless what is typed means the same."""
        if _words(self.line.text()) != value:
            super().show_value(value)

    def text_of(self, value: Any) -> str:
        """Return the names as one text."""
        return " ".join(value)

    def _typed(self, text: str) -> None:
        self.edited.emit(_words(text))


class NamesEditor(TextEditor):
    """Names of profiles separated by commas; the value is a tuple of them."""

    def __init__(self, spec: FieldSpec, theme: Theme) -> None:
        super().__init__(spec)
        self._theme = theme
        self._menu = QMenu(self)
        self._button = QToolButton()
        self._button.setMenu(self._menu)
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._button.setAccessibleName(self.tr("Add a saved profile"))
        self._button.setToolTip(self.tr("Add a saved profile"))
        self._row.addWidget(self._button)
        theme.changed.connect(self._draw)
        self._draw()
        self.offer(())

    def offer(self, names: Sequence[str]) -> None:
        """Offer *names* in a menu."""
        self._menu.clear()
        for name in names:
            self._menu.addAction(name, partial(self._add, name))
        self._button.setVisible(bool(names))

    def show_value(self, value: Any) -> None:
        """Show *value*, unless what is typed means the same."""
        if _names(self.line.text()) != value:
            super().show_value(value)

    def text_of(self, value: Any) -> str:
        """Return the names as one text."""
        return ", ".join(value)

    def _typed(self, text: str) -> None:
        self.edited.emit(_names(text))

    def _add(self, name: str) -> None:
        self.edited.emit((*_names(self.line.text()), name))

    def _draw(self) -> None:
        self._button.setIcon(self._theme.icon("plus", "secondary"))


class EnvelopeFromEditor(TextEditor):
    """An address; empty is None, `<>` is the empty address of the null sender."""

    def text_of(self, value: Any) -> str:
        """Return the value as it is typed."""
        return "" if value is None else value or _NULL_SENDER

    def _typed(self, text: str) -> None:
        typed = text.strip()
        self.edited.emit(None if not typed else "" if typed == _NULL_SENDER else text)


class EmlEditor(FileEditor):
    """The path of a message, typed or picked."""

    def _ask(self) -> None:
        dialog = QFileDialog(self.window(), translated(self.spec.label))
        dialog.setNameFilters([self.tr("Messages (*.eml)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._picked)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class HeaderLinesEditor(ValueEditor):
    """Header fields, one `Name: value` a line; the value is a tuple of pairs."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.text = PlainEditor(lines=_HEADER_LINES, mono=True)
        self.text.setPlaceholderText(translated(spec.placeholder))
        self.text.edited.connect(lambda text: self.edited.emit(_header_fields(text)))
        self.text.grown.connect(self._grow)
        self.place(self.text)

    def show_value(self, value: Any) -> None:
        """Show *value*, unless what is typed means the same."""
        if _header_fields(self.text.toPlainText()) != value:
            self.text.show_text("\n".join(f"{name}: {text}" for name, text in value))

    def _grow(self) -> None:
        self.text.setFixedHeight(self.text.whole_height)


class NotifyEditor(ValueEditor):
    """When the server reports on the delivery; `NEVER` stands alone."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        holder = QWidget()
        flow = FlowLayout(holder, spacing=4)
        self.boxes: dict[str, QCheckBox] = {}
        for name, text in NOTIFICATIONS.items():
            box = QCheckBox(translated(text))
            box.setToolTip(f"NOTIFY={name}")
            box.setAccessibleName(f"{translated(spec.label)} {translated(text)}")
            box.clicked.connect(lambda ticked, name=name: self._clicked(name, ticked=ticked))
            self.boxes[name] = box
            flow.addWidget(box)
        self.place(holder)
        holder.setFocusProxy(self.boxes["SUCCESS"])

    def show_value(self, value: Any) -> None:
        """Tick the boxes of *value*."""
        for name, box in self.boxes.items():
            box.setChecked(name in value)

    def _clicked(self, name: str, *, ticked: bool) -> None:
        chosen = {key for key, box in self.boxes.items() if box.isChecked()}
        if ticked:
            chosen = {name} if name == _NEVER else chosen - {_NEVER}
        self.edited.emit(tuple(key for key in self.boxes if key in chosen))


class TimeEditor(ValueEditor):
    """A day and a time of day, in this machine's time zone."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.box = QDateTimeEdit()
        self.box.setDisplayFormat("yyyy-MM-dd  HH:mm")
        self.box.setCalendarPopup(True)
        self.box.dateTimeChanged.connect(self._typed)
        self.place(self.box)

    def show_value(self, value: Any) -> None:
        """Show *value*, a datetime with time zone; None leaves what is there."""
        if value is None:
            return
        shown = QDateTime.fromSecsSinceEpoch(int(value.timestamp()))
        if shown != self.box.dateTime():
            with QSignalBlocker(self.box):
                self.box.setDateTime(shown)

    def _typed(self, moment: QDateTime) -> None:
        local = datetime.fromtimestamp(moment.toSecsSinceEpoch()).astimezone()  # ours
        self.edited.emit(local)


_MAKERS: Final[dict[Shape, Callable[[FieldSpec, Theme], ValueEditor]]] = {
    Shape.ADDRESSES: AddressEditor,
    Shape.WORDS: lambda spec, _: WordsEditor(spec),
    Shape.NAMES: NamesEditor,
    Shape.HEADER_LINES: lambda spec, _: HeaderLinesEditor(spec),
    Shape.NOTIFY: lambda spec, _: NotifyEditor(spec),
    Shape.TIME: lambda spec, _: TimeEditor(spec),
    Shape.ENVELOPE_FROM: lambda spec, _: EnvelopeFromEditor(spec),
    Shape.EML: EmlEditor,
}


def editor_of(spec: FieldSpec, theme: Theme) -> ValueEditor:
    """Return the editor that the field of a message has."""
    shape = SHAPES.get(spec.path)
    return _MAKERS[shape](spec, theme) if shape else editor_for(spec, theme)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _header_fields(text: str) -> tuple[tuple[str, str], ...]:
    """Return the fields in *text*; a line that begins with a blank goes on with the one above."""
    fields: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if line[:1].isspace() and fields:
            name, value = fields[-1]
            fields[-1] = name, f"{value} {line.strip()}".rstrip()
        elif line.strip():
            name, _, value = line.partition(":")
            fields.append((name.strip(), value.strip()))
    return tuple(fields)
