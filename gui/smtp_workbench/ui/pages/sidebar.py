"""The first column: profiles, the sandbox, and the runs before."""

from functools import partial

from PySide6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui.book import Book
from smtp_workbench.ui.models.profiles import ID, STATE, WHERE, Index, ProfileModel
from smtp_workbench.ui.past import Past
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.bare_list import BareList
from smtp_workbench.ui.widgets.history_list import HistoryList
from smtp_workbench.ui.widgets.keys import on_keys
from smtp_workbench.ui.widgets.sandbox_entry import SandboxEntry
from smtp_workbench.ui.widgets.two_lines import draw_ground, draw_lines, height_of_lines


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

    def __init__(self, book: Book, practice: Practice, past: Past, theme: Theme) -> None:
        super().__init__()
        self._book, self._past = book, past
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter profiles"))
        self.filter.setAccessibleName(self.tr("Filter profiles and history"))
        self.filter.setToolTip(self.tr("Profiles by name; runs by profile, host, stage or cause"))
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
        self.history = HistoryList(theme)
        self._history_heading = _heading(self.tr("HISTORY"))
        self._gap = QWidget()
        self._build()
        self._connect()
        self.setAcceptDrops(True)
        self._show()
        self._show_past()

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

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.filter)
        column.addWidget(_heading(self.tr("PROFILES")))
        column.addWidget(self._empty)
        column.addWidget(self.list, 100)  # before the gap, up to what it needs
        column.addWidget(_heading(self.tr("BUILT IN")))
        column.addWidget(self.sandbox)
        column.addWidget(self._history_heading)
        column.addWidget(self.history, 100)
        column.addWidget(self._gap, 1)

    def _connect(self) -> None:
        past, history = self._past, self.history
        self.sandbox.chosen.connect(self.sandbox_chosen)
        self.sandbox.switched.connect(self.sandbox_switched)
        self.sandbox.fault_chosen.connect(self.fault_chosen)
        on_keys(self, QKeySequence.StandardKey.Paste, self.paste_asked.emit, within=True)
        history.chosen.connect(past.open)
        history.compare_asked.connect(past.compare)
        history.delete_asked.connect(past.remove)
        past.opened.connect(history.show_open)
        past.changed.connect(self._show_past)
        self._book.changed.connect(self._show)
        self.filter.textChanged.connect(past.filter)
        self.filter.textChanged.connect(self._share_height)

    def _make_list(self, theme: Theme) -> QListView:
        view = BareList("profiles")
        view.setModel(self._proxy)
        view.setItemDelegate(ProfileDelegate(theme, view))
        view.setAccessibleName(self.tr("Profiles"))
        view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda at: self._menu(view.indexAt(at)))
        view.selectionModel().currentChanged.connect(self._chosen)
        on_keys(view, QKeySequence.StandardKey.Delete, lambda: self._remove(view.currentIndex()))
        view.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        view.setDefaultDropAction(Qt.DropAction.MoveAction)
        for key, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            on_keys(view, key, partial(self._shift, by))
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

    def _show_past(self) -> None:
        there = bool(self._past.runs)
        self.history.setVisible(there)
        self._history_heading.setVisible(there)
        self.history.show_runs(self._past.runs)
        self._share_height()

    def _share_height(self) -> None:
        """Give the profiles what they need, and the history what is left."""
        filled = bool(self._book.profiles or self._past.runs or self.filter.text())
        self.filter.setVisible(filled)
        rows = self._proxy.rowCount()
        self.list.setMaximumHeight(rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth())
        self._gap.setVisible(not self._past.runs)

    def _show(self) -> None:
        self._model.show_profiles(self._book.profiles)
        self._empty.setVisible(not self._book.profiles)
        self.list.setVisible(bool(self._book.profiles))
        self.setFocusProxy(self.list if self._book.profiles else self.sandbox.button)
        self._share_height()
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
        return QSize(100, height_of_lines(option))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the ground, the dot and both lines."""
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = draw_ground(painter, option, tokens)
        state = index.data(STATE)
        painter.setPen(QColor(tokens.secondary) if not state else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(tokens, state)) if state else Qt.BrushStyle.NoBrush)
        middle = ground.center().y()
        painter.drawEllipse(ground.left() + 8, middle - 4, 8, 8)
        lines = index.data(), index.data(WHERE)
        draw_lines(painter, option, ground.adjusted(24, 0, -6, 0), lines, tokens)
        painter.restore()


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("sidebarHeading")
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 0.85)
    label.setFont(font)
    label.setContentsMargins(8, 8, 0, 2)
    return label
