"""What many messages came to: a fold over their ends."""

from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

from smtp_workbench.smtp.events import Delivered, MessageDone


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

    def take(self, event: MessageDone) -> None:
        """Count one more message."""
        self.ended = event.t
        self.ends[event.delivered] += 1
        if event.delivered is Delivered.ACCEPTED:
            self.seconds.append(event.seconds)
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

    def percentile(self, percent: int) -> float:
        """Return the seconds in which *percent* (1 to 99) of the accepted messages were done."""
        if len(self.seconds) < 2:
            return self.seconds[0] if self.seconds else 0.0
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]

    def as_json(self) -> dict[str, object]:
        """Return plain JSON values; times in milliseconds."""
        return {
            "count": self.count,
            "connections": self.connections,
            "done": self.done,
            **{end.value.replace(" ", "_"): self.ends[end] for end in Delivered},
            "seconds": round(self.ended - self.started, 3),
            "per_second": round(self.per_second, 1),
            "latency_ms": {
                f"p{percent}": round(self.percentile(percent) * 1000, 3)
                for percent in (50, 90, 95, 99)
            },
            "reasons": dict(self.reasons.most_common(10)),
        }
