"""Through proxies: real ones on loopback, the sandbox behind them."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.smtp.events import Stage
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify
from support.leaks import find_leak
from support.proxies import Proxy, running

PASSWORD = "pr0xy pass/word"
KINDS = ("http", "socks4", "socks5")


async def through(proxy: Proxy, sandbox: Sandbox, security: Security, **more: Any) -> Report:
    settings = behind(proxy, sandbox, security)
    return await verify(settings, sandbox.password, **more)


def behind(proxy: Proxy, sandbox: Sandbox, security: Security = Security.STARTTLS) -> Transport:
    # A name that only the proxy knows.
    return replace(sandbox.transport(security), host="smtp.behind.example", proxy=proxy.url)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.IMPLICIT_TLS])
@pytest.mark.parametrize("kind", KINDS)
async def test_the_proxy_looks_the_name_up_and_the_rest_is_as_ever(
    kind: str, security: Security
) -> None:
    async with Sandbox() as sandbox:
        port = sandbox.transport(security).effective_port
        async with running(Proxy(kind, ("127.0.0.1", port))) as proxy:
            report = await through(proxy, sandbox, security)
        assert report.ok, report.failure
        assert proxy.asked == [("smtp.behind.example", port)]
        assert Stage.PROXY in [stage.stage for stage in report.stages]


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_a_proxy_with_a_log_in(kind: str) -> None:
    async with Sandbox() as sandbox:
        target = ("127.0.0.1", sandbox.ports.starttls)
        async with running(Proxy(kind, target, "me", PASSWORD)) as proxy:
            settings = behind(proxy, sandbox)
            named = replace(settings, proxy=settings.proxy.replace("://", "://me@"))
            right = await verify(named, sandbox.password, proxy_secret=Secret(PASSWORD))
            wrong = await verify(named, sandbox.password, proxy_secret=Secret("wr0ng pass/word"))
            none = await verify(settings, sandbox.password)
        assert right.ok, right.failure
        assert find_leak(json.dumps([line.text for line in right.lines]), PASSWORD) is None
        for report in (wrong, none):
            diagnosis = diagnose(report, named)
            assert report.failed_stage is Stage.PROXY
            assert diagnosis is not None
            assert diagnosis.cause == "proxy_failed"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_refuses(kind: str) -> None:
    async with Sandbox() as sandbox:
        async with running(Proxy(kind, ("127.0.0.1", 1), refuses=True)) as proxy:
            report = await through(proxy, sandbox, Security.STARTTLS)
            diagnosis = diagnose(report, behind(proxy, sandbox))
        assert report.failed_stage is Stage.PROXY
        assert diagnosis is not None
        assert diagnosis.cause == "proxy_failed"
        assert "proxy" in diagnosis.evidence


@pytest.mark.parametrize("where", ["127.0.0.1:1", "no-such-proxy.invalid:8080"])
async def test_a_proxy_that_is_not_there_is_not_taken_for_the_server(where: str) -> None:
    settings = Transport(host="smtp.behind.example", port=587, proxy=f"http://{where}")
    diagnosis = diagnose(await verify(settings), settings)
    assert diagnosis is not None
    assert diagnosis.cause == "proxy_failed"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_no_proxy_is_told(kind: str) -> None:
    """A mail server where a proxy was expected: it greets, and understands nothing."""
    async with Sandbox() as sandbox:
        url = f"{kind}://127.0.0.1:{sandbox.ports.starttls}"
        settings = replace(sandbox.transport(), proxy=url)
        settings = replace(settings, timeouts=replace(settings.timeouts, connect=2))
        report = await verify(settings, sandbox.password)
        assert report.failed_stage is Stage.PROXY
        diagnosis = diagnose(report, settings)
        assert diagnosis is not None
        assert diagnosis.cause == "proxy_failed"


async def test_a_silent_proxy_ends_at_the_limit() -> None:
    async with Sandbox() as sandbox:

        async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(hold, "127.0.0.1", 0)
        url = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        settings = replace(sandbox.transport(), proxy=url)
        settings = replace(settings, timeouts=replace(settings.timeouts, connect=0.3))
        report = await verify(settings, sandbox.password)
        server.close()
        assert report.failed_stage is Stage.PROXY
        assert report.seconds < 2
