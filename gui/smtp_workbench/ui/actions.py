"""The gestures of the window: toolbar, menus and shortcuts, built from one table."""

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget
from shiboken6 import isValid

from smtp_workbench.ui.theme import Theme


class Actions(QObject):
    """All actions. A shortcut works wherever the focus is."""

    theme_chosen = Signal(str)

    def __init__(self, window: QWidget, undo: QUndoGroup, theme: Theme) -> None:
        super().__init__(window)
        self._window, self._theme = window, theme
        self.verify = self._action(self.tr("Verify"), "F5", "play")
        self.step = self._action(self.tr("Step"), "F10", "step-forward")
        self.stop = self._action(self.tr("Stop"), "", "square")
        self.escape = self._action(self.tr("Stop, or close the details"), "Esc", "")
        self.send = self._action(self.tr("Send"), "Ctrl+Return", "send-horizontal")
        self.send_stepping = self._action(
            self.tr("Send step by step"), "Ctrl+Shift+Return", "step-forward"
        )
        self.check_domain = self._action(self.tr("Check deliverability"), "F8", "")
        self.new = self._action(self.tr("New profile"), "Ctrl+N", "")
        self.from_form = self._action(self.tr("Save this form as a profile"), "Ctrl+Shift+N", "")
        self.paste = self._action(self.tr("Paste config…"), "Ctrl+Shift+V", "clipboard-paste")
        self.find_settings = self._action(self.tr("Find settings…"), "Ctrl+D", "search")
        self.export_profiles = self._action(self.tr("Export profiles…"), "", "")
        self.import_profiles = self._action(self.tr("Import profiles…"), "", "")
        self.export = self._action(self.tr("Export"), "Ctrl+E", "upload")
        self.explain = self._action(
            self.tr("Explain an error…"), "Ctrl+Shift+E", "message-circle-question-mark"
        )
        self.find = self._action(self.tr("Find in the traffic"), "Ctrl+F", "search")
        self.copy_report = self._action(self.tr("Copy report"), "Ctrl+Shift+C", "copy")
        self.focus_form = self._action(self.tr("Go to the form"), "Ctrl+L", "")
        self.focus_profiles = self._action(self.tr("Go to the profiles"), "Ctrl+P", "")
        self.undo = undo.createUndoAction(self, self.tr("Undo"))
        self.redo = undo.createRedoAction(self, self.tr("Redo"))
        self.undo.setShortcut(QKeySequence.StandardKey.Undo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        for action, icon in ((self.undo, "undo-2"), (self.redo, "redo-2")):
            action.setProperty("picture", icon)
            window.addAction(action)
        self._all = [item for item in vars(self).values() if isinstance(item, QAction)]
        self._themes = QMenu(window)
        self._group = QActionGroup(self)
        for name, text in (
            ("system", self.tr("Like the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            action = self._themes.addAction(text)
            action.setCheckable(True)
            action.setData(name)
            action.triggered.connect(lambda _=False, name=name: self.theme_chosen.emit(name))
            self._group.addAction(action)
        self._main: QPushButton | None = None
        theme.changed.connect(self.draw)

    def toolbar(self) -> QWidget:
        """Return the bar above everything."""
        bar = QWidget()
        bar.setObjectName("toolbar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        new = QPushButton(self.tr("New"))
        new.setAccessibleName(self.tr("New profile"))
        new.setToolTip(self.tr("New profile (Ctrl+N), or one from what the form holds"))
        menu = QMenu(new)
        menu.addActions([self.new, self.from_form])
        menu.addSeparator()
        menu.addActions([self.import_profiles, self.export_profiles])
        new.setMenu(menu)
        self._new_button = new
        row.addWidget(new)
        row.addWidget(_button(self.paste, ""))
        row.addSpacing(8)
        self._main = _button(self.verify, "F5")
        self._main.setProperty("primary", "true")
        row.addWidget(self._main)
        row.addWidget(_button(self.step, "F10"))
        row.addWidget(_button(self.stop, "Esc"))
        row.addStretch(1)
        row.addWidget(_button(self.send, "Ctrl+↵"))
        row.addWidget(_button(self.export, ""))
        row.addSpacing(8)
        for action in (self.explain, self.undo, self.redo):
            row.addWidget(_tool(action))
        self._theme_button = QToolButton()
        self._theme_button.setMenu(self._themes)
        self._theme_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._theme_button.setAccessibleName(self.tr("Light or dark"))
        self._theme_button.setToolTip(self.tr("Light or dark"))
        self._theme_button.setIconSize(QSize(16, 16))
        row.addWidget(self._theme_button)
        self.draw()
        return bar

    def draw(self) -> None:
        """Draw the icons in the theme's colours."""
        for action in self._all:
            name = action.property("picture")
            if name:
                action.setIcon(self._theme.icon(name))
        self.verify.setIcon(self._theme.icon("play", "on_accent"))
        icons = {"light": "sun", "dark": "moon"}
        if self._main is not None:
            self._new_button.setIcon(self._theme.icon("plus"))
            self._theme_button.setIcon(self._theme.icon(icons.get(self._theme.choice, "monitor")))
        for action in self._group.actions():
            action.setChecked(action.data() == self._theme.choice)

    def _action(self, text: str, shortcut: str, icon: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setProperty("picture", icon)
        self._window.addAction(action)
        return action


def _button(action: QAction, shortcut: str) -> QPushButton:
    button = QPushButton()

    def follow() -> None:
        if not isValid(action):  # the window is being taken down
            return
        button.setText(f"{action.text()}  {shortcut}".strip())
        button.setIcon(action.icon())
        button.setEnabled(action.isEnabled())

    button.setAccessibleName(action.text())
    button.setToolTip(f"{action.text()} ({action.shortcut().toString() or shortcut})")
    button.clicked.connect(action.trigger)
    action.changed.connect(follow)
    follow()
    return button


def _tool(action: QAction) -> QToolButton:
    tool = QToolButton()
    tool.setIconSize(QSize(16, 16))

    def follow() -> None:
        if not isValid(action):
            return
        tool.setIcon(action.icon())
        tool.setEnabled(action.isEnabled())
        tool.setAccessibleName(action.text())
        tool.setToolTip(f"{action.text()} ({action.shortcut().toString()})")

    tool.clicked.connect(action.trigger)
    action.changed.connect(follow)
    follow()
    return tool
