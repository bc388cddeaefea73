"""The words for a cause, from the catalogue."""

import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from smtp_workbench.diagnosis.catalogue import causes
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.settings.change import Change, Fix, Safety
from smtp_workbench.settings.transport import Protocol, Security, Trust

_ENUMS: Final = {"security": Security, "protocol": Protocol, "tls.trust": Trust}
_NEUTRAL: Final = {
    "host": "the server",
    "port": "this port",
    "provider": "The provider",
    "offered": "mechanisms",
    "names": "other names",
    "reason": "it is not trusted",
    "party": "Something on the way",
}
"""What stands in a text where nothing is known."""


class _Forgiving(string.Formatter):
    """Fills in what is known, and says something neutral for the rest."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        del args
        return kwargs.get(str(key)) or _NEUTRAL.get(str(key), str(key))


_FORMATTER: Final = _Forgiving()


def diagnosis_of(
    cause: str, evidence: str, params: Mapping[str, str], *, confidence: float = 0.0
) -> Diagnosis:
    """Return *cause* as a person is told, *params* filled in where its texts ask for them.

    Raises KeyError for a label that does not exist.
    """
    texts = causes()[cause]
    return Diagnosis(
        cause,
        _told(texts["title"], params),
        _told(texts["why"], params),
        evidence,
        tuple(_fix(entry, params) for entry in texts["fixes"]),
        confidence,
    )


def of_setting(found: Diagnosis) -> Diagnosis:
    """Return *found* in words about our own setting, which ended the run before it asked anyone."""
    why = "This setting can't be used as it is, so no server was asked."
    return replace(found, title=found.evidence.rstrip("."), explanation=why)


def _told(text: str, params: Mapping[str, str]) -> str:
    """Return *text* filled in; the sentence stays one where something is not known."""
    if not params.get("port"):
        text = text.replace("port {port}", "this port").replace("Port {port}", "This port")
    if text.startswith("{host}") and not params.get("host"):
        text = text.replace("{host}", "The server", 1)
    return _FORMATTER.vformat(text, (), params)


def _fix(entry: Mapping[str, Any], params: Mapping[str, str]) -> Fix:
    fields = {
        path: _ENUMS[path](value) if path in _ENUMS else value
        for path, value in entry.get("set", {}).items()
    }
    return Fix(_told(entry["label"], params), Change(fields), Safety(entry["safety"]))
