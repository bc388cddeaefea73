"""The field that finds words in the traffic, and steps through the lines that have them."""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QTimer, Signal

from smtp_workbench.ui.models.traffic import TrafficModel
from smtp_workbench.ui.models.traffic_filter import Search
from smtp_workbench.ui.turns import Turns
from smtp_workbench.ui.widgets.find_field import FindField

_PAUSE: Final = 150
"""Milliseconds after the last stroke until a search begins."""


class TrafficFind(FindField):
    """Looks for what is typed when typing pauses, and goes on as lines come."""

    reached = Signal(int)
    """The row that is to be shown."""
    counted = Signal()
    """`in_words` has changed: lines were found, or another one of them was reached."""

    def __init__(self, model: TrafficModel) -> None:
        super().__init__()
        self._model = model
        self._hits = Search("", model)
        self._at = -1
        """Which hit has been reached, -1: none."""
        self._jumps = False
        """Whether the first hit is still to be reached."""
        self._looking = Turns(self)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(_PAUSE)
        self._wait.timeout.connect(self._search)
        self.setObjectName("trafficFind")
        self.setPlaceholderText(self.tr("Find"))
        self.setAccessibleName(self.tr("Find in the traffic"))
        self.setToolTip(self.tr("Find (Ctrl+F); Enter: next, Shift+Enter: previous"))
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._restart)
        self.stepped.connect(self._step)
        model.rowsInserted.connect(self._go_on)
        model.modelReset.connect(self._search_again)

    def in_words(self) -> str:
        """Return how many lines were found, and which of them was reached."""
        number = f"{len(self._hits.found):,}"
        if self._at < 0:
            return self.tr("{n} found").format(n=number)
        return self.tr("{at} of {n} found").format(at=f"{self._at + 1:,}", n=number)

    def _restart(self) -> None:
        self._wait.start()

    def _search(self, *, jump: bool = True) -> None:
        words = self.text()
        self._hits, self._at, self._jumps = Search(words, self._model), -1, jump
        self._model.mark(words)
        self._looking.do(self._look())

    def _search_again(self) -> None:
        """Forget the hits: they were of rows that are other lines now."""
        self._search(jump=False)

    def _go_on(self) -> None:
        if self.text():
            self._looking.do(self._look())

    def _look(self) -> Iterator[None]:
        for _ in self._hits.go_on():
            if self._jumps and self._hits.found:
                self._jumps = False
                self._go(1)
            yield
        self._jumps = False
        self.counted.emit()

    def _step(self, step: int) -> None:
        if self._wait.isActive():
            self._wait.stop()
            self._search()
        else:
            self._go(step)

    def _go(self, step: int) -> None:
        found = self._hits.found
        if not found:
            return
        before = max(self._at, 0) if step < 0 else self._at
        self._at = (before + step) % len(found)
        self.reached.emit(found[self._at])
        self.counted.emit()
