"""Run with `PYTHONPATH=tests .venv/bin/python tests/bench/send_speed.py`.

How long sending takes into Postfix's smtp-sink on loopback, a server that throws everything away:
1,000 small messages over 10 connections against Nodemailer's pool, and one message with a 25 MB
attachment against Nodemailer and curl; what else a message of 100 MB costs in memory. All clients
build the message themselves, and take turns; medians are compared. Exit status 1 if a target is
missed.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import rivals
from mail_sink import HOST, sink

from smtp_workbench.message.build import build
from smtp_workbench.message.draft import Attachment, Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.series import Series
from smtp_workbench.settings.transport import Pool, Security, Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.pool import send_many
from smtp_workbench.smtp.send import Delivery, send

NAME = "bench.example"
TEXT = "Hello,\n\nthis is one of many.\n"
COUNT, CONNECTIONS = 1000, 10
DRAFT = Draft(author="me@example.org", to=("you@example.org",), subject="bench", text=TEXT)


def transport_to(port: int) -> Transport:
    return Transport(
        host=HOST,
        port=port,
        ehlo_name=NAME,
        security=Security.PLAINTEXT,
        pool=Pool(enabled=True, max_connections=CONNECTIONS, max_messages=COUNT),
    )


def our_many(port: int) -> float:
    access = Access(transport=transport_to(port))

    async def run() -> float:
        began = time.perf_counter()
        series = Series(DRAFT, Occasion())
        report = await send_many(access, lambda at: Delivery(series.parcel(at)), COUNT)
        assert report.ok, report.tally
        return time.perf_counter() - began

    return asyncio.run(run()) * 1000


def our_big(port: int, path: Path) -> float:
    draft = Draft(
        author=DRAFT.author,
        to=DRAFT.to,
        subject="bench",
        text=TEXT,
        attachments=(Attachment(name="big.bin", path=str(path)),),
    )

    async def run() -> float:
        began = time.perf_counter()
        report = await send(
            Access(transport=transport_to(port)), Delivery(build(draft, Occasion()))
        )
        assert report.ok, report.failure
        return time.perf_counter() - began

    return asyncio.run(run()) * 1000


def curl_big(port: int, path: Path) -> float:
    """Return the milliseconds of a whole curl, which has no other way to be asked."""
    parcel = build(
        Draft(
            author=DRAFT.author,
            to=DRAFT.to,
            attachments=(Attachment(name="big.bin", path=str(path)),),
        ),
        Occasion(),
    )
    whole = path.with_suffix(".eml")
    if not whole.exists():
        whole.write_bytes(parcel.content.read())
    command = ["curl", "--silent", f"smtp://{HOST}:{port}/{NAME}", "--upload-file", str(whole)]
    command += ["--mail-from", "me@example.org", "--mail-rcpt", "you@example.org"]
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return (time.perf_counter() - began) * 1000


@contextmanager
def nodemailer(port: int) -> Iterator[Callable[[str], float] | None]:
    environment = rivals.nodemailer()
    if environment is None:
        yield None
        return
    facts = json.dumps({"host": HOST, "port": port, "name": NAME, "text": TEXT})
    with subprocess.Popen(
        ["node", str(Path(__file__).with_suffix(".js")), facts],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:

        def ask(line: str) -> float:
            assert process.stdin
            assert process.stdout
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield ask
        assert process.stdin
        process.stdin.close()


def compare(title: str, clients: dict[str, Callable[[], float]], limits: dict[str, float]) -> bool:
    """Let *clients* take turns, print, and return whether ours meets the *limits*."""
    times: dict[str, list[float]] = {name: [] for name in clients}
    for round_ in range(options.rounds + 1):
        for name in sorted(clients, reverse=round_ % 2 == 1):
            took = clients[name]()
            if round_:  # the first one is to get warm
                times[name].append(took)
    print(title)
    for name, took in times.items():
        print(f"  {name:12} {median(took):8.1f} ms   ({min(took):.1f} to {max(took):.1f})")
    met = True
    for name, limit in limits.items():
        if name not in times:
            print(f"  ours / {name}: not measured, it is not here")
            continue
        ratio = median(times["ours"]) / median(times[name])
        met &= ratio <= limit
        verdict = "met" if ratio <= limit else "MISSED"
        print(f"  ours / {name:12} {ratio:.2f}  (target {limit}: {verdict})")
    return met


def memory(port: int, folder: Path) -> bool:
    """Print what a message of 100 MB adds to the peak of this process."""
    path = folder / "huge.bin"
    with path.open("wb") as stream:
        stream.truncate(75_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    our_big(port, path)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"100 MB message: {added:.1f} MiB more at the peak (target 160)")
    return added < 160


def main() -> int:
    with sink() as port, tempfile.TemporaryDirectory() as name, nodemailer(port) as rival:
        folder = Path(name)
        path = folder / "big.bin"
        path.write_bytes(os.urandom(25_000_000))
        many: dict[str, Callable[[], float]] = {"ours": lambda: our_many(port)}
        big: dict[str, Callable[[], float]] = {"ours": lambda: our_big(port, path)}
        if rival is not None:
            many["Nodemailer"] = lambda: rival(f"many {COUNT} {CONNECTIONS}")
            big["Nodemailer"] = lambda: rival(f"big {path}")
        if shutil.which("curl"):
            big["curl"] = lambda: curl_big(port, path)
        met = memory(port, folder)
        met &= compare(
            f"{COUNT} messages over {CONNECTIONS} connections", many, {"Nodemailer": 1.0}
        )
        met &= compare("25 MB attachment", big, {"Nodemailer": 1.0, "curl": 1.5})
    return 0 if met else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    sys.exit(main())
