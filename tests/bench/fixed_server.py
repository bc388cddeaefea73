"""The server that every client of a bench talks to: fixed replies, in a process of its own.

Nothing to run by hand: the other scripts here start it. It does as little as a server can, so that
the time measured is the client's as far as possible.
"""

import asyncio
import base64
import json
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

HOST = "127.0.0.1"
USER = "bench@workbench.test"
PASSWORD = "correct horse battery staple"
NAME = "bench.localhost"
"""How every client introduces itself, so that none has to find out its host's name."""
_RESPONSE = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())


@dataclass(frozen=True, slots=True)
class FixedServer:
    """A running server, as a client sees it."""

    port: int
    ca_file: str
    process: subprocess.Popen[str]

    def verbs(self) -> list[str]:
        """Return the commands that came since the last call."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        verbs: list[str] = json.loads(self.process.stdout.readline())
        return verbs


@contextmanager
def running(*, ehlo_lines: int = 0) -> Iterator[FixedServer]:
    """Start it; *ehlo_lines* keywords without meaning lengthen its answer to EHLO."""
    with tempfile.TemporaryDirectory(prefix="smtp-workbench-bench-") as folder:
        ca_file, key_file = Path(folder, "ca.pem"), Path(folder, "server.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(ca_file)
        authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(
            key_file
        )
        command = [sys.executable, __file__, str(key_file), str(ehlo_lines)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin
            assert process.stdout
            yield FixedServer(int(process.stdout.readline()), str(ca_file), process)
            process.stdin.close()  # it ends with its input


class _Connection(asyncio.Protocol):
    def __init__(self, context: ssl.SSLContext, ehlo_lines: int, verbs: list[str]) -> None:
        self._context = context
        self._verbs = verbs
        self._buffer = b""
        self._secure = False
        self._more = b"".join(b"250-X-%d\r\n" % number for number in range(ehlo_lines))
        self._upgrading: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 bench ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        # After a handshake the client may be heard before we know what to answer through.
        while self._upgrading is None and b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\r\n")
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        verb, _, argument = line.partition(b" ")
        self._verbs.append(verb.decode())
        match verb:
            case b"EHLO":
                offer = b"" if self._secure else b"250-STARTTLS\r\n"
                reply = b"250-bench\r\n" + self._more + offer + b"250 AUTH PLAIN\r\n"
            case b"STARTTLS":
                self._transport.pause_reading()
                self._transport.write(b"220 2.0.0 Go ahead\r\n")
                self._secure = True
                self._upgrading = asyncio.get_running_loop().create_task(self._upgrade())
                return
            case b"AUTH":
                right = argument == b"PLAIN " + _RESPONSE
                reply = b"235 2.7.0 Welcome\r\n" if right else b"535 5.7.8 No\r\n"
            case b"QUIT":
                self._transport.write(b"221 2.0.0 Bye\r\n")
                self._transport.close()
                return
            case _:
                reply = b"250 2.0.0 Ok\r\n"
        self._transport.write(reply)

    async def _upgrade(self) -> None:
        upgraded = await asyncio.get_running_loop().start_tls(
            self._transport, self, self._context, server_side=True
        )
        assert upgraded is not None
        self._transport = upgraded
        self._upgrading = None
        self.data_received(b"")


async def _serve(key_file: str, ehlo_lines: int) -> None:
    loop, over, verbs = asyncio.get_running_loop(), asyncio.Event(), list[str]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(key_file)
    server = await loop.create_server(lambda: _Connection(context, ehlo_lines, verbs), HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)

    def asked() -> None:
        if not sys.stdin.readline():
            loop.remove_reader(sys.stdin)
            over.set()
            return
        print(json.dumps(verbs), flush=True)
        verbs.clear()

    loop.add_reader(sys.stdin, asked)
    await over.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
