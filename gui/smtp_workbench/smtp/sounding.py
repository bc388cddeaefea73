"""One port over one address family: which way in it has, found by the steps of a verify.

A conversation that begins in plaintext shows two things, what is offered without TLS and what
STARTTLS leads to, so it makes two candidates. Whether the other way in is worth a try, the first
one tells: who speaks plaintext where TLS was expected says so, and who stays silent is asked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from smtp_workbench.net.errors import NetKind
from smtp_workbench.net.resolve import Resolver
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust
from smtp_workbench.smtp.candidate import DETECT, Candidate, Guess
from smtp_workbench.smtp.events import (
    Event,
    Kind,
    Observer,
    RunFinished,
    RunStarted,
    Stage,
    StageFinished,
)
from smtp_workbench.smtp.report import Report, fold
from smtp_workbench.smtp.session import no_observer
from smtp_workbench.smtp.turns import Turn
from smtp_workbench.smtp.verify import verify

Take = Callable[[Candidate], None]


@dataclass(frozen=True, slots=True)
class Reach:
    """How one host is reached over one address family."""

    transport: Transport
    """What every probe there has in common."""
    places: asyncio.Semaphore
    """For the connections to it."""
    resolver: Resolver | None = None
    proxy_secret: Secret | None = None

    async def verify(
        self,
        transport: Transport,
        secret: Secret | None = None,
        observer: Observer = no_observer,
    ) -> Report:
        """Run *transport* when it is its turn."""
        async with Turn(self.places) as turn:
            return await verify(
                transport,
                secret,
                observer=observer,
                gate=turn.gate,
                resolver=self.resolver,
                proxy_secret=self.proxy_secret,
            )


async def sound(reach: Reach, guess: Guess, take: Take) -> None:
    """Find out what *guess* speaks; every candidate is handed to *take* once it is known."""
    sounding = _Sounding(reach, guess, take)
    if guess.security is None:
        await sounding.either()
    elif guess.security is Security.IMPLICIT_TLS:
        if _greets_in_plaintext(await sounding.implicit()):
            await sounding.plain()
    elif _waits_for_tls(await sounding.plain()):
        await sounding.implicit()


class _Sounding:
    def __init__(self, reach: Reach, guess: Guess, take: Take) -> None:
        self._reach, self._guess, self._take = reach, guess, take

    async def implicit(self) -> Report:
        """Try TLS from the first byte."""
        candidate = await self._implicit()
        self._take(candidate)
        return candidate.report

    async def plain(self) -> Report:
        """Begin in plaintext and go on to TLS."""
        candidates = await self._plain()
        for candidate in candidates:
            self._take(candidate)
        return candidates[0].report

    async def either(self) -> None:
        """Try both ways at once; the one that is understood counts, else both do."""
        implicit = asyncio.create_task(self._implicit(), name="probe TLS")
        plain = asyncio.create_task(self._plain(), name="probe plaintext")
        try:
            await asyncio.wait({implicit, plain}, return_when=asyncio.FIRST_COMPLETED)
            tls_first = implicit.done() and _speaks_tls(implicit.result().report)
            greets = plain.done() and _greets(plain.result()[0].report)
            if not (tls_first or greets):
                await asyncio.wait({implicit, plain})
                tls_first = _speaks_tls(implicit.result().report)
                greets = _greets(plain.result()[0].report)
            if tls_first or (not greets and _is_there(implicit.result().report)):
                self._take(implicit.result())
            if not tls_first:
                for candidate in plain.result():
                    self._take(candidate)
        finally:
            for task in (implicit, plain):
                task.cancel()
            await asyncio.gather(implicit, plain, return_exceptions=True)

    async def _implicit(self) -> Candidate:
        transport = self._transport(Security.IMPLICIT_TLS)
        return await self._completed(transport, await self._reach.verify(transport))

    async def _plain(self) -> list[Candidate]:
        transport = self._transport(Security.STARTTLS)
        events: list[Event] = []
        report = await self._reach.verify(transport, observer=events.append)
        found = [await self._completed(transport, report)]
        before_tls = _before_tls(events)
        if before_tls is not None:
            plaintext = self._transport(Security.PLAINTEXT)
            found.append(Candidate(plaintext, before_tls, self._source(plaintext)))
        return found

    async def _completed(self, transport: Transport, report: Report) -> Candidate:
        """Look behind a certificate that is not trusted, whether a mail server is there at all."""
        behind = None
        if report.failure is not None and report.failure.kind == NetKind.TLS_UNTRUSTED:
            tls = replace(transport.tls, trust=Trust.NONE)
            behind = await self._reach.verify(replace(transport, tls=tls))
        return Candidate(transport, report, self._source(transport), behind)

    def _transport(self, security: Security) -> Transport:
        return replace(self._reach.transport, port=self._guess.port, security=security)

    def _source(self, transport: Transport) -> str:
        as_said = self._guess.security in (None, transport.security)
        return self._guess.source if as_said else DETECT


def _before_tls(events: list[Event]) -> Report | None:
    """Return the report of a run that never wants TLS, as far as *events* show it to work."""
    for place, event in enumerate(events):
        if isinstance(event, StageFinished) and event.stage is Stage.EHLO:
            shown = [_in_plaintext(item) for item in events[: place + 1]]
            return fold([*shown, RunFinished(event.t)])
    return None


def _in_plaintext(event: Event) -> Event:
    if isinstance(event, RunStarted):
        return replace(event, target=replace(event.target, security=Security.PLAINTEXT.value))
    return event


def _is_there(report: Report) -> bool:
    """Whether something took the connection."""
    return report.failed_stage not in (Stage.DNS, Stage.CONNECT, Stage.PROXY)


def _speaks_tls(report: Report) -> bool:
    """Whether there was a handshake, however it ended for the certificate."""
    return report.tls is not None


def _greets(report: Report) -> bool:
    """Whether an SMTP greeting came, also one that refuses."""
    return any(stage.stage is Stage.GREETING and stage.reply for stage in report.stages)


def _greets_in_plaintext(report: Report) -> bool:
    """Whether a reply came where TLS was expected."""
    failure = report.failure
    if failure is None or failure.kind != NetKind.TLS_PLAINTEXT_PEER:
        return False
    return failure.params.get("said", "")[:3].isdigit()


def _waits_for_tls(report: Report) -> bool:
    """Whether who did not greet speaks TLS."""
    failure = report.failure
    if failure is None or failure.kind not in (Kind.SILENCE, Kind.OTHER_SERVICE):
        return False
    return "tls" in (failure.params.get("probe"), failure.params.get("service"))
