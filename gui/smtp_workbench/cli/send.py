"""Send a message and say what became of it, for each recipient.

Verify's stages come first. Without a text it sends a short test message.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from smtp_workbench.cli import letter, runs, target
from smtp_workbench.cli.answer import findings_of, send_answer
from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.table import Table
from smtp_workbench.diagnosis.retry import advise
from smtp_workbench.message import checks
from smtp_workbench.message.build import DraftError, Parcel
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.series import Series
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.hosts import is_local
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.attempts import Outcome, Route, send_persistently
from smtp_workbench.smtp.events import Event, RunStarted
from smtp_workbench.smtp.pool import send_many
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.send import Delivery

_MANY = 20
"""Messages to a server of others that nobody has to be asked about."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `send`."""
    runs.add_arguments(parser)
    letter.add_arguments(parser)
    group = parser.add_argument_group("more than once")
    group.add_argument("--retry", type=int, default=0, metavar="N", help="after passing failures")
    group.add_argument(
        "--fallback",
        metavar="TARGET",
        action="append",
        default=[],
        help="try this server where another one could take it; repeatable",
    )
    group.add_argument("--count", type=int, default=1, metavar="N", help="send it N times")
    group.add_argument(
        "--connections", type=int, metavar="C", help="at the same time, with --count"
    )
    group.add_argument("--rate", type=int, metavar="R", help="messages a second at most")
    group.add_argument("--yes", action="store_true", help=f"send more than {_MANY} without asking")


def answer(options: argparse.Namespace) -> int:
    """Send and print; return 0 if everyone's server took it, 1 if not, 130 if stopped."""
    _check_numbers(options)
    settings = runs.settings_of(options)
    others = [_other(word) for word in options.fallback]
    try:
        return asyncio.run(_send(options, settings, others))
    except asyncio.CancelledError:
        return 130


def _check_numbers(options: argparse.Namespace) -> None:
    for name, least in (("count", 1), ("connections", 1), ("rate", 1), ("retry", 0)):
        value = getattr(options, name)
        if value is not None and not least <= value <= 1_000_000:
            raise CallError(f"--{name} takes a number from {least} to 1000000")
    if options.count == 1 and (options.connections or options.rate):
        raise CallError("--connections and --rate go with --count")
    if options.count > 1 and (options.retry or options.fallback):
        raise CallError("--retry and --fallback are for one message, not for --count")


def _other(word: str) -> target.Settings:
    """Return the settings of a further server: its own, password too, without the overrides."""
    plain = argparse.ArgumentParser(add_help=False)
    target.add_arguments(plain)
    return target.read(plain.parse_args([word])).resolved()


async def _send(
    options: argparse.Namespace,
    settings: target.Settings | None,
    others: Sequence[target.Settings],
) -> int:
    runs.stop_at_interrupt()
    async with runs.started(options, settings) as ready:
        draft = letter.draft_of(options, ready)
        if options.target == "sandbox" and not draft.to and not draft.untouched:
            draft = replace(draft, to=(ready.transport.auth.user or "demo@sandbox.test",))
        paced = replace(ready, transport=_paced(ready.transport, options))
        run = _Run(options, paced, others, draft)
        await run.go()
        return await run.conclude()


def _paced(transport: Transport, options: argparse.Namespace) -> Transport:
    if options.count == 1:
        return transport
    if options.count > _MANY and not is_local(transport.host) and not options.yes:
        _ask(options.count, transport.host)
    pool = replace(
        transport.pool, enabled=True, max_connections=options.connections or 1, rate_delta=1.0
    )
    return replace(transport, pool=replace(pool, rate_limit=options.rate or 0))


def _ask(count: int, host: str) -> None:
    if not sys.stdin.isatty():
        raise CallError(f"{count} messages to {host}: add --yes if that is meant")
    if input(f"Send {count} messages to {host}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise CallError("nothing was sent")


class _Run:
    """One call under way."""

    def __init__(
        self,
        options: argparse.Namespace,
        ready: target.Settings,
        others: Sequence[target.Settings],
        draft: Draft,
    ) -> None:
        self._options, self._ready, self._others = options, ready, others
        self._draft = draft
        self._report = Report()
        self._outcome: Outcome | None = None
        self._table = None if options.json else Table(verbose=options.verbose)

    async def go(self) -> None:
        """Send; a stop is noted in the report."""
        series = await asyncio.to_thread(self._series)
        try:
            if self._options.count > 1:
                await send_many(
                    self._access(self._ready),
                    lambda number: Delivery.of(self._draft, series.parcel(number)),
                    self._options.count,
                    observer=self._observe,
                )
            else:
                await self._send_one(series.parcel(1))
        except asyncio.CancelledError:
            self._report.stopped = True

    async def _send_one(self, parcel: Parcel) -> None:
        routes = [
            Route(each.transport.host, self._access(each)) for each in (self._ready, *self._others)
        ]
        self._outcome = await send_persistently(
            routes,
            self._delivery(parcel),
            judge=advise,
            retries=self._options.retry,
            observer=self._observe,
        )

    def _delivery(self, parcel: Parcel) -> Delivery:
        try:
            return Delivery.of(self._draft, parcel)
        except ValueError as error:
            raise CallError(str(error)) from None

    def _access(self, settings: target.Settings) -> Access:
        return Access(
            transport=settings.transport,
            secret=settings.secret,
            proxy_secret=settings.proxy_secret,
            allow_plaintext_auth=self._options.allow_plaintext_auth,
        )

    def _series(self) -> Series:
        transport = self._ready.transport
        occasion = Occasion(
            host=transport.host,
            port=transport.effective_port,
            security=transport.security.value,
        )
        try:
            return Series(self._draft, occasion)
        except DraftError as error:
            raise CallError(f"{letter.option_of(error.field)}: {error}") from None

    def _observe(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._report = Report()
        self._report.take(event)
        if self._table is not None:
            self._table.take(event)

    async def _findings_of_message(self, ready: target.Settings) -> Sequence[Finding]:
        facts = await asyncio.to_thread(checks.facts_of, self._draft)
        return checks.check(
            self._draft,
            ready.transport,
            extensions=self._report.extensions or None,
            files=facts,
            preset=ready.preset,
        )

    async def conclude(self) -> int:
        """Print what became of it and return the exit status."""
        report, ready = self._report, self._ready
        if self._outcome is not None:
            used = len({attempt.route.name for attempt in self._outcome.attempts}) - 1
            ready = (self._ready, *self._others)[used]
        findings = [*await findings_of(ready, report), *await self._findings_of_message(ready)]
        if self._table is None:
            print(
                json.dumps(send_answer(ready, report, self._outcome, findings), ensure_ascii=False)
            )
        else:
            self._table.conclude(ready, report, findings)
        if report.stopped:
            return 130
        ok = self._outcome.ok if self._outcome is not None else report.ok
        return 0 if ok else 1
