"""The one door to the data files in `resources/`: checkout, installed wheel and frozen bundle."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

_ROOT = files("smtp_workbench.resources")


@cache
def read_toml(name: str) -> dict[str, Any]:
    """Return the parsed TOML file *name*, a path with `/` below `resources/`.

    The answer is shared between callers: read it, do not change it.
    """
    return tomllib.loads(_read(name))


def read_jsonl(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects of the file *name*, one a line; the path is as for `read_toml`."""
    return [json.loads(line) for line in _read(name).splitlines()]


def list_files(folder: str, ending: str) -> list[str]:
    """Return the names of the files in *folder* that end in *ending*, sorted."""
    entries = (entry.name for entry in _ROOT.joinpath(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in entries if name.endswith(ending))


def _read(name: str) -> str:
    if ".." in name.split("/"):
        raise ValueError(f"{name!r} leads out of the resources")
    return _ROOT.joinpath(name).read_text("utf-8")
