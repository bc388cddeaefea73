"""What must be equal after a round trip: everything that has an effect and isn't left out."""

import math
import re
from collections.abc import Iterator

from smtp_workbench.formats.format import Export
from smtp_workbench.formats.omission import (
    NAMES,
    SECURITY_NAMES,
    UNCHECKED,
    effective,
    is_ipv6,
)
from smtp_workbench.settings.change import Severity, value_of
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.transport import Transport, Trust

NASTY = "p'\"\\$#%&{}` 日本 and blanks ${x} #{y} $z <%= w %> \\n !'!"
"""A password with something special for every language."""
PASSWORDLESS = ("thunderbird",)
"""Formats with no place for a password."""

TRUST_FIELDS = {
    Trust.NONE: "tls.trust",
    Trust.CA_FILE: "tls.ca_file",
    Trust.FINGERPRINT: "tls.fingerprint",
}


def unusable(transport: Transport) -> set[str]:
    """Return the fields whose value could not be used anywhere, so it need not survive."""
    found = {item.field for item in check(transport) if item.severity is Severity.BLOCKING}
    if ":" in transport.host and not is_ipv6(transport.host):
        found.add("host")  # no URL can hold it
    return found


def differences(before: Transport, after: Transport, export: Export) -> Iterator[str]:
    """Yield the fields that differ though *export* does not list them as left out."""
    before, after = effective(before), effective(after)
    skipped = unusable(before)
    if before.effective_port != after.effective_port and "port" not in skipped:
        yield f"port: {before.effective_port} became {after.effective_port}"
    noun = SECURITY_NAMES[before.security]
    if before.security != after.security and noun not in export.left_out:
        yield f"security: {before.security} became {after.security}"
    for path in ("host", *NAMES):
        old, new = value_of(before, path), value_of(after, path)
        field = TRUST_FIELDS.get(before.tls.trust, path) if path == "tls.trust" else path
        if path == "tls.trust" and UNCHECKED in export.left_out:
            continue
        if old == new or {path, field} & skipped or NAMES.get(field) in export.left_out:
            continue
        if not _is_excused(path, old, new, " ".join(export.assumed)):
            yield f"{path}: {old!r} became {new!r}"


def _is_excused(path: str, old: object, new: object, assumed: str) -> bool:
    """Whether *assumed* says that the field had to change, or it changed in form only."""
    if path == "tls.fingerprint":
        return _digits(old) == _digits(new)
    if path == "auth.mechanism":
        return old == "" and new == "PLAIN" and "AUTH PLAIN" in assumed
    if path in ("timeouts.connect", "timeouts.greeting") and "holds for connecting" in assumed:
        return True
    return "rounded up" in assumed and isinstance(old, float) and math.ceil(old) == new


def _digits(value: object) -> str:
    return re.sub(r"[:\s]", "", str(value)).lower()
