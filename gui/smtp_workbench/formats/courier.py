"""Courier: the SMTP transport of one message, `message.providers.smtp.override.config`.

It holds Nodemailer's options: https://www.courier.com/docs/external-integrations/email/smtp
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from smtp_workbench.formats import nodemailer_options as options
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import reference
from smtp_workbench.formats.literals import statements, value_of
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.formats.structured import mappings, path_in
from smtp_workbench.formats.tokens import JAVASCRIPT
from smtp_workbench.formats.values import Assignment, calls
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

_OURS: Final = frozenset(("source_address", "proxy"))
"""They are this machine's, and Courier connects from its own."""


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    given = options.options_of(transport, in_place_of(secret, "${{{}}}".format, str), files=False)
    for name in ("localAddress", "proxy"):
        given.pop(name, None)
    override: dict[str, Any] = {"config": given}
    if transport.sender:
        override["body"] = {"from": transport.sender}
    message = {"message": {"providers": {"smtp": {"override": override}}}}
    said = (options.SAID - _OURS) | {"sender"}
    said |= options.SAID_BY_POOL if transport.pool.enabled else frozenset()
    variable = variable_of(secret) if transport.auth.user else None
    assumed = f"Courier replaces no variables: your program puts {variable} in as it sends."
    return Export(
        (File("courier.json", json.dumps(message, indent=2, ensure_ascii=False) + "\n"),),
        left_out(transport, said, mechanisms=options.MECHANISMS),
        (assumed,) if variable else (),
    )


def _read(text: str) -> Import:
    override = next(_overrides(text), None)
    if override is None:
        raise ValueError("there is no providers.smtp.override.config in it")
    found = Found()
    config = override.get("config")
    options.take_options(_with_references(config if isinstance(config, Mapping) else {}), found)
    for name, value in override.items():
        if name == "body" and isinstance(value, Mapping):
            for key, inner in value.items():
                if key == "from":
                    found.put("sender", inner, "from")
                else:
                    found.ignore(f"body.{key}")
        elif name != "config":
            found.ignore(name)
    return found.as_import("option of a transport")


def _with_references(value: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _with_references(item) if isinstance(item, Mapping) else reference(item)
        for name, item in value.items()
    }


def _overrides(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the overrides in a message, or in any part of one that still has its `config`."""
    for root in _roots(text):
        for item in mappings(root):
            inner = path_in(item, "smtp", "override") or item.get("override")
            for candidate in (inner, item):
                if isinstance(candidate, Mapping) and isinstance(candidate.get("config"), Mapping):
                    yield candidate


def _roots(text: str) -> list[object]:
    """Return the values in *text*: JSON, also with comments, or a program's call."""
    if text.lstrip().startswith("{"):
        return [value_of(text, JAVASCRIPT)]
    found: list[object] = []
    for item in statements(text, JAVASCRIPT):
        found += [item.value] if isinstance(item, Assignment) else []
        found += [list(call.arguments) for call in calls(item)]
    return found


def _resemblance(text: str) -> float:
    if "override" not in text or "config" not in text:
        return 0
    try:
        override = next(_overrides(text), None)
    except ValueError:
        return 0
    return 1 if override is not None else 0


FORMAT: Final = Format(
    "courier", "Courier override", Group.SERVICE, ".json", "json", _write, _read, _resemblance
)
