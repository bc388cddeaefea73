"""Editors of one value each: they show what they are given and say what was typed."""

import math
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QToolButton
from PySide6.QtWidgets import QWidget as Widget

from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.ui.fields import CONTEXT, Editor, FieldSpec
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.keys import asks_for_undo

_NARROW: Final = 12
"""Characters that a field for a number is wide."""


class ValueEditor(Widget):
    """What all editors have in common. `edited` tells of the user's doing only."""

    edited = Signal(object)
    troubled = Signal()
    """What is typed can't be read any more, or can again."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.spec = spec
        self.trouble = ""
        """Why what is typed can't be read; the settings keep the value before it."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)

    def show_value(self, value: Any) -> None:
        """Show *value* without saying so."""
        raise NotImplementedError(type(self).__name__)

    def place(self, widget: Widget, *, stretch: int = 1) -> None:
        """Put in the widget that takes the focus, named and explained."""
        name = translated(self.spec.label)
        tip = translated(self.spec.tip)
        widget.setAccessibleName(name)
        widget.setAccessibleDescription(tip)
        widget.setToolTip("\n".join(filter(None, (tip, self.spec.other_names))))
        widget.setObjectName(f"edit-{self.spec.path}")
        self._row.addWidget(widget, stretch)
        self.setFocusProxy(widget)

    def mark(self, state: str) -> None:
        """Colour the field for a finding: `blocking`, `warning` or empty."""
        widget = self.focusProxy()
        if widget is not None and widget.property("state") != state:
            widget.setProperty("state", state)
            dress_anew(widget)


class _Line(QLineEdit):
    """Leaves undo and redo to the form, whose steps hold more than one line."""

    erased = Signal()
    """Backspace or Delete where there is nothing to see."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.text() and event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.erased.emit()
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        return False if asks_for_undo(event) else super().event(event)


class TextEditor(ValueEditor):
    """A line of text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.line = _Line()
        self.line.setPlaceholderText(translated(spec.placeholder))
        self.line.textEdited.connect(self._typed)
        self.place(self.line)

    def show_value(self, value: Any) -> None:
        """Show *value*; the cursor stays where it is if nothing changes."""
        if self.text_of(value) != self.line.text():
            self.line.setText(self.text_of(value))

    def text_of(self, value: Any) -> str:
        """Return *value* as it is shown."""
        return str(value)

    def _typed(self, text: str) -> None:
        self.edited.emit(text)


class NumberEditor(TextEditor):
    """A number. What is none stays as it was typed, but out of the settings."""

    def __init__(self, spec: FieldSpec, parse: Callable[[str], Any]) -> None:
        super().__init__(spec)
        self._parse = parse
        self._kept: Any = None
        """What the settings have."""
        self.line.setFixedWidth(self.fontMetrics().averageCharWidth() * _NARROW + 24)
        self._row.addStretch(10)

    def show_value(self, value: Any) -> None:
        """Show *value*, unless what is typed means the same."""
        if self.trouble and value == self._kept:
            return
        self._kept = value
        try:
            same = self._parse(self.line.text()) == value
        except ValueError:
            same = False
        if not same:
            super().show_value(value)
            self._set_trouble("")

    def text_of(self, value: Any) -> str:
        """Return *value* without needless zeros; None is an empty field."""
        return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

    def _typed(self, text: str) -> None:
        try:
            value = self._parse(text)
        except ValueError:
            name = translated(self.spec.label)
            self._set_trouble(self.tr("{field} has to be a number.").format(field=name))
            return
        self._set_trouble("")
        self.edited.emit(value)

    def _set_trouble(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.troubled.emit()


class PasswordEditor(TextEditor):
    """A secret: bullets, unless revealed.

    One that was not typed here is only said to be kept, not even how long it is. Typing replaces
    it, the eye shows it. A reference to the environment is shown as it is.
    """

    def __init__(self, spec: FieldSpec, theme: Theme) -> None:
        super().__init__(spec)
        self._theme = theme
        self._secret: Secret | None = None
        self._is_typed = False
        """Whether the user has typed what the line holds."""
        self.line.erased.connect(lambda: self.edited.emit("") if self._secret else None)
        self._eye = QAction(self)
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._draw)
        self.line.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        theme.changed.connect(self._draw)
        self._draw()

    def show_value(self, value: Secret | None) -> None:
        """Show *value*, or that there is one."""
        self._secret = value
        if self._text != self.line.text():
            self._is_typed = False
        self._draw()

    def conceal(self) -> None:
        """Forget what was typed and revealed: the next secret is another one's."""
        self._is_typed = False
        self._eye.setChecked(False)

    @property
    def _text(self) -> str:
        return self._secret.reveal() if self._secret else ""

    def _typed(self, text: str) -> None:
        self._is_typed = True
        super()._typed(text)

    def _draw(self) -> None:
        shown = self._eye.isChecked()
        legible = shown or bool(self._secret and self._secret.reference)
        kept = self._secret is not None and not (legible or self._is_typed)
        if not self._is_typed:
            super().show_value("" if kept else self._text)
        mode = QLineEdit.EchoMode
        self.line.setEchoMode(mode.Normal if legible else mode.Password)
        hint = f"{BULLETS}  {self.tr('kept')}" if kept else translated(self.spec.placeholder)
        self.line.setPlaceholderText(hint)
        self._eye.setIcon(self._theme.icon("eye-off" if shown else "eye", "secondary"))
        self._eye.setText(self.tr("Hide the password") if shown else self.tr("Show the password"))


class FileEditor(TextEditor):
    """The path of a file, typed or picked."""

    def __init__(self, spec: FieldSpec, theme: Theme) -> None:
        super().__init__(spec)
        self._theme = theme
        self._button = QToolButton()
        self._button.setAccessibleName(self.tr("Choose a file: ") + translated(spec.label))
        self._button.setToolTip(self.tr("Choose a file"))
        self._button.clicked.connect(self._ask)
        self._row.addWidget(self._button)
        theme.changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        self._button.setIcon(self._theme.icon("folder-open", "secondary"))

    def _ask(self) -> None:
        dialog = QFileDialog(self.window(), translated(self.spec.label))
        dialog.setNameFilters(["PEM (*.pem *.crt *.cer *.key)", self.tr("All files (*)")])
        dialog.fileSelected.connect(self._picked)
        dialog.open()

    def _picked(self, path: str) -> None:
        self.line.setText(path)
        self.edited.emit(path)


class ChoiceEditor(ValueEditor):
    """One of a few values."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.box = QComboBox()
        self._values = list(spec.choices)
        self.box.addItems([translated(text) for text in spec.choices.values()])
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.activated.connect(self._picked)
        self.place(self.box)

    def show_value(self, value: Any) -> None:
        """Show *value*, also one that is not in the list."""
        if value not in self._values:
            self._values.append(value)
            self.box.addItem(str(value))
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self._values.index(value))

    def _picked(self, index: int) -> None:
        self.edited.emit(self._values[index])


class FlagEditor(ValueEditor):
    """Yes or no."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.box = QCheckBox(translated(spec.tip))
        self.box.toggled.connect(self.edited.emit)
        self.place(self.box)

    def show_value(self, value: Any) -> None:
        """Tick the box or not."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


def translated(text: str) -> str:
    """Return a text of the table of fields in the user's language."""
    return QCoreApplication.translate(CONTEXT, text) if text else ""


def _port(text: str) -> int | None:
    return int(text) if text.strip() else None


def _seconds(text: str) -> float:
    seconds = float(text.replace(",", "."))
    if not math.isfinite(seconds):
        raise ValueError(text)
    return seconds


def editor_for(spec: FieldSpec, theme: Theme) -> ValueEditor:
    """Return the editor that *spec* asks for."""
    makers: dict[Editor, Callable[[], ValueEditor]] = {
        Editor.TEXT: lambda: TextEditor(spec),
        Editor.FILE: lambda: FileEditor(spec, theme),
        Editor.PASSWORD: lambda: PasswordEditor(spec, theme),
        Editor.CHOICE: lambda: ChoiceEditor(spec),
        Editor.FLAG: lambda: FlagEditor(spec),
        Editor.PORT: lambda: NumberEditor(spec, _port),
        Editor.COUNT: lambda: NumberEditor(spec, int),
        Editor.SECONDS: lambda: NumberEditor(spec, _seconds),
    }
    return makers[spec.editor]()
