"""Run the practice server in the foreground, until Ctrl+C.

It listens on loopback only, keeps what it is sent in memory and says so line by line.
"""

import argparse
import asyncio
import json
import signal
from contextlib import suppress

from smtp_workbench.cli.errors import CallError
from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.sandbox.inbox import Message
from smtp_workbench.sandbox.server import Ports, Sandbox
from smtp_workbench.settings.secret import Secret


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sandbox`."""
    parser.add_argument("--port", type=int, default=0, help="for STARTTLS; 0: any free one")
    parser.add_argument("--tls-port", type=int, default=0, help="for implicit TLS")
    parser.add_argument("--plain-port", type=int, default=0, help="without TLS")
    parser.add_argument("--lmtp-port", type=int, default=0, help="for LMTP")
    parser.add_argument("--user", default="demo@sandbox.test")
    parser.add_argument("--password", help="of the practice account; default: a random one")
    parser.add_argument("--fault", metavar="NAME", choices=[fault.id for fault in FAULTS])
    parser.add_argument("--json", action="store_true", help="print ports and log-in as JSON")


def answer(options: argparse.Namespace) -> int:
    """Serve until Ctrl+C or SIGTERM; return 130."""
    for name in ("port", "tls_port", "plain_port", "lmtp_port"):
        if not 0 <= getattr(options, name) <= 65535:
            raise CallError(f"--{name.replace('_', '-')} takes a number from 0 to 65535")
    asyncio.run(_serve(options))
    return 130


async def _serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # Windows: Ctrl+C still raises KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), stop.set)
    sandbox = Sandbox(
        user=options.user,
        password=Secret(options.password) if options.password else None,
        ports=Ports(options.port, options.tls_port, options.plain_port, options.lmtp_port),
        fault=next((item for item in FAULTS if item.id == options.fault), None),
    )
    try:
        await sandbox.start()
    except OSError as error:
        raise CallError(f"the sandbox can't listen: {error.strerror}") from None
    try:
        _announce(sandbox, options)
        sandbox.inbox.subscribe(_tell)
        await stop.wait()
    finally:
        await sandbox.stop()


def _announce(sandbox: Sandbox, options: argparse.Namespace) -> None:
    ports = sandbox.ports
    # A password that was given on the command line is known; a random one has to be told.
    password = None if options.password else sandbox.password.reveal()
    if options.json:
        facts = {
            "host": "127.0.0.1",
            "ports": {
                "starttls": ports.starttls,
                "implicit": ports.tls,
                "plaintext": ports.plain,
                "lmtp": ports.lmtp,
            },
            "user": sandbox.user,
            "password": password,
            "ca_file": sandbox.transport().tls.ca_file,
        }
        print(json.dumps(facts), flush=True)
        return
    print(f"STARTTLS      127.0.0.1:{ports.starttls}")
    print(f"implicit TLS  127.0.0.1:{ports.tls}")
    print(f"plaintext     127.0.0.1:{ports.plain}")
    print(f"LMTP          127.0.0.1:{ports.lmtp}")
    print(f"user          {sandbox.user}")
    if password is not None:
        print(f"password      {password}")
    print(f"CA file       {sandbox.transport().tls.ca_file}")
    print("Ctrl+C ends it.", flush=True)


def _tell(message: Message) -> None:
    recipients = ", ".join(message.recipients)
    print(f"message from {message.sender} to {recipients}, {message.size} octets", flush=True)
