"""What a fault is: the points of a conversation at which it can change something."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail, and what a client should make of it.

    A point is a verb that clients send, or `CONNECT`, `TLS`, `GREETING` and `DOT` for what has no
    verb.
    """

    id: str
    title: str
    teaches: str
    stage: str
    """Where verify with STARTTLS ends; `data` is reached by sending only."""
    cause: str
    """The label of the diagnosis."""
    replies: Mapping[str, str] = field(default_factory=dict)
    """Point: the reply instead of the good one. 421 hangs up after it."""
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
