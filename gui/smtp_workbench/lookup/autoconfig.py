"""Settings that a domain publishes as a file on its web server, in Mozilla's format.

https://datatracker.ietf.org/doc/draft-ietf-mailmaint-autoconfig/
"""

import asyncio
import re
from typing import Final
from urllib.parse import quote

from smtp_workbench.lookup.candidate import MOST, Discovered, Finds, Note, Source, discovered
from smtp_workbench.lookup.client_config import MECHANISMS, SOCKETS, OutgoingServer, parse
from smtp_workbench.lookup.mailbox import Mailbox
from smtp_workbench.net.web import Web, WebError

_PLACES: Final = (
    "://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
    "://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
)
_DATABASE: Final = "https://autoconfig.thunderbird.net/v1.1/{domain}"
_UNFILLED: Final = re.compile(r"%[A-Z]+%")


async def ask_autoconfig(mailbox: Mailbox, web: Web, *, insecure: bool) -> Finds:
    """Return what the domain's own web server says, over HTTP only if it may be *insecure*."""
    found = await _ask_places("https", mailbox, web, Source.AUTOCONFIG)
    if insecure and not any(isinstance(item, Discovered) for item in found):
        return [*found, *await _ask_places("http", mailbox, web, Source.AUTOCONFIG_HTTP)]
    return found


async def ask_ispdb(mailbox: Mailbox, web: Web) -> Finds:
    """Return what Thunderbird's database says, which so learns the domain."""
    return await _ask(_DATABASE.format(domain=mailbox.domain), mailbox, web, Source.ISPDB)


async def _ask_places(scheme: str, mailbox: Mailbox, web: Web, source: Source) -> Finds:
    address = quote(mailbox.address, safe="")
    urls = [scheme + at.format(domain=mailbox.domain, address=address) for at in _PLACES]
    answers = await asyncio.gather(*(_ask(url, mailbox, web, source) for url in urls))
    return [item for answer in answers for item in answer]


async def _ask(url: str, mailbox: Mailbox, web: Web, source: Source) -> Finds:
    shown = url.partition("?")[0]
    try:
        page = await web.get(url, insecure=source is Source.AUTOCONFIG_HTTP)
    except WebError as error:
        return [Note(source, f"{str(error).replace(url, shown)}.")]
    if page.status != 200:
        return [Note(source, f"{shown}: nothing there (HTTP {page.status}).")]
    try:
        config = parse(page.body)
    except ValueError as error:
        return [Note(source, f"{shown}: {error}.")]
    detail = f"{shown} names it"
    if source is Source.AUTOCONFIG_HTTP:
        detail += "; without HTTPS anybody on the way can have changed it"
    found: list[Discovered | Note] = []
    for server in config.outgoing[:MOST]:
        try:
            found.append(_candidate(server, mailbox, source, f"{detail}."))
        except ValueError as error:
            found.append(Note(source, f"{shown}: {error}."))
    return found


def _candidate(server: OutgoingServer, mailbox: Mailbox, source: Source, detail: str) -> Discovered:
    socket = server.socket.strip().upper()
    if socket not in SOCKETS:
        raise ValueError(f"the socketType {socket[:40]!r} is none that is known")
    user = mailbox.fill(server.user.strip())
    # What only a person can fill in, such as %REALNAME%, is left to them.
    known = server.methods != ("none",) and not _UNFILLED.search(user)
    return discovered(
        mailbox.fill(server.host),
        server.port,
        SOCKETS[socket],
        source=source,
        detail=detail,
        user=user if known else "",
        mechanism=_mechanism(server.methods),
    )


def _mechanism(methods: tuple[str, ...]) -> str:
    """Return the one mechanism that is asked for; none where a password by any will do."""
    if "password-cleartext" in methods:
        return ""
    return next((MECHANISMS[method] for method in methods if method in MECHANISMS), "")
