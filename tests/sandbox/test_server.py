"""The sandbox as a service: it comes, is trusted, and goes without a trace."""

import asyncio
import base64
import logging
import smtplib
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.sandbox.server import HOST, Ports, Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport
from support.leaks import find_leak

if TYPE_CHECKING:
    from smtp_workbench.sandbox.inbox import Message

MAIL = b"From: a@b.example\r\nSubject: hi\r\n\r\n.dot\r\nbody\r\n"
AT_ONCE = 0.1
"""Seconds within which a stop is over."""


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=sandbox.transport().tls.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def send(client: smtplib.SMTP, sandbox: Sandbox) -> None:
    client.login(sandbox.user, sandbox.password.reveal())
    client.sendmail("a@b.example", ["c@d.example", "e@f.example"], MAIL)


def over_starttls(sandbox: Sandbox) -> None:
    with smtplib.SMTP(HOST, sandbox.ports.starttls, timeout=5) as client:
        client.starttls(context=trusting(sandbox))
        send(client, sandbox)


def over_implicit_tls(sandbox: Sandbox) -> None:
    context = trusting(sandbox)
    with smtplib.SMTP_SSL(HOST, sandbox.ports.tls, timeout=5, context=context) as client:
        send(client, sandbox)


def in_plaintext(sandbox: Sandbox) -> None:
    with smtplib.SMTP(HOST, sandbox.ports.plain, timeout=5) as client:
        send(client, sandbox)


@pytest.mark.parametrize(
    ("way", "tls"), [(over_starttls, "TLSv1."), (over_implicit_tls, "TLSv1."), (in_plaintext, "")]
)
async def test_a_message_arrives_as_it_was_sent(way: Callable[[Sandbox], None], tls: str) -> None:
    told: list[Message] = []
    async with Sandbox() as sandbox:
        sandbox.inbox.subscribe(told.append)
        await asyncio.to_thread(way, sandbox)
        (message,) = sandbox.inbox
    assert told == [message]
    assert message.content == MAIL
    assert (message.sender, message.recipients) == ("a@b.example", ("c@d.example", "e@f.example"))
    assert message.user == sandbox.user
    assert message.peer == HOST
    assert message.ehlo_name
    assert message.tls.startswith(tls)
    assert bool(message.tls) is bool(tls)
    assert find_leak(repr(message), sandbox.password.reveal()) is None


@pytest.mark.parametrize("security", Security)
async def test_its_settings_name_the_port_for_each_security(security: Security) -> None:
    async with Sandbox() as sandbox:
        transport = sandbox.transport(security)
        expected = {
            Security.IMPLICIT_TLS: sandbox.ports.tls,
            Security.PLAINTEXT: sandbox.ports.plain,
        }.get(security, sandbox.ports.starttls)
        assert (transport.host, transport.port) == (HOST, expected)
        assert (transport.security, transport.auth.user) == (security, sandbox.user)
    assert isinstance(transport, Transport)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
async def test_its_certificate_passes_the_strictest_check(dial: Any, name: str) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.starttls) as client:
        await client.starttls(trusting(sandbox), name)
        assert (await client.say("EHLO me")).startswith("250")


async def test_nobody_else_vouches_for_it(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.starttls) as client:
        with pytest.raises(ssl.SSLCertVerificationError):
            await client.starttls(ssl.create_default_context())


async def test_its_password_is_another_one_each_time() -> None:
    assert Sandbox().password != Sandbox().password


def test_its_files_are_private_and_go_with_it() -> None:
    async def run() -> Path:
        async with Sandbox() as sandbox:
            ca_file = sandbox.transport().tls.ca_file
            await asyncio.to_thread(look_at, ca_file)
            return Path(ca_file)

    def look_at(ca_file: str) -> None:
        folder = Path(ca_file).parent
        assert folder.stat().st_mode & 0o077 == 0
        assert Path(ca_file) in folder.iterdir()

    assert not asyncio.run(run()).parent.exists()


async def test_its_ports_are_free_again() -> None:
    async with Sandbox() as sandbox:
        pass
    for port in (sandbox.ports.starttls, sandbox.ports.tls, sandbox.ports.plain):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, port)


def test_its_files_go_also_when_nobody_stops_it() -> None:
    program = (
        "import asyncio; from smtp_workbench.sandbox.server import Sandbox; s = Sandbox();"
        "asyncio.run(s.start()); print(s.transport().tls.ca_file)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ca_file = Path(done.stdout.strip())
    assert ca_file.name == "ca.pem"
    assert not ca_file.parent.exists()


async def test_it_can_be_started_again(dial: Any) -> None:
    sandbox = Sandbox()
    for _ in range(2):
        async with sandbox:
            before = sandbox.transport()
            await sandbox.start()  # a second time in a row changes nothing
            assert sandbox.transport() == before
            async with dial(sandbox.ports.tls, trusting(sandbox)) as client:
                assert client.greeting.startswith("220 sandbox.localhost ")
        with pytest.raises(RuntimeError, match="not running"):
            sandbox.transport()


async def test_it_stops_at_once_whatever_its_clients_are_doing(dial: Any) -> None:
    slow = next(fault for fault in FAULTS if fault.id == "slow-greeting")
    async with Sandbox(fault=slow) as sandbox, AsyncExitStack() as clients:
        waiting = await clients.enter_async_context(dial(sandbox.ports.starttls, greets=False))
        sandbox.set_fault(None)
        shaking = await clients.enter_async_context(dial(sandbox.ports.tls, greets=False))
        plain = [await clients.enter_async_context(dial(sandbox.ports.plain)) for _ in range(4)]
        idle, asked, sending, closing = plain
        for client in plain:
            await client.say("EHLO me")
        assert await asked.say("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        await sending.say("MAIL FROM:<a@b.example>")
        await sending.say("RCPT TO:<a@b.example>")
        assert (await sending.say("DATA")).startswith("354")
        assert (await closing.say("QUIT")).startswith("221")
        upgrading = await clients.enter_async_context(dial(sandbox.ports.starttls))
        await upgrading.say("EHLO me")
        assert (await upgrading.say("STARTTLS")).startswith("220")
        loop = asyncio.get_running_loop()
        began = loop.time()
        await sandbox.stop()
        assert loop.time() - began < AT_ONCE
        for client in (waiting, shaking, idle, asked, sending, closing, upgrading):
            assert await _end_of(client.reader) == b""


async def _end_of(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(2):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize("turns", range(5))
async def test_who_comes_while_it_stops_is_sent_away(turns: int) -> None:
    async with Sandbox() as sandbox:
        ports = (sandbox.ports.starttls, sandbox.ports.tls, sandbox.ports.plain)
        callers = [socket.create_connection((HOST, port)) for port in ports]
        for _ in range(turns):
            await asyncio.sleep(0)
        await sandbox.stop()
        assert not sandbox.visitors
        for caller in callers:
            reader, writer = await asyncio.open_connection(sock=caller)
            assert (await _end_of(reader))[:4] in (b"", b"220 ")
            writer.close()


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing() -> None:
    async with Sandbox() as first:
        second = Sandbox(ports=Ports(tls=first.ports.tls))
        with pytest.raises(OSError, match="in use"):
            await second.start()
        assert not second.running
        with pytest.raises(RuntimeError, match="not running"):
            second.transport()


async def test_it_listens_where_it_is_told_to(dial: Any) -> None:
    async with Sandbox(host="127.0.0.2") as sandbox:
        assert sandbox.transport().host == "127.0.0.2"
        async with dial(sandbox.ports.plain, host="127.0.0.2") as client:
            assert client.greeting.startswith("220")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(host=host)


async def test_nothing_it_logs_holds_the_password(
    dial: Any, caplog: pytest.LogCaptureFixture
) -> None:
    password = "open sesame, 3 times"
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    logging.getLogger("asyncio").debug("the test hears what is logged")
    plain = b64(f"\0demo@sandbox.test\0{password}")
    exchanges = [
        ("AUTH LOGIN", b64("demo@sandbox.test"), b64(password)),
        ("AUTH LOGIN", b64("demo@sandbox.test"), password),  # typed as it is, and so no base64
        ("AUTH PLAIN", plain),
        (f"AUTH PLAIN {plain}",),
        (f"auth plain {plain}",),
        (f"AUTH  PLAIN  {plain}",),
        (f"AUTH PLAIN {plain} more",),
        (f"XAUTH {plain}",),
        ("AUTH XOAUTH2 " + b64(f"user=demo@sandbox.test\1auth=Bearer {password}\1\1"),),
    ]
    async with Sandbox(password=Secret(password)) as sandbox:
        for lines in exchanges:
            async with dial(sandbox.ports.plain) as client:
                await client.say("EHLO me")
                for line in lines:
                    assert await client.say(line)
    assert "the test hears" in caplog.text
    assert find_leak(caplog.text, password) is None
