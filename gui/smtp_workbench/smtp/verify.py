"""Verify: every stage up to the log-in, the envelope if asked, and QUIT. No mail is sent."""

from smtp_workbench.net.resolve import Resolver
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.envelope import Envelope, check_envelope
from smtp_workbench.smtp.events import Gate, Observer
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.run import Stay, leave_at_once, run
from smtp_workbench.smtp.session import Session, no_gate, no_observer


async def verify(
    transport: Transport,
    secret: Secret | None = None,
    *,
    envelope: Envelope | None = None,
    observer: Observer = no_observer,
    gate: Gate = no_gate,
    resolver: Resolver | None = None,
    proxy_secret: Secret | None = None,
    allow_plaintext_auth: bool = False,
    stay: Stay = leave_at_once,
) -> Report:
    """Run the conversation and return its report, as `run.run` does."""
    access = Access(
        transport=transport,
        secret=secret,
        proxy_secret=proxy_secret,
        allow_plaintext_auth=allow_plaintext_auth,
        resolver=resolver,
    )

    async def step(session: Session) -> None:
        if envelope is not None:
            await check_envelope(session, envelope)

    return await run(access, step, observer=observer, gate=gate, stay=stay)
