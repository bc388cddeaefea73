"""Run with `PYTHONPATH=tests .venv/bin/python tests/bench/verify_speed.py`; Node.js and npm add
Nodemailer.

How long verify takes, STARTTLS and AUTH PLAIN on loopback, against a bare aiosmtplib script that
says the same commands, and against Nodemailer's verify: with Debian's Postfix where root runs this
and `packaging/test` has brought it, and with a server that does next to nothing, where our own
share shows most. All clients are warm and check the certificate; they take turns, and medians are
compared. "aiosmtplib" reads the CA file for each connection, as its `cert_bundle` does;
"aiosmtplib, kept" and ours reuse the TLS settings. Exit status 1 if a target is missed.
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median

import aiosmtplib
import fixed_server
import rivals
from fixed_server import HOST, NAME

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.smtp.verify import verify
from support.servers import dovecot as dovecot_module
from support.servers import postfix as postfix_module
from support.servers.server import PASSWORD, USER, free_ports

TARGETS = {"aiosmtplib": 1.2, "aiosmtplib, kept": None, "Nodemailer": 0.5}
"""Ours takes at most so many times as long, with Postfix."""
DIALOGUE = ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]

Client = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Server:
    """Where to log in."""

    title: str
    port: int
    ca_file: str
    user: str
    password: str
    verbs: Callable[[], list[str]] | None = None
    """Returns the commands that came since the last call, if that can be asked."""


@contextmanager
def fixed() -> Iterator[Server]:
    with fixed_server.running() as server:
        user, password = fixed_server.USER, fixed_server.PASSWORD
        yield Server("fixed replies", server.port, server.ca_file, user, password, server.verbs)


@contextmanager
def real() -> Iterator[Server]:
    ports = free_ports(*postfix_module.SERVICES)
    with (
        dovecot_module.dovecot(ports["relay"]) as dovecot,
        postfix_module.postfix(ports, dovecot.auth_socket, dovecot.server.ports["lmtp"]) as server,
    ):
        yield Server("Postfix", ports["submission"], str(server.ca_file), USER, PASSWORD)


def bare_aiosmtplib(server: Server, *, keep: bool) -> Client:
    kept = ssl.create_default_context(cafile=server.ca_file)

    async def run() -> None:
        context = kept if keep else ssl.create_default_context(cafile=server.ca_file)
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
        await client.auth_plain(server.user, server.password)
        await client.quit()

    return run


def ours(server: Server) -> Client:
    transport = Transport(
        host=HOST,
        port=server.port,
        security=Security.STARTTLS,
        ehlo_name=NAME,
        tls=Tls(trust=Trust.CA_FILE, ca_file=server.ca_file),
        auth=Auth(user=server.user, mechanism="PLAIN"),
    )
    secret = Secret(server.password)

    async def run() -> None:
        report = await verify(transport, secret)
        assert report.ok, report.failure

    return run


@contextmanager
def nodemailer(server: Server) -> Iterator[Callable[[int], list[float]] | None]:
    """Yield what times so many verifies by Nodemailer; None where that can't be had."""
    environment = rivals.nodemailer()
    if environment is None:
        yield None
        return
    facts = {"host": HOST, "port": server.port, "name": NAME}
    facts |= {"user": server.user, "password": server.password}
    command = ["node", str(Path(__file__).with_suffix(".js"))]
    with subprocess.Popen(
        [*command, json.dumps({**facts, "caFile": server.ca_file})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
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


async def milliseconds(client: Client) -> float:
    began = time.perf_counter()
    await client()
    return (time.perf_counter() - began) * 1000


def measure(server: Server, rounds: int, count: int) -> dict[str, list[list[float]]]:
    """Return each client's times, a list a round."""
    clients = {
        "aiosmtplib": bare_aiosmtplib(server, keep=False),
        "aiosmtplib, kept": bare_aiosmtplib(server, keep=True),
        "ours": ours(server),
    }
    times: dict[str, list[list[float]]] = {name: [] for name in clients}

    async def take_turns() -> None:
        for name in clients:
            times[name].append([])
        for turn in range(count):
            # Who goes first changes, so that none gains by what another leaves warm.
            for name in sorted(clients, reverse=turn % 2 == 1):
                times[name][-1].append(await milliseconds(clients[name]))

    with nodemailer(server) as rival, asyncio.Runner() as runner:
        for client in clients.values():
            runner.run(client())
            assert server.verbs is None or server.verbs() == DIALOGUE
        if rival is not None:
            rival(1)
            assert server.verbs is None or server.verbs() == DIALOGUE
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


def report(server: Server, rounds: int, count: int) -> bool:
    """Measure and print; return whether the targets are met."""
    times = measure(server, rounds, count)
    print(
        f"{server.title}: verify, STARTTLS and AUTH PLAIN, median of {rounds} x {count}, in turns"
    )
    for name, took in times.items():
        print(f"  {name:16}  {median(chain(*took)):7.2f} ms")
    met = True
    for name, limit in TARGETS.items():
        if name not in times:
            print(f"  ours / {name}: not measured, it needs Node.js and npm")
            continue
        whole, spread = ratio(times, name)
        verdict = (
            "" if limit is None else f"; target {limit}: {'met' if whole <= limit else 'MISSED'}"
        )
        met &= limit is None or whole <= limit
        print(f"  ours / {name:16}  {whole:.2f}  (rounds {spread}{verdict})")
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--count", type=int, default=40, help="verifies by each in a round")
    options = parser.parse_args()
    met = True
    if os.geteuid() == 0 and postfix_module.PROGRAM.exists() and dovecot_module.PROGRAM.exists():
        with real() as server:
            met = report(server, options.rounds, options.count)
    with fixed() as server:
        report(server, options.rounds, options.count)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
