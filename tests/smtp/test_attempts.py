"""Trying again and trying elsewhere, with the real judgement, over real sockets."""

import asyncio
from dataclasses import replace

import pytest

from smtp_workbench.diagnosis.retry import advise, hint
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.attempts import Outcome, Route, send_persistently
from smtp_workbench.smtp.events import Delivered, Event, RetryPlanned
from smtp_workbench.smtp.report import Report
from support.mail_script import MailScript
from support.scripted import Peer, serve

from .test_send import LMTP, PLAIN, TEXT, delivery

SOON = b"451 4.7.1 Greylisted, please try again in 1 seconds\r\n"


def then(*answers: bytes):  # type: ignore[no-untyped-def]  # an Answer
    """Return what gives *answers* one after the other, and the last one for ever."""
    left = list(answers)

    def answer(_peer: Peer) -> bytes:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def persist(
    *scripts: MailScript,
    retries: int = 0,
    recipients: tuple[str, ...] = ("you@example.org",),
    transport: Transport = PLAIN,
    events: list[Event] | None = None,
) -> Outcome:
    servers = [serve(script) for script in scripts]
    ports = [server.__enter__().port for server in servers]
    try:
        routes = [
            Route(f"server {at}", Access(transport=replace(transport, port=port)))
            for at, port in enumerate(ports, 1)
        ]
        seen = events if events is not None else []
        async with asyncio.timeout(20):
            return await send_persistently(
                routes,
                delivery(*recipients),
                judge=advise,
                retries=retries,
                observer=seen.append,
            )
    finally:
        for server in servers:
            server.__exit__(None, None, None)


async def test_greylisting_is_waited_out_for_the_time_that_the_server_named() -> None:
    script = MailScript(answers={"RCPT": then(SOON, b"250 2.1.5 ok\r\n")})
    events: list[Event] = []
    outcome = await persist(script, retries=2, events=events)
    assert outcome.ok
    assert [attempt.report.ok for attempt in outcome.attempts] == [False, True]
    planned = [event for event in events if isinstance(event, RetryPlanned)]
    assert [(event.seconds, event.left) for event in planned] == [(1.0, 1)]
    assert script.messages == [TEXT]


async def test_without_retries_it_says_only_when_one_would_make_sense() -> None:
    outcome = await persist(MailScript(answers={"RCPT": SOON}))
    assert not outcome.ok
    assert len(outcome.attempts) == 1
    assert outcome.attempts[0].advice.again_after == 1.0


async def test_the_number_of_tries_is_limited() -> None:
    outcome = await persist(MailScript(answers={"RCPT": SOON}), retries=1)
    assert len(outcome.attempts) == 2
    assert not outcome.ok


async def test_a_refusal_for_good_is_not_tried_again() -> None:
    script = MailScript(answers={"RCPT": b"550 5.1.1 no such user\r\n"})
    outcome = await persist(script, MailScript(), retries=3)
    assert len(outcome.attempts) == 1, "another server has no other users"


async def test_only_those_refused_for_a_while_are_tried_again() -> None:
    script = MailScript(
        answers={
            "RCPT TO:<b@example.org>": then(SOON, b"250 2.1.5 ok\r\n"),
            "RCPT TO:<c@example.org>": b"550 5.1.1 no such user\r\n",
        }
    )
    everyone = ("a@example.org", "b@example.org", "c@example.org")
    outcome = await persist(script, retries=1, recipients=everyone)
    assert outcome.attempts[1].recipients == ("b@example.org",)
    assert [(item.address[0], item.accepted) for item in outcome.recipients] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]
    assert not outcome.ok
    said = [command for command in script.commands if command.startswith("RCPT")]
    assert said.count("RCPT TO:<a@example.org>") == 1


async def test_lmtp_tries_again_for_those_refused_after_the_message() -> None:
    script = MailScript()

    def two_then_one(peer: Peer) -> bytes:
        first = len(script.messages) == 1
        return b"250 2.0.0 ok\r\n452 4.2.2 try again in 1 seconds\r\n" if first else b"250 ok\r\n"

    script.answers = {".": two_then_one}
    outcome = await persist(
        script, retries=1, recipients=("a@example.org", "b@example.org"), transport=LMTP
    )
    assert outcome.ok
    assert [attempt.recipients for attempt in outcome.attempts] == [
        ("a@example.org", "b@example.org"),
        ("b@example.org",),
    ]


async def test_a_message_in_doubt_is_never_sent_again() -> None:
    def gone(peer: Peer) -> bytes:
        peer.sock.close()
        raise ConnectionAbortedError

    second = MailScript()
    outcome = await persist(MailScript(answers={".": gone}), second, retries=5)
    assert outcome.report.delivered is Delivered.UNKNOWN
    assert len(outcome.attempts) == 1
    assert second.messages == []


@pytest.mark.parametrize(
    "first",
    [
        MailScript(answers={"MAIL": b"550 5.7.60 not allowed to send as this sender\r\n"}),
        MailScript(answers={"RCPT": b"554 5.7.1 relay access denied\r\n"}),
        MailScript(answers={"MAIL": b"452 4.5.3 daily sending quota exceeded\r\n"}),
    ],
    ids=["sender", "relay", "quota"],
)
async def test_the_next_server_is_tried_where_it_could_mend_it(first: MailScript) -> None:
    second = MailScript()
    outcome = await persist(first, second)
    assert outcome.ok
    assert [attempt.route.name for attempt in outcome.attempts] == ["server 1", "server 2"]
    assert second.messages == [TEXT]


async def test_a_server_that_is_not_there_leads_to_the_next_one() -> None:
    with serve(MailScript()) as gone:
        port = gone.port
    script = MailScript()
    with serve(script) as server:
        routes = [
            Route("gone", Access(transport=replace(PLAIN, port=port))),
            Route("here", Access(transport=replace(PLAIN, port=server.port))),
        ]
        outcome = await send_persistently(routes, delivery(), judge=advise)
    assert outcome.ok
    assert script.messages == [TEXT]


async def test_a_refused_login_is_not_tried_again() -> None:
    report = Report()
    assert advise(report, PLAIN).again_after is None


async def test_a_stop_ends_the_waiting_too() -> None:
    waiting = asyncio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, RetryPlanned):
            waiting.set()

    answers = {"RCPT": b"451 4.7.1 try again in 1 hour\r\n"}
    with serve(MailScript(answers=answers)) as server:
        routes = [Route("here", Access(transport=replace(PLAIN, port=server.port)))]
        task = asyncio.create_task(
            send_persistently(routes, delivery(), judge=advise, retries=1, observer=observe)
        )
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4.7.1 Greylisted, please try again in 300 seconds", 300),
        ("Greylisting in action, please come back in 00:05:00", 300),
        ("greylisted for 5 minutes", 300),
        ("Please retry after 2 hours", 7200),
        ("4.2.0 Recipient address rejected: Greylisted for 60s", 60),
        ("try again later", None),
        ("5.1.1 no such user; see RFC 821 section 3", None),
        ("in 0 seconds", None),
        ("try again in 99999 hours", 86_400),
    ],
)
def test_the_time_that_a_server_names(text: str, seconds: float | None) -> None:
    assert hint(text) == seconds
