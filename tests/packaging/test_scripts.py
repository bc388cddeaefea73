"""`packaging/run` in a fresh clone, with a stand-in for Python that notes its calls."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STAND_IN = """#!/bin/sh
# Plays Python: notes its calls, makes "virtual environments" with itself as their Python.
case "$1 $2" in
    "-m venv") echo venv >>{notes}; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
    "-m pip") echo "$*" >>{notes}; echo "on pip's stdout"; echo "on its stderr" >&2; {pip} ;;
    "-P -m") shift 2; printf '<%s>' "$@"; cat; exit 7 ;;
    "-V "*) echo "Python 3.11.2" ;;
    "-c "*executable*) {version} ;;
esac
"""


@dataclass(frozen=True)
class Clone:
    """A clone with nothing in it yet but what git brings."""

    folder: Path
    python: Path
    notes: Path

    def stand_in(self, *, pip: str = ":", version: str = 'echo "$0"') -> None:
        text = STAND_IN.replace("{notes}", str(self.notes)).replace("{pip}", pip)
        self.python.write_text(text.replace("{version}", version))
        self.python.chmod(0o755)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.folder / "packaging" / "run", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder.parent,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHON": str(self.python),
                "TMPDIR": str(self.folder.parent),
            },
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        output, errors = process.communicate("typed", timeout=30)
        return process.returncode, output, errors

    def pip_calls(self) -> list[str]:
        return [line for line in self.notes.read_text().splitlines() if line != "venv"]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    folder = tmp_path / "a clone"
    (folder / "packaging").mkdir(parents=True)
    for name in ("run", "environment.sh", "system.sh", "constraints.txt"):
        target = folder / "packaging" / name
        target.write_bytes((ROOT / "packaging" / name).read_bytes())
        target.chmod(0o755)
    (folder / "pyproject.toml").write_text("# the project")
    made = Clone(folder, tmp_path / "python", tmp_path / "notes")
    made.stand_in()
    return made


def test_only_the_program_writes_to_standard_output_and_its_status_is_passed_on(
    clone: Clone,
) -> None:
    status, output, errors = clone.run("verify", "two words")
    assert (status, output) == (7, "<smtp_workbench><verify><two words>typed")
    assert errors.startswith("smtp-workbench: setting up ")
    assert len(errors.splitlines()) == 1


def test_a_second_run_touches_nothing(clone: Clone) -> None:
    clone.run()
    clone.notes.unlink()
    assert clone.run() == (7, "<smtp_workbench>typed", "")
    assert not clone.notes.exists()


@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/constraints.txt"])
def test_a_change_of_what_is_asked_for_builds_it_anew(clone: Clone, changed: str) -> None:
    clone.run()
    with (clone.folder / changed).open("a") as file:
        file.write("\n# changed")
    clone.run()
    assert len(clone.pip_calls()) == 2


def test_a_clone_that_was_moved_builds_it_anew(clone: Clone) -> None:
    clone.run()
    moved = Clone(clone.folder.rename(clone.folder.with_name("b")), clone.python, clone.notes)
    moved.run()
    assert len(clone.pip_calls()) == 2


def test_two_runs_at_the_same_time_build_once(clone: Clone) -> None:
    started = [clone.start(str(number)) for number in range(4)]
    results = [process.communicate("", timeout=30)[0] for process in started]
    assert results == [f"<smtp_workbench><{number}>" for number in range(4)]
    assert len(clone.pip_calls()) == 1


def test_a_failed_set_up_is_one_sentence_with_the_log_and_is_tried_again(clone: Clone) -> None:
    clone.stand_in(pip="exit 1")
    status, output, errors = clone.run()
    assert (status, output) == (1, "")
    sentence = errors.splitlines()[-1]
    assert "could not install the Python packages" in sentence
    assert sentence.endswith("on its stderr")
    (log,) = clone.folder.parent.glob("*.log")
    assert str(log) in sentence
    clone.stand_in()
    assert clone.run()[0] == 7


def test_an_old_python_is_named(clone: Clone) -> None:
    clone.stand_in(version=":")
    assert clone.run() == (
        1,
        "",
        f"smtp-workbench: PYTHON={clone.python} is not Python 3.11 or newer\n",
    )
