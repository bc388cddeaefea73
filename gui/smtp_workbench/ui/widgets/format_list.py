"""The formats under their groups, with a field that searches them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.models.formats import HEADING, FormatModel, Index
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.bare_list import BareList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtp_workbench.formats.format import Format

_KEYS_OF_THE_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class FormatList(QWidget):
    """One format is chosen at a time: by a click, by the arrow keys, or by typing its name."""

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._wanted: Format | None = None
        self.model = FormatModel()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a format"))
        self.search.setAccessibleName(self.tr("Find a format"))
        self.search.setClearButtonEnabled(True)
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._search)
        self.view = BareList("formats")
        self.view.setModel(self.model)
        self.view.setItemDelegate(FormatDelegate(theme, self.view))
        self.view.setAccessibleName(self.tr("Formats"))
        self.view.selectionModel().currentChanged.connect(self._moved)
        self._none = QLabel(self.tr("No format is called that."))
        self._none.setProperty("role", "secondary")
        self._none.setWordWrap(True)
        self._none.setContentsMargins(8, 8, 8, 0)
        self._none.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.search)
        column.addWidget(self._none, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.view, 1)
        theme.changed.connect(self.view.viewport().update)

    @property
    def format(self) -> "Format | None":
        """The one that is chosen; None before there are any."""
        return self._wanted

    def show_formats(self, formats: "Sequence[Format]") -> None:
        """Offer *formats*, the first of them chosen."""
        self.model.show_formats(formats)
        self._select()

    def choose(self, wanted: "Format") -> None:
        """Choose *wanted*, whatever the search has left."""
        self._wanted = wanted
        self.search.clear()
        self._select()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the keys that move through a list from the search on to it."""
        if watched is self.search and isinstance(event, QKeyEvent) and _moves(event):
            self.view.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _search(self, words: str) -> None:
        self.model.search(words)
        nothing = self.model.rowCount() == 0
        self._none.setVisible(nothing)
        self.view.setVisible(not nothing)
        self._select()

    def _select(self) -> None:
        index = self.model.index_of(self._wanted)
        self.view.setCurrentIndex(index)
        if index.row() == 1:
            self.view.scrollToTop()  # its heading too

    def _moved(self, index: QModelIndex, _before: QModelIndex) -> None:
        found = self.model.format_at(index)
        if found is not None:
            self._wanted = found
            self.chosen.emit(found)


class FormatDelegate(QStyledItemDelegate):
    """Draws a format as a line, and the name of a group as a small heading."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return room for a line; a heading has some above it."""
        high = option.fontMetrics.height()
        if not index.data(HEADING):
            return QSize(80, high + 8)
        return QSize(80, high + (4 if index.row() == 0 else 12))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground of the chosen one, and the text."""
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = option.rect
        font, colour, align = QFont(option.font), tokens.text, Qt.AlignmentFlag.AlignVCenter
        if index.data(HEADING):
            font.setPointSizeF(font.pointSizeF() * 0.85)
            font.setWeight(QFont.Weight.DemiBold)
            colour, align = tokens.secondary, Qt.AlignmentFlag.AlignBottom
            ground = ground.adjusted(-8, 0, 8, -3)
        elif option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected))
            painter.drawRoundedRect(ground, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        room = QRect(ground.left() + 8, ground.top(), ground.width() - 16, ground.height())
        text = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, align, text)
        painter.restore()


def _moves(event: QKeyEvent) -> bool:
    return event.type() == QEvent.Type.KeyPress and event.key() in _KEYS_OF_THE_LIST
