"""How high the body of a message is on its page, so that there is one scroll bar, never two.

It takes the height that is free. Where the page has to scroll anyway, as with a section unfolded,
the text grows to all of its lines instead of scrolling within the page.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from smtp_workbench.ui.widgets.message_body import MessageBody

_SHARE = 0.7
"""Of the page's height, for a side that scrolls by itself."""
_MARGIN = 24
"""Points kept visible above and below the cursor."""


class BodyHeight(QObject):
    """Keeps the height right when text, page or sections change."""

    def __init__(self, page: QScrollArea, inside: QWidget, body: MessageBody) -> None:
        """Watch over *body*, a part of *inside*, which *page* scrolls."""
        super().__init__(page)
        self._page, self._inside, self._body = page, inside, body
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self.fit)
        inside.installEventFilter(self)
        page.viewport().installEventFilter(self)
        body.side_changed.connect(self._timer.start)
        for editor in (body.text, body.html):
            editor.grown.connect(self._timer.start)
            editor.cursorPositionChanged.connect(self.follow_cursor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at the height again when something on the page has another one."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._timer.start()
        return super().eventFilter(watched, event)

    def fit(self) -> None:
        """Give the body its height; what has the focus below it stays where it is."""
        inside, room = self._inside, self._page.viewport().height()
        layout = inside.layout()
        if layout is None:
            return
        rest = layout.totalHeightForWidth(inside.width()) - self._body.sides_height
        height = self._body.least_height
        if rest + height > room:
            whole = self._body.whole_height
            height = max(height, int(room * _SHARE) if whole is None else whole)
        if height == self._body.sides_height:
            return
        below = self._focus_below()
        before = below.mapTo(inside, QPoint()).y() if below else 0
        self._body.set_height(height)
        layout.activate()
        QApplication.sendPostedEvents(inside, QEvent.Type.LayoutRequest.value)
        if below:
            bar = self._page.verticalScrollBar()
            bar.setValue(bar.value() + below.mapTo(inside, QPoint()).y() - before)
        else:
            self.follow_cursor()

    def follow_cursor(self) -> None:
        """Keep what is being written in sight, where the page scrolls instead of the text."""
        editor = self._body.editor
        if editor is None or not editor.hasFocus() or not self._page.verticalScrollBar().maximum():
            return
        cursor = editor.mapTo(self._inside, editor.cursor_place().center())
        self._page.ensureVisible(cursor.x(), cursor.y(), 0, _MARGIN)

    def _focus_below(self) -> QWidget | None:
        focus = QApplication.focusWidget()
        inside = self._inside
        if focus is None or not inside.isAncestorOf(focus) or self._body.isAncestorOf(focus):
            return None
        top = self._body.mapTo(inside, QPoint()).y()
        return focus if focus.mapTo(inside, QPoint()).y() > top else None
