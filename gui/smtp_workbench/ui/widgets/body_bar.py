"""The row above the body of a message: which side of it is shown, and the menus."""

from enum import Enum, auto
from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from smtp_workbench.message import templates, variables
from smtp_workbench.message.templates import Template
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.segments import Segments

_PADDING: Final = 20
"""Points around the word of a button, and to the next."""


class Side(Enum):
    """What is shown of a body."""

    TEXT = auto()
    HTML = auto()
    PREVIEW = auto()
    SOURCE = auto()


class BodyBar(QWidget):
    """The menus give up their words for icons where the row is narrow."""

    picked = Signal(object)
    """A `Side`."""
    variable_picked = Signal(str)
    """As it stands in the text, such as `{{now}}`."""
    picture_asked = Signal()
    template_picked = Signal(object)

    def __init__(self, theme: Theme, more: QMenu) -> None:
        super().__init__()
        self._theme = theme
        self.segments = Segments(
            self.tr("Body"),
            {
                Side.TEXT: (self.tr("Text"), self.tr("The plain text (Alt+1)")),
                Side.HTML: ("HTML", self.tr("The HTML text (Alt+2)")),
                Side.PREVIEW: (
                    self.tr("Preview"),
                    self.tr("What the HTML looks like; nothing is fetched for it (Alt+3)"),
                ),
                Side.SOURCE: (self.tr("Source"), self.tr("The octets that are sent (Alt+4)")),
            },
        )
        self.segments.picked.connect(self.picked)
        self.insert = self._menu(self.tr("Insert"), self.tr("Insert a variable or a picture"))
        self.template = self._menu(self.tr("Template"), self.tr("Messages that test something"))
        self.more = self._menu("", self.tr("Open and save messages"))
        self.more.setMenu(more)
        self._insert_menu, self._template_menu = QMenu(self), QMenu(self)
        for button, menu, fill in (
            (self.insert, self._insert_menu, self._fill_insert),
            (self.template, self._template_menu, self._fill_templates),
        ):
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(fill)
            button.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.segments)
        row.addStretch(1)
        for button in (self.insert, self.template, self.more):
            row.addWidget(button)
        theme.changed.connect(self._draw)
        self._draw()

    def minimumSizeHint(self) -> QSize:
        """Return room for the row with icons."""
        height = self.sizeHint().height()
        icons = 3 * (self._icon_width() + 2)
        return QSize(self.segments.minimumSizeHint().width() + icons, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose between words and icons."""
        super().resizeEvent(event)
        self._draw()

    def _menu(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setProperty("quiet", "true")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip(tip)
        button.setAccessibleName(text or self.tr("More"))
        button.setAccessibleDescription(tip)
        button.setIconSize(QSize(16, 16))
        button.setMinimumWidth(self._icon_width())
        return button

    def _icon_width(self) -> int:
        return 16 + 10

    def _draw(self) -> None:
        words = sum(
            self.fontMetrics().horizontalAdvance(button.text()) + _PADDING
            for button in (self.insert, self.template)
        )
        room = self.width() - self.segments.minimumSizeHint().width() - self._icon_width() - 4
        style = Qt.ToolButtonStyle
        look = style.ToolButtonTextOnly if words <= room else style.ToolButtonIconOnly
        for button, icon in (
            (self.insert, "braces"),
            (self.template, "layout-template"),
            (self.more, "ellipsis"),
        ):
            button.setIcon(self._theme.icon(icon, "secondary"))
            button.setToolButtonStyle(style.ToolButtonIconOnly if button is self.more else look)

    def _fill_insert(self) -> None:
        menu = self._insert_menu
        menu.clear()
        for name, meaning in variables.NAMES.items():
            text = "{{" + name + "}}"
            action = menu.addAction(f"{text}\t{meaning}")
            action.triggered.connect(partial(self.variable_picked.emit, text))
        menu.addSeparator()
        menu.addAction(self.tr("Picture in the HTML text…"), self.picture_asked.emit)

    def _fill_templates(self) -> None:
        menu = self._template_menu
        menu.clear()
        for template in templates.all_templates():
            action = menu.addAction(template.title)
            action.setToolTip(template.purpose)
            action.setStatusTip(template.purpose)
            action.triggered.connect(partial(self._pick, template))

    def _pick(self, template: Template) -> None:
        self.template_picked.emit(template)
