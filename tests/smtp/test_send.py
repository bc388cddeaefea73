"""Sending over real sockets: what goes over the wire, and what the report says of each end."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.diagnosis.written import markdown
from smtp_workbench.message.build import Parcel
from smtp_workbench.message.content import Content, EncodedFile
from smtp_workbench.message.draft import Dsn, ReturnContent
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Protocol, Security, Timeouts, Transport
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import Delivered, Event, Line, Progress, Stage, Status
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.send import Delivery, send
from support.leaks import find_leak
from support.mail_script import MailScript
from support.scripted import Peer, Script, serve

SHORT = Timeouts(dns=1, connect=1, greeting=0.5, socket=0.5, total=5)
PLAIN = Transport(
    host="127.0.0.1", security=Security.PLAINTEXT, timeouts=SHORT, ehlo_name="tester.example"
)
LMTP = replace(PLAIN, protocol=Protocol.LMTP)
TEXT = b"Subject: hi\r\n\r\nhello\r\n"


def delivery(
    *recipients: str, content: bytes = TEXT, sender: str = "me@example.org", **options: object
) -> Delivery:
    return Delivery(
        Parcel(
            sender,
            recipients or ("you@example.org",),
            Content((content,)),
            smtputf8=bool(options.pop("smtputf8", False)),
            eight_bit=bool(options.pop("eight_bit", False)),
        ),
        **options,  # type: ignore[arg-type]
    )


async def run(
    script: Script,
    what: Delivery | None = None,
    transport: Transport = PLAIN,
    **options: object,
) -> Report:
    with serve(script) as server:
        there = replace(transport, port=server.port)
        async with asyncio.timeout(10):
            return await send(
                Access(transport=there),
                what or delivery(),
                **options,  # type: ignore[arg-type]
            )


def cause_of(report: Report, transport: Transport = PLAIN) -> str | None:
    found = diagnose(report, transport)
    return found.cause if found else None


async def test_a_message_goes_out_octet_for_octet_and_its_queue_id_is_told() -> None:
    script = MailScript()
    report = await run(script)
    assert report.ok, report.failure
    assert script.messages == [TEXT]
    assert report.delivered is Delivered.ACCEPTED
    assert report.queue_id == "4F1C22E06"
    assert [stage.stage for stage in report.stages][-4:] == [
        Stage.MAIL,
        Stage.RCPT,
        Stage.DATA,
        Stage.QUIT,
    ]
    assert report.stages[-2].detail == "250 2.0.0 Ok: queued as 4F1C22E06"
    assert script.commands[1:] == [
        f"MAIL FROM:<me@example.org> SIZE={len(TEXT)}",
        "RCPT TO:<you@example.org>",
        "DATA",
        ".",
        "QUIT",
    ]


async def test_the_body_is_one_line_in_the_traffic() -> None:
    secret = b"Subject: x\r\n\r\n" + b"every line of it\r\n" * 1000
    report = await run(MailScript(), delivery(content=secret))
    shown = [line.text for line in report.lines if line.direction == "C"]
    assert shown[-3:] == [f"[the message, {len(secret):,} octets]", ".", "QUIT"]
    assert not any("every line" in text for text in shown)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b".\r\n",
        b"..\r\n.\r\n.x\r\n",
        b"no line end",
        b"a\r\n.",
        b"\r\n.\r\n",
        b"x" * 998 + b"\r\n",
    ],
)
@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
async def test_dots_and_line_ends_arrive_as_they_were(content: bytes, chunking: bool) -> None:
    script = MailScript()
    report = await run(script, delivery(content=content, chunking=chunking))
    assert report.ok, report.failure
    whole = content if chunking or content.endswith(b"\r\n") or not content else content + b"\r\n"
    assert script.messages == [whole]


async def test_a_dot_at_the_seam_of_two_chunks_is_doubled() -> None:
    parcel = Parcel("a@example.org", ("b@example.org",), Content((b"one\r\n", b".two\r\n", b".")))
    script = MailScript()
    report = await run(script, Delivery(parcel))
    assert report.ok
    assert script.messages == [b"one\r\n.two\r\n.\r\n"]


async def test_pipelining_sends_all_in_one_segment_and_can_be_switched_off() -> None:
    segments: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.send(b"220 here\r\n")
        peer.line()
        peer.send(b"250-here\r\n250 PIPELINING\r\n")
        segments.append(peer.sock.recv(65536))
        peer.send(b"250 ok\r\n250 ok\r\n354 go\r\n")
        while peer.raw_line() != b".\r\n":
            pass
        peer.send(b"250 ok\r\n")
        peer.say_goodbye()

    assert (await run(script)).ok
    assert segments[0].count(b"\r\n") == 3
    one_by_one = MailScript()
    assert (await run(one_by_one, delivery(pipelining=False))).ok
    # A server that would answer only what it was asked shows that nothing came early.
    order = [line.text for line in (await run(one_by_one, delivery(pipelining=False))).lines]
    assert order.index("RCPT TO:<you@example.org>") > order.index("250 2.1.0 ok")


async def test_delivery_options_stand_in_the_commands() -> None:
    script = MailScript()
    dsn = Dsn(notify=("SUCCESS", "DELAY"), content=ReturnContent.HEADERS, envelope_id="run=1+2")
    what = delivery("you@example.org", "jürgen@bücher.example", dsn=dsn, eight_bit=True)
    assert (await run(script, what)).ok
    assert script.commands[1] == (
        f"MAIL FROM:<me@example.org> SIZE={len(TEXT)} BODY=8BITMIME SMTPUTF8 RET=HDRS "
        "ENVID=run+3D1+2B2"
    )
    assert script.commands[2:4] == [
        "RCPT TO:<you@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;you@example.org",
        (
            "RCPT TO:<jürgen@bücher.example> NOTIFY=SUCCESS,DELAY "
            "ORCPT=utf-8;j\\x{FC}rgen@b\\x{FC}cher.example"
        ),
    ]


async def test_an_international_domain_goes_out_in_ascii_where_that_will_do() -> None:
    script = MailScript(extensions=())
    assert (await run(script, delivery("info@bücher.example"))).ok
    assert script.commands[2] == "RCPT TO:<info@xn--bcher-kva.example>"


async def test_dsn_that_is_not_offered_is_said_and_left_out() -> None:
    script = MailScript(extensions=("SIZE",))
    report = await run(script, delivery(dsn=Dsn(notify=("NEVER",))))
    assert report.ok
    assert [notice.label for _, notice in report.notices] == ["dsn_not_offered"]
    assert script.commands[2] == "RCPT TO:<you@example.org>"


async def test_bdat_goes_in_chunks_and_needs_no_dots() -> None:
    content = b"Subject: big\r\n\r\n" + b"." * 76 + b"\r\n" + b"x" * 1_200_000 + b"\r\n"
    script = MailScript()
    report = await run(script, delivery(content=content, chunking=True))
    assert report.ok, report.failure
    assert script.messages == [content]
    verbs = [command for command in script.commands if command.startswith("BDAT")]
    assert len(verbs) == 3
    assert [verb.endswith("LAST") for verb in verbs] == [False, False, True]


async def test_bdat_that_is_not_offered_becomes_data() -> None:
    script = MailScript(extensions=("SIZE",))
    assert (await run(script, delivery(chunking=True))).ok
    assert "DATA" in script.commands


async def test_progress_is_told_in_octets() -> None:
    content = b"x" * 70 + b"\r\n"
    events: list[Event] = []
    await run(MailScript(), delivery(content=content * 30_000), observer=events.append)
    steps = [(event.sent, event.total) for event in events if isinstance(event, Progress)]
    assert steps[-1] == (len(content) * 30_000,) * 2
    assert len(steps) > 3


async def test_an_attachment_is_read_from_its_file_while_it_is_sent(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(bytes(range(256)) * 8000)
    parcel = Parcel(
        "a@example.org",
        ("b@example.org",),
        Content((b"Subject: x\r\n\r\n", EncodedFile(big, big.stat().st_size))),
    )
    script = MailScript()
    assert (await run(script, Delivery(parcel))).ok
    assert len(script.messages[0]) == parcel.content.size
    assert script.messages[0] == parcel.content.read()


async def test_a_file_that_changes_meanwhile_ends_the_message_before_its_end(
    tmp_path: Path,
) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(b"short")
    parcel = Parcel(
        "a@example.org", ("b@example.org",), Content((b"x\r\n", EncodedFile(big, 5_000_000)))
    )
    script = MailScript()
    report = await run(script, Delivery(parcel))
    assert report.delivered is Delivered.NOT_SENT
    assert report.failure is not None
    assert report.failure.evidence == "big.bin has changed while the message was being sent"
    assert script.messages == []


# Refusals and other ends


async def test_one_refused_recipient_of_three_keeps_the_others() -> None:
    script = MailScript(answers={"RCPT TO:<b@example.org>": b"550 5.1.1 no such user\r\n"})
    report = await run(script, delivery("a@example.org", "b@example.org", "c@example.org"))
    assert not report.ok
    assert report.failed_stage is Stage.RCPT
    assert report.delivered is Delivered.PARTLY
    assert [recipient.accepted for recipient in report.recipients] == [True, False, True]
    assert script.messages == [TEXT]
    assert cause_of(report) == "unknown_recipient"


@pytest.mark.parametrize("to_data", [b"354 go\r\n", b"554 5.5.1 no valid recipients\r\n"])
async def test_all_refused_recipients_send_no_message(to_data: bytes) -> None:
    script = MailScript(answers={"RCPT": b"550 5.7.1 relaying denied\r\n", "DATA": to_data})
    report = await run(script, delivery("a@example.org", "b@example.org"))
    assert report.failed_stage is Stage.RCPT
    assert report.delivered is None
    assert script.messages in ([], [b""])
    assert script.commands[-1] == "QUIT"
    assert cause_of(report) == "relay_denied"


async def test_a_refused_sender_ends_a_pipelined_group_cleanly() -> None:
    script = MailScript(
        answers={
            "MAIL": b"550 5.7.1 not your address\r\n",
            "RCPT": b"503 5.5.1 need MAIL\r\n",
            "DATA": b"503 5.5.1 need RCPT\r\n",
        }
    )
    report = await run(script)
    assert report.failed_stage is Stage.MAIL
    assert script.commands[-1] == "QUIT"
    assert report.lines[-1].text == "221 2.0.0 bye"


async def test_too_large_for_the_server_at_mail() -> None:
    script = MailScript(
        extensions=("SIZE 1000",),
        answers={"MAIL": b"552 5.3.4 message size exceeds fixed maximum message size\r\n"},
    )
    report = await run(script, delivery(content=b"x" * 2000))
    assert report.failed_stage is Stage.MAIL
    assert cause_of(report) == "message_too_large"


def refuses_at(octets: int, reply: bytes, *, hang_up: bool = True) -> MailScript:
    def in_message(peer: Peer, seen: int) -> bool:
        if seen < octets:
            return False
        if reply:
            peer.send(reply)
        if not hang_up:
            peer.wait_for_close()
        return True

    return MailScript(in_message=in_message)


BIG = b"x" * 70 + b"\r\n"


@pytest.mark.parametrize("hang_up", [True, False])
async def test_an_answer_in_the_middle_of_the_message_is_the_answer(hang_up: bool) -> None:
    script = refuses_at(100_000, b"552 5.3.4 message too large\r\n", hang_up=hang_up)
    report = await run(script, delivery(content=BIG * 200_000))
    assert report.failed_stage is Stage.DATA
    assert report.failure is not None
    assert report.failure.reply is not None
    assert report.failure.reply.code == 552
    assert report.delivered is Delivered.REFUSED
    assert cause_of(report) == "message_too_large"


async def test_421_in_the_middle_of_the_message() -> None:
    script = refuses_at(100_000, b"421 4.3.2 shutting down\r\n")
    report = await run(script, delivery(content=BIG * 200_000))
    assert report.failed_stage is Stage.DATA
    assert cause_of(report) == "service_unavailable"
    assert report.delivered is Delivered.REFUSED


async def test_a_drop_in_the_middle_of_the_message() -> None:
    report = await run(refuses_at(100_000, b""), delivery(content=BIG * 200_000))
    assert report.failed_stage is Stage.DATA
    assert cause_of(report) == "connection_dropped_during_data"
    assert report.delivered is Delivered.NOT_SENT


async def test_a_server_that_takes_no_more_of_the_message_ends_at_the_limit() -> None:
    def in_message(peer: Peer, seen: int) -> bool:
        if seen > 100_000:
            stuck.wait(5)
        return False

    stuck = threading.Event()
    with serve(MailScript(in_message=in_message)) as server:
        there = replace(PLAIN, port=server.port)
        report = await send(Access(transport=there), delivery(content=BIG * 400_000))
        stuck.set()
    assert report.failed_stage is Stage.DATA
    assert report.delivered is Delivered.NOT_SENT
    assert cause_of(report) == "reply_timeout"


async def test_slow_progress_is_not_cut_off() -> None:
    pause = threading.Event()

    def in_message(_peer: Peer, seen: int) -> bool:
        if seen % 720_000 < 72:
            pause.wait(0.2)  # of 0.5 s; all of them together are far over the limit
        return False

    with serve(MailScript(in_message=in_message), room=65_536) as server:
        there = replace(PLAIN, port=server.port)
        report = await send(Access(transport=there), delivery(content=BIG * 100_000))
    assert report.ok, report.failure
    assert report.seconds > 1


@pytest.mark.parametrize("end", [Peer.reset, lambda peer: peer.sock.close(), Peer.wait_for_close])
async def test_no_answer_after_the_dot_is_unknown_not_failed(end: object) -> None:
    def gone(peer: Peer) -> bytes:
        end(peer)  # type: ignore[operator]
        raise ConnectionAbortedError

    report = await run(MailScript(answers={".": gone}))
    assert report.delivered is Delivered.UNKNOWN
    assert cause_of(report) == "delivery_unknown"


@pytest.mark.parametrize("answer", [b"thank you\r\n", b"354 go on\r\n"])
async def test_nonsense_after_the_dot_is_unknown_too(answer: bytes) -> None:
    report = await run(MailScript(answers={".": answer}))
    assert report.delivered is Delivered.UNKNOWN
    assert cause_of(report) == "delivery_unknown"


async def test_any_2xx_is_as_good_as_250() -> None:
    answers = {"MAIL": b"200 ok\r\n", "RCPT": b"252 will try\r\n", ".": b"299 got it\r\n"}
    report = await run(MailScript(answers=answers))
    assert report.delivered is Delivered.ACCEPTED
    assert report.ok


@pytest.mark.parametrize("verb", ["MAIL", "DATA"])
async def test_a_yes_that_is_none_breaks_the_protocol(verb: str) -> None:
    answer = b"250 ok\r\n" if verb == "DATA" else b"354 go on\r\n"
    report = await run(MailScript(extensions=(), answers={verb: answer}))
    assert cause_of(report) == "malformed_reply"
    assert report.failure is not None
    assert "instead of" in report.failure.evidence


async def test_a_refusal_after_the_dot_is_a_refusal() -> None:
    script = MailScript(answers={".": b"554 5.7.1 message is spam\r\n"})
    report = await run(script)
    assert report.delivered is Delivered.REFUSED
    assert report.failed_stage is Stage.DATA
    assert cause_of(report) == "spam_rejected"
    assert script.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("extensions", "what", "cause"),
    [
        ((), delivery("jürgen@example.org"), "smtputf8_not_supported"),
        ((), delivery(smtputf8=True), "smtputf8_not_supported"),
        ((), delivery(eight_bit=True), "eight_bit_not_supported"),
    ],
)
async def test_what_the_server_lacks_is_told_before_anything_is_sent(
    extensions: tuple[str, ...], what: Delivery, cause: str
) -> None:
    script = MailScript(extensions=extensions)
    report = await run(script, what)
    assert report.failed_stage is Stage.MAIL
    assert cause_of(report) == cause
    assert [command.split()[0] for command in script.commands] == ["EHLO", "QUIT"]


async def test_stopping_in_the_middle_says_that_the_server_has_nothing() -> None:
    report, script = await stopped_at(500_000)
    assert report.delivered is Delivered.NOT_SENT
    assert "throw it away" in report.stages[-1].detail
    assert script.messages == []


async def stopped_at(octets: int) -> tuple[Report, MailScript]:
    events: list[Event] = []
    report = Report()
    started: list[asyncio.Task[Report]] = []

    def observe(event: Event) -> None:
        report.take(event)
        events.append(event)
        if isinstance(event, Progress) and event.sent >= octets:
            started[0].cancel()

    script = MailScript()
    with serve(script) as server:
        there = replace(PLAIN, port=server.port)
        what = delivery(content=BIG * 100_000)
        started.append(asyncio.create_task(send(Access(transport=there), what, observer=observe)))
        with pytest.raises(asyncio.CancelledError):
            await started[0]
    return report, script


async def test_stopping_after_the_end_says_that_nobody_knows() -> None:
    report = Report()
    at_the_dot = asyncio.Event()

    def observe(event: Event) -> None:
        report.take(event)
        if isinstance(event, Line) and event.text == ".":
            at_the_dot.set()

    def silent(peer: Peer) -> bytes:
        peer.wait_for_close()
        return b""

    with serve(MailScript(answers={".": silent})) as server:
        there = replace(PLAIN, port=server.port)
        task = asyncio.create_task(send(Access(transport=there), delivery(), observer=observe))
        await at_the_dot.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert report.stopped
    assert report.delivered is Delivered.UNKNOWN
    assert "may have it or not" in report.stages[-1].detail


# LMTP


async def test_lmtp_answers_for_each_recipient_after_the_message() -> None:
    script = MailScript(lmtp=(b"250 2.0.0 ok\r\n", b"552 5.2.2 mailbox full\r\n"))
    report = await run(script, delivery("a@example.org", "b@example.org"), LMTP)
    assert script.commands[0] == "LHLO tester.example"
    assert report.delivered is Delivered.PARTLY
    assert [(item.address, item.accepted) for item in report.recipients] == [
        ("a@example.org", True),
        ("b@example.org", False),
    ]
    assert report.recipients[1].reply.code == 552
    assert not report.ok
    assert cause_of(report, LMTP) == "mailbox_full"
    data = next(stage for stage in report.stages if stage.stage is Stage.DATA)
    assert (data.status, data.detail) == (Status.WARNING, "1 of 2 delivered")


@pytest.mark.parametrize("chunking", [False, True])
async def test_lmtp_that_delivers_to_nobody_is_a_refusal(chunking: bool) -> None:
    script = MailScript(lmtp=(b"550 5.1.1 no\r\n", b"550 5.1.1 no\r\n"))
    what = delivery("a@example.org", "b@example.org", chunking=chunking)
    report = await run(script, what, LMTP)
    assert report.delivered is Delivered.REFUSED
    assert report.failed_stage is Stage.DATA


# What can't be sent


@pytest.mark.parametrize("address", ["a\r\nRCPT TO:<x@y>", "a\0@b", "<a@b>", "a b@c", "a@\udc80"])
def test_an_address_that_would_break_a_command_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        delivery(address)
    with pytest.raises(ValueError, match="no address"):
        delivery(sender=address)


def test_nobody_to_send_to_is_refused() -> None:
    with pytest.raises(ValueError, match="no recipient"):
        Delivery(Parcel("a@example.org", (), Content((TEXT,))))


# Secrets


async def test_a_secret_shows_nowhere_also_if_it_is_in_the_message() -> None:
    password = "s3cret pass+word"
    content = f"Subject: {password}\r\n\r\nmy password is {password}\r\n".encode()
    script = MailScript(
        extensions=("AUTH PLAIN", "PIPELINING"),
        answers={
            "AUTH": b"235 2.7.0 ok\r\n",
            ".": f"554 5.7.1 spam: {password}\r\n".encode(),
        },
    )
    events: list[Event] = []
    with serve(script) as server:
        transport = replace(PLAIN, port=server.port, auth=Auth(user="me"))
        access = Access(transport=transport, secret=Secret(password))
        report = await send(access, delivery(content=content), observer=events.append)
    assert report.delivered is Delivered.REFUSED
    told = repr(events) + json.dumps(report.as_json())
    told += markdown(report, transport, (), datetime.now(UTC))
    assert find_leak(told, password) is None
    assert "refused" in told


async def test_the_written_report_tells_what_became_of_it() -> None:
    refusal = b"550 5.1.1 no such | user\r\n"
    script = MailScript(answers={"RCPT TO:<b@example.org>": refusal})
    report = await run(script, delivery("a@example.org", "b@example.org"))
    text = markdown(report, PLAIN, (), datetime.now(UTC))
    assert "- Result: sent to some recipients only, queued as 4F1C22E06" in text
    assert "| a@example.org | yes | 250 2.1.0 ok |" in text
    assert "| b@example.org | no | 550 5.1.1 no such \\| user |" in text
