"""Findings out of their texts, which are data in `resources/findings.toml`."""

from collections.abc import Mapping
from typing import Final

from smtp_workbench.resource import read_toml
from smtp_workbench.settings.change import Change, Finding, Fix, Severity
from smtp_workbench.settings.files import FileFacts, FileTrouble

_FILE: Final = "findings.toml"
_NO_PARAMS: Final[Mapping[str, object]] = {}
FILE_LABELS: Final = {
    FileTrouble.MISSING: "file_missing",
    FileTrouble.UNREADABLE: "file_unreadable",
    FileTrouble.NOT_PEM: "file_not_pem",
    FileTrouble.WRONG_CONTENT: "file_wrong_content",
    FileTrouble.ENCRYPTED: "file_encrypted",
}
"""The finding about each trouble of a file; `file_params` are its parameters."""


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


def file_params(facts: FileFacts) -> dict[str, object]:
    """Return what the findings about a file's trouble say of it."""
    return {"path": facts.path, "detail": facts.detail or "no more is known"}


def notice_finding(stage: str, label: str, params: Mapping[str, str]) -> Finding:
    """Return what a run noticed at *stage* as a finding."""
    return finding(stage, label, params)


def _readable(field: str) -> str:
    name = field.rpartition(".")[2].replace("_", " ")
    return name.replace("ehlo", "EHLO").replace("ca file", "CA file")
