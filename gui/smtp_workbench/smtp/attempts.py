"""More than one try at a message: again after a while, or over the next server in a list.

Whether a further try makes sense is a judgement, which this room does not make: the caller hands
in a `Judge`. A message is never sent again to a recipient who may have it already.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import Delivered, Gate, Observer, RecipientAnswered, RetryPlanned
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.run import Stay, leave_at_once
from smtp_workbench.smtp.send import Delivery, send
from smtp_workbench.smtp.session import no_gate, no_observer


@dataclass(frozen=True, slots=True)
class Advice:
    """What makes sense after a try that did not deliver."""

    again_after: float | None = None
    """Seconds after which the same try may succeed; None: it won't, or must not be."""
    elsewhere: bool = False
    """Whether another server might take the message."""
    why: str = ""


Judge = Callable[[Report, Transport], Advice]


@dataclass(frozen=True, slots=True)
class Route:
    """One server of a list of them."""

    name: str
    access: Access


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try."""

    route: Route
    report: Report
    recipients: tuple[str, ...]
    """For whom it was."""
    advice: Advice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message after all tries."""

    attempts: tuple[Attempt, ...]

    @property
    def report(self) -> Report:
        """The last try's."""
        return self.attempts[-1].report

    @property
    def recipients(self) -> list[RecipientAnswered]:
        """The last answer to each recipient, of whichever try."""
        last = {item.address: item for one in self.attempts for item in one.report.recipients}
        return list(last.values())

    @property
    def ok(self) -> bool:
        """Whether every recipient was accepted."""
        took_it = (Delivered.ACCEPTED, Delivered.PARTLY)
        wanted = set(self.attempts[0].recipients)
        for attempt in self.attempts:
            if attempt.report.delivered in took_it:
                answers = attempt.report.recipients
                wanted -= {item.address for item in answers if item.accepted}
        return not wanted


async def send_persistently(
    routes: Sequence[Route],
    delivery: Delivery,
    *,
    judge: Judge,
    retries: int = 0,
    observer: Observer = no_observer,
    gate: Gate = no_gate,
    stay: Stay = leave_at_once,
) -> Outcome:
    """Send over the first of *routes* that takes the message, each *retries* more times at most.

    The observer gets the events of one run after the other. Waits double from try to try. Cancel
    it to stop, also while it waits.
    """
    attempts: list[Attempt] = []
    wanted = delivery.parcel.recipients
    for route in routes:
        left = retries
        while True:
            report = await send(
                route.access, delivery.to(wanted), observer=observer, gate=gate, stay=stay
            )
            advice = judge(report, route.access.transport)
            attempts.append(Attempt(route, report, wanted, advice))
            wanted = _still_wanted(report, wanted)
            if not wanted:
                return Outcome(tuple(attempts))
            if advice.again_after is None or not left:
                break
            tried = retries - left
            left -= 1
            wait = advice.again_after * 2**tried
            observer(RetryPlanned(report.seconds, wait, advice.why, left))
            await asyncio.sleep(wait)
        if not attempts[-1].advice.elsewhere:
            break
    return Outcome(tuple(attempts))


def _still_wanted(report: Report, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return who has not got the message and may still get it."""
    match report.delivered:
        case Delivered.ACCEPTED | Delivered.UNKNOWN:
            return ()
        case Delivered.PARTLY:
            later = {
                item.address
                for item in report.recipients
                if not item.accepted and item.reply.transient
            }
            return tuple(address for address in wanted if address in later)
        case _:
            return wanted
