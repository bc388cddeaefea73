"""What a fault is: the points of a conversation at which it can change something."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail, and what a client should make of it.

    A point is a verb that clients send, or `CONNECT`, `TLS`, `GREETING`, `MESSAGE` (in the middle
    of it) and `DOT` (at its end) for what has no verb.
    """

    id: str
    title: str
    teaches: str
    stage: str
    """Where verify with STARTTLS ends; `data` is reached by sending only."""
    cause: str
    """The label of the diagnosis."""
    special: bool = False
    """Shows with special envelopes only: of two recipients, or with letters beyond ASCII."""
    replies: Mapping[str, str] = field(default_factory=dict)
    """Point: the reply instead of the good one. 421 hangs up after it."""
    second: Mapping[str, str] = field(default_factory=dict)
    """`RCPT`, or `DOT` in LMTP: the reply for the second recipient of a message."""
    drops: str = ""
    """The point at which the connection is closed without a word; at `CONNECT` with a reset."""
    holds: str = ""
    """The point from which on nothing is answered any more."""
    hides: tuple[str, ...] = ()
    """EHLO keywords that are left out."""
    certificate: str = ""
    """A flaw of the certificate, see `Authority.server_context`."""
    delay: float = 0.0
    """Seconds before the greeting."""
    greylists: bool = False
    """Refuses each sender and recipient once."""
    drips: bool = False
    """Sends one octet at a time, and never a whole line."""
    size: int = 0
    """Octets of a message that are accepted; 0: the usual limit."""

    @property
    def spoils_tls(self) -> bool:
        """Whether no handshake is tried at all."""
        return "TLS" in (self.drops, self.holds) or "TLS" in self.replies


HEALTHY = Fault(id="", title="", teaches="", stage="", cause="")
"""No fault."""


def dropping(point: str, stage: str, cause: str, title: str = "") -> Fault:
    """Return the fault that closes the connection at *point*."""
    return Fault(
        id=f"drop-at-{point.lower()}",
        title=title or f"Hang up at {point}",
        teaches="Servers and firewalls hang up without a word; only the stage tells where.",
        stage=stage,
        cause=cause,
        drops=point,
    )


def silent(point: str, title: str, stage: str, cause: str) -> Fault:
    """Return the fault that answers nothing any more from *point* on."""
    return Fault(
        id=f"silent-at-{point.lower()}",
        title=title,
        teaches="The server hears us and never answers; only a limit of our own ends it.",
        stage=stage,
        cause=cause,
        holds=point,
    )


def replying(
    fault_id: str, title: str, teaches: str, where: tuple[str, str], reply: str, cause: str
) -> Fault:
    """Return the fault that gives *reply* where it stands: at a point, in a stage."""
    point, stage = where
    return Fault(
        id=fault_id, title=title, teaches=teaches, stage=stage, cause=cause, replies={point: reply}
    )
