"""Send: verify's stages, then one message to the last reply of the server."""

from dataclasses import dataclass, field, replace

from smtp_workbench.message.build import Parcel
from smtp_workbench.message.draft import Draft, Dsn
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.envelope import Envelope, present
from smtp_workbench.smtp.events import Gate, Observer
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.run import Stay, leave_at_once, run
from smtp_workbench.smtp.session import Session, no_gate, no_observer
from smtp_workbench.smtp.transfer import transfer


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and how it is to be handed over."""

    parcel: Parcel
    dsn: Dsn = field(default_factory=Dsn)
    pipelining: bool = True
    """Where it is offered."""
    chunking: bool = False
    """BDAT, where it is offered."""

    @classmethod
    def of(cls, draft: Draft, parcel: Parcel) -> "Delivery":
        """Return *parcel*, made of *draft*, with what the draft says of its delivery."""
        return cls(parcel, draft.dsn, draft.pipelining, draft.chunking)

    def __post_init__(self) -> None:
        """Raise ValueError for an address that would break the command line, or for none."""
        if not self.envelope.recipients:
            raise ValueError("there is no recipient")

    def to(self, recipients: tuple[str, ...]) -> "Delivery":
        """Return the same message for these *recipients* only."""
        return replace(self, parcel=replace(self.parcel, recipients=recipients))

    @property
    def envelope(self) -> Envelope:
        """What MAIL and RCPT say."""
        parcel = self.parcel
        return Envelope(
            parcel.sender,
            parcel.recipients,
            parcel.content.size,
            parcel.eight_bit,
            parcel.smtputf8,
            self.dsn,
        )


async def send(
    access: Access,
    delivery: Delivery,
    *,
    observer: Observer = no_observer,
    gate: Gate = no_gate,
    stay: Stay = leave_at_once,
) -> Report:
    """Send the message and return the report, as `run.run` does.

    Refused recipients do not keep the others from getting it.
    """
    # A gate that waits before each stage needs each stage's commands by themselves.
    together = delivery.pipelining and gate is no_gate

    async def step(session: Session) -> None:
        await hand_over(session, delivery, together=together)

    return await run(access, step, observer=observer, gate=gate, stay=stay)


async def hand_over(session: Session, delivery: Delivery, *, together: bool = True) -> None:
    """Do one mail transaction over a session that is logged in. Raises StageError.

    *together* uses PIPELINING where the server offers it (RFC 2920).
    """
    together = together and delivery.pipelining and "PIPELINING" in session.extensions
    chunking = delivery.chunking and "CHUNKING" in session.extensions
    ask = together and not chunking
    accepted = await present(
        session, delivery.envelope, together=together, then="DATA" if ask else ""
    )
    await transfer(session, delivery.parcel.content, accepted, chunking=chunking, asked=ask)
