"""Find the servers that could send the mail of an address.

Only the DNS is asked, unless files may be fetched; no mail server is tried.
"""

import argparse
import asyncio
import json
from typing import TYPE_CHECKING

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.paint import BOLD, GOOD, QUIET, WARNING, painter, wrapped

if TYPE_CHECKING:
    from smtp_workbench.lookup.discover import Discovery


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `discover`."""
    parser.add_argument("address", metavar="ADDRESS", help="such as jane@example.org")
    parser.add_argument(
        "--resolver", metavar="ADDRESS", default="", help="the name server to ask, with :PORT"
    )
    parser.add_argument(
        "--fetch", action="store_true", help="fetch what the domain publishes on the web, by HTTPS"
    )
    parser.add_argument(
        "--insecure-fetch",
        action="store_true",
        help="the same, by HTTP too, which others can read and change",
    )
    parser.add_argument(
        "--ispdb",
        action="store_true",
        help="the same as --fetch, and ask Thunderbird's database, which learns the domain",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Discover and print; return 1 when there is nothing to try."""
    try:
        found = asyncio.run(_discover(options))
    except ValueError as error:
        raise CallError(str(error)) from None
    if options.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        _print(found, fetched=_may_fetch(options))
    return 0 if found.candidates else 1


async def _discover(options: argparse.Namespace) -> "Discovery":
    from smtp_workbench.lookup.discover import discover  # noqa: PLC0415  # heavy, seldom needed
    from smtp_workbench.net.dns import Dns  # noqa: PLC0415
    from smtp_workbench.net.web import open_web  # noqa: PLC0415

    dns = Dns(options.resolver)
    web = await open_web(dns.addresses) if _may_fetch(options) else None
    return await discover(
        options.address, dns, web, insecure=options.insecure_fetch, ispdb=options.ispdb
    )


def _may_fetch(options: argparse.Namespace) -> bool:
    return bool(options.fetch or options.insecure_fetch or options.ispdb)


def _print(found: "Discovery", *, fetched: bool) -> None:
    paint = painter()
    for item in found.candidates:
        given = item.as_json()
        mark = paint("✓", GOOD) if item.confirmed else paint("?", WARNING)
        where = paint(f"{given['host']}:{given['port']}", BOLD)
        words = [f"{mark} {where}", str(given["security"])]
        words += [str(given[name]) for name in ("mechanism", "user") if given[name]]
        sources = ", ".join((item.source, *item.also))
        print(" · ".join([*words, sources]))
        print(paint(wrapped(item.detail, " " * 4), QUIET))
    if not found.candidates:
        print(paint(f"Nothing is known for {found.address}.", BOLD))
    if not fetched and not any(item.confirmed for item in found.candidates):
        print(wrapped("The domain's web server was not asked: --fetch allows it."))
    if found.notes:
        print()
    for note in found.notes:
        print(paint(wrapped(f"{note.source}: {note.text}"), QUIET))
