"""What we rely on in PySide6 itself."""

import sys

from PySide6.QtCore import QObject, Signal


class _Sender(QObject):
    told = Signal(bool)


def test_calls_do_not_lose_references() -> None:
    """PySide6 6.12.0 loses one at every void call on CPython 3.11, until the process aborts."""
    sender = _Sender()
    nothing, yes = sys.getrefcount(None), sys.getrefcount(True)
    for _ in range(500):
        sender.setObjectName("x")
        sender.told.emit(True)
    assert abs(sys.getrefcount(None) - nothing) < 100
    assert abs(sys.getrefcount(True) - yes) < 100
