"""The middle column: the pages of what is being edited, and their tabs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from smtp_workbench.ui.letter import PREFIX
from smtp_workbench.ui.pages.connection import ConnectionPage
from smtp_workbench.ui.pages.deliverability import DeliverabilityPage
from smtp_workbench.ui.pages.export import ExportPage
from smtp_workbench.ui.pages.inbox import InboxPage
from smtp_workbench.ui.pages.message import MessagePage


class Pages(Widget):
    """Shows one page at a time; Ctrl+1, Ctrl+2, … go to them."""

    shown = Signal(object)
    """The page that has come to the front."""

    def __init__(
        self,
        connection: ConnectionPage,
        message: MessagePage,
        deliverability: DeliverabilityPage,
        export: ExportPage,
        inbox: InboxPage,
    ) -> None:
        super().__init__()
        self.connection, self.message = connection, message
        self.deliverability = deliverability
        self.export, self.inbox = export, inbox
        self.setObjectName("pageColumn")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        tabs = Widget()
        tabs.setObjectName("tabs")
        tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(tabs)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(12)
        for page, name in (
            (connection, self.tr("Connection")),
            (message, self.tr("Message")),
            (deliverability, self.tr("Deliverability")),
            (export, self.tr("Export")),
            (inbox, self.tr("Inbox")),
        ):
            row.addWidget(self._tab(page, name))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(tabs)
        column.addWidget(self._stack, 1)
        self._group.idClicked.connect(self._go)
        self.show_page(connection)

    @property
    def page(self) -> Widget:
        """The page in front."""
        page = self._stack.currentWidget()
        assert page is not None  # noqa: S101  # there are pages from the start
        return page

    def show_page(self, page: Widget) -> None:
        """Bring *page* to the front."""
        self._go(self._stack.indexOf(page))

    def focus_on(self, field: str) -> None:
        """Put the cursor into a field of the page that it is on."""
        page = self.message if field.startswith(PREFIX) else self.connection
        self.show_page(page)
        page.focus_on(field)

    def show_inbox(self, *, there: bool) -> None:
        """Have a tab for the sandbox's inbox, or none."""
        place = self._stack.indexOf(self.inbox)
        self._group.button(place).setVisible(there)
        if not there and self.page is self.inbox:
            self.show_page(self.message)

    def _tab(self, page: Widget, name: str) -> QPushButton:
        place = self._stack.addWidget(page)
        tab = QPushButton(name)
        tab.setCheckable(True)
        tab.setProperty("tab", "true")
        tab.setToolTip(f"Ctrl+{place + 1}")
        bold = QFont(tab.font())
        bold.setBold(True)
        tab.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(name) + 4)
        self._group.addButton(tab, place)
        shortcut = QShortcut(QKeySequence(f"Ctrl+{place + 1}"), self)
        shortcut.activated.connect(tab.click)
        return tab

    def _go(self, place: int) -> None:
        self._group.button(place).setChecked(True)
        self._stack.setCurrentIndex(place)
        self.shown.emit(self.page)
