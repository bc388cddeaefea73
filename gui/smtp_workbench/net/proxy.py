"""Through a proxy, over a socket that is connected to it, by the python-socks library.

HTTP CONNECT (RFC 9110, section 9.3.6), SOCKS4 and SOCKS5 (RFC 1928, RFC 1929). The proxy looks the
name up, so a tester behind one needs no DNS of its own.
"""

import asyncio
import re
import socket
from typing import Final
from urllib.parse import unquote, urlsplit

from smtp_workbench.net.errors import NetError, NetKind
from smtp_workbench.settings.secret import Secret

_DEFAULT_PORTS: Final = {
    "http": 3128,
    "socks4": 1080,
    "socks4a": 1080,
    "socks5": 1080,
    "socks5h": 1080,
}
_LONGEST: Final = 16_384
"""Octets of an HTTP proxy's reply."""
_LOGIN: Final = re.compile(r"\b407\b|auth|credential|username", re.IGNORECASE)


def proxy_endpoint(url: str) -> tuple[str, int]:
    """Return host and port of the proxy at *url*. Raises NetError for what is no proxy URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        raise NetError(NetKind.PROXY_PROTOCOL, "the proxy is not an http, socks4 or socks5 URL")
    return host, port or _DEFAULT_PORTS[parts.scheme]


async def tunnel(
    sock: socket.socket, url: str, secret: Secret | None, host: str, port: int, *, limit: float
) -> None:
    """Make the proxy at *url*, to which *sock* is connected, reach *host* and *port*.

    *limit* is in seconds. Raises NetError; the socket stays the caller's.
    """
    # The library is 30 ms of imports that a run without a proxy does not need.
    from python_socks import ProxyError, ProxyType  # noqa: PLC0415  # see above
    from python_socks._connectors.factory_async import create_connector  # noqa: PLC0415
    from python_socks._protocols.errors import ReplyError  # noqa: PLC0415
    from python_socks.async_.asyncio._resolver import Resolver  # noqa: PLC0415
    from python_socks.async_.asyncio._stream import AsyncioSocketStream  # noqa: PLC0415

    class ReplyStream(AsyncioSocketStream):
        """Takes no byte more than the proxy's reply: the server's greeting may follow at once."""

        async def read(self, max_bytes: int = _LONGEST) -> bytes:
            reply = b""
            while not reply.endswith(b"\r\n\r\n") and len(reply) < max_bytes:
                octet = await loop.sock_recv(sock, 1)
                if not octet:
                    raise ConnectionError("in the middle of its reply")
                reply += octet
            return reply

    parts = urlsplit(url)
    kinds = {"http": ProxyType.HTTP, "socks4": ProxyType.SOCKS4, "socks5": ProxyType.SOCKS5}
    loop = asyncio.get_running_loop()
    user = unquote(parts.username) if parts.username else None
    password = secret.reveal() if secret else unquote(parts.password or "")
    connector = create_connector(
        proxy_type=kinds[parts.scheme.rstrip("ah")],
        username=user,
        password=password if user else None,
        rdns=True,
        resolver=Resolver(loop=loop),
    )
    try:
        async with asyncio.timeout(limit):
            await connector.connect(ReplyStream(sock, loop), host, port)
    except TimeoutError:
        evidence = f"the proxy did not answer within {limit:g} s"
        raise NetError(NetKind.TIMEOUT, evidence) from None
    except (ReplyError, ProxyError) as error:
        kind = NetKind.PROXY_LOGIN if _LOGIN.search(str(error)) else NetKind.PROXY_REFUSED
        raise NetError(kind, f"the proxy says: {error}") from None
    except OSError as error:
        raise NetError(NetKind.CLOSED, f"the proxy hung up: {error}") from None
    except Exception as error:  # noqa: BLE001  # the library parses what strangers send
        evidence = f"that is no {parts.scheme} proxy: {type(error).__name__}"
        raise NetError(NetKind.PROXY_PROTOCOL, evidence) from None
