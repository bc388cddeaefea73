"""`profiles`: listed, handed on and taken in, as a script sees it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Tls, Transport
from smtp_workbench.store.profiles import Profile, Profiles
from smtp_workbench.store.sharing import read, share

PASSWORD = "for one reader 0nly"
Call = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Return what runs `profiles` over a folder with two profiles."""
    store = Profiles(tmp_path / "smtp-workbench")
    store.load()
    store.save([Profile("1", "One", Transport(host="one")), Profile("2", "Two")])
    store.close()

    def run(
        *arguments: str, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "smtp_workbench", "profiles", *arguments],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), **environment},
        )

    return run


def listed(call: Call) -> list[str]:
    return [item["name"] for item in json.loads(call("--json").stdout)["profiles"]]


def test_profiles_go_out_and_come_in_under_free_names(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    done = call("export", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [item.name for item in read(file.read_bytes()).profiles] == ["One", "Two"]
    done = call("import", str(file))
    assert (done.returncode, done.stdout.split(b"\n"), done.stderr) == (
        0,
        [b"One 2", b"Two 2", b""],
        b"",
    )
    assert listed(call) == ["One", "Two", "One 2", "Two 2"]


def test_one_profile_goes_through_a_pipe(call: Call) -> None:
    out = call("export", "-", "Two").stdout
    assert [item.name for item in read(out).profiles] == ["Two"]
    assert call("import", "-", stdin=out).stdout == b"Two 2\n"


def test_an_encrypted_file_is_opened_and_its_passwords_are_not_kept(
    call: Call, tmp_path: Path
) -> None:
    profile = Profile("9", "Nine", Transport(tls=Tls(ca_file="/own-ca.pem")))
    sealed = share([profile], {"9": (Secret(PASSWORD), None)}, Secret("open it"))
    wrong = call("import", "-", "--passphrase-env", "PHRASE", stdin=sealed, PHRASE="wrong")
    assert wrong.returncode == 1
    assert b"the passphrase is wrong" in wrong.stderr
    assert call("import", "-", stdin=sealed).returncode == 1
    done = call("import", "-", "--passphrase-env", "PHRASE", stdin=sealed, PHRASE="open it")
    assert (done.returncode, done.stdout) == (0, b"Nine\n")
    assert b"passwords in the file are not kept" in done.stderr
    assert b"/own-ca.pem" in done.stderr
    for file in (tmp_path / "smtp-workbench").iterdir():
        assert PASSWORD not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "named"),
    [
        (["export", "-", "Three"], 2, b"'Three'"),
        (["export", "/dev/null/x"], 2, b"/dev/null/x"),
        (["export"], 2, b"FILE"),
        (["import", "/none"], 2, b"/none: No such file"),
        (["import", "-"], 1, b"- was not read: it is not JSON"),
        (["import", "-", "--passphrase-env", "NOT_SET"], 2, b"NOT_SET is not set"),
        (["lost"], 2, b"lost"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(
    call: Call, arguments: list[str], status: int, named: bytes
) -> None:
    done = call(*arguments)
    assert done.returncode == status
    assert named in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert listed(call) == ["One", "Two"]
