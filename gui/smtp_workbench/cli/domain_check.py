"""The check of a domain for a person at a terminal, or as JSON."""

import argparse
import json
from typing import Final

from smtp_workbench.cli import runs
from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.paint import BAD, BOLD, GOOD, QUIET, WARNING, Painter, painter, wrapped
from smtp_workbench.diagnosis.deliverability import Row, Verdict, row
from smtp_workbench.lookup.deliverability import Facts, Subject, look
from smtp_workbench.lookup.question import Question, QuestionError, ask
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import open_web
from smtp_workbench.settings import url

_OPTIONS: Final = {
    "domain": "DOMAIN",
    "envelope": "--envelope-from",
    "signer": "--dkim-domain",
    "selector": "--selector",
    "address": "--ip",
    "relay": "--relay",
}
_MARKS: Final = {
    Verdict.GOOD: ("✓", GOOD),
    Verdict.WARNING: ("!", WARNING),
    Verdict.BAD: ("✗", BAD),
    Verdict.UNKNOWN: ("?", WARNING),
    Verdict.NONE: ("·", QUIET),
}
_INDENT: Final = " " * 4


async def check(options: argparse.Namespace) -> int:
    """Check what the options of `deliverability` ask for and print it as it comes; return 0.

    Raises CallError naming the option that is off.
    """
    question = _question(options)
    try:
        dns = Dns(options.resolver)
    except ValueError as error:
        raise CallError(f"--{error}") from None
    runs.stop_at_interrupt()
    rows: dict[Subject, Row] = {}
    paint = None if options.json else painter()
    unprinted = list(Subject)

    def take(subject: Subject, facts: Facts | None) -> None:
        rows[subject] = row(subject, facts)
        while paint is not None and unprinted and unprinted[0] in rows:
            _print(rows[unprinted.pop(0)], paint)

    web = await open_web(dns.addresses) if options.fetch else None
    await look(question, take, dns, web=web)
    if options.json:
        found = [rows[subject].as_json() for subject in Subject]
        print(json.dumps({"domain": question.domain, "rows": found}, ensure_ascii=False))
    return 0


def _question(options: argparse.Namespace) -> Question:
    try:
        relay = url.parse_host(options.relay).fields if options.relay else {}
    except ValueError as error:
        raise CallError(f"--relay: {error}") from None
    port = relay.get("port")
    try:
        return ask(
            options.domain,
            envelope=options.envelope_from,
            signer=options.dkim_domain,
            selector=options.selector,
            address=options.ip,
            relay=str(relay.get("host", "")),
            port=port if isinstance(port, int) else 25,
        )
    except QuestionError as error:
        raise CallError(f"{_OPTIONS[error.field]}: {str(error).removesuffix('.')}") from None


def _print(found: Row, paint: Painter) -> None:
    mark, style = _MARKS[found.verdict]
    print(f"\n{paint(mark, style)} {paint(found.title, BOLD)}")
    for line in found.found.splitlines():
        print(f"{_INDENT}{paint(line, QUIET)}")
    print(wrapped(f"→ {found.advice}", _INDENT), flush=True)
