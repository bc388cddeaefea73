"""The first column: profiles, and the sandbox."""

from functools import partial

from PySide6.QtCore import QModelIndex, QRect, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QKeySequence,
    QPainter,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.book import Book
from smtp_workbench.ui.models.profiles import ID, STATE, WHERE, Index, ProfileModel
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.sandbox_entry import SandboxEntry


class Sidebar(QWidget):
    """Renders the book of profiles and the sandbox; tells what was chosen."""

    profile_chosen = Signal(str)
    removed = Signal(str)
    """The name of a profile that was just deleted."""
    paste_asked = Signal()
    """Settings on the clipboard are to become a profile."""
    file_dropped = Signal(str)
    text_dropped = Signal(str)
    export_asked = Signal(str)
    """The id of the profile that is to be handed on, or an empty text for all."""
    import_asked = Signal()
    sandbox_chosen = Signal()
    sandbox_switched = Signal(bool)
    fault_chosen = Signal(object)

    def __init__(self, book: Book, practice: Practice, theme: Theme) -> None:
        super().__init__()
        self._book = book
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter profiles"))
        self.filter.setAccessibleName(self.tr("Filter profiles"))
        self.filter.setClearButtonEnabled(True)
        self._model = ProfileModel()
        self._model.renamed.connect(book.rename)
        self._model.moved.connect(book.move)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter.textChanged.connect(self._proxy.setFilterFixedString)
        self.list = self._make_list(theme)
        self._empty = QLabel(self.tr("None yet. “New” makes one from a provider or from scratch."))
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "secondary")
        self._empty.setContentsMargins(8, 0, 8, 0)
        self.sandbox = SandboxEntry(practice, theme)
        self.sandbox.chosen.connect(self.sandbox_chosen)
        self.sandbox.switched.connect(self.sandbox_switched)
        self.sandbox.fault_chosen.connect(self.fault_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.filter)
        column.addWidget(_heading(self.tr("PROFILES")))
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        self._gap = QWidget()
        column.addWidget(self._gap, 1)
        column.addWidget(_heading(self.tr("BUILT IN")))
        column.addWidget(self.sandbox)
        self.setAcceptDrops(True)
        paste = QShortcut(QKeySequence.StandardKey.Paste, self)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self.paste_asked)
        book.changed.connect(self._show)
        self._show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file or a text, wherever in the column."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped; of several files the first."""
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.file_dropped.emit(files[0])
        elif event.mimeData().hasText():
            self.text_dropped.emit(event.mimeData().text())
        event.acceptProposedAction()

    def _make_list(self, theme: Theme) -> QListView:
        view = QListView()
        view.setObjectName("profiles")
        view.setModel(self._proxy)
        view.setItemDelegate(ProfileDelegate(theme, view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setAccessibleName(self.tr("Profiles"))
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at: self._menu(view.indexAt(at)))
        view.selectionModel().currentChanged.connect(self._chosen)
        delete = QShortcut(QKeySequence.StandardKey.Delete, view)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._remove(view.currentIndex()))
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        view.setDefaultDropAction(Qt.DropAction.MoveAction)
        for key, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            shift = QShortcut(QKeySequence(key), view)
            shift.setContext(Qt.ShortcutContext.WidgetShortcut)
            shift.activated.connect(partial(self._shift, by))
        return view

    def _chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        profile_id = index.data(ID)
        if profile_id and profile_id != self._book.current:
            self.profile_chosen.emit(profile_id)

    def _menu(self, index: QModelIndex) -> None:
        menu = QMenu(self)
        if index.isValid():
            profile_id = index.data(ID)
            menu.addAction(self.tr("Rename\tF2"), lambda: self.list.edit(index))
            menu.addAction(self.tr("Duplicate"), partial(self._book.duplicate, profile_id))
            menu.addAction(self.tr("Delete\tDel"), lambda: self._remove(index))
            menu.addSeparator()
            menu.addAction(self.tr("Move up\tAlt+Up"), partial(self._shift, -1))
            menu.addAction(self.tr("Move down\tAlt+Down"), partial(self._shift, 1))
            menu.addSeparator()
            menu.addAction(
                self.tr("Export this profile…"), partial(self.export_asked.emit, profile_id)
            )
        menu.addAction(self.tr("Export all profiles…"), partial(self.export_asked.emit, ""))
        menu.addAction(self.tr("Import profiles…"), self.import_asked.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.cursor().pos())

    def _shift(self, by: int) -> None:
        """Move the profile that is chosen past its neighbour in the list as it is filtered."""
        index = self.list.currentIndex()
        neighbour = index.siblingAtRow(index.row() + by)
        if neighbour.isValid():
            row = self._proxy.mapToSource(neighbour).row()
            self._book.move(index.data(ID), row + (by > 0))

    def _remove(self, index: QModelIndex) -> None:
        if index.isValid():
            name = index.data()
            self._book.remove(index.data(ID))
            self.removed.emit(name)

    def _show(self) -> None:
        self._model.show_profiles(self._book.profiles)
        self._empty.setVisible(not self._book.profiles)
        self.list.setVisible(bool(self._book.profiles))
        self._gap.setVisible(not self._book.profiles)
        self.filter.setVisible(len(self._book.profiles) > 0)
        row = self._model.row_of(self._book.current)
        index = self._proxy.mapFromSource(self._model.index(row)) if row >= 0 else QModelIndex()
        if index.data(ID) != self.list.currentIndex().data(ID):
            self.list.setCurrentIndex(index)
        if row < 0:
            self.list.clearSelection()
        self.sandbox.show_chosen(chosen=not self._book.current)


class ProfileDelegate(QStyledItemDelegate):
    """Draws a profile in two lines with a dot for its last result."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Return room for two lines."""
        return QSize(100, 2 * option.fontMetrics.height() + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, the dot and both lines."""
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = option.rect.adjusted(0, 1, 0, -1)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selected))
            painter.drawRoundedRect(ground, 6, 6)
        state = index.data(STATE)
        painter.setPen(QColor(tokens.secondary) if not state else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(tokens, state)) if state else Qt.BrushStyle.NoBrush)
        middle = ground.center().y()
        painter.drawEllipse(ground.left() + 8, middle - 4, 8, 8)
        left, height = ground.left() + 24, option.fontMetrics.height()
        width = ground.width() - 30
        painter.setPen(QColor(tokens.text))
        painter.drawText(
            QRect(left, ground.top() + 5, width, height),
            Qt.AlignmentFlag.AlignVCenter,
            option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, width),
        )
        painter.setPen(QColor(tokens.secondary))
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * 0.88)
        painter.setFont(small)
        where = painter.fontMetrics().elidedText(
            index.data(WHERE), Qt.TextElideMode.ElideRight, width
        )
        below = QRect(left, ground.top() + 5 + height, width, height)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, where)
        painter.restore()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("sidebarHeading")
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 0.85)
    label.setFont(font)
    label.setContentsMargins(8, 8, 0, 2)
    return label
