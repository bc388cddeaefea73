"""Many messages over a few connections, against the sandbox and scripted servers."""

import asyncio
from dataclasses import replace

import pytest

from smtp_workbench.message.build import Parcel
from smtp_workbench.message.content import Content
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import TESTING, Pool
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import Delivered, Event, MessageDone, Stage
from smtp_workbench.smtp.pool import send_many
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.send import Delivery
from support.mail_script import MailScript
from support.scripted import Peer, serve

from .test_send import PLAIN


def message(number: int) -> Delivery:
    text = f"Subject: {number}\r\n\r\nhello\r\n".encode()
    return Delivery(Parcel("me@example.org", ("you@example.org",), Content((text,))))


async def run(script: MailScript, count: int, **pool: object) -> tuple[Report, list[MessageDone]]:
    events: list[Event] = []
    with serve(script) as server:
        settings = Pool(enabled=True, **pool)  # type: ignore[arg-type]
        transport = replace(PLAIN, port=server.port, pool=settings)
        async with asyncio.timeout(20):
            report = await send_many(
                Access(transport=transport), message, count, observer=events.append
            )
    return report, [event for event in events if isinstance(event, MessageDone)]


async def test_every_message_arrives_once_and_is_counted() -> None:
    async with Sandbox() as sandbox:
        transport = replace(
            sandbox.transport(), timeouts=TESTING, pool=Pool(enabled=True, max_connections=4)
        )
        access = Access(transport=transport, secret=sandbox.password)
        report = await send_many(access, message, 50)
        subjects = sorted(
            int(item.content.partition(b"\r\n")[0].removeprefix(b"Subject: "))
            for item in sandbox.inbox
        )
    assert report.ok, report.tally
    assert subjects == list(range(1, 51))
    assert report.tally is not None
    assert (report.tally.done, report.tally.accepted) == (50, 50)
    assert report.tally.per_second > 0
    within = report.tally.percentiles()
    assert 0 < within[49] <= within[98]
    assert sum(report.tally.rates(10)) > 0


async def test_the_first_message_is_reported_like_any_other() -> None:
    report, _ = await run(MailScript(), 3, max_connections=1)
    assert [stage.stage for stage in report.stages] == [
        Stage.DNS,
        Stage.CONNECT,
        Stage.GREETING,
        Stage.EHLO,
        Stage.AUTH,
        Stage.MAIL,
        Stage.RCPT,
        Stage.DATA,
        Stage.QUIT,
    ]
    assert sum(line.text.startswith("MAIL") for line in report.lines) == 1


async def test_connections_and_messages_per_connection_are_kept() -> None:
    script = MailScript()
    report, done = await run(script, 10, max_connections=2, max_messages=2)
    assert report.ok
    assert {event.connection for event in done} == {1, 2}
    assert script.commands.count("EHLO tester.example") >= 5
    assert script.commands.count("QUIT") == script.commands.count("EHLO tester.example")


async def test_without_a_pool_each_message_has_a_connection_of_its_own() -> None:
    script = MailScript()
    with serve(script) as server:
        transport = replace(PLAIN, port=server.port, pool=Pool(max_connections=1))
        assert (await send_many(Access(transport=transport), message, 3)).ok
    assert script.commands.count("EHLO tester.example") == 3


async def test_the_rate_is_kept() -> None:
    report, done = await run(MailScript(), 6, max_connections=3, rate_limit=2, rate_delta=0.3)
    assert report.ok
    starts = sorted(event.t - event.seconds for event in done)
    assert all(later - earlier > 0.28 for earlier, later in zip(starts, starts[2:], strict=False))


async def test_refused_messages_are_counted_with_their_reason_and_the_rest_goes_on() -> None:
    seen = 0

    def every_other(_peer: Peer) -> bytes:
        nonlocal seen
        seen += 1
        return b"550 5.7.1 spam\r\n" if seen % 2 else b"250 2.0.0 ok\r\n"

    script = MailScript(answers={".": every_other})
    report, done = await run(script, 6, max_connections=1)
    assert not report.ok
    assert report.tally is not None
    assert report.tally.accepted == 3
    assert report.tally.reasons == {"550 5.7.1 spam": 3}
    assert len(done) == 6
    assert script.commands.count("EHLO tester.example") == 1, "a refusal costs no connection"


async def test_a_connection_that_is_dropped_is_made_anew() -> None:
    seen = 0

    def drops_once(peer: Peer) -> bytes:
        nonlocal seen
        seen += 1
        if seen == 2:
            peer.sock.close()
            raise ConnectionAbortedError
        return b"250 2.0.0 ok\r\n"

    report, done = await run(MailScript(answers={".": drops_once}), 4, max_connections=1)
    assert [event.delivered for event in done] == [
        Delivered.ACCEPTED,
        Delivered.UNKNOWN,
        Delivered.ACCEPTED,
        Delivered.ACCEPTED,
    ]
    assert not report.ok


async def test_one_refused_login_ends_the_run_before_the_other_connections_try() -> None:
    async with Sandbox() as sandbox:
        transport = replace(
            sandbox.transport(), timeouts=TESTING, pool=Pool(enabled=True, max_connections=5)
        )
        report = await send_many(Access(transport=transport, secret=Secret("wrong")), message, 100)
        assert len(sandbox.inbox) == 0
    assert report.failed_stage is Stage.AUTH
    assert report.tally is not None
    assert report.tally.done == 1
    assert not report.ok


async def test_settings_that_can_not_work_send_nothing() -> None:
    report = await send_many(Access(transport=replace(PLAIN, host="")), message, 5)
    assert report.failed_stage is Stage.DNS
    assert report.finished
    assert not report.ok


async def test_a_stop_ends_all_connections() -> None:
    begun = asyncio.Event()

    def observe(event: Event) -> None:
        if isinstance(event, MessageDone) and event.number > 5:
            begun.set()

    report = Report()
    with serve(MailScript()) as server:
        pool = Pool(enabled=True, max_connections=3, rate_limit=1, rate_delta=0.01)
        transport = replace(PLAIN, port=server.port, pool=pool)
        task = asyncio.create_task(
            send_many(
                Access(transport=transport),
                message,
                10_000,
                observer=lambda event: (report.take(event), observe(event))[0],
            )
        )
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert report.stopped
    assert report.tally is not None
    assert 5 < report.tally.done < 10_000
