"""The file of profiles: written whole, kept safe, shared with nobody."""

import json
import os
import random
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.store.kept import ReadOnlyError
from smtp_workbench.store.profiles import LastResult, Profile, Profiles
from smtp_workbench.store.state import State

PROFILE = Profile(
    "1",
    "Billing · ünïcode",
    Transport(host="smtp.example.com", security=Security.IMPLICIT_TLS),
    "gmail",
    "a@example.com",
    ("b@example.org",),
    LastResult(datetime(2026, 11, 21, 12, tzinfo=UTC), False, True, "auth", "bad_credentials"),
)


def test_profiles_come_back(tmp_path: Path) -> None:
    store = Profiles(tmp_path)
    assert store.load() == ([], [])
    store.save([PROFILE, replace(PROFILE, id="2", last=None)])
    store.close()
    assert Profiles(tmp_path).load() == ([PROFILE, replace(PROFILE, id="2", last=None)], [])


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    store = Profiles(folder)
    store.load()
    store.save([PROFILE])
    assert stat.S_IMODE((folder / "profiles.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_version_before_is_kept(tmp_path: Path) -> None:
    store = Profiles(tmp_path)
    store.load()
    store.save([PROFILE])
    store.save([])
    previous = json.loads((tmp_path / "profiles.json.previous").read_text("utf-8"))
    assert [entry["id"] for entry in previous["profiles"]] == ["1"]


@pytest.mark.parametrize(
    "text", ["", "{half", "[]", '{"profiles": [{"id": "1"}]}', '{"schema": 1, "profiles": [7]}']
)
def test_an_unreadable_file_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "profiles.json").write_text(text, "utf-8")
    store = Profiles(tmp_path)
    profiles, (trouble,) = store.load()
    assert profiles == []
    (aside,) = tmp_path.glob("profiles.json.unreadable-*")
    assert aside.name in trouble
    assert aside.read_text("utf-8") == text
    store.save([PROFILE])
    assert aside.read_text("utf-8") == text


def test_bytes_that_are_no_text_are_set_aside_too(tmp_path: Path) -> None:
    (tmp_path / "profiles.json").write_bytes(b"\xff\xfe\x00")
    _, (trouble,) = Profiles(tmp_path).load()
    assert "kept as" in trouble


def test_a_mistake_made_by_hand_names_profile_and_field(tmp_path: Path) -> None:
    entry = {"id": "1", "name": "Mine", "transport": {"port": "many"}}
    content = {"schema": 1, "profiles": [entry]}
    (tmp_path / "profiles.json").write_text(json.dumps(content), "utf-8")
    _, (trouble,) = Profiles(tmp_path).load()
    assert "Mine" in trouble
    assert "port" in trouble


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    text = json.dumps({"schema": 99, "profiles": []})
    (tmp_path / "profiles.json").write_text(text, "utf-8")
    store = Profiles(tmp_path)
    _, (trouble,) = store.load()
    assert "newer" in trouble
    with pytest.raises(ReadOnlyError, match="newer"):
        store.save([PROFILE])
    assert (tmp_path / "profiles.json").read_text("utf-8") == text


def test_a_second_program_only_reads(tmp_path: Path) -> None:
    first, second = Profiles(tmp_path), Profiles(tmp_path)
    first.load()
    first.save([PROFILE])
    profiles, (trouble,) = second.load()
    assert profiles == [PROFILE]
    assert "not saved" in trouble
    with pytest.raises(ReadOnlyError):
        second.save([])
    first.close()
    third = Profiles(tmp_path)
    assert third.load() == ([PROFILE], [])
    third.save([])


KILLS = 200
# Started once, it forks a writer for each line that it reads: no kill has to wait for an import.
WRITERS = """
import os
import sys
from pathlib import Path
from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.profiles import Profile, Profiles

def write():
    store = Profiles(Path(sys.argv[1]))
    profiles, troubles = store.load()
    assert not troubles, troubles
    print(os.getpid(), flush=True)
    for number in range(10**6):
        store.save([*profiles, Profile(f"new-{number}", "x" * (number % 500), Transport(host="h"))])

for _ in sys.stdin:
    if not (writer := os.fork()):
        write()
    os.waitpid(writer, 0)
    print("gone", flush=True)
"""


def test_a_kill_never_loses_a_profile(tmp_path: Path) -> None:
    store = Profiles(tmp_path)
    store.load()
    kept = [replace(PROFILE, id=str(number)) for number in range(20)]
    store.save(kept)
    store.close()
    chance = random.Random(7)
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        for kills in range(1, KILLS + 1):
            process.stdin.write("\n")
            process.stdin.flush()
            writer = int(process.stdout.readline())
            # However long that takes, it lands somewhere between two of its writes.
            for _ in range(chance.randrange(200_000)):
                pass
            os.kill(writer, signal.SIGKILL)
            assert process.stdout.readline() == "gone\n"
            again = Profiles(tmp_path)
            profiles, troubles = again.load()
            again.close()
            assert troubles == []
            assert profiles[:20] == kept
            assert len(profiles) <= 20 + kills
        process.stdin.close()
        assert process.wait() == 0


def test_state_is_kept_and_its_loss_harms_nobody(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.load() == {}
    state.save({"theme": "dark", "splitter": [1, 2, 3]})
    assert state.load() == {"theme": "dark", "splitter": [1, 2, 3]}
    (tmp_path / "state.json").write_text("[", "utf-8")
    assert state.load() == {}
    assert list(tmp_path.glob("state.json.unreadable-*"))
