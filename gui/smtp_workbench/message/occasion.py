"""The occasion on which a draft becomes a message: what its variables and its own marks stand for.

Two builds of a draft for one occasion give the same octets, so that a source view shows what will
be sent.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime


def _token() -> str:
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One message of one run."""

    now: datetime = field(default_factory=lambda: datetime.now().astimezone())
    """With a time zone."""
    host: str = ""
    """The server's name, as in the settings."""
    port: int = 0
    security: str = ""
    run_id: str = field(default_factory=_token)
    """Of all messages of a run."""
    random: str = field(default_factory=_token)
    """Of this message: its boundaries and its Message-ID are made of it."""
    number: int = 1
    """Which message of the run it is, from 1."""

    def next(self) -> "Occasion":
        """Return the occasion of the next message of the run."""
        now = datetime.now(self.now.tzinfo)
        return replace(self, now=now, random=_token(), number=self.number + 1)
