"""Try what could work at a host, in parallel, and rank it.

For a mail address the DNS is asked first who sends for it. Nothing is sent but the beginning of a
conversation. With --user there is one log-in, on the best encrypted settings that were found.
"""

import argparse
import asyncio
import json
from typing import TYPE_CHECKING

from smtp_workbench.cli import runs, target
from smtp_workbench.cli.detected import Detected, as_json
from smtp_workbench.cli.errors import CallError
from smtp_workbench.net.resolve import Resolver
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp import guesses
from smtp_workbench.smtp.candidate import (
    DETECT,
    LIMIT,
    PORTS,
    Candidate,
    Guess,
    Ports,
    limits,
)
from smtp_workbench.smtp.probe import probe
from smtp_workbench.smtp.ranking import best, rank

if TYPE_CHECKING:
    from smtp_workbench.net.dns import Dns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `detect`."""
    parser.add_argument(
        "where", metavar="HOST|ADDRESS", help="a server, or a mail address whose server it is"
    )
    target.add_options(parser)
    parser.add_argument(
        "--ports",
        metavar="PORT,…",
        help=f"try these, each in every way, instead of {', '.join(map(str, PORTS))}",
    )
    parser.add_argument(
        "--resolver", metavar="ADDRESS", help="ask this name server instead of the system's"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Detect and print; return 0 if settings were found that work, 1 if not, 130 if stopped."""
    dns = _dns(options.resolver)
    tries = _tries(options, dns)
    resolver = dns.addresses if dns is not None and options.resolver else None
    if options.user is None and "@" in options.where and _gives_password(options):
        options.user = options.where
    base = target.Settings(Transport(host=tries[0].host, timeouts=limits(LIMIT)))
    settings = target.read(options, base).resolved()
    try:
        return asyncio.run(_detect(options, settings, tries, resolver))
    except asyncio.CancelledError:  # once more, while the answer was put together
        return 130


def _tries(options: argparse.Namespace, dns: "Dns | None") -> tuple[Guess, ...]:
    """Return what to try. Raises CallError naming the word that is off."""
    ports = None if options.ports is None else _ports(options.ports)
    if "://" in options.where:  # never echoed: a password may stand in it
        raise CallError("HOST|ADDRESS is a URL: its host alone is enough")
    try:
        usual = guesses.of_text(options.where, ports)
        if "@" not in options.where or dns is None:
            return usual
        from smtp_workbench.lookup.discover import discover  # noqa: PLC0415  # heavy

        found = asyncio.run(discover(options.where, dns))
    except ValueError as error:
        raise CallError(f"HOST|ADDRESS: {error}") from None
    places = [guesses.named(item.change, item.named_by or DETECT) for item in found.candidates]
    return guesses.of_named(places, ports) or usual


def _ports(text: str) -> Ports:
    found: dict[int, None] = {}
    for word in text.split(","):
        if not word.strip().isdecimal() or not 1 <= int(word) <= 65535:
            raise CallError(f"--ports: {word.strip()!r} is not a number from 1 to 65535")
        found[int(word)] = None
    return found


def _dns(server: str | None) -> "Dns | None":
    """Return the name server to ask, None where the system names none."""
    from smtp_workbench.net.dns import Dns  # noqa: PLC0415  # heavy, seldom needed

    try:
        return Dns(server or "")
    except ValueError as error:
        if server is None:
            return None
        raise CallError(f"--{error}") from None


def _gives_password(options: argparse.Namespace) -> bool:
    return options.password_env is not None or options.password_stdin


async def _detect(
    options: argparse.Namespace,
    settings: target.Settings,
    tries: tuple[Guess, ...],
    resolver: Resolver | None,
) -> int:
    runs.stop_at_interrupt()
    table = None if options.json else Detected()
    found: dict[object, Candidate] = {}
    stopped = False

    def observe(candidate: Candidate) -> None:
        found[candidate.key] = candidate
        if table is not None:
            table.take(candidate)

    try:
        await probe(
            tries,
            settings.transport,
            settings.secret,
            observer=observe,
            resolver=resolver,
            proxy_secret=settings.proxy_secret,
        )
    except asyncio.CancelledError:
        stopped = True
    ranked = rank(found.values())
    if table is None:
        print(json.dumps(as_json(ranked), ensure_ascii=False))
    else:
        table.conclude(ranked, stopped=stopped)
    if stopped:
        return 130
    chosen = best(ranked)
    return 0 if chosen is not None and chosen.candidate.ok else 1
