"""The sandbox is a real server: smtplib, which knows nothing of us, talks to it."""

import asyncio
import smtplib
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from smtp_workbench.sandbox.faults import FAULTS, Fault
from smtp_workbench.sandbox.inbox import MAX_MESSAGES, Inbox, Message
from smtp_workbench.sandbox.server import HOST, Ports, Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Timeouts
from smtp_workbench.smtp.envelope import Envelope
from smtp_workbench.smtp.verify import verify

MAIL = b"From: a@b.example\r\nSubject: hi\r\n\r\n.dot\r\nbody\r\n"
SHORT = Timeouts(dns=1, connect=1, greeting=0.6, socket=1, total=4)


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=sandbox.transport().tls.ca_file)


def send_over_starttls(sandbox: Sandbox) -> None:
    with smtplib.SMTP(HOST, sandbox.ports.starttls, timeout=5) as client:
        client.starttls(context=trusting(sandbox))
        client.login(sandbox.user, sandbox.password.reveal())
        client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MAIL)


def send_over_implicit_tls(sandbox: Sandbox) -> None:
    context = trusting(sandbox)
    with smtplib.SMTP_SSL(HOST, sandbox.ports.tls, timeout=5, context=context) as client:
        client.login(sandbox.user, sandbox.password.reveal())
        client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MAIL)


def send_in_plaintext(sandbox: Sandbox) -> None:
    with smtplib.SMTP(HOST, sandbox.ports.plain, timeout=5) as client:
        client.login(sandbox.user, sandbox.password.reveal())
        client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MAIL)


@pytest.mark.parametrize(
    ("send", "tls"),
    [(send_over_starttls, True), (send_over_implicit_tls, True), (send_in_plaintext, False)],
)
async def test_a_message_arrives_as_it_was_sent(send: object, tls: bool) -> None:
    told: list[Message] = []
    async with Sandbox() as sandbox:
        sandbox.inbox.subscribe(told.append)
        await asyncio.to_thread(send, sandbox)  # type: ignore[arg-type]
        (message,) = sandbox.inbox
    assert told == [message]
    assert message.content == MAIL
    assert (message.sender, message.recipients) == ("a@b.example", ("c@d.example", "e@f.example"))
    assert message.user == sandbox.user
    assert bool(message.tls) is tls
    assert sandbox.password.reveal() not in repr(message)


async def test_its_files_and_ports_go_with_it() -> None:
    async with Sandbox() as sandbox:
        ca_file = Path(sandbox.transport().tls.ca_file)
        assert ca_file.exists()
        assert ca_file.parent.stat().st_mode & 0o077 == 0
    assert not ca_file.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, sandbox.ports.starttls)


async def test_it_stops_at_once_in_the_middle_of_conversations() -> None:
    slow = next(fault for fault in FAULTS if fault.id == "slow-greeting")
    async with Sandbox(fault=slow) as sandbox:
        _, waiting = await asyncio.open_connection(HOST, sandbox.ports.starttls)
        sandbox.fault = None
        reader, talking = await asyncio.open_connection(HOST, sandbox.ports.starttls)
        await reader.readline()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await sandbox.stop()
        assert loop.time() - began < 0.5
    for writer in (waiting, talking):
        writer.close()


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing() -> None:
    async with Sandbox() as first:
        second = Sandbox(ports=Ports(tls=first.ports.tls))
        with pytest.raises(OSError, match="in use"):
            await second.start()
        assert not second.connections


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
async def test_a_fault_can_come_and_go_while_it_runs(security: Security) -> None:
    expired = next(fault for fault in FAULTS if fault.id == "expired")
    async with Sandbox() as sandbox:
        transport = sandbox.transport(security)
        assert (await verify(transport, sandbox.password)).ok
        await sandbox.set_fault(expired)
        assert not (await verify(transport, sandbox.password)).ok
        await sandbox.set_fault(None)
        assert (await verify(transport, sandbox.password)).ok


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2"])
async def test_every_mechanism_tells_right_from_wrong(mechanism: str) -> None:
    async with Sandbox() as sandbox:
        settings = replace(sandbox.transport(), auth=Auth(user=sandbox.user, mechanism=mechanism))
        right = await verify(settings, sandbox.password)
        wrong = await verify(settings, Secret("something else"))
        other = replace(settings, auth=Auth(user="someone.else", mechanism=mechanism))
        stranger = await verify(other, sandbox.password)
    assert right.ok, right.failure
    for report in (wrong, stranger):
        assert report.failure is not None
        assert report.failure.reply is not None
        assert report.failure.reply.code == 535


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.stage != "data"], ids=lambda fault: fault.id
)
async def test_a_fault_shows_at_its_stage(fault: Fault) -> None:
    async with Sandbox(fault=fault) as sandbox:
        transport = replace(sandbox.transport(), timeouts=SHORT)
        envelope = Envelope("a@b.example", ("c@d.example",))
        report = await verify(transport, sandbox.password, envelope=envelope)
    assert report.failed_stage == fault.stage


def test_fault_names_are_unique() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)


def message(number: int, size: int = 1) -> Message:
    return Message(id=number, sender="", recipients=(), content=b"x" * size)


def test_the_inbox_forgets_the_oldest() -> None:
    inbox = Inbox()
    for number in range(MAX_MESSAGES + 5):
        inbox.add(message(number))
    assert len(inbox) == MAX_MESSAGES
    assert next(iter(inbox)).id == 5


def test_the_inbox_deletes_and_clears() -> None:
    inbox = Inbox()
    for number in (1, 2, 3):
        inbox.add(message(number))
    inbox.delete(2)
    assert [item.id for item in inbox] == [1, 3]
    with pytest.raises(KeyError):
        inbox.delete(2)
    inbox.clear()
    assert len(inbox) == 0


def test_an_unsubscribed_listener_hears_no_more() -> None:
    inbox, told = Inbox(), []
    end = inbox.subscribe(told.append)
    inbox.add(message(1))
    end()
    inbox.add(message(2))
    assert [item.id for item in told] == [1]
