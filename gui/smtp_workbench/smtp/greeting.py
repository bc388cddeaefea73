"""Who answers on this port? Reads greetings, and listens to what a silent port speaks."""

import asyncio
import re
import ssl
from contextlib import suppress
from typing import Final

from smtp_workbench.smtp.events import Failure, Kind
from smtp_workbench.smtp.reply import Reply

_SERVICES: Final = (
    ("http", re.compile(r"HTTP/\d|<(!doctype|html)", re.IGNORECASE)),
    ("ssh", re.compile(r"SSH-\d")),
    ("imap", re.compile(r"\* (OK|PREAUTH|BYE)\b", re.IGNORECASE)),
    ("pop3", re.compile(r"[+]OK\b|-ERR\b")),
    ("tls", re.compile(r"(\\x15|\\x16)\\x03")),
)
_FTP: Final = re.compile(r"\bftp", re.IGNORECASE)
_SMTP: Final = re.compile(r"smtp|lmtp|mail", re.IGNORECASE)
_TLS_RECORDS: Final = (b"\x16\x03", b"\x15\x03")
"""A handshake or an alert record (RFC 8446, section 5.1)."""


def service_of(line: str) -> str:
    """Return which service starts with *line*, printable text: `http`, `ssh`, … or `other`."""
    return next((name for name, pattern in _SERVICES if pattern.match(line)), "other")


def other_service(line: str) -> Failure:
    """Return the failure of a greeting that is no SMTP reply."""
    return Failure(Kind.OTHER_SERVICE, line, params={"service": service_of(line)})


def is_ftp(reply: Reply) -> bool:
    """Whether a greeting is FTP's, which has the same form as SMTP's (RFC 959, section 4.2)."""
    return bool(_FTP.search(reply.text)) and not _SMTP.search(reply.text)


class _Listener(asyncio.Protocol):
    """Keeps the first bytes that come; *owner*, the protocol before, hears of the end."""

    def __init__(self, owner: asyncio.BaseProtocol) -> None:
        self._owner = owner
        self.said = b""
        self.done = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.said += data[:512]
        self.done.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.done.set()
        self._owner.connection_lost(exc)


async def sound_out(transport: asyncio.Transport, limit: float) -> bytes:
    """Say hello in TLS to a silent peer and return the start of its answer, if any.

    Two empty lines follow the hello, so that a peer which waits for a line answers too. The
    connection is of no use afterwards. *limit* is in seconds.
    """
    listener = _Listener(transport.get_protocol())
    transport.set_protocol(listener)
    transport.write(_client_hello() + b"\r\n\r\n")
    try:
        async with asyncio.timeout(limit):
            await listener.done.wait()
    except TimeoutError:
        pass
    finally:
        transport.abort()
    return listener.said


def is_tls(said: bytes) -> bool:
    """Whether *said* starts with a TLS record."""
    return said.startswith(_TLS_RECORDS)


def _client_hello() -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    return outgoing.read()
