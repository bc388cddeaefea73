"""The window's frame: on the screen before anything heavy is loaded, and the last to close."""

from typing import Any, Final

from PySide6.QtCore import QByteArray, QEvent, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

_LEAST: Final = 800, 620
"""Points; what is in it may need more."""


class Frame(QMainWindow):
    """An empty window with its place and size; what belongs into it comes later."""

    closing = Signal()
    """The user wants to close it; `close_now` does."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__()
        self._may_close = False
        self.setWindowTitle("SMTP Workbench")
        self.setMinimumSize(*_LEAST)
        self.resize(1360, 860)
        geometry = kept.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode())))

    def event(self, event: QEvent) -> bool:
        """Follow what is in it: made narrower than that, it would be cut."""
        content = self.centralWidget()
        if event.type() is QEvent.Type.LayoutRequest and content is not None:
            needed = content.minimumSizeHint().width()
            at_most = self.screen().availableSize().width()
            self.setMinimumWidth(max(_LEAST[0], min(needed, at_most)))
        return super().event(event)

    def geometry_as_text(self) -> str:
        """Return place and size, to be kept."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave the closing to the program, which ends runs and writes profiles first."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.closing.emit()

    def close_now(self) -> None:
        """Close without asking anyone."""
        self._may_close = True
        self.close()
