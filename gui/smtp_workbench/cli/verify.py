"""Run the stages against a server and say what is wrong.

The report is printed as it grows; with `--json` one object at the end.
"""

import argparse
import asyncio
import json

from smtp_workbench.cli import runs, target
from smtp_workbench.cli.answer import findings_of, verify_answer
from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.table import Table
from smtp_workbench.smtp.envelope import Envelope
from smtp_workbench.smtp.events import Event
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    runs.add_arguments(parser)
    parser.add_argument(
        "--mail-from", metavar="ADDRESS", help="ask whether this sender may send; no mail is sent"
    )
    parser.add_argument(
        "--rcpt-to",
        metavar="ADDRESS",
        action="append",
        default=[],
        help="ask whether mail to it is taken; repeatable",
    )


def answer(options: argparse.Namespace) -> int:
    """Verify and print; return 0 if all was accepted, 1 if not, 130 if stopped."""
    envelope = _envelope(options)
    settings = runs.settings_of(options)
    try:
        return asyncio.run(_verify(options, settings, envelope))
    except asyncio.CancelledError:  # once more, while the answer was put together
        return 130


def _envelope(options: argparse.Namespace) -> Envelope | None:
    if options.mail_from is None and not options.rcpt_to:
        return None
    try:
        return Envelope(options.mail_from or "", tuple(options.rcpt_to))
    except ValueError as error:
        raise CallError(f"--mail-from, --rcpt-to: {error}") from None


async def _verify(
    options: argparse.Namespace, settings: target.Settings | None, envelope: Envelope | None
) -> int:
    runs.stop_at_interrupt()
    report, table = Report(), None if options.json else Table(verbose=options.verbose)

    def observe(event: Event) -> None:
        report.take(event)
        if table is not None:
            table.take(event)

    async with runs.started(options, settings) as ready:
        try:
            await verify(
                ready.transport,
                ready.secret,
                envelope=envelope,
                observer=observe,
                proxy_secret=ready.proxy_secret,
                allow_plaintext_auth=options.allow_plaintext_auth,
            )
        except asyncio.CancelledError:
            report.stopped = True
        findings = await findings_of(ready, report)
        if table is None:
            print(json.dumps(verify_answer(ready, report, findings), ensure_ascii=False))
        else:
            table.conclude(ready, report, findings)
    if report.stopped:
        return 130
    return 0 if report.ok else 1
