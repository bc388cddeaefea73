"""Run with `QT_QPA_PLATFORM=offscreen .venv/bin/python tests/bench/traffic_log.py`.

200,000 lines arrive in the traffic log in batches, as they do from a run: the longest time that the
window's loop was held, the octets of our own that a line takes besides its text, and the time of a
scroll step at a million lines. Exit status 1 if a target is missed.
"""

import sys
import time
import tracemalloc
from datetime import UTC, datetime
from statistics import median

from PySide6.QtWidgets import QApplication

from smtp_workbench.smtp.events import Line
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.traffic_log import TrafficLog

ARRIVING, MANY, BATCH = 200_000, 1_000_000, 1_000
STALL, OWN = 50.0, 200.0
"""Milliseconds; octets."""


def batch(start: int, count: int = BATCH) -> list[tuple[Line, int]]:
    return [
        (
            Line(at / 1000, "CS*"[at % 3], at % 2 == 0, f"250-KEYWORD{at} some parameters"),
            at // 5000,
        )
        for at in range(start, start + count)
    ]


def main() -> int:
    app = QApplication(sys.argv)
    theme = Theme(app)
    log = TrafficLog(theme)
    theme.dress()
    log.resize(680, 480)
    log.show()
    log.clear(datetime.now(UTC))
    app.processEvents()
    stalls = []
    for start in range(0, ARRIVING, BATCH):
        lines = batch(start)
        began = time.perf_counter()
        log.take(lines)
        app.processEvents()
        stalls.append((time.perf_counter() - began) * 1000)
    print(f"{ARRIVING:,} lines in batches of {BATCH:,}: longest stall {max(stalls):.1f} ms")
    log.clear(datetime.now(UTC))
    texts = [f"250-KEYWORD{at} some parameters" for at in range(MANY)]
    tracemalloc.start()
    for start in range(0, MANY, BATCH):
        log.take([(Line(0.5, "S", True, texts[at]), 3) for at in range(start, start + BATCH)])
    own = tracemalloc.get_traced_memory()[0] / MANY
    tracemalloc.stop()
    app.processEvents()
    bar = log.view.verticalScrollBar()
    steps = []
    for at in range(200):
        began = time.perf_counter()
        bar.setValue(bar.maximum() * at // 200)
        app.processEvents()
        steps.append((time.perf_counter() - began) * 1000)
    print(f"{MANY:,} lines: {own:.0f} octets a line of our own, scroll step {median(steps):.1f} ms")
    began = time.perf_counter()
    log.model.find("KEYWORD999999", range(50_000))
    print(f"searching 50,000 lines, a turn's worth: {(time.perf_counter() - began) * 1000:.0f} ms")
    missed = max(stalls) > STALL or own > OWN
    print(f"targets {STALL:.0f} ms and {OWN:.0f} octets: {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
