"""Run with `QT_QPA_PLATFORM=offscreen .venv/bin/python tests/bench/traffic_log.py`.

What the traffic log costs: the longest stall of the event loop while 200,000 lines arrive and at
each gesture afterwards, octets of our own a line beyond its text, and milliseconds a scroll step
at a million lines. Exit status 1 if a target is missed.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.models.traffic import TrafficColours, TrafficModel
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_log import TrafficLog

LINES = 200_000
MANY = 1_000_000
TICK = 33
"""Milliseconds between two batches, as the window collects them."""
BATCHES = (1_320, 5_000)
"""Lines a tick: 40,000 a second as measured for a table, and 150,000 a second, faster than TLS."""
STALL = 50.0
OCTETS = 200.0
FRAME = 16.0
COLOURS = TrafficColours(*["#000000"] * 7)
_PLAIN = (
    ("C", "RCPT TO:<somebody.{at}@workbench.test>"),
    ("S", "250 2.1.5 Ok, recipient {at} is known here and the message will be taken"),
    ("*", "note {at}: the server took its time"),
    ("S", "550 5.1.1 <somebody.{at}@workbench.test>: Recipient address rejected"),
)


def line(at: int) -> tuple[Line, int]:
    direction, text = _PLAIN[at % 4]
    return Line(at / 10_000, direction, at % 3 > 0, text.format(at=at)), at * 12 // MANY


class Pulse:
    """Beats as fast as the event loop lets it; the longest pause between two beats is a stall."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.worst = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(0)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, (now - self._last) * 1000)
        self._last = now

    def stop(self) -> float:
        """Stop, and return the longest pause in milliseconds."""
        self._beat()
        self._timer.stop()
        return self.worst


def wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def new_log(theme: Theme) -> TrafficLog:
    log = TrafficLog(theme)
    log.resize(680, 520)
    log.clear(datetime.now(UTC))
    log.show()
    wait(100)
    return log


def arrive(log: TrafficLog, batch: int) -> float:
    """Return the longest stall while the lines come in with every tick."""
    lines = [line(at) for at in range(LINES)]
    batches = [lines[at : at + batch] for at in range(0, LINES, batch)]
    done = QEventLoop()
    pulse, timer = Pulse(), QTimer()

    def tick() -> None:
        if batches:
            log.take(batches.pop(0))
        else:
            timer.stop()
            done.quit()

    timer.timeout.connect(tick)
    timer.start(TICK)
    done.exec()
    return pulse.stop()


def stall(gesture: Callable[[], object]) -> float:
    """Return the longest stall that *gesture* causes, until half a second after it."""
    pulse = Pulse()
    wait(50)
    pulse.worst = 0.0
    gesture()
    wait(500)
    return pulse.stop()


def gestures(log: TrafficLog) -> dict[str, float]:
    """Return the longest stall of each thing a user does with many lines."""
    find = log.search
    copy = next(b for b in log.findChildren(QPushButton) if b.text() == "Copy")
    steps: dict[str, Callable[[], object]] = {
        "find a rare word": lambda: find.setText(f"somebody.{LINES - 4}@"),
        "find a frequent word": lambda: find.setText("workbench"),
        "find the next": lambda: find.stepped.emit(1),
        "clear the field": find.clear,
        "select a stage": lambda: log.select_stage(1),
        "only one direction": lambda: log.model.filter(frozenset("S"), None),
        "only one stage": lambda: log.show_only(1),
        "all again": lambda: log.model.filter(frozenset("CS*"), None),
        "absolute times": lambda: log.show_relative(relative=False),
        "wrap": lambda: log.wrap.setChecked(True),
        "scroll, wrapped": lambda: log.view.verticalScrollBar().setValue(
            log.view.verticalScrollBar().maximum() // 2
        ),
        "no wrap": lambda: log.wrap.setChecked(False),
        "select all": log.view.selectAll,
        "copy all": copy.click,
    }
    return {name: stall(step) for name, step in steps.items()}


def octets() -> float:
    """Return what the model itself needs a line, the texts not counted."""
    model = TrafficModel(COLOURS)
    lines = [line(at) for at in range(LINES)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for at in range(0, LINES, BATCHES[0]):
        model.take(lines[at : at + BATCHES[0]])
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / LINES


def scroll(log: TrafficLog) -> tuple[float, float]:
    """Return milliseconds of a step of the wheel and of a jump, drawing included."""
    bar = log.view.verticalScrollBar()

    def steps(values: list[int]) -> float:
        began = time.perf_counter()
        for value in values:
            bar.setValue(value)
            log.view.viewport().repaint()
        return (time.perf_counter() - began) * 1000 / len(values)

    middle = bar.maximum() // 2
    wheel = steps([middle + 3 * 20 * at for at in range(100)])
    return wheel, steps([bar.maximum() * (at * 37 % 100) // 100 for at in range(100)])


def main() -> int:
    app = QApplication(sys.argv)
    theme = Theme(app)
    missed = False

    def say(what: str, value: float, target: float, unit: str) -> None:
        nonlocal missed
        missed |= value >= target
        verdict = "met" if value < target else "MISSED"
        print(f"{what:40} {value:8.1f} {unit:6} (below {target:g}: {verdict})", flush=True)

    theme.dress()
    say("own octets a line beyond the text", octets(), OCTETS, "octets")
    for batch in BATCHES:
        log = new_log(theme)
        say(f"{LINES:,} lines, {batch:,} a tick", arrive(log, batch), STALL, "ms")
    for name, worst in gestures(log).items():
        say(f"{LINES:,} lines: {name}", worst, STALL, "ms")
    log = new_log(theme)
    for start in range(0, MANY, 10_000):
        log.take([line(at) for at in range(start, start + 10_000)])
    wheel, jump = scroll(log)
    say(f"{MANY:,} lines: a step of the wheel", wheel, FRAME, "ms")
    say(f"{MANY:,} lines: a jump", jump, FRAME, "ms")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
