"""The sandbox speaks SMTP as the RFCs want it, also where aiosmtpd alone does not."""

import asyncio
import base64
import json
import re
import ssl
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security
from smtp_workbench.smtp.verify import verify

OFFERED = "AUTH CRAM-MD5 LOGIN PLAIN SCRAM-SHA-256 XOAUTH2"
ALWAYS = {
    *("SIZE 35882577", "8BITMIME", "SMTPUTF8", "PIPELINING", "CHUNKING", "DSN"),
    *("ENHANCEDSTATUSCODES", "HELP"),
}


def extensions(reply: str) -> set[str]:
    return {line[4:] for line in reply.splitlines()[1:]}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=sandbox.transport().tls.ca_file)


async def test_each_port_offers_what_it_is_for(dial: Any) -> None:
    async with Sandbox() as sandbox, AsyncExitStack() as clients:
        upgraded = await clients.enter_async_context(dial(sandbox.ports.starttls))
        implicit = await clients.enter_async_context(dial(sandbox.ports.tls, trusting(sandbox)))
        plain = await clients.enter_async_context(dial(sandbox.ports.plain))
        for client in (upgraded, implicit, plain):
            assert client.greeting == "220 sandbox.localhost ESMTP SMTP Workbench sandbox"
        assert extensions(await upgraded.say("EHLO me")) == ALWAYS | {"STARTTLS"}
        await upgraded.starttls(trusting(sandbox))
        for client in (upgraded, implicit, plain):
            assert extensions(await client.say("EHLO me")) == ALWAYS | {OFFERED}


async def test_a_password_is_not_taken_before_starttls(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.starttls) as client:
        await client.say("EHLO me")
        assert (await client.say("AUTH PLAIN")).startswith("538 5.7.11 ")


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("EHLO me", r"250-sandbox\.localhost\n"),
        ("HELO me", r"250 sandbox\.localhost$"),
        ("NOOP", r"250 2\.0\.0 "),
        ("RSET", r"250 2\.0\.0 "),
        ("VRFY a@b.example", r"252 2\.0\.0 "),
        ("HELP", r"250 2\.0\.0 Supported commands: AUTH BDAT DATA EHLO HELO HELP "),
        ("NONSENSE", r"500 5\.5\.2 "),
        ("EXPN list", r"502 5\.5\.1 "),
        ("DATA", r"503 5\.5\.1 "),
        ("MAIL FROM:<a@b.example> SIZE=99999999", r"552 5\.3\.4 "),
        ("MAIL FROM:<a@b.example> COLOUR=RED", r"555 5\.5\.4 "),
        ("MAIL FROM:<a@b.example>", r"250 2\.1\.0 "),
        ("BDAT 0 LAST", r"503 5\.5\.1 "),
        ("BDAT many", r"501 5\.5\.4 "),
        ("QUIT", r"221 2\.0\.0 "),
    ],
)
async def test_replies_carry_the_enhanced_codes_that_were_promised(
    dial: Any, command: str, reply: str
) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        assert re.match(reply, await client.say(command))


async def test_what_is_not_utf8_gets_a_reply_like_any_other(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        client.writer.write(b"VRFY \xff\r\n")
        assert re.match(rb"[25]\d\d [25]\.", await client.reader.readline())
        assert (await client.say("NOOP")).startswith("250")


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
        assert str(report.failure.reply) == "535 5.7.8 Authentication credentials invalid"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2"])
@pytest.mark.parametrize(("answer", "reply"), [("*", "501 5.7.0"), ("?", "501 5.5.2")])
async def test_an_exchange_that_breaks_off_gets_one_reply(
    dial: Any, mechanism: str, answer: str, reply: str
) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        assert (await client.say(f"AUTH {mechanism}")).startswith("334 ")
        assert (await client.say(answer)).startswith(reply)
        assert (await client.say("NOOP")).startswith("250 ")
        assert (await client.say(f"AUTH {mechanism}")).startswith("334 ")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "SCRAM-SHA-256", "XOAUTH2"])
async def test_an_initial_response_that_is_no_base64_gets_one_reply(
    dial: Any, mechanism: str
) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        assert (await client.say(f"AUTH {mechanism} ???")).startswith("501 5.5.2 ")
        assert (await client.say("NOOP")).startswith("250 ")


async def test_scram_ends_in_one_reply_when_the_client_does_not_like_the_proof(dial: Any) -> None:
    from scramp import ScramClient  # noqa: PLC0415  # it takes its time, and only this test needs it

    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        scram = ScramClient(["SCRAM-SHA-256"], sandbox.user, sandbox.password.reveal())
        await client.say("EHLO me")
        first = await client.say(f"AUTH SCRAM-SHA-256 {b64(scram.get_client_first())}")
        scram.set_server_first(base64.b64decode(first[4:]).decode())
        final = await client.say(b64(scram.get_client_final()))
        scram.set_server_final(base64.b64decode(final[4:]).decode())
        assert (await client.say("*")).startswith("501 ")
        assert (await client.say("NOOP")).startswith("250 ")


@pytest.mark.parametrize(
    ("response", "status"),
    [
        ("user={user}\1auth=Bearer other\1\1", "401"),
        ("user=stranger\1auth=Bearer {token}\1\1", "401"),
        ("user={user}\1auth=Bearer {token}", "400"),
        ("{user}\1auth=Bearer {token}\1\1", "400"),
        ("", "400"),
    ],
)
async def test_a_refused_token_is_explained_first(dial: Any, response: str, status: str) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        text = response.format(user=sandbox.user, token=sandbox.password.reveal())
        challenge = await client.say(f"AUTH XOAUTH2 {b64(text) or '='}")
        assert challenge.startswith("334 ")
        assert json.loads(base64.b64decode(challenge[4:]))["status"] == status
        assert (await client.say("")).startswith("535 5.7.8 ")


async def test_a_token_may_be_long_and_a_mechanism_in_small_letters(dial: Any) -> None:
    token = Secret("t" * 4000)
    async with Sandbox(password=token) as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        text = b64(f"user={sandbox.user}\1auth=Bearer {token.reveal()}\1\1")
        async with dial(sandbox.ports.plain):  # another one's arrival changes nothing
            assert (await client.say(f"auth xoauth2 {text}")).startswith("235 2.7.0 ")


async def test_a_command_may_not_be_long(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        for octets in (600, 20_000):
            assert (await client.say("NOOP " + "x" * octets)).startswith("500 5.5.2 ")
            assert (await client.say("NOOP")).startswith("250 ")


async def test_a_bounce_has_no_sender(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        await client.say("MAIL FROM:<>")
        await client.say("RCPT TO:<a@b.example>")
        await client.say("DATA")
        assert (await client.say(".")).startswith("250 2.0.0 Ok: queued as ")
        (message,) = sandbox.inbox
    assert (message.sender, message.content, message.user) == ("", b"", None)


async def test_a_line_of_a_message_may_not_be_too_long(dial: Any) -> None:
    async with Sandbox() as sandbox, dial(sandbox.ports.plain) as client:
        await client.say("EHLO me")
        for octets, reply in ((998, "250 "), (1000, "500 5.5.2 "), (20_000, "500 5.5.2 ")):
            await client.say("MAIL FROM:<a@b.example>")
            await client.say("RCPT TO:<a@b.example>")
            await client.say("DATA")
            assert (await client.say("x" * octets + "\r\n.")).startswith(reply)


LINES = st.lists(
    st.binary(max_size=200).map(lambda octets: octets.translate(None, b"\r\n")), max_size=6
)


@given(lines=LINES)
def test_every_octet_of_a_message_arrives(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if x.startswith(b".") else b"") + x + b"\r\n" for x in lines)

    async def send() -> bytes:
        async with Sandbox() as sandbox:
            reader, writer = await asyncio.open_connection(
                port=sandbox.ports.plain, host="127.0.0.1"
            )
            writer.write(b"EHLO me\r\nMAIL FROM:<a@b.example> BODY=8BITMIME\r\n")
            writer.write(b"RCPT TO:<c@d.example>\r\nDATA\r\n" + stuffed + b".\r\nQUIT\r\n")
            await reader.readuntil(b"221 ")
            writer.close()
            (message,) = sandbox.inbox
            return message.content

    assert asyncio.run(send()) == content


async def test_two_clients_do_not_mix(dial: Any) -> None:
    async with Sandbox() as sandbox, AsyncExitStack() as clients:
        pair = [await clients.enter_async_context(dial(sandbox.ports.plain)) for _ in range(2)]
        for command in ("EHLO {}", "MAIL FROM:<{}@b.example>", "RCPT TO:<{}@c.example>", "DATA"):
            for name, client in zip(("one", "two"), pair, strict=True):
                await client.say(command.format(name))
        for name, client in zip(("one", "two"), pair, strict=True):
            await client.say(f"{name}\r\n.")
        found = [(m.ehlo_name, m.sender, m.recipients, m.content) for m in sandbox.inbox]
    assert found == [
        (name, f"{name}@b.example", (f"{name}@c.example",), f"{name}\r\n".encode())
        for name in ("one", "two")
    ]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
async def test_a_client_that_leaves_after_the_handshake_is_let_go(
    dial: Any, security: Security
) -> None:
    async with Sandbox() as sandbox:
        if security is Security.IMPLICIT_TLS:
            async with dial(sandbox.ports.tls, trusting(sandbox), greets=False) as client:
                client.writer.close()
        else:
            async with dial(sandbox.ports.starttls) as client:
                await client.say("EHLO me")
                await client.starttls(trusting(sandbox))
                client.writer.close()
        async with dial(sandbox.ports.plain) as other:  # it has not suffered
            assert other.greeting.startswith("220 ")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"EHLO me\r\n", b""),
        (b"GET / HTTP/1.1\r\n\r\n", b""),
        # An alert: fatal, decode_error (RFC 8446, section 6).
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x15\x03\x03\x00\x02\x02\x32"),
    ],
)
@pytest.mark.parametrize("port", ["tls", "starttls"])
async def test_a_client_that_fails_at_the_handshake_is_told_and_let_go(
    dial: Any, port: str, said: bytes, heard: bytes
) -> None:
    implicit = port == "tls"
    async with (
        Sandbox() as sandbox,
        dial(getattr(sandbox.ports, port), greets=not implicit) as client,
    ):
        if not implicit:
            await client.say("EHLO me")
            await client.say("STARTTLS")
        client.writer.write(said)
        assert (await client.reader.read(7)) == heard
        client.writer.write_eof()
        assert await client.reader.read() == b""
