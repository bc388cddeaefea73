"""Addresses as chips, with a line to type more of them; it grows to as many rows as it needs."""

import re
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QMouseEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from smtp_workbench.message import addresses
from smtp_workbench.ui.fields import FieldSpec
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.address_line import AddressLine
from smtp_workbench.ui.widgets.chip import Chip
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.editors import ValueEditor, translated
from smtp_workbench.ui.widgets.flow import FlowLayout

_CONTROL: Final = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters, but for the line ends between addresses."""
_ENDS: Final = (",", ";", "\n")
"""What ends an address as it is typed."""


class AddressField(QFrame):
    """Chips and the line to type in."""

    edited = Signal(object)
    """All addresses, after the user changed some."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chips: list[Chip] = []
        self._shown: tuple[str, ...] = ()
        self._edited: int | None = None
        """Which address the line stands for, instead of its chip."""
        self._placeholder = ""
        self.setProperty("chips", "true")
        self.line = AddressLine()
        self.line.textEdited.connect(self._typed)
        self.line.keyed.connect(self._key)
        self.line.focused.connect(self._focused)
        self.line.pasted.connect(self._paste)
        self._holder = QWidget()
        self._flow = FlowLayout(self._holder, spacing=4)
        self._flow.addWidget(self.line)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(5, 4, 5, 4)
        self._column.addWidget(self._holder)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusProxy(self.line)
        theme.changed.connect(self.update)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The chips, in order."""
        return tuple(self._chips)

    def sizeHint(self) -> QSize:
        """Ask for one row; how many it takes depends on the width."""
        margins = self._column.contentsMargins()
        frame = margins.top() + margins.bottom() + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), self.line.sizeHint().height() + frame)

    def show_addresses(self, shown: Sequence[str]) -> None:
        """Show *shown*; what is being typed stays, unless it edits one of them."""
        if tuple(shown) != self._shown:
            if self._edited is not None:
                self._stop_editing()
            self._shown = tuple(shown)
            self._rebuild()

    def set_placeholder(self, text: str) -> None:
        """Show *text* while there is no address."""
        self._placeholder = text
        self._rebuild()

    def take(self) -> None:
        """Make chips of what is typed."""
        text, at = self.line.text(), self._edited
        before = self._shown
        if not text.strip() and at is None:
            self.line.clear()
            return
        new = [each.formatted() for each in addresses.parse_list(_CONTROL.sub(" ", text))]
        start, rest = (len(before), ()) if at is None else (at, before[at + 1 :])
        self._stop_editing()
        self._set((*before[:start], *new, *rest))

    # What the user does

    def _typed(self, text: str) -> None:
        at_end = self.line.cursorPosition() == len(text)
        if at_end and text.endswith(_ENDS) and not _is_within_quotes(text):
            self.line.setText(text[:-1])
            self.take()

    def _paste(self, text: str) -> None:
        is_alone = not self.line.text().strip()
        text = text.strip()
        if is_alone:
            self.line.setText(text)
        else:
            self.line.insert(text)
        if any(end in text for end in _ENDS) or (is_alone and "@" in text):
            self.take()

    def _key(self, key: int) -> None:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take()
        elif key == Qt.Key.Key_Escape:
            self._stop_editing()
            self.line.clear()
            self._rebuild()
        elif key == Qt.Key.Key_Backspace and self._chips and self._edited is None:
            self._remove(len(self._chips) - 1)
        elif key == Qt.Key.Key_Left and self._chips and self._edited is None:
            self._go(len(self._chips) - 1)

    def _remove(self, index: int) -> None:
        had_focus = self._chips[index].hasFocus()
        place = self._place_of(self._chips[index])
        self._set((*self._shown[:place], *self._shown[place + 1 :]))
        self._go(index if had_focus else len(self._chips))

    def _edit(self, chip: Chip) -> None:
        self.take()
        if chip not in self._chips:
            return
        self._edited = self._place_of(chip)
        self.line.setText(chip.address)
        self._rebuild()
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.selectAll()

    def _place_of(self, chip: Chip) -> int:
        """Return which address *chip* stands for; the one that is edited has no chip."""
        index = self._chips.index(chip)
        return index if self._edited is None or index < self._edited else index + 1

    def _go(self, index: int) -> None:
        if 0 <= index < len(self._chips):
            self._chips[index].setFocus(Qt.FocusReason.OtherFocusReason)
        elif index >= len(self._chips):
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def _type_on(self, text: str) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.insert(text)
        self._typed(self.line.text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go on typing, wherever the empty ground is clicked."""
        self.line.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with one address or with all."""
        chip = next((each for each in self._chips if each.underMouse() or each.hasFocus()), None)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if chip is not None:
            menu.addAction(self.tr("Copy"), lambda: _copy((chip.address,)))
            menu.addAction(self.tr("Edit"), chip.edit_asked.emit)
            menu.addAction(self.tr("Remove"), chip.removed.emit)
            menu.addSeparator()
        paste = menu.addAction(self.tr("Paste"), self.line.paste_list)
        paste.setEnabled(bool(QGuiApplication.clipboard().text()))
        copy = menu.addAction(self.tr("Copy all"), lambda: _copy(self._shown))
        clear = menu.addAction(self.tr("Remove all"), lambda: self._set(()))
        for action in (copy, clear):
            action.setEnabled(bool(self._shown))
        menu.popup(event.globalPos())

    # From the addresses to the chips

    def _set(self, wanted: Sequence[str]) -> None:
        seen: dict[str, str] = {}
        for address in wanted:
            seen.setdefault(_key_of(address), address)
        kept = tuple(seen.values())
        changed = kept != self._shown
        self._shown = kept
        self._rebuild()
        if changed:
            self.edited.emit(kept)

    def _stop_editing(self) -> None:
        self._edited = None
        self.line.clear()

    def _rebuild(self) -> None:
        left = {chip.address: chip for chip in self._chips}
        gone = [chip for chip in self._chips if left[chip.address] is not chip]
        shown = [each for at, each in enumerate(self._shown) if at != self._edited]
        self._chips = [left.pop(each) if each in left else self._chip(each) for each in shown]
        for chip in (*gone, *left.values()):
            chip.hide()
            chip.deleteLater()
        self.line.setPlaceholderText("" if self._chips else self._placeholder)
        self._place()

    def _place(self) -> None:
        """Lay chips and line out. With nothing typed in it, the line takes no room of its own."""
        self._flow.setEnabled(False)  # or each chip would have all of them laid out again
        while self._flow.takeAt(0) is not None:
            pass
        parts: list[QWidget] = list(self._chips)
        if self.line.hasFocus() or self.line.text() or not parts:
            parts.insert(len(parts) if self._edited is None else self._edited, self.line)
        else:
            self.line.setGeometry(0, 0, 1, 1)
        for part in parts:
            part.show()  # at once, so that it can take the focus
            self._flow.addWidget(part)
        self._flow.setEnabled(True)
        self._flow.invalidate()
        self.updateGeometry()

    def _chip(self, address: str) -> Chip:
        chip = Chip(address, self._theme, self._holder)
        chip.removed.connect(lambda: self._remove(self._chips.index(chip)))
        chip.edit_asked.connect(lambda: self._edit(chip))
        chip.left.connect(lambda step: self._go(self._chips.index(chip) + step))
        chip.typed.connect(self._type_on)
        QWidget.setTabOrder(self.line, chip)
        return chip

    def _focused(self, focused: bool) -> None:  # noqa: FBT001  # Qt's signal
        self.setProperty("focused", "true" if focused else "false")
        dress_anew(self)
        border = 1 if focused else 0  # that much thicker
        self._column.setContentsMargins(5 - border, 4 - border, 5 - border, 4 - border)
        if not focused:
            self.take()
        self._place()


class AddressEditor(ValueEditor):
    """A field of addresses as a row of a form; its value is a tuple of them."""

    def __init__(self, spec: FieldSpec, theme: Theme) -> None:
        super().__init__(spec)
        self.field = AddressField(theme)
        self.field.set_placeholder(translated(spec.placeholder))
        self.field.edited.connect(self.edited)
        self.field.line.setAccessibleName(translated(spec.label))
        self.field.line.setAccessibleDescription(translated(spec.tip))
        self.place(self.field)

    def sizeHint(self) -> QSize:
        """Ask for one row, for the label to stand beside the first."""
        return QSize(super().sizeHint().width(), self.field.sizeHint().height())

    def add_button(self, button: QWidget) -> None:
        """Put *button* beside the field."""
        self._row.addWidget(button)

    def show_value(self, value: Any) -> None:
        """Show the addresses; None is none."""
        self.field.show_addresses(value or ())


def _key_of(address: str) -> str:
    """Return what is the same for addresses of one mailbox."""
    found = addresses.parse_list(address)
    return found[0].key if len(found) == 1 else address


def _is_within_quotes(text: str) -> bool:
    """Whether the end of *text* stands in a quoted name, where a comma is a comma."""
    return text.replace('\\"', "").count('"') % 2 == 1


def _copy(copied: Sequence[str]) -> None:
    QGuiApplication.clipboard().setText(", ".join(copied))
