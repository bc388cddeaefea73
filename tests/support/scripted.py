"""A server that plays a script, byte for byte, one thread a connection.

A script is a callable that gets a `Peer`. Threads with blocking sockets keep segments, resets and
plaintext before TLS records exact where an asyncio server would merge or reorder them.
"""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(30)
        self.received: list[bytes] = []
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        """Send *data* in one segment."""
        self.sock.sendall(data)

    def line(self) -> bytes:
        """Return the next line without its ending. Raises ConnectionError at the end."""
        self.received.append(self.raw_line().rstrip(b"\r\n"))
        return self.received[-1]

    def raw_line(self) -> bytes:
        """Return the next line as it came. Raises ConnectionError at the end."""
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill()
        return self.octets(end + 1)

    def octets(self, count: int) -> bytes:
        """Return the next *count* octets. Raises ConnectionError at the end."""
        while len(self._buffer) < count:
            self._fill()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _fill(self) -> None:
        chunk = self.sock.recv(65536)
        if not chunk:
            raise ConnectionAbortedError
        self._buffer += chunk

    def dialogue(self, *answers: bytes) -> None:
        """Read a line and send an answer, for each of *answers*."""
        for answer in answers:
            self.line()
            self.send(answer)

    def say_goodbye(self) -> None:
        """Answer a QUIT, ignore all else, until the client hangs up."""
        while True:
            if self.line().upper() == b"QUIT":
                self.send(b"221 bye\r\n")

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Become the server side of a TLS handshake."""
        self.sock = context.wrap_socket(self.sock, server_side=True)

    def reset(self) -> None:
        """Drop the connection with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_for_close(self) -> None:
        """Swallow bytes until the client hangs up."""
        while self.sock.recv(4096):
            pass


Script = Callable[[Peer], None]


class ScriptedServer:
    """Accepts connections on a free loopback port and plays *script* on each."""

    def __init__(self, script: Script, host: str = "127.0.0.1", *, room: int = 0) -> None:
        """Listen; *room* octets are taken before the script reads them, 0: the system's choice."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        if room:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self.peers: list[Peer] = []
        self.accepted = threading.Event()
        self._script = script
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            peer = Peer(sock)
            self.peers.append(peer)
            self.accepted.set()
            thread = threading.Thread(target=self._play, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, peer: Peer) -> None:
        try:
            self._script(peer)
        except (OSError, ValueError):
            pass  # the client hung up, which many scripts provoke
        finally:
            peer.sock.close()

    def close(self) -> None:
        """Stop listening, hang up and wait for the threads."""
        # Closing alone does not wake a thread that sits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            with suppress(OSError):
                peer.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)


@contextmanager
def serve(script: Script, host: str = "127.0.0.1", *, room: int = 0) -> Iterator[ScriptedServer]:
    """Play *script* to everyone who connects while the block runs."""
    server = ScriptedServer(script, host, room=room)
    try:
        yield server
    finally:
        server.close()
