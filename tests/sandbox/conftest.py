"""A client that says what it is told to and reads whole replies."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest


@dataclass
class Client:
    """One connection to the sandbox, greeting read."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: str = ""

    async def reply(self) -> str:
        """Return the next reply with its line ends as line feeds; what there is at the end."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = await self.reader.readline()
            if not line:
                break
            lines.append(line.decode().rstrip("\r\n"))
        return "\n".join(lines)

    async def say(self, line: str | bytes) -> str:
        """Send a line and return the reply to it."""
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.reply()

    async def starttls(self, context: ssl.SSLContext, name: str = "localhost") -> None:
        """Say STARTTLS and do the handshake."""
        assert (await self.say("STARTTLS")).startswith("220 2.0.0")
        await self.writer.start_tls(context, server_hostname=name)


Dial = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def dial() -> Dial:
    @asynccontextmanager
    async def connect(
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        host: str = "127.0.0.1",
        greets: bool = True,
    ) -> AsyncIterator[Client]:
        name = "localhost" if tls else None
        reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name)
        client = Client(reader, writer)
        try:
            if greets:
                client.greeting = await client.reply()
            yield client
        finally:
            writer.transport.abort()
            # The socket closes in the loop's next turn.
            await asyncio.sleep(0)

    return connect
