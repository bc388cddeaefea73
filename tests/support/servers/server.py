"""What all real servers share: what a test gets to know, ports, a folder, a start, a sure end."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from support.certificates import authority

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smtp-workbench-tests"
"""Where `packaging/test` keeps what it downloads."""
HOST = "127.0.0.1"
USER = "tester@workbench.test"
PASSWORD = "s3cret pass+word/ü"
_LIMIT = 20.0
"""Seconds a server may take to listen, and to end."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A running server as a test sees it."""

    ports: Mapping[str, int]
    """By role: each server's module says which there are."""
    ca_file: Path
    """PEM file with the authority that signed the servers' certificate."""
    client_certificate: Path
    """PEM file with a certificate that the servers accept, its chain and its key."""
    host: str = HOST
    """The certificate is for this address and `localhost`."""
    user: str = USER
    password: str = PASSWORD


@dataclass(frozen=True, slots=True)
class Home:
    """A server's own folder, with the certificates in it."""

    folder: Path
    certificate: Path
    key: Path
    ca_file: Path
    client_certificate: Path

    def server(self, ports: Mapping[str, int]) -> MailServer:
        """Return what a test gets to know."""
        return MailServer(MappingProxyType(dict(ports)), self.ca_file, self.client_certificate)


@contextmanager
def home(name: str) -> Iterator[Home]:
    """Make the folder; remove it at the end.

    Not below pytest's own temporary folder: servers change to users of their own, which could not
    enter it.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    try:
        folder.chmod(0o755)
        issued, client = authority().issue_cert("localhost", HOST), authority().issue_cert(USER)
        made = Home(
            folder,
            folder / "server.pem",
            folder / "server.key",
            folder / "ca.pem",
            folder / "client.pem",
        )
        made.certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(made.key)
        authority().cert_pem.write_to_path(made.ca_file)
        client.private_key_and_cert_chain_pem.write_to_path(made.client_certificate)
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(*roles: str) -> dict[str, int]:
    """Return a free port for each role. All are held at once, so that no two are the same."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((HOST, 0))) for _ in roles]
        return {role: sock.getsockname()[1] for role, sock in zip(roles, sockets, strict=True)}


@contextmanager
def running(
    command: Sequence[str | Path],
    ports: Mapping[str, int],
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run *command* in the foreground until the block ends, from when all *ports* answer.

    What it prints goes to *log*. Raises RuntimeError with the log's end if it does not get ready.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=log.parent,
            env=environment,
        )
    try:
        for port in ports.values():
            _await_listener(process, port, log)
        yield
    finally:
        _end(process)


def _await_listener(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"{process.args!r} does not listen on {port}:\n{log.read_text()[-4000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started; they share its process group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LIMIT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
