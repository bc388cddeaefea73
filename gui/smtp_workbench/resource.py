"""The one door to the data files in `resources/`: checkout, installed wheel and frozen bundle."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_ROOT = files("smtp_workbench.resources")


@cache
def read_toml(name: str) -> dict[str, Any]:
    """Return the parsed TOML file *name*, a path with `/` below `resources/`.

    The answer is shared between callers: read it, do not change it.
    """
    if ".." in name.split("/"):
        raise ValueError(f"{name!r} leads out of the resources")
    return tomllib.loads(_ROOT.joinpath(name).read_text("utf-8"))


def list_toml(folder: str) -> list[str]:
    """Return the names of the TOML files in *folder*, sorted."""
    entries = (entry.name for entry in _ROOT.joinpath(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in entries if name.endswith(".toml"))
