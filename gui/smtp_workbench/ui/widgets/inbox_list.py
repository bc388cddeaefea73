"""The list of messages: subject and time above, sender, recipients and size below."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from smtp_workbench.ui.models.inbox import SIZE, TIME, WAY, InboxModel, Index
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.bare_list import BareList
from smtp_workbench.ui.widgets.keys import on_keys


class InboxList(BareList):
    """Shows an `InboxModel`; several messages can be selected."""

    chosen = Signal(object)
    """The message that is the current one."""
    delete_asked = Signal()

    def __init__(self, model: InboxModel, theme: Theme) -> None:
        super().__init__("inbox")
        self._messages = model
        self.setAccessibleName(self.tr("Messages"))
        self.setModel(model)
        self.setItemDelegate(_TwoLines(theme, self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.selectionModel().currentChanged.connect(lambda index, _: self._choose(index))
        on_keys(self, QKeySequence.StandardKey.Delete, self.delete_asked.emit)
        theme.changed.connect(self.viewport().update)

    def selected(self) -> Sequence[int]:
        """Return the rows that are selected."""
        return [index.row() for index in self.selectedIndexes()]

    def go_to(self, row: int) -> None:
        """Select one row and bring it into view; -1 selects none."""
        index = self._messages.index(row)
        self.setCurrentIndex(index)
        if row >= 0:
            self.scrollTo(index)
        else:
            self.clearSelection()

    def _choose(self, index: Index) -> None:
        if index.isValid():
            self.chosen.emit(self._messages.message(index.row()))


class _TwoLines(QStyledItemDelegate):
    """Draws a message."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Return room for two lines."""
        return QSize(100, 2 * option.fontMetrics.height() + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground and both lines."""
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = option.rect.adjusted(6, 1, -6, -1)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected if selected else tokens.hover))
            painter.drawRoundedRect(ground, 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(tokens.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground, 6, 6)
        bold, small = QFont(option.font), QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small.setPointSizeF(small.pointSizeF() * 0.88)
        height = option.fontMetrics.height()
        line = QRect(ground.left() + 10, ground.top() + 6, ground.width() - 20, height)
        inks = (QColor(tokens.text), QColor(tokens.secondary))
        _draw(painter, line, (index.data(), index.data(TIME)), (bold, small), inks)
        line.translate(0, height + 1)
        _draw(painter, line, (index.data(WAY), index.data(SIZE)), (small, small), inks[1:] * 2)
        painter.restore()


def _draw(
    painter: QPainter,
    line: QRect,
    texts: tuple[str, str],
    fonts: tuple[QFont, QFont],
    inks: Sequence[QColor],
) -> None:
    """Draw a text at the left, as much as fits, and one at the right."""
    painter.setFont(fonts[1])
    painter.setPen(inks[1])
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(line, right, texts[1])
    width = line.width() - QFontMetrics(fonts[1]).horizontalAdvance(texts[1]) - 12
    painter.setFont(fonts[0])
    painter.setPen(inks[0])
    text = QFontMetrics(fonts[0]).elidedText(texts[0], Qt.TextElideMode.ElideRight, width)
    place = QRect(line.left(), line.top(), width, line.height())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
