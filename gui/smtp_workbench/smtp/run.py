"""The frame of every run: the way in, then what was asked for, and a goodbye."""

from collections.abc import Awaitable, Callable
from typing import Final

from smtp_workbench.net.pem import read_facts
from smtp_workbench.settings.change import Severity
from smtp_workbench.settings.checks import check
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import (
    Event,
    Failure,
    Gate,
    Kind,
    Observer,
    RunFinished,
    RunStarted,
    Stage,
    Target,
)
from smtp_workbench.smtp.hello import greet, introduce
from smtp_workbench.smtp.login import log_in
from smtp_workbench.smtp.opening import open_connection
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.session import Session, no_gate, no_observer
from smtp_workbench.smtp.stages import StageError
from smtp_workbench.smtp.upgrade import secure

Step = Callable[[Session], Awaitable[None]]
Stay = Callable[[Session], Awaitable[None]]
"""Awaited before QUIT, with a session that still listens: a person types commands meanwhile."""


async def leave_at_once(_session: Session) -> None:
    """Keep no session open."""


_STAGE_OF_FIELD: Final = {
    "proxy": Stage.PROXY,
    "source_address": Stage.CONNECT,
    "ehlo_name": Stage.EHLO,
    "tls": Stage.TLS,
    "auth": Stage.AUTH,
    "password": Stage.AUTH,
    "sender": Stage.MAIL,
}
"""Where a setting that can't work would have shown; any other shows at the look-up."""


async def run(
    access: Access,
    step: Step,
    *,
    observer: Observer = no_observer,
    gate: Gate = no_gate,
    stay: Stay = leave_at_once,
) -> Report:
    """Go in, do *step*, leave, and return the report; a failure is a report, not an error.

    *stay* is awaited at the end, also after a refusal, as long as the server still listens.
    Cancelling ends it at once: the observer still gets `RunFinished(stopped=True)`, and no task
    or socket stays behind.
    """
    report = Report()

    def observe(event: Event) -> None:
        report.take(event)
        observer(event)

    session = session_for(access, observe, gate)
    observe(RunStarted(0.0, target_of(session)))
    stopped = True
    try:
        async with session:
            try:
                await refuse_blocked(session)
                await enter(session, access)
                await step(session)
                await stay(session)
                if session.connected:
                    await session.quit()
            except StageError as error:
                if session.listens_after(error.failure):
                    await stay(session)
                await session.leave(error.failure)
        stopped = False
    finally:
        observe(RunFinished(session.stages.now(), stopped))
    return report


def session_for(access: Access, observer: Observer, gate: Gate = no_gate) -> Session:
    """Return a session that is about to `enter`."""
    hidden = [access.proxy_secret] if access.proxy_secret else []
    return Session(access.transport, access.secret, observer=observer, gate=gate, also_hide=hidden)


async def enter(session: Session, access: Access) -> None:
    """Do every stage up to the log-in. Raises StageError."""
    await open_connection(session, resolver=access.resolver, proxy_secret=access.proxy_secret)
    await greet(session)
    await introduce(session)
    await secure(session)
    await log_in(session, allow_plaintext=access.allow_plaintext_auth)


def target_of(session: Session) -> Target:
    """Return what a run is about, without secrets: some services want their token as the user."""
    transport = session.transport
    return Target(
        transport.host,
        transport.effective_port,
        transport.security.value,
        session.redactor.text(transport.auth.user) or None,
        transport.protocol.value,
    )


async def refuse_blocked(session: Session) -> None:
    """Raise StageError, at the stage it belongs to, if a finding says the run can't start."""
    files = await read_facts(session.transport)
    for finding in check(session.transport, secret=session.secret, files=files):
        if finding.severity is Severity.BLOCKING:
            stage = _STAGE_OF_FIELD.get(finding.field.partition(".")[0], Stage.DNS)
            async with session.stages.stage(stage, 1.0):
                params = {"field": finding.field, "label": finding.label}
                raise StageError(Failure(Kind.SETTINGS, finding.message, params=params))
