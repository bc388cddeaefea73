"""The faults that show only when a message is sent, on the wire and in diagnosis."""

import asyncio
from typing import Any

import pytest

from smtp_workbench.diagnosis.explain import explain
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.sandbox.server import Sandbox

BY_ID = {fault.id: fault for fault in FAULTS}
MAIL, RCPT = "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>"
SECOND = "RCPT TO:<e@f.example>"
GOOD = ["250 2.1.0", "250 2.1.5"]


async def begin(client: Any, *commands: str, greeting: str = "EHLO me") -> list[str]:
    await client.say(greeting)
    return [await client.say(command) for command in commands]


async def send(client: Any, *commands: str, content: bytes = b"Subject: hi\r\n\r\nhi") -> str:
    await begin(client, *commands)
    assert (await client.say("DATA")).startswith("354")
    answer: str = await client.say(content + b"\r\n.")
    return answer


AT_DOT = [fault for fault in FAULTS if "DOT" in fault.replies]


@pytest.mark.parametrize("fault", AT_DOT, ids=lambda fault: fault.id)
@pytest.mark.parametrize("way", ["DATA", "BDAT"])
async def test_a_message_is_refused_at_its_end(dial: Any, fault: Fault, way: str) -> None:
    async with Sandbox(fault=fault) as sandbox, dial(sandbox.ports.plain) as client:
        if way == "DATA":
            answer = await send(client, MAIL, RCPT)
        else:
            await begin(client, MAIL, RCPT)
            answer = await client.say("BDAT 4 LAST\r\nhi")
        assert answer == fault.replies["DOT"]
        assert (await client.say(MAIL)).startswith("250")  # the next one may be tried
        assert len(sandbox.inbox) == 0


SAID = [
    (fault, reply)
    for fault in FAULTS
    for point, reply in (*fault.replies.items(), *fault.second.items())
    if point in ("DOT", "MESSAGE", "RCPT", "MAIL")
]


@pytest.mark.parametrize(("fault", "reply"), SAID, ids=[fault.id for fault, _ in SAID])
def test_a_refusal_is_understood(fault: Fault, reply: str) -> None:
    assert explain(reply).cause == fault.cause


@pytest.mark.parametrize("fault_id", ["second-recipient-refused", "too-many-recipients"])
async def test_the_second_of_three_recipients_is_refused(dial: Any, fault_id: str) -> None:
    fault = BY_ID[fault_id]
    async with Sandbox(fault=fault) as sandbox, dial(sandbox.ports.plain) as client:
        for _ in range(2):  # in each message
            answers = await begin(client, MAIL, RCPT, SECOND, "RCPT TO:<g@h.example>")
            assert [answer[:9] for answer in answers] == [*GOOD, fault.second["RCPT"][:9], GOOD[1]]
            await client.say("DATA")
            assert (await client.say("hi\r\n.")).startswith("250")
    assert [message.recipients for message in sandbox.inbox] == [("c@d.example", "g@h.example")] * 2


async def test_one_mailbox_of_two_is_full_in_lmtp(dial: Any) -> None:
    fault = BY_ID["second-mailbox-full"]
    async with Sandbox(fault=fault) as sandbox, dial(sandbox.ports.lmtp) as client:
        await begin(client, MAIL, RCPT, SECOND, greeting="LHLO me")
        await client.say("DATA")
        assert (await client.say("hi\r\n.")).startswith("250 2.0.0 Ok: queued as ")
        assert await client.reply() == fault.second["DOT"]
    assert [message.recipients for message in sandbox.inbox] == [("c@d.example",)]


async def test_without_smtputf8_an_address_stays_ascii(dial: Any) -> None:
    async with Sandbox(fault=BY_ID["no-smtputf8"]) as sandbox, dial(sandbox.ports.plain) as client:
        assert "SMTPUTF8" not in await client.say("EHLO me")
        refusals = [
            await client.say("MAIL FROM:<a@b.example> SMTPUTF8"),
            await client.say("MAIL FROM:<b\u00fccher@b.example>"),
            *(await begin(client, MAIL, "RCPT TO:<b\u00fccher@b.example>"))[1:],
        ]
    assert [refusal[:9] for refusal in refusals] == ["555 5.5.4", "553 5.6.7", "553 5.6.7"]
    for refusal in refusals:
        assert explain(refusal).cause == "smtputf8_not_supported"


async def test_without_8bitmime_a_message_stays_ascii(dial: Any) -> None:
    async with Sandbox(fault=BY_ID["no-8bitmime"]) as sandbox, dial(sandbox.ports.plain) as client:
        assert "8BITMIME" not in await client.say("EHLO me")
        assert (await client.say("MAIL FROM:<a@b.example> BODY=8BITMIME")).startswith("555 5.5.4")
        refusal = await send(client, MAIL, RCPT, content="h\u00e9".encode())
        assert refusal.startswith("554 5.6.1 ")
        assert explain(refusal).cause == "eight_bit_not_supported"
        assert (await send(client, MAIL, RCPT)).startswith("250")


async def test_a_limit_that_was_not_announced_is_said_late(dial: Any) -> None:
    fault = BY_ID["size-limit-unsaid"]
    async with Sandbox(fault=fault) as sandbox, dial(sandbox.ports.plain) as client:
        assert "SIZE" not in await client.say("EHLO me")
        refusal = await send(client, MAIL, RCPT, content=b"x" * 800 + b"\r\n" + b"x" * 300)
        assert refusal.startswith("552 5.3.4 ")
        assert explain(refusal).cause == "message_too_large"
        assert (await send(client, MAIL, RCPT)).startswith("250")


@pytest.mark.parametrize("content", [b"hi\r\n.\r\n", b"some words\r\n" * 200_000])
@pytest.mark.parametrize("way", ["DATA", "BDAT"])
async def test_the_server_shuts_down_in_the_middle_and_says_so(
    dial: Any, content: bytes, way: str
) -> None:
    fault = BY_ID["shutdown-in-message"]
    async with Sandbox(fault=fault) as sandbox, dial(sandbox.ports.plain) as client:
        await begin(client, MAIL, RCPT)
        if way == "DATA":
            await client.say("DATA")
        else:
            client.writer.write(b"BDAT %d\r\n" % len(content))
        client.writer.write(content)
        assert await client.reply() == fault.replies["MESSAGE"]
        assert await client.reader.read() == b""
        assert len(sandbox.inbox) == 0


async def test_the_server_shuts_down_in_the_middle_over_tls(dial: Any) -> None:
    import ssl  # noqa: PLC0415  # only here

    fault = BY_ID["shutdown-in-message"]
    async with Sandbox(fault=fault) as sandbox:
        context = ssl.create_default_context(cafile=sandbox.transport().tls.ca_file)
        async with dial(sandbox.ports.tls, context) as client:
            await begin(client, MAIL, RCPT)
            await client.say("DATA")
            client.writer.write(b"some words\r\n" * 200_000)
            assert await client.reply() == fault.replies["MESSAGE"]


@pytest.mark.parametrize("way", ["DATA", "BDAT"])
async def test_the_server_hangs_up_in_the_middle(dial: Any, way: str) -> None:
    async with (
        Sandbox(fault=BY_ID["drop-at-message"]) as sandbox,
        dial(sandbox.ports.plain) as client,
    ):
        await begin(client, MAIL, RCPT)
        if way == "DATA":
            assert (await client.say("DATA")).startswith("354")  # unlike a drop at DATA
        client.writer.write(b"begun\r\n.\r\n" if way == "DATA" else b"BDAT 1000\r\nbegun")
        assert await client.reader.read() == b""
        assert len(sandbox.inbox) == 0


@pytest.mark.parametrize(("fault_id", "ends"), [("silent-at-dot", False), ("drop-at-dot", True)])
async def test_the_server_keeps_what_became_of_a_message_to_itself(
    dial: Any, fault_id: str, ends: bool
) -> None:
    async with Sandbox(fault=BY_ID[fault_id]) as sandbox, dial(sandbox.ports.plain) as client:
        await begin(client, MAIL, RCPT)
        await client.say("DATA")
        client.writer.write(b"hi\r\n.\r\nNOOP\r\n")
        if ends:
            assert await client.reader.read() == b""
        else:
            arrived = asyncio.Event()
            sandbox.inbox.subscribe(lambda _message: arrived.set())
            async with asyncio.timeout(5):
                await arrived.wait()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.reader.read(1)
        assert len(sandbox.inbox) == 1
