"""Ports as detection meets them: a server of each kind, on loopback, on a free port."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from support.certificates import server_context
from support.scripted import Peer, Script, ScriptedServer, serve

GREETING = b"220 here ESMTP\r\n"


@dataclass
class MailPort:
    """Plays one kind of server, and keeps what it was told."""

    implicit: bool = False
    starttls: bool = True
    auth: str = "PLAIN LOGIN"
    auth_before_tls: bool = False
    password_accepted: bool = False
    context: ssl.SSLContext = field(default_factory=server_context)
    commands: list[tuple[bool, str]] = field(default_factory=list)
    """Whether it came under TLS, and the line."""

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        tls = self.implicit
        if tls:
            peer.start_tls(self.context)
        peer.send(GREETING)
        while True:
            line = peer.line().decode("latin-1")
            self.commands.append((tls, line))
            match line.partition(" ")[0].upper():
                case "EHLO":
                    peer.send(self._extensions(tls=tls))
                case "STARTTLS":
                    peer.send(b"220 go on\r\n")
                    peer.start_tls(self.context)
                    tls = True
                case "AUTH":
                    good = b"235 2.7.0 welcome\r\n"
                    peer.send(good if self.password_accepted else b"535 5.7.8 wrong password\r\n")
                case "QUIT":
                    peer.send(b"221 bye\r\n")
                    return
                case _:
                    peer.send(b"502 5.5.1 what?\r\n")

    def _extensions(self, *, tls: bool) -> bytes:
        lines = ["here", "SIZE 1000"]
        if self.starttls and not tls:
            lines.append("STARTTLS")
        if self.auth and (tls or self.auth_before_tls):
            lines.append(f"AUTH {self.auth}")
        last = len(lines) - 1
        marked = (f"250{' ' if at == last else '-'}{text}\r\n" for at, text in enumerate(lines))
        return "".join(marked).encode()


def silent(peer: Peer) -> None:
    """Take the connection and say nothing."""
    peer.wait_for_close()


def http(peer: Peer) -> None:
    """Be a web server: wait for a request, and answer what can't be read."""
    peer.raw_line()
    peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def refusing() -> Iterator[int]:
    """Yield a port of 127.0.0.1 that refuses, and that nobody else gets meanwhile."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextmanager
def dropping() -> Iterator[int]:
    """Yield a port of 127.0.0.1 that answers no more attempts to connect, as a firewall does."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        # The queue of the listener is full, and what comes then is dropped.
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


class Crowd:
    """Counts who is connected at once, over all ports whose scripts it wraps."""

    def __init__(self) -> None:
        self.most = 0
        self._there: list[Peer] = []
        self._lock = threading.Lock()

    def counting(self, script: Script) -> Script:
        """Return *script* with each of its connections counted."""

        def counted(peer: Peer) -> None:
            with self._lock:
                self._there = [other for other in self._there if _is_open(other)]
                self._there.append(peer)
                self.most = max(self.most, len(self._there))
            script(peer)

        return counted


def _is_open(peer: Peer) -> bool:
    """Whether the client is still there; what it has sent is left alone."""
    try:
        # Another object, because TLS allows no look ahead.
        with socket.fromfd(peer.sock.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same:
            same.setblocking(False)
            return same.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except (OSError, ValueError):
        return False


@contextmanager
def serving(*scripts: Script, host: str = "127.0.0.1") -> Iterator[list[ScriptedServer]]:
    """Play each script on a port of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(serve(script, host)) for script in scripts]
