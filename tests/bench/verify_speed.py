"""Run with `.venv/bin/python tests/bench/verify_speed.py`; Node.js and npm add Nodemailer.

How long verify takes, STARTTLS and AUTH PLAIN on loopback, against a bare aiosmtplib script that
says the same commands, and against Nodemailer's verify. All clients are warm, reuse their TLS
settings and check the certificate; they take turns, and medians are compared. Exit status 1 if a
target is missed.
"""

import argparse
import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from statistics import median

import aiosmtplib
from fixed_server import HOST, NAME, PASSWORD, USER, FixedServer, running

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.smtp.verify import verify

NODEMAILER = "nodemailer@10.6.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smtp-workbench-tests"
TO_AIOSMTPLIB = 1.2
"""Ours takes at most so many times as long."""
TO_NODEMAILER = 0.5
"""Ours takes less than so many times as long."""
DIALOGUE = ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]

Client = Callable[[], Awaitable[None]]


def bare_aiosmtplib(server: FixedServer) -> Client:
    context = ssl.create_default_context(cafile=server.ca_file)

    async def run() -> None:
        client = aiosmtplib.SMTP(
            hostname=HOST,
            port=server.port,
            local_hostname=NAME,
            use_tls=False,
            start_tls=False,
            tls_context=context,
        )
        await client.connect()
        await client.ehlo()
        await client.starttls()
        await client.ehlo()
        await client.auth_plain(USER, PASSWORD)
        await client.quit()

    return run


def ours(server: FixedServer) -> Client:
    transport = Transport(
        host=HOST,
        port=server.port,
        security=Security.STARTTLS,
        ehlo_name=NAME,
        tls=Tls(trust=Trust.CA_FILE, ca_file=server.ca_file),
        auth=Auth(user=USER, mechanism="PLAIN"),
    )
    secret = Secret(PASSWORD)

    async def run() -> None:
        report = await verify(transport, secret)
        assert report.ok, report.failure

    return run


@contextmanager
def nodemailer(server: FixedServer) -> Iterator[Callable[[int], list[float]] | None]:
    """Yield what times so many verifies by Nodemailer; None where that can't be had."""
    node, modules = shutil.which("node"), CACHE / "nodemailer"
    if node is None or not _installed(modules):
        yield None
        return
    facts = {"host": HOST, "port": server.port, "name": NAME, "user": USER, "password": PASSWORD}
    command = [node, str(Path(__file__).with_suffix(".js"))]
    with subprocess.Popen(
        [*command, json.dumps({**facts, "caFile": server.ca_file})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NODE_PATH": str(modules / "node_modules")},
    ) as process:

        def run(count: int) -> list[float]:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{count}\n")
            process.stdin.flush()
            took: list[float] = json.loads(process.stdout.readline())
            return took

        yield run
        assert process.stdin
        process.stdin.close()


def _installed(folder: Path) -> bool:
    manifest = folder / "node_modules/nodemailer/package.json"
    version = NODEMAILER.partition("@")[2]
    if manifest.is_file() and json.loads(manifest.read_text())["version"] == version:
        return True
    npm = shutil.which("npm")
    if npm is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command = [npm, "install", "--prefix", str(folder), *options, NODEMAILER]
    return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0


async def milliseconds(client: Client) -> float:
    began = time.perf_counter()
    await client()
    return (time.perf_counter() - began) * 1000


def measure(server: FixedServer, rounds: int, count: int) -> dict[str, list[list[float]]]:
    """Return each client's times, a list a round."""
    clients = {"aiosmtplib": bare_aiosmtplib(server), "ours": ours(server)}
    times: dict[str, list[list[float]]] = {name: [] for name in clients}

    async def take_turns() -> None:
        for name in clients:
            times[name].append([])
        for turn in range(count):
            # Who goes first alternates, so that neither gains by what the other leaves warm.
            for name in sorted(clients, reverse=turn % 2 == 1):
                times[name][-1].append(await milliseconds(clients[name]))

    with nodemailer(server) as rival, asyncio.Runner() as runner:
        for client in clients.values():
            runner.run(client())
            assert server.verbs() == DIALOGUE
        if rival is not None:
            rival(1)
            said = server.verbs()
            print(f"Nodemailer says {' '.join(said)}")
            times["Nodemailer"] = []
            rival(count)
        runner.run(take_turns())
        times.update({name: [] for name in times})  # that was to get warm
        for _ in range(rounds):
            runner.run(take_turns())
            if rival is not None:
                times["Nodemailer"].append(rival(count))
    return times


def ratio(times: dict[str, list[list[float]]], name: str) -> tuple[float, str]:
    """Return ours over *name*'s, by the medians of all, and the range of the rounds."""
    whole = median(chain(*times["ours"])) / median(chain(*times[name]))
    each = [median(a) / median(b) for a, b in zip(times["ours"], times[name], strict=True)]
    return whole, f"{min(each):.2f} to {max(each):.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--count", type=int, default=40, help="verifies by each in a round")
    options = parser.parse_args()
    with running() as server:
        times = measure(server, options.rounds, options.count)
    print(
        f"verify, STARTTLS and AUTH PLAIN: median of {options.rounds} x {options.count}, in turns"
    )
    for name, rounds in times.items():
        print(f"  {name:10}  {median(chain(*rounds)):7.2f} ms")
    missed = False
    for name, limit in (("aiosmtplib", TO_AIOSMTPLIB), ("Nodemailer", TO_NODEMAILER)):
        if name not in times:
            print(f"  ours / {name}: not measured, it needs Node.js and npm")
            continue
        whole, spread = ratio(times, name)
        met = whole <= limit if name == "aiosmtplib" else whole < limit
        missed |= not met
        verdict = "met" if met else "MISSED"
        print(f"  ours / {name:10}  {whole:.2f}  (rounds {spread}; target {limit}: {verdict})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
