"""Run with `PYTHONPATH=tests .venv/bin/python tests/bench/traffic.py`.

What a line of traffic costs in a run with few lines and in one with ten and a hundred times as
many: the server answers EHLO with that many keywords. Time and memory a line may not grow. Exit
status 1 if they do.
"""

import asyncio
import sys
import time
import tracemalloc

import fixed_server
from fixed_server import HOST, NAME

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.smtp.verify import verify

LINES = (500, 5_000, 50_000)
"""Of each of the two answers to EHLO."""
MAY_GROW = 1.3


def measure(lines: int) -> tuple[int, float, float]:
    """Return the lines of traffic, and microseconds and octets for each."""
    with fixed_server.running(ehlo_lines=lines) as server:
        transport = Transport(
            host=HOST,
            port=server.port,
            security=Security.STARTTLS,
            ehlo_name=NAME,
            tls=Tls(trust=Trust.CA_FILE, ca_file=server.ca_file),
            auth=Auth(user=fixed_server.USER, mechanism="PLAIN"),
        )
        secret = Secret(fixed_server.PASSWORD)

        def run() -> int:
            report = asyncio.run(verify(transport, secret))
            assert report.ok, report.failure
            return len(report.lines)

        run()
        began = time.perf_counter()
        count = run()
        took = time.perf_counter() - began
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return count, took * 1e6 / count, peak / count


def main() -> int:
    print("   lines   µs/line   octets/line")
    rows = [measure(lines) for lines in LINES]
    for count, took, peak in rows:
        print(f"{count:8}  {took:8.1f}  {peak:12.0f}")
    (_, first, space), *more = rows
    grown = max(*(took / first for _, took, _ in more), *(peak / space for *_, peak in more))
    verdict = "met" if grown <= MAY_GROW else "MISSED"
    print(f"most / fewest: {grown:.2f} (target {MAY_GROW}: {verdict})")
    return int(grown > MAY_GROW)


if __name__ == "__main__":
    sys.exit(main())
