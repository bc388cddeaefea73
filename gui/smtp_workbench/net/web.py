"""Small files by HTTP and HTTPS: settings that a domain publishes, policies.

Only what was asked for is fetched, with a limit to its size and time; addresses come from the same
resolver as everything else.
"""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from smtp_workbench.net.context import context_for
from smtp_workbench.net.errors import NetError
from smtp_workbench.net.resolve import Resolver, resolve
from smtp_workbench.settings.transport import Family, Tls

LARGEST: Final = 256 * 1024
"""Octets of a body that are read; a longer one is refused."""
_LONGEST_URL: Final = 2000
_IN_URLS: Final = ":/?#[]@!$&'()*+,;=%"
_REDIRECTS: Final = 3
_REDIRECT_CODES: Final = (301, 302, 303, 307, 308)


class WebError(Exception):
    """Nothing came, or nothing that can be used. `str()` is a sentence without its stop."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was fetched."""

    url: str
    """Where it came from in the end."""
    status: int
    kind: str
    """The media type, in lower case and without parameters."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Web:
    """How to fetch. Other ports than the usual serve a server on a high one."""

    context: ssl.SSLContext
    resolver: Resolver | None = None
    limit: float = 8.0
    """Seconds for all of it, redirects included."""
    http_port: int = 80
    https_port: int = 443

    async def get(self, url: str, *, redirects: bool = True, insecure: bool = False) -> Page:
        """Return the page at *url*, whatever its status. Raises WebError.

        It follows some *redirects*, to HTTPS only unless it may be *insecure*.
        """
        try:
            async with asyncio.timeout(self.limit):
                return await self._get(url, _REDIRECTS if redirects else 0, insecure=insecure)
        except TimeoutError:
            raise WebError(f"{url}: no answer within {self.limit:g} s") from None
        except ValueError as error:
            raise WebError(f"{url}: {error}") from None

    async def _get(self, url: str, redirects: int, *, insecure: bool) -> Page:
        while True:
            scheme = urlsplit(url).scheme
            if scheme != "https" and not (insecure and scheme == "http"):
                raise WebError(f"{url}: only HTTPS is followed")
            page, target = await self._once(url)
            if not target:
                return page
            if not redirects:
                raise WebError(f"{url}: it points elsewhere, to {target}")
            redirects -= 1
            url = urljoin(url, target)

    async def _once(self, url: str) -> tuple[Page, str]:
        """Return the page, and where it redirects to."""
        network = _Network(self)
        try:
            async with (
                httpcore.AsyncConnectionPool(self.context, network_backend=network) as pool,
                pool.stream("GET", url, headers={"User-Agent": "smtp-workbench"}) as response,
            ):
                body = b""
                async for part in response.aiter_stream():
                    body += part
                    if len(body) > LARGEST:
                        raise WebError(f"{url}: longer than {LARGEST // 1024} KiB")
        except NetError as error:
            raise WebError(f"{url}: {error}") from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise WebError(f"{url}: {error or type(error).__name__}") from None
        headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        target = headers.get(b"location", "") if response.status in _REDIRECT_CODES else ""
        if len(target) > _LONGEST_URL:
            raise WebError(f"{url}: it points to an address that is too long")
        # What may not stand in an address (RFC 3986) does not get into a message either.
        return Page(url, response.status, kind, body), quote(target, _IN_URLS, "latin-1")


async def open_web(resolver: Resolver | None) -> Web:
    """Return what fetches over certificates that this system trusts; it reads them off the loop."""
    return Web(await asyncio.to_thread(context_for, Tls()), resolver)


class _Network(httpcore.AsyncNetworkBackend):
    """Connects to where the resolver of a `Web` says."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await resolve(
            host, Family.ANY, limit=self._web.limit, resolver=self._web.resolver
        )
        port = {80: self._web.http_port, 443: self._web.https_port}.get(port, port)
        for address in addresses[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address)
            except httpcore.ConnectError:
                continue
        return await self._backend.connect_tcp(
            addresses[-1], port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
