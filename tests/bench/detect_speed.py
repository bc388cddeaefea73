"""Detection against its slowest single probe: `detect_speed.py [SECONDS]`.

Servers of all kinds on loopback, a port that refuses, one that drops packets and one that stays
silent among them. The slowest single probe is that of a port tried alone.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from smtp_workbench.settings.transport import Security, Tls, Transport, Trust
from smtp_workbench.smtp.candidate import LIMIT, Ports, limits
from smtp_workbench.smtp.guesses import of_host
from smtp_workbench.smtp.probe import probe
from support.certificates import authority, context_of, issue
from support.mail_ports import MailPort, dropping, http, refusing, serving, silent

HOST = "127.0.0.1"
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else LIMIT
"""Seconds for each stage."""


@contextmanager
def kinds() -> Iterator[dict[str, tuple[int, Security | None]]]:
    """Yield a port of each kind, and what is expected of it."""
    own = context_of(issue("localhost", names=("localhost", HOST)))
    implicit, starttls = Security.IMPLICIT_TLS, Security.STARTTLS
    scripts = {
        "implicit TLS": (MailPort(implicit=True), implicit),
        "STARTTLS": (MailPort(), starttls),
        "no STARTTLS": (MailPort(starttls=False, auth_before_tls=True), starttls),
        "self-signed": (MailPort(implicit=True, context=own), implicit),
        "TLS where STARTTLS was expected": (MailPort(implicit=True), starttls),
        "plaintext where TLS was expected": (MailPort(), implicit),
        "a web server": (http, starttls),
        "silent": (silent, starttls),
        "unknown, implicit TLS": (MailPort(implicit=True), None),
        "unknown, STARTTLS": (MailPort(), None),
    }
    with ExitStack() as stack:
        servers = stack.enter_context(serving(*(script for script, _ in scripts.values())))
        ports = {
            name: (server.port, expected)
            for server, (name, (_, expected)) in zip(servers, scripts.items(), strict=True)
        }
        ports["refuses"] = (stack.enter_context(refusing()), starttls)
        for number in (1, 2, 3):
            ports[f"drops packets {number}"] = (stack.enter_context(dropping()), starttls)
        yield ports


async def seconds(ports: Ports, base: Transport) -> float:
    began = time.perf_counter()
    await probe(of_host(HOST, ports), base)
    return time.perf_counter() - began


async def measure(base: Transport) -> None:
    await _at_once(base)  # loads what is loaded once
    with kinds() as ports:
        alone = {name: await seconds(dict([where]), base) for name, where in ports.items()}
    with kinds() as ports:
        whole = await seconds(dict(ports.values()), base)
    for name, took in alone.items():
        print(f"{took:8.3f} s  {name}")
    slowest = max(alone.values())
    print(f"\n{sum(alone.values()):8.3f} s  one after the other")
    print(f"{slowest:8.3f} s  the slowest of them")
    print(f"{whole:8.3f} s  detection: {whole / slowest:.2f} times the slowest")


async def _at_once(base: Transport) -> None:
    with serving(MailPort()) as (server,):
        await seconds({server.port: Security.STARTTLS}, base)


def main() -> None:
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        authority().cert_pem.write_to_path(pem.name)
        tls = Tls(trust=Trust.CA_FILE, ca_file=pem.name)
        asyncio.run(measure(Transport(tls=tls, timeouts=limits(SECONDS))))


if __name__ == "__main__":
    main()
