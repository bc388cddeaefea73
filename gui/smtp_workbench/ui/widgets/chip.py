"""One address in a field of addresses: picked with the arrow keys, deleted, edited, copied."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from smtp_workbench.message import addresses
from smtp_workbench.ui.theme import Theme, picture

_SIDE: Final = 7
"""Points left of the text, and right of the cross."""
_CROSS: Final = 10
_GAP: Final = 3


class Chip(QWidget):
    """Drawn by itself: a field may hold a thousand, and a widget of several parts takes long."""

    removed = Signal()
    edit_asked = Signal()
    left = Signal(int)
    """An arrow key leads on: -1 or 1."""
    typed = Signal(str)
    """A letter was typed on it, that belongs into the field."""

    def __init__(self, address: str, theme: Theme, parent: QWidget) -> None:
        """Show *address*, which is as it stands in a draft."""
        super().__init__(parent)
        self._theme = theme
        self.address = address
        self._text, trouble = _read(address)
        self._trouble = trouble
        self._hint = QSize(
            self.fontMetrics().horizontalAdvance(self._text) + 2 * _SIDE + _GAP + _CROSS + 2,
            self.fontMetrics().height() + 4,
        )
        # The tab key goes past them: it would be a long way through many.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip("\n".join(filter(None, (address, trouble))))
        name = self.tr("{address}, not valid") if trouble else "{address}"
        self.setAccessibleName(name.format(address=address))
        self.setAccessibleDescription(
            trouble or self.tr("Delete removes it, F2 edits it, the arrow keys go to the others")
        )

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong with the address."""
        return not self._trouble

    def sizeHint(self) -> QSize:
        """Return room for the whole address."""
        return self._hint

    def minimumSizeHint(self) -> QSize:
        """Return room for some of it; the rest is elided."""
        return QSize(min(64, self._hint.width()), self._hint.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move on, delete, edit; what is a letter goes into the field."""
        key, text = event.key(), event.text()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.left.emit(-1 if key == Qt.Key.Key_Left else 1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.edit_asked.emit()
        elif text.isprintable() and text and not event.modifiers() & _COMMAND:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Remove the address where the cross was clicked."""
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() >= self._cross_at():
            self.removed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the address."""
        if event.position().x() < self._cross_at():
            self.edit_asked.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that it is the one."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is no longer the one."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw ground, text and cross; a red line under what is not valid."""
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground, ink = (
            (tokens.selected, tokens.text) if self.is_valid else (tokens.bad_ground, tokens.text)
        )
        painter.setBrush(QColor(ground))
        edge = tokens.focus if self.hasFocus() else ground
        painter.setPen(QPen(QColor(edge), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        cross = self._cross_at()
        width = cross - _SIDE
        elided = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, width)
        painter.setPen(QColor(ink))
        painter.drawText(
            QRectF(_SIDE, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, elided
        )
        if not self.is_valid:
            painter.setPen(QPen(QColor(tokens.bad), 1.5))
            under = self.height() - 3.5
            end = _SIDE + self.fontMetrics().horizontalAdvance(elided)
            painter.drawLine(QPointF(_SIDE, under), QPointF(end, under))
        sign = picture("x", tokens.secondary, _CROSS)
        painter.drawPixmap(cross + _GAP, (self.height() - _CROSS) // 2, sign)

    def _cross_at(self) -> int:
        return self.width() - _SIDE - _CROSS - _GAP


_COMMAND: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier


def _read(address: str) -> tuple[str, str]:
    """Return what is shown of *address*, and what is wrong with it."""
    try:
        found = addresses.parse_list(address)
    except ValueError as error:
        return address, str(error)
    if len(found) != 1:
        return address, addresses.check(address) or ""
    return replace(found[0], name="").display, addresses.check(found[0]) or ""
