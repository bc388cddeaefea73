"""Secret Services on a session bus of their own: gnome-keyring, and one that never answers."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService

from support.needed import need

_GNOME = """
printf %s "$UNLOCK" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
echo "$DBUS_SESSION_BUS_ADDRESS"
exec cat
"""
_SILENT = """
import os, sys
from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection
bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
connection = open_dbus_connection("SESSION")
request = new_method_call(bus, "RequestName", "su", ("org.freedesktop.secrets", 4))
assert connection.send_and_get_reply(request).body == (1,)
print(os.environ["DBUS_SESSION_BUS_ADDRESS"], flush=True)
while True:
    message = connection.receive()
    if message.header.message_type is MessageType.method_call:
        print("asked", flush=True)
"""


@contextmanager
def gnome_keyring(home: Path) -> Iterator[dict[str, str]]:
    """Run gnome-keyring over *home*, unlocked; yield the environment of a program of its user."""
    need("gnome-keyring", there=shutil.which("gnome-keyring-daemon") is not None)
    with _session(["sh", "-c", _GNOME], {**user_of(home), "UNLOCK": "a log-in"}) as (address, _):
        yield {**user_of(home), "DBUS_SESSION_BUS_ADDRESS": address}


@contextmanager
def silent_service(home: Path) -> Iterator[tuple[dict[str, str], IO[str]]]:
    """Run a Secret Service that owns its name and never answers.

    Yield the environment of a program of its user, and where it writes a line when it is asked.
    """
    with _session([sys.executable, "-c", _SILENT], user_of(home)) as (address, output):
        yield {**user_of(home), "DBUS_SESSION_BUS_ADDRESS": address}, output


def user_of(home: Path) -> dict[str, str]:
    """Return the environment of a user whose home is *home*, with no session bus."""
    folders = {"HOME": "", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    found = {name: str(home / folder) for name, folder in folders.items()}
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The second is how tests/conftest.py keeps us out of the keyring.
    dropped = ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, **found, "XDG_RUNTIME_DIR": str(runtime)}


def use_here(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process, too, use the Secret Service that *environment* leads to."""
    address = environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setattr(keyring.core, "_keyring_backend", SecretService.Keyring())


@contextmanager
def asking_keyring(
    kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[threading.Event]:
    """Have a keyring with the secrets *kept*, which asks its user first: until the event is set."""
    unlocked = threading.Event()

    class Asking(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            unlocked.wait(30)
            return kept.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            unlocked.wait(30)
            kept[username] = password

        def delete_password(self, service: str, username: str) -> None:
            unlocked.wait(30)
            del kept[username]

    Asking.__module__ = "keyring.backends.SecretService"
    monkeypatch.setattr(keyring.core, "_keyring_backend", Asking())
    try:
        yield unlocked
    finally:
        unlocked.set()


@contextmanager
def _session(command: list[str], environment: dict[str, str]) -> Iterator[tuple[str, IO[str]]]:
    """Run *command*, which prints the address of its bus, on a session bus of its own."""
    need("dbus-run-session", there=shutil.which("dbus-run-session") is not None)
    with subprocess.Popen(
        ["dbus-run-session", "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address, "the session bus did not start"
        try:
            yield address, process.stdout
        finally:
            process.stdin.close()
            os.killpg(process.pid, signal.SIGTERM)
