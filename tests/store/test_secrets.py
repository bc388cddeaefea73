"""Secrets in a real Secret Service, without one, and with one that never answers."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backend import KeyringBackend

from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.store.secrets import MEMORY, KeyringError, Secrets
from support.leaks import files_that_leak
from support.secret_service import asking_keyring, gnome_keyring, silent_service, user_of

PASSWORD = "p'\"\\$#%&{} 日本 and blanks"
_OTHER_PROCESS = """
import asyncio, json, sys
from smtp_workbench.settings.secret import Secret
from smtp_workbench.store.secrets import KeyringError, Secrets
async def main():
    secrets, word = Secrets(limit=float(sys.argv[1])), sys.argv[2:]
    try:
        if word:
            await secrets.write("one", Secret(word[0]) if word[0] else None)
        found = await secrets.read("one")
    except KeyringError as error:
        print(json.dumps([secrets.where, str(error)]))
    else:
        print(json.dumps([secrets.where, found and found.reveal()]))
asyncio.run(main())
"""


def elsewhere(environment: dict[str, str], *words: str, limit: float = 5) -> list[str | None]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _OTHER_PROCESS, str(limit), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Have a keyring that answers only once the event is set."""
    with asking_keyring({"one": "kept"}, monkeypatch) as unlocked:
        yield unlocked


def test_a_secret_outlives_the_process_and_the_session(tmp_path: Path) -> None:
    with gnome_keyring(tmp_path) as environment:
        assert elsewhere(environment, PASSWORD) == ["Secret Service", PASSWORD]
        assert elsewhere(environment) == ["Secret Service", PASSWORD]
    assert not files_that_leak(tmp_path, PASSWORD)
    with gnome_keyring(tmp_path) as environment:
        assert elsewhere(environment) == ["Secret Service", PASSWORD]
        assert elsewhere(environment, "") == ["Secret Service", None]
        assert elsewhere(environment, "") == ["Secret Service", None]
        assert elsewhere(environment) == ["Secret Service", None]


def test_without_a_session_bus_it_is_kept_in_memory(tmp_path: Path) -> None:
    assert elsewhere(user_of(tmp_path), PASSWORD) == [MEMORY, PASSWORD]
    assert elsewhere(user_of(tmp_path)) == [MEMORY, None]


def test_a_silent_service_neither_holds_a_call_nor_the_end(tmp_path: Path) -> None:
    with silent_service(tmp_path) as (environment, _):
        began = time.perf_counter()
        assert elsewhere(environment, limit=0.2) == [MEMORY, "does not answer"]
        assert time.perf_counter() - began < 3


async def test_while_a_call_is_late_others_fail_at_once_until_it_is_answered(
    asking: threading.Event,
) -> None:
    secrets = Secrets(limit=0.1)
    with pytest.raises(KeyringError) as told:
        await secrets.read("one")
    assert told.value.late
    began = time.perf_counter()
    with pytest.raises(KeyringError, match="does not answer"):
        await secrets.write("one", Secret(PASSWORD))
    assert time.perf_counter() - began < 0.05
    assert secrets.where == MEMORY
    asking.set()
    await secrets.answered()
    assert secrets.where == "Secret Service"
    assert await secrets.read("one") == Secret("kept")


async def test_one_who_no_longer_waits_leaves_no_second_call_behind_the_first(
    asking: threading.Event,
) -> None:
    secrets = Secrets(limit=60)
    waiting = asyncio.create_task(secrets.read("one"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    with pytest.raises(KeyringError):
        await secrets.read("one")


@pytest.mark.parametrize("module", ["keyrings.alt.file", "keyring.backends.null", "mine"])
async def test_keyrings_that_do_not_encrypt_are_refused(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = type("PlaintextKeyring", (_Plain,), {"__module__": module})
    monkeypatch.setattr(keyring.core, "_keyring_backend", plain())
    secrets = Secrets()
    await secrets.write("one", Secret(PASSWORD))
    assert secrets.where == await secrets.find() == MEMORY
    assert await secrets.read("one") == Secret(PASSWORD)
    assert plain.written == []


async def test_an_error_says_nothing_of_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = type("Careless", (_Careless,), {"__module__": "keyring.backends.macOS"})
    monkeypatch.setattr(keyring.core, "_keyring_backend", careless())
    with pytest.raises(KeyringError) as told:
        await Secrets().write("one", Secret(PASSWORD))
    assert str(told.value) == "failed (ValueError)"
    assert (told.value.__cause__, told.value.__context__) == (None, None)


def test_a_reference_is_looked_up_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = Secret("${WORKBENCH_TEST}")
    assert (str(reference), reference.reference) == ("${WORKBENCH_TEST}", "WORKBENCH_TEST")
    with pytest.raises(ValueError, match="variable WORKBENCH_TEST is not set"):
        reference.resolved()
    monkeypatch.setenv("WORKBENCH_TEST", PASSWORD)
    assert reference.resolved() == Secret(PASSWORD)
    assert str(reference.resolved()) == BULLETS


@pytest.mark.parametrize("text", ["$NAME", "${}", "${1A}", "x${NAME}", "${NAME}\n", "${NA ME}"])
def test_what_only_looks_like_a_reference_is_a_secret(text: str) -> None:
    secret = Secret(text)
    assert (str(secret), secret.resolved()) == (BULLETS, secret)


class _Plain(KeyringBackend):
    written: list[str] = []  # noqa: RUF012  # of the one that each test makes

    priority = 1  # type: ignore[assignment]  # a classproperty there

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.written.append(password)

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError(username)


class _Careless(_Plain):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(f"can't store {password}")
