"""What is installed is what is in the tree: packages, data, entry points; no Qt below ui."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SOURCES = ("gui", "resources", "pyproject.toml", "README.md", "LICENSE")


def test_every_package_on_disk_is_listed_and_no_other() -> None:
    """A forgotten one works in the checkout and is missing from the wheel."""
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    modules = (ROOT / "gui").glob("smtp_workbench/**/*.py")
    on_disk = {".".join(file.parent.relative_to(ROOT / "gui").parts) for file in modules}
    assert listed == on_disk | {"smtp_workbench.resources"}
    assert all((ROOT / "gui" / name.replace(".", "/") / "__init__.py").exists() for name in on_disk)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, built from a copy: what an earlier build left behind must not help."""
    source, wheels = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheels")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--wheel-dir", wheels, source),
        ],
        check=True,
        timeout=60,
    )
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheels / "installed")
    return wheels / "installed"


def test_the_wheel_has_every_module_and_data_file(installed: Path) -> None:
    gui, resources = ROOT / "gui", ROOT / "resources"
    wanted = {file.relative_to(gui) for file in gui.glob("smtp_workbench/**/*.py")}
    wanted.add(Path("smtp_workbench/py.typed"))
    for file in resources.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            wanted.add("smtp_workbench/resources" / file.relative_to(resources))
    got = {file.relative_to(installed) for file in installed.rglob("*") if file.is_file()}
    assert {file for file in got if ".dist-info" not in file.parts[0]} == wanted


def test_the_wheel_reads_its_own_data(installed: Path) -> None:
    program = """if True:
        import smtp_workbench.settings.presets as presets
        from smtp_workbench import resource
        print(presets.__file__, len(presets.all_presets()))
        names = resource.list_files("diagnosis", ".toml")
        print(*(name for name in names if resource.read_toml(name)))
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    presets, rules = done.stdout.splitlines()
    assert presets.startswith(str(installed))
    assert rules


def test_the_entry_points_lead_to_the_program(installed: Path) -> None:
    (metadata,) = installed.glob("*.dist-info")
    points = PathDistribution(metadata).entry_points
    assert {(point.group, point.name) for point in points} == {
        ("console_scripts", "smtp-workbench"),
        ("gui_scripts", "smtp-workbench-gui"),
    }
    assert all(callable(point.load()) for point in points)


def test_everything_below_the_window_loads_without_qt() -> None:
    program = """if True:
        import importlib, pkgutil, sys, smtp_workbench
        for module in pkgutil.walk_packages(smtp_workbench.__path__, "smtp_workbench."):
            if not module.name.startswith("smtp_workbench.ui"):
                importlib.import_module(module.name)
        print(len([name for name in sys.modules if name.startswith("smtp_workbench.")]))
        print(*sorted({name.split(".")[0] for name in sys.modules}
              & {"PySide6", "shiboken6", "qasync"}))
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    loaded, qt = done.stdout.split("\n")[:2]
    assert int(loaded) > 30
    assert qt == ""
