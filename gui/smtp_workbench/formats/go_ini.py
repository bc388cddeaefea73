"""Ini files as Go's `gopkg.in/ini.v1` reads them: the ones of Grafana and Gitea.

A value in three quotes or in backticks means itself up to the last such mark on its line.
"""

import re
from typing import Final

from smtp_workbench.formats.lines import on_one_line

_BARE: Final = re.compile(r"[A-Za-z0-9_.@:/+\[\]-]*")
_REPLACED: Final = re.compile(r"%\([^)]+\)s")


def quoted(text: str, program: str) -> str:
    """Return *text* as a value. Raises ValueError if *program* would read another one."""
    on_one_line(text, program)
    if _REPLACED.search(text):
        raise ValueError(f"{program} would replace what stands in %(…)s in a value")
    return text if _BARE.fullmatch(text) else f'"""{text}"""'


def section(name: str, values: dict[str, str]) -> str:
    """Return a section of a file; the values are quoted already."""
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def parse(text: str, name: str) -> dict[str, str]:
    """Return the values of the section *name* by their keys, the last of each."""
    found: dict[str, str] = {}
    inside = False
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            inside = stripped[1 : stripped.rindex("]")].strip().lower() == name
        elif inside and not stripped.startswith(("#", ";")):
            match = re.match(r"([^=:]+)[=:](.*)", stripped, re.DOTALL)
            if match:
                found[match[1].strip()] = _value(match[2].strip())
    return found


def _value(text: str) -> str:
    for mark in ('"""', "`"):
        if text.startswith(mark) and text.rindex(mark) > 0:
            return text[len(mark) : text.rindex(mark)]
    text = re.split(r"[#;]", text, maxsplit=1)[0].strip()
    for mark in "\"'":
        if len(text) > 1 and text[0] == text[-1] == mark and text.count(mark) == 2:
            return text[1:-1]
    return text
