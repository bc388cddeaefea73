"""Proxies on loopback: HTTP CONNECT, SOCKS4a and SOCKS5, with or without a log-in.

Whatever name they are asked for, they connect to the one *target*: tests need no DNS, and see that
the name has come through.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Proxy:
    """A running proxy; *asked* are the names and ports it was asked for."""

    kind: str
    target: tuple[str, int]
    user: str = ""
    password: str = ""
    refuses: bool = False
    port: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The URL without a log-in."""
        return f"{self.kind}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do the proxy's part and pass octets both ways until one side ends."""
        handshake = {"http": self._http, "socks4": self._socks4, "socks5": self._socks5}
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if await handshake[self.kind](reader, writer):
                await self._pass_on((reader, writer))
        writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host, _, port = head.split()[1].rpartition(":")
        self.asked.append((host, int(port)))
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and f"Basic {login}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        elif self.refuses:
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return True
        return False

    async def _socks4(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readexactly(8)
        await reader.readuntil(b"\0")
        name = (await reader.readuntil(b"\0"))[:-1].decode()
        self.asked.append((name, int.from_bytes(head[2:4])))
        writer.write(bytes([0, 91 if self.refuses else 90]) + bytes(6))
        return not self.refuses

    async def _socks5(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        offered = await reader.readexactly((await reader.readexactly(2))[1])
        method = 2 if self.user else 0
        if method not in offered:
            writer.write(b"\x05\xff")
            return False
        writer.write(bytes([5, method]))
        if method == 2 and not await self._login(reader, writer):
            return False
        kind = (await reader.readexactly(4))[3]
        size = (await reader.readexactly(1))[0] if kind == 3 else {1: 4, 4: 16}[kind]
        name = (await reader.readexactly(size)).decode("latin-1")
        self.asked.append((name, int.from_bytes(await reader.readexactly(2))))
        writer.write(bytes([5, 2 if self.refuses else 0, 0, 1]) + bytes(6))
        return not self.refuses

    async def _login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        await reader.readexactly(1)
        given = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
        right = given == [self.user.encode(), self.password.encode()]
        writer.write(bytes([1, 0 if right else 1]))
        return right

    async def _pass_on(self, client: Streams) -> None:
        server = await asyncio.open_connection(*self.target)
        try:
            ways = {
                asyncio.create_task(_copy(client[0], server[1])),
                asyncio.create_task(_copy(server[0], client[1])),
            }
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            server[1].close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)


@asynccontextmanager
async def running(proxy: Proxy) -> AsyncIterator[Proxy]:
    """Listen on a free port until the end of the block."""
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(proxy.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await asyncio.gather(*tasks)
