"""The check of a domain with the whole engine behind it, which takes a moment to load."""

import asyncio
from collections.abc import Callable

from smtp_workbench.diagnosis.deliverability import Row, row, title
from smtp_workbench.lookup.deliverability import Facts, Subject, look
from smtp_workbench.lookup.question import Question, QuestionError, ask
from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import open_web
from smtp_workbench.ui.checkup import Suggestion, Wanted


async def check(
    wanted: Wanted,
    suggestion: Suggestion,
    tls: TlsFacts | None,
    started: Callable[[list[tuple[str, str]]], None],
    judged: Callable[[Row], None],
) -> None:
    """Check *wanted*; what it doesn't say comes from *suggestion*, if it is about that domain.

    *started* is told the subjects and their titles, then *judged* of each. Raises QuestionError.
    """
    question = _question(wanted, suggestion)
    try:
        dns = await asyncio.to_thread(Dns, wanted.resolver.strip())
    except ValueError as error:
        why = str(error).removeprefix("resolver: ")
        raise QuestionError("resolver", f"{why[:1].upper()}{why[1:]}.") from None
    web = await open_web(dns.addresses) if wanted.fetch else None

    def take(subject: Subject, facts: Facts | None) -> None:
        judged(row(subject, facts))

    started([(subject.value, title(subject)) for subject in Subject])
    await look(question, take, dns, web=web, tls=tls)


def _question(wanted: Wanted, suggestion: Suggestion) -> Question:
    """Return the question. The message's envelope and signer belong to its own domain only."""
    question = ask(wanted.domain, address=wanted.address, selector=wanted.selector)
    try:
        own = question.domain == ask(suggestion.domain).domain
    except QuestionError:
        own = False
    if not own:
        suggestion = Suggestion(relay=suggestion.relay, port=suggestion.port)
    try:
        return ask(
            wanted.domain,
            envelope=suggestion.envelope,
            signer=suggestion.signer,
            selector=wanted.selector,
            address=wanted.address,
            relay=suggestion.relay,
            port=suggestion.port or 25,
        )
    except QuestionError:  # half-typed on another page, where it is said
        return question
