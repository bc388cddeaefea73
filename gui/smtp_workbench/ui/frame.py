"""The window's frame: on the screen before anything heavy is loaded, and the last to close."""

from typing import Any

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow


class Frame(QMainWindow):
    """An empty window with its place and size; what belongs into it comes later."""

    closing = Signal()
    """The user wants to close it; `close_now` does."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__()
        self._may_close = False
        self.setWindowTitle("SMTP Workbench")
        self.setMinimumSize(800, 560)
        self.resize(1360, 860)
        geometry = kept.get("geometry")
        if isinstance(geometry, str):
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode())))

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
