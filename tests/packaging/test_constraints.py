"""`packaging/constraints.txt` pins what pyproject.toml asks for, on every supported Python."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if not line.startswith("#")]


def environment(python: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": "linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def applies(requirement: Requirement, python: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment(python))


def asked_for() -> list[Requirement]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, build = pyproject["project"], pyproject["build-system"]["requires"]
    lists = [project["dependencies"], *project["optional-dependencies"].values(), build]
    return [Requirement(text) for requirements in lists for text in requirements]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("wanted", asked_for(), ids=str)
def test_each_dependency_has_one_pin_that_fits(wanted: Requirement, python: str) -> None:
    if not applies(wanted, python):
        return
    name = canonicalize_name(wanted.name)
    pins = [pin for pin in PINS if canonicalize_name(pin.name) == name and applies(pin, python)]
    assert len(pins) == 1, f"run packaging/lock: {name} has {len(pins)} pins"
    (pinned,) = pins[0].specifier
    assert pinned.operator == "=="
    assert wanted.specifier.contains(pinned.version), f"run packaging/lock: {pins[0]}"


def test_no_line_is_anything_but_a_pin() -> None:
    """No index, host or file of the machine that wrote it."""
    pin = re.compile(r"[a-z0-9.-]+==[0-9][0-9a-z.]*( ; [a-z_]+ .*)?")
    assert [line for line in LINES[1:] if not pin.fullmatch(line)] == []
    assert not re.search(r"://|@", "\n".join(LINES))
