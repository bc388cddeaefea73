"""Words in double braces that each message replaces by its own: `{{now}}`, `{{run_id}}`."""

import html
import re
from collections.abc import Callable, Mapping
from typing import Final

from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion

NAMES: Final[Mapping[str, str]] = {
    "now": "date and time with the zone, as 2026-01-31T08:15:00+01:00",
    "date": "the date, as 2026-01-31",
    "time": "the time, as 08:15:00",
    "host": "the server's name in the settings",
    "port": "the server's port",
    "security": "how the connection is protected",
    "run_id": "the same in all messages of a run, and in no other run",
    "random": "different in each message",
    "number": "which message of the run it is, from 1",
    "from": "the author",
    "to": "the recipients in To",
    "subject": "the subject; not within the subject itself",
    "app": "SMTP Workbench",
}
"""Every variable, with what it stands for."""

_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def values(draft: Draft, occasion: Occasion) -> dict[str, str]:
    """Return what each of `NAMES` stands for."""
    now = occasion.now
    known = {
        "now": now.isoformat(timespec="seconds"),
        "date": now.date().isoformat(),
        "time": now.time().isoformat(timespec="seconds"),
        "host": occasion.host,
        "port": str(occasion.port),
        "security": occasion.security,
        "run_id": occasion.run_id,
        "random": occasion.random,
        "number": str(occasion.number),
        "from": draft.author,
        "to": ", ".join(draft.to),
        "app": "SMTP Workbench",
    }
    return {**known, "subject": expand(draft.subject, known)}


def expand(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """Return *text* with the variables in *values* replaced, each by its escaped value.

    Others stay as they are, and so does what looks like a variable within a value.
    """
    if "{{" not in text:
        return text
    return _VARIABLE.sub(
        lambda match: escape(values[match[1]]) if match[1] in values else match[0], text
    )


def expand_html(text: str, values: Mapping[str, str]) -> str:
    """Return *text*, which is HTML, with the variables in *values* replaced."""
    return expand(text, values, html.escape)


def unknown(text: str) -> list[str]:
    """Return the names in double braces in *text* that no variable has, each once."""
    found = dict.fromkeys(match[1] for match in _VARIABLE.finditer(text))
    return [name for name in found if name not in NAMES]
