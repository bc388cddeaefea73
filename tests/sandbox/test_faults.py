"""Each fault does what it says, on the wire and for verify."""

import asyncio
import re
import smtplib
import ssl
import warnings
from dataclasses import replace
from typing import Any

import pytest

from smtp_workbench.net.errors import NetKind
from smtp_workbench.sandbox.fault import Fault
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.sandbox.server import HOST, Sandbox
from smtp_workbench.settings.transport import Security, Timeouts
from smtp_workbench.smtp.envelope import Envelope
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify

SHORT = Timeouts(dns=5, connect=5, greeting=0.4, socket=0.4, total=4)
"""For faults that are over only when a limit is."""
LONG = Timeouts(dns=5, connect=5, greeting=5, socket=5, total=10)
BY_ID = {fault.id: fault for fault in FAULTS}
IN_VERIFY = [fault for fault in FAULTS if fault.stage != "data" and not fault.special]
CERTIFICATES = [fault for fault in FAULTS if fault.certificate and fault.id != "old-tls"]
STARTTLS_ONLY = {
    "starttls-not-offered",
    "starttls-unavailable",
    "starttls-injection",
    "drop-at-starttls",
}
MAIL = b"Subject: hi\r\n\r\nbody\r\n"


def name_of(fault: Fault) -> str:
    return fault.id


async def run(sandbox: Sandbox, security: Security = Security.STARTTLS) -> Report:
    fault = sandbox.fault
    waits = fault is not None and (fault.holds or fault.delay or fault.drips)
    transport = replace(sandbox.transport(security), timeouts=SHORT if waits else LONG)
    envelope = Envelope("a@b.example", ("c@d.example",))
    return await verify(transport, sandbox.password, envelope=envelope)


def test_the_list_is_fit_for_a_menu() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)
    assert len({fault.title for fault in FAULTS}) == len(FAULTS)
    for fault in FAULTS:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
        assert re.fullmatch(r"[A-Z].*[^.]", fault.title)
        assert re.fullmatch(r"[A-Z].*\.", fault.teaches)
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", fault.cause)


@pytest.mark.parametrize("fault", IN_VERIFY, ids=name_of)
async def test_a_fault_shows_at_its_stage(fault: Fault) -> None:
    async with Sandbox(fault=fault) as sandbox:
        report = await run(sandbox)
    assert report.failed_stage == fault.stage


@pytest.mark.parametrize("fault", IN_VERIFY, ids=name_of)
async def test_a_fault_is_there_on_implicit_tls_too(fault: Fault) -> None:
    async with Sandbox(fault=fault) as sandbox:
        report = await run(sandbox, Security.IMPLICIT_TLS)
    assert report.ok is (fault.id in STARTTLS_ONLY)


@pytest.mark.parametrize("fault", CERTIFICATES, ids=name_of)
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
async def test_a_certificate_has_this_flaw_and_no_other(fault: Fault, security: Security) -> None:
    async with Sandbox(fault=fault) as sandbox:
        report = await run(sandbox, security)
    assert report.tls is not None
    assert [reason.value for reason in report.tls.reasons] == [fault.cause]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
async def test_a_fault_can_come_and_go_while_it_runs(security: Security) -> None:
    async with Sandbox() as sandbox:
        for fault in (None, BY_ID["expired"], None, BY_ID["auth-refused"], BY_ID["old-tls"], None):
            sandbox.set_fault(fault)
            assert (await run(sandbox, security)).ok is (fault is None)


async def test_a_conversation_keeps_the_fault_it_began_with(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as healthy:
        sandbox.set_fault(BY_ID["auth-not-offered"])
        assert "AUTH" in await healthy.say("EHLO me")
        async with dial(sandbox.ports.plain) as faulty:
            sandbox.set_fault(None)
            assert "AUTH" not in await faulty.say("EHLO me")


REFUSALS = [
    fault
    for fault in FAULTS
    if fault.replies
    and not fault.spoils_tls
    and fault.stage != "data"
    and fault.id != "starttls-injection"
]


@pytest.mark.parametrize("fault", REFUSALS, ids=name_of)
async def test_a_refusal_is_said_as_it_is_written(dial: Any, fault: Fault) -> None:
    ((point, text),) = fault.replies.items()
    commands = {"EHLO": "EHLO me", "AUTH": "AUTH PLAIN", "MAIL": "MAIL FROM:<a@b.example>"}
    async with (
        Sandbox(fault=fault) as sandbox,
        dial(sandbox.ports.starttls, greets=False) as client,
    ):
        if point != "GREETING":
            assert (await client.reply()).startswith("220 ")
            client.writer.write(commands.get(point, point).encode() + b"\r\n")
        said = await client.reader.readuntil(text.encode() + b"\r\n")
        assert said == text.encode() + b"\r\n"
        if text.startswith("421"):
            assert await client.reader.read() == b""


def send(sandbox: Sandbox, recipient: str = "c@d.example", *, size: bool = True) -> None:
    with smtplib.SMTP(HOST, sandbox.ports.plain, timeout=5) as client:
        client.ehlo()
        if not size:
            client.esmtp_features.pop("size")
        client.sendmail("a@b.example", [recipient], MAIL + b"x" * 900 + b"\r\n" + b"y" * 900)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_message_too_large_is_refused_when_it_is_announced_or_when_it_came(
    declared: bool,
) -> None:
    async with Sandbox(fault=BY_ID["size-limit"]) as sandbox:
        expected = smtplib.SMTPSenderRefused if declared else smtplib.SMTPDataError
        with pytest.raises(expected) as caught:
            await asyncio.to_thread(send, sandbox, size=declared)
        assert caught.value.smtp_code == 552
        assert str(caught.value.smtp_error).startswith("b'5.3.4 ")
        assert len(sandbox.inbox) == 0


async def test_spam_is_refused_at_the_dot() -> None:
    async with Sandbox(fault=BY_ID["spam"]) as sandbox:
        with pytest.raises(smtplib.SMTPDataError, match="spam") as caught:
            await asyncio.to_thread(send, sandbox)
        assert caught.value.smtp_code == 554
        assert len(sandbox.inbox) == 0


@pytest.mark.parametrize(("fault_id", "arrived"), [("drop-at-data", 0), ("drop-at-dot", 1)])
async def test_only_a_drop_after_the_dot_may_leave_a_message(fault_id: str, arrived: int) -> None:
    async with Sandbox(fault=BY_ID[fault_id]) as sandbox:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            await asyncio.to_thread(send, sandbox)
        assert len(sandbox.inbox) == arrived


async def test_greylisting_lets_the_second_try_through() -> None:
    async with Sandbox(fault=BY_ID["greylist"]) as sandbox:
        for recipient in ("c@d.example", "e@f.example"):
            with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"4\.7\.1"):
                await asyncio.to_thread(send, sandbox, recipient)
            await asyncio.to_thread(send, sandbox, recipient)
        assert len(sandbox.inbox) == 2


async def test_a_drip_comes_an_octet_at_a_time(dial: Any) -> None:
    async with (
        Sandbox(fault=BY_ID["drip"]) as sandbox,
        dial(sandbox.ports.plain, greets=False) as client,
    ):
        assert [await client.reader.read(100) for _ in range(3)] == [b"2", b"2", b"0"]


@pytest.mark.parametrize("port", ["starttls", "tls", "plain"])
async def test_a_drop_at_connect_is_a_reset(dial: Any, port: str) -> None:
    async with (
        Sandbox(fault=BY_ID["drop-at-connect"]) as sandbox,
        dial(getattr(sandbox.ports, port), greets=False) as client,
    ):
        with pytest.raises(ConnectionResetError):
            await client.reader.read()


async def test_a_slow_greeting_comes_in_the_end(dial: Any) -> None:
    slow = replace(BY_ID["slow-greeting"], delay=0.2)
    async with Sandbox(fault=slow) as sandbox:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with dial(sandbox.ports.plain) as client:
            assert client.greeting.startswith("220 ")
        assert loop.time() - began > 0.15


async def test_a_server_without_ehlo_still_speaks_helo(dial: Any) -> None:
    async with Sandbox(fault=BY_ID["helo-only"]) as sandbox, dial(sandbox.ports.plain) as client:
        assert (await client.say("EHLO me")).startswith("502 5.5.1 ")
        assert await client.say("HELO me") == "250 sandbox.localhost"


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
async def test_old_tls_tells_a_client_of_today_why_it_ends(security: Security) -> None:
    async with Sandbox(fault=BY_ID["old-tls"]) as sandbox:
        report = await run(sandbox, security)
    assert report.failure is not None
    assert (report.failure.kind, report.failure.params["alert"]) == (
        NetKind.TLS_ALERT,
        "protocol_version",
    )


@pytest.mark.parametrize(("version", "works"), [("TLSv1_1", True), ("TLSv1_2", False)])
async def test_old_tls_is_all_that_it_speaks(dial: Any, version: str, works: bool) -> None:
    async with Sandbox(fault=BY_ID["old-tls"]) as sandbox:
        context = ssl.create_default_context(cafile=sandbox.transport().tls.ca_file)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        if works:
            async with dial(sandbox.ports.tls, context) as client:
                assert client.writer.get_extra_info("cipher")[1]
        else:
            with pytest.raises(ssl.SSLError, match="PROTOCOL"):
                async with dial(sandbox.ports.tls, context):
                    pass
