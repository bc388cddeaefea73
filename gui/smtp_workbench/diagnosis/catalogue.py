"""The data in `resources/diagnosis`: what each cause means, and the files of rules.

`causes.toml` has the texts of causes. A file of rules may bring causes of its own under `causes`,
so that a new cause with all that tells it is one edit of one file.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from smtp_workbench.diagnosis.languages import LOCALISED
from smtp_workbench.resource import list_files, read_toml

_CAUSES: Final = "diagnosis/causes.toml"


@cache
def rule_files() -> tuple[Mapping[str, Any], ...]:
    """Return what the files of rules hold, in their order; equals go by their name."""
    names = [name for name in list_files("diagnosis", ".toml") if name not in {_CAUSES, *LOCALISED}]
    return tuple(sorted(map(read_toml, names), key=lambda content: float(content["order"])))


@cache
def causes() -> Mapping[str, Mapping[str, Any]]:
    """Return title, explanation, fixes and more of each cause, by its label.

    Raises ValueError for a label that stands in two files.
    """
    found: dict[str, Mapping[str, Any]] = dict(read_toml(_CAUSES))
    for content in rule_files():
        for label, texts in content.get("causes", {}).items():
            if label in found:
                raise ValueError(f"the cause {label} stands in two files")
            found[label] = texts
    return found
