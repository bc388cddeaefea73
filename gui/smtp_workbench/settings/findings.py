"""Findings out of their texts, which are data in `resources/findings.toml`."""

from collections.abc import Mapping
from typing import Final

from smtp_workbench.resource import read_toml
from smtp_workbench.settings.change import Change, Finding, Fix, Severity

_FILE: Final = "findings.toml"
_NO_PARAMS: Final[Mapping[str, object]] = {}


def finding(
    field: str, label: str, params: Mapping[str, object] = _NO_PARAMS, **fixes: Change
) -> Finding:
    """Return the finding *label* about *field*.

    *fixes* go by the keys of their labels in the file. Raises KeyError for an unknown label or key:
    that is a mistake in the program.
    """
    texts = read_toml(_FILE)[label]
    given = {"field": _readable(field), **params}
    return Finding(
        field,
        Severity(texts.get("severity", Severity.WARNING)),
        str(texts["text"]).format(**given),
        tuple(Fix(str(texts[key]).format(**given), change) for key, change in fixes.items()),
        label,
    )


def notice_finding(stage: str, label: str, params: Mapping[str, str]) -> Finding:
    """Return what a run noticed at *stage* as a finding."""
    return finding(stage, label, params)


def _readable(field: str) -> str:
    name = field.rpartition(".")[2].replace("_", " ")
    return name.replace("ehlo", "EHLO").replace("ca file", "CA file")
