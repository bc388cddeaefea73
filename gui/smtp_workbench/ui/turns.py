"""Long work in short turns, so that the window is never held."""

import time
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QTimer

_TURN: Final = 0.008
"""Seconds that work takes before the window gets its turn: half a frame."""


class Turns:
    """Does long work in short turns on the event loop, the first of them at once."""

    def __init__(self, parent: QObject) -> None:
        self._work: Iterator[None] = iter(())
        self._timer = QTimer(parent)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def do(self, work: Iterator[None]) -> None:
        """Begin *work*, and drop what is left of the one before."""
        self._work = work
        self._turn()

    def finish(self) -> None:
        """Do all that is left at once."""
        self._timer.stop()
        for _ in self._work:
            pass

    def _turn(self) -> None:
        end = time.perf_counter() + _TURN
        for _ in self._work:
            if time.perf_counter() > end:
                self._timer.start()
                return
        self._timer.stop()
