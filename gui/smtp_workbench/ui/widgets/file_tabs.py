"""The names of several files, one of them in front."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget


class FileTabs(QWidget):
    """Tabs; with one file or none there is nothing to choose, and nothing to see."""

    picked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.bar = QTabBar()
        self.bar.setObjectName("fileTabs")
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setAccessibleName(self.tr("Files"))
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.currentChanged.connect(lambda _place: self.picked.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bar)
        self.hide()

    @property
    def place(self) -> int:
        """Which file is in front, from 0."""
        return max(0, self.bar.currentIndex())

    def show_names(self, names: Sequence[str]) -> None:
        """Show *names*; the tab in front stays if they are the same."""
        if [self.bar.tabText(at) for at in range(self.bar.count())] == list(names):
            return
        before = self.bar.blockSignals(True)
        while self.bar.count():
            self.bar.removeTab(0)
        for name in names:
            self.bar.addTab(name)
        self.bar.blockSignals(before)
        self.setVisible(len(names) > 1)
