"""The sandbox on a thread of its own, for programs that a test runs and waits for."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret


@contextmanager
def practice_server(password: str) -> Iterator[Sandbox]:
    """Run a sandbox whose user has *password*; its inbox fills while the block runs."""
    ready = threading.Event()
    sandbox = Sandbox(password=Secret(password))
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        ended = asyncio.Event()
        async with sandbox:
            stop.append((asyncio.get_running_loop(), ended))
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="practice server")
    thread.start()
    try:
        assert ready.wait(10), "the sandbox did not start"
        yield sandbox
    finally:
        for loop, ended in stop:
            loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        assert not thread.is_alive()
