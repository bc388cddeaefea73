"""The way to the server: look-up, connection, proxy, and the TLS handshake of either mode."""

import asyncio
import ipaddress
import socket

from smtp_workbench.net.dial import dial
from smtp_workbench.net.proxy import proxy_endpoint, tunnel
from smtp_workbench.net.resolve import Resolver, resolve
from smtp_workbench.net.tls import start_tls
from smtp_workbench.settings.hosts import endpoint
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.smtp import notices
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.protocol import ReplyProtocol
from smtp_workbench.smtp.session import Session
from smtp_workbench.smtp.stages import Outcome


async def open_connection(
    session: Session,
    *,
    resolver: Resolver | None = None,
    proxy_secret: Secret | None = None,
) -> None:
    """Look the host up, connect, pass the proxy, and start TLS where it comes first."""
    transport = session.transport
    host, port = transport.host, transport.effective_port
    if transport.proxy:
        host, port = proxy_endpoint(transport.proxy)
    addresses = await _look_up(session, host, resolver)
    sock = await _connect(session, addresses, port)
    if transport.proxy:
        await _pass_proxy(session, sock, proxy_secret)
    await _attach(session, sock)
    if transport.security is Security.IMPLICIT_TLS:
        await handshake(session)


async def _look_up(session: Session, host: str, resolver: Resolver | None) -> tuple[str, ...]:
    transport = session.transport
    async with session.stages.stage(Stage.DNS, transport.timeouts.dns) as outcome:
        _mark_proxy(outcome, transport)
        addresses = await resolve(host, transport.family, limit=outcome.limit, resolver=resolver)
        outcome.detail = ", ".join(addresses)
        outcome.facts["addresses"] = addresses
        session.stages.note(f"{host} → {outcome.detail}")
    return addresses


async def _connect(session: Session, addresses: tuple[str, ...], port: int) -> socket.socket:
    transport = session.transport
    async with session.stages.stage(Stage.CONNECT, transport.timeouts.connect) as outcome:
        _mark_proxy(outcome, transport)
        dialled = await dial(
            addresses, port, source_address=transport.source_address, limit=outcome.limit
        )
        session.sock = dialled.sock
        session.on_this_machine = not transport.proxy and is_loopback(dialled.address)
        here = dialled.sock.getsockname()
        outcome.detail = f"{endpoint(dialled.address, port)} from {endpoint(here[0], here[1])}"
        outcome.facts["attempts"] = dialled.attempts
        notices.of_attempts(outcome, dialled.attempts)
        session.stages.note(f"TCP connected {outcome.detail}")
    return dialled.sock


def _mark_proxy(outcome: Outcome, transport: Transport) -> None:
    """Note that it is the proxy, not the server, that a failure of this stage is about."""
    if transport.proxy:
        outcome.params["to"] = "proxy"


async def _pass_proxy(session: Session, sock: socket.socket, secret: Secret | None) -> None:
    transport = session.transport
    async with session.stages.stage(Stage.PROXY, transport.timeouts.connect) as outcome:
        host, port = transport.host, transport.effective_port
        await tunnel(sock, transport.proxy, secret, host, port, limit=outcome.limit)
        outcome.detail = f"to {endpoint(host, port)}"
        session.stages.note(f"proxy connected {outcome.detail}")


async def _attach(session: Session, sock: socket.socket) -> None:
    first = session.transport.security is Security.IMPLICIT_TLS
    session.sock = None  # from here on the stream closes it
    _, session.protocol = await asyncio.get_running_loop().create_connection(
        lambda: ReplyProtocol(session.tap, tls_first=first), sock=sock
    )


async def handshake(session: Session) -> None:
    """Start TLS over the open connection."""
    protocol = session.wire
    async with session.stages.stage(Stage.TLS, session.transport.timeouts.socket) as outcome:
        session.protocol = None  # a failed handshake leaves nothing that could be used or closed
        stream, facts = await start_tls(
            protocol.stream,
            protocol,
            settings=session.transport.tls,
            host=session.transport.host,
            limit=outcome.limit,
        )
        protocol.upgraded(stream)
        session.protocol = protocol
        session.tls = True
        outcome.facts["tls"] = facts
        outcome.detail = notices.summary_of_tls(facts)
        notices.of_tls(outcome, facts)
        session.stages.note(outcome.detail, tls=True)


def is_loopback(address: str) -> bool:
    """Whether *address*, a literal, is this machine's own."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback
