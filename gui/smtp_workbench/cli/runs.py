"""What the commands that talk to a server have in common: the sandbox as a target, and Ctrl+C."""

import argparse
import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from smtp_workbench.cli import target
from smtp_workbench.cli.errors import CallError
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.transport import TESTING


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add TARGET, what overrides it, and how the answer is printed."""
    target.add_arguments(parser)
    parser.add_argument(
        "--fault",
        metavar="NAME",
        choices=[fault.id for fault in FAULTS],
        help="with the target `sandbox`: let it fail on purpose",
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="show the traffic too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def settings_of(options: argparse.Namespace) -> target.Settings | None:
    """Return what the call asks for, None for a sandbox that is not there yet."""
    if options.target == "sandbox":
        return None
    if options.fault:
        raise CallError("--fault is for the target `sandbox`")
    return target.read(options).resolved()


@asynccontextmanager
async def started(
    options: argparse.Namespace, settings: target.Settings | None
) -> AsyncIterator[target.Settings]:
    """Yield *settings*; without any, those of a sandbox that runs as long as the block."""
    if settings is not None:
        yield settings
        return
    fault = next((item for item in FAULTS if item.id == options.fault), None)
    async with Sandbox(fault=fault) as sandbox:
        transport = replace(sandbox.transport(), timeouts=TESTING)
        settings = target.read(options, target.Settings(transport, sandbox.password))
        yield settings.resolved()


def stop_at_interrupt() -> None:
    """Cancel this task at Ctrl+C, in a turn of the loop.

    asyncio itself cancels it wherever the signal comes, also in the middle of its own callbacks,
    and then complains about them.
    """
    task = asyncio.current_task()
    if task is not None and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
