"""What many messages came to: a fold over their ends."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Final

from smtp_workbench.smtp.events import Delivered, MessageDone

_ENOUGH: Final = 10_000
"""Times that percentiles are taken of."""


@dataclass(slots=True)
class Tally:
    """Feed it with `take`."""

    count: int
    """Messages that are to be sent."""
    connections: int
    started: float = 0.0
    ended: float = 0.0
    """Seconds since the run began, at the last message's end."""
    ends: Counter[Delivered] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why messages were not accepted."""
    seconds: list[float] = field(default_factory=list)
    """Of each accepted message, in the order of their ends."""
    moments: list[float] = field(default_factory=list)
    """When each of them was accepted, in seconds since the run began."""

    def take(self, event: MessageDone) -> None:
        """Count one more message."""
        self.ended = event.t
        self.ends[event.delivered] += 1
        if event.delivered is Delivered.ACCEPTED:
            self.seconds.append(event.seconds)
            self.moments.append(event.t)
        else:
            self.reasons[event.reason] += 1

    @property
    def done(self) -> int:
        """How many messages have come to an end of any kind."""
        return self.ends.total()

    @property
    def accepted(self) -> int:
        """How many were accepted for every recipient."""
        return self.ends[Delivered.ACCEPTED]

    @property
    def per_second(self) -> float:
        """Accepted messages per second."""
        elapsed = self.ended - self.started
        return self.accepted / elapsed if elapsed > 0 else 0.0

    def rates(self, most: int) -> list[float]:
        """Return the accepted messages per second in equal spans of the run, *most* at most."""
        elapsed = self.ended - self.started
        spans = min(most, max(1, self.accepted // 10))
        if elapsed <= 0:
            return []
        span = elapsed / spans
        counts = Counter(
            min(int((moment - self.started) / span), spans - 1) for moment in self.moments
        )
        return [counts[at] / span for at in range(spans)]

    def percentiles(self) -> list[float]:
        """Return the seconds in which 1, 2, … 99 percent of the accepted messages were done.

        Of very many messages it looks at some thousands, spread evenly.
        """
        some = self.seconds[:: 1 + len(self.seconds) // _ENOUGH]
        if len(some) < 2:
            return (some or [0.0]) * 99
        return quantiles(some, n=100, method="inclusive")

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; times in milliseconds."""
        within = self.percentiles()
        return {
            "count": self.count,
            "connections": self.connections,
            "done": self.done,
            **{end.value.replace(" ", "_"): self.ends[end] for end in Delivered},
            "seconds": round(self.ended - self.started, 3),
            "per_second": round(self.per_second, 1),
            "latency_ms": {
                f"p{percent}": round(within[percent - 1] * 1000, 3) for percent in (50, 90, 95, 99)
            },
            "reasons": dict(self.reasons.most_common(10)),
        }
