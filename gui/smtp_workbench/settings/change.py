"""A change to settings, and the offers of a change that findings and diagnoses carry.

Whatever fills the form is a `Change`: a preset, a pasted URL, an import, a discovery, a fix.
Fields are named by their dotted path in `Transport`: `port`, `tls.server_name`, `auth.user`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

from smtp_workbench.settings.secret import Secret, split_password
from smtp_workbench.settings.transport import Transport


@dataclass(frozen=True, slots=True)
class Change:
    """New values for a few fields of a `Transport`, and perhaps a new secret."""

    fields: Mapping[str, object] = field(default_factory=dict)
    secret: Secret | None = None
    proxy_secret: Secret | None = None
    """The proxy's; one in its URL gets here by itself, as no transport holds a secret."""

    def __post_init__(self) -> None:
        fields = dict(self.fields)
        with suppress(KeyError, ValueError):  # what is no URL is told by the checks
            fields["proxy"], secret = split_password(str(fields["proxy"]))
            object.__setattr__(self, "proxy_secret", secret or self.proxy_secret)
        object.__setattr__(self, "fields", MappingProxyType(fields))

    def apply(self, transport: Transport) -> Transport:
        """Return *transport* with the new values; the caller keeps the secret.

        Raises TypeError for a field that no transport has.
        """
        for path, value in self.fields.items():
            group, _, name = path.rpartition(".")
            new: dict[str, Any] = {name: value}
            if group:
                new = {group: replace(getattr(transport, group), **new)}
            transport = replace(transport, **new)
        return transport

    def as_json(self) -> dict[str, object]:
        """Return the fields as JSON values, the secrets as they may be seen."""
        plain = {
            path: value.value if isinstance(value, Enum) else value
            for path, value in self.fields.items()
        }
        secrets = {"password": self.secret, "proxy_password": self.proxy_secret}
        return plain | {name: str(it) for name, it in secrets.items() if it is not None}


def value_of(transport: Transport, field: str) -> object:
    """Return what stands in *field*, a dotted path."""
    value: object = transport
    for name in field.split("."):
        value = getattr(value, name)
    return value


class Safety(StrEnum):
    """What happens when the user takes a fix."""

    SAFE = "safe"
    """It is applied at once."""
    ASK = "ask"
    """The difference is shown first, as it gives up protection or guesses."""
    SHOW = "show"
    """It only tells what to do; there is nothing in the settings to change."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing that would help: a sentence for a button, and the change it makes."""

    label: str
    change: Change = field(default_factory=Change)
    safety: Safety = Safety.SAFE

    def as_json(self) -> dict[str, object]:
        """Return the form that CLI.md promises: `label` and `changes`."""
        return {"label": self.label, "changes": self.change.as_json()}


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKING = "blocking"
    """A run with these settings can't start."""
    WARNING = "warning"
    """It will probably fail, or something is at risk."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says about one field."""

    field: str
    """A path in `Transport`, or `password`, or a stage's name for what a run noticed."""
    severity: Severity
    message: str
    fixes: tuple[Fix, ...] = ()
    label: str = ""
    """The key of its text in `resources/findings.toml`."""

    def as_json(self) -> dict[str, object]:
        """Return the finding as plain JSON values."""
        return {
            "field": self.field,
            "severity": self.severity.value,
            "label": self.label,
            "message": self.message,
            "fixes": [fix.as_json() for fix in self.fixes],
        }
