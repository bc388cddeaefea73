"""Passwords on the command line that nobody types: from the keyring and from the environment."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.store.secrets import LIMIT
from support.leaks import files_that_leak, find_leak
from support.practice import practice_server
from support.secret_service import gnome_keyring, silent_service, user_of

PASSWORD = "p'\"\\$#%&{} 日本 and blanks"


@dataclass(frozen=True)
class User:
    """Someone at this machine, with a server to talk to."""

    environment: dict[str, str]
    server: Sandbox

    def call(self, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "smtp_workbench", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**self.environment, **more},
        )

    def save(self, password: str) -> subprocess.CompletedProcess[str]:
        transport = self.server.transport()
        options = {
            "host": "127.0.0.1",
            "port": transport.effective_port,
            "requireTLS": True,
            "auth": {"user": transport.auth.user, "pass": password},
        }
        return self.call("import", "-", "--save", "Mine", stdin=json.dumps(options))

    def verify(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        trust = ("--ca-file", self.server.transport().tls.ca_file, "--server-name", "localhost")
        return self.call("verify", "@Mine", *trust, *words, **more)


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with practice_server(PASSWORD) as sandbox:
        yield sandbox


@pytest.fixture
def user(tmp_path: Path, server: Sandbox) -> Iterator[User]:
    with gnome_keyring(tmp_path) as environment:
        yield User(environment, server)


def test_an_imported_password_is_in_the_keyring_and_used_from_there(
    user: User, tmp_path: Path
) -> None:
    saved = user.save(PASSWORD)
    assert saved.returncode == 0, saved.stderr
    assert "Saved as Mine. The password is in the keyring (Secret Service)." in saved.stdout
    verified = user.verify("--verbose")
    assert (verified.returncode, verified.stderr) == (0, "")
    sent = user.call("export", "@Mine", "--format", "nodemailer")
    for output in (saved.stdout, verified.stdout, sent.stdout):
        assert find_leak(output, PASSWORD) is None
    assert not files_that_leak(tmp_path, PASSWORD)
    exported = user.call("export", "@Mine", "--format", "nodemailer-json", "--include-secret")
    assert json.loads(exported.stdout)["auth"]["pass"] == PASSWORD


def test_a_password_that_is_given_comes_first_and_another_user_gets_none(user: User) -> None:
    user.save(PASSWORD)
    assert user.verify("--password-env", "OTHER", OTHER="wrong").returncode == 1
    assert "no password for someone" in user.verify("--user", "someone").stderr


def test_a_reference_is_kept_as_it_is_and_looked_up_for_the_run(user: User) -> None:
    assert "${WORKBENCH_TEST}" in user.save("${WORKBENCH_TEST}").stdout
    unset = user.verify()
    assert unset.returncode == 2
    assert "the environment variable WORKBENCH_TEST is not set" in unset.stderr
    assert user.verify(WORKBENCH_TEST=PASSWORD).returncode == 0
    exported = user.call("export", "@Mine", "--format", "nodemailer", "--include-secret")
    assert "process.env.WORKBENCH_TEST" in exported.stdout


def test_without_a_keyring_it_is_not_kept_and_asked_for(tmp_path: Path, server: Sandbox) -> None:
    user = User(user_of(tmp_path), server)
    assert "The password is not kept: there is no keyring." in user.save(PASSWORD).stdout
    assert "no password for" in user.verify().stderr


def test_a_keyring_that_never_answers_holds_nothing(tmp_path: Path, server: Sandbox) -> None:
    with silent_service(tmp_path) as (environment, _):
        user = User(environment, server)
        began = time.perf_counter()
        assert "not kept: the keyring does not answer." in user.save(PASSWORD).stdout
        assert "the keyring does not answer" in user.verify().stderr
        assert time.perf_counter() - began < 2 * (LIMIT + 2)
        began = time.perf_counter()
        given = user.verify("--password-env", "GIVEN", GIVEN=PASSWORD)
        assert (given.returncode, given.stderr) == (0, "")
        assert time.perf_counter() - began < LIMIT
