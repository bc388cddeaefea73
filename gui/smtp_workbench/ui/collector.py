"""Garbage is collected on the window's thread only.

Python collects on whichever thread happens to allocate. A Qt object that dies on another thread
than its own leaves its timers behind, and the next one that fires crashes the program.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY: int = 1_000
"""Milliseconds."""


class Collector(QObject):
    """Does what the collector would do by itself, once a second and here."""

    def __init__(self) -> None:
        super().__init__()
        self._thresholds = gc.get_threshold()
        gc.disable()
        gc.freeze()  # what start-up has made stays; there is no use in looking at it again
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        for generation, (count, limit) in enumerate(
            zip(gc.get_count(), self._thresholds, strict=True)
        ):
            if count > limit:
                gc.collect(generation)
