"""What the checks of a draft look at, and how they say what they found."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from smtp_workbench.message.addresses import Address, parse_list
from smtp_workbench.message.draft import Draft
from smtp_workbench.settings.change import Change, Finding
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.findings import finding
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Transport

PREFIX: Final = "message."
"""Before the names of a draft's fields, in findings and changes."""
NAMES: Final = {
    "author": "From field",
    "sender": "Sender field",
    "to": "To field",
    "cc": "Cc field",
    "bcc": "Bcc field",
    "reply_to": "Reply-To field",
    "message_id": "Message-ID",
    "in_reply_to": "In-Reply-To field",
    "references": "References field",
    "list_unsubscribe": "List-Unsubscribe field",
    "html": "HTML text",
    "attachments": "attached file",
    "headers": "further header",
    "untouched": "message file",
    "envelope_from": "envelope sender",
    "envelope_to": "list of envelope recipients",
    "dsn.envelope_id": "envelope ID",
    "dkim.domain": "signing domain",
    "dkim.selector": "selector",
    "dkim.key_file": "key file",
}
"""How the fields are called where the name in `Draft` would not do."""


@dataclass(frozen=True)
class Case:
    """A draft, and what is known of where it goes."""

    draft: Draft
    transport: Transport
    size: int | None
    extensions: Mapping[str, str] | None
    files: Mapping[str, FileFacts]
    preset: Preset | None

    @cached_property
    def authors(self) -> list[Address]:
        """The addresses of From."""
        return parsed(self.draft.author)

    def offers(self, keyword: str) -> bool:
        """Whether the server may have the extension: as far as is known."""
        return self.extensions is None or keyword in self.extensions


Check = Callable[[Case], Iterator[Finding]]


def parsed(text: str) -> list[Address]:
    """Return the addresses in *text*; none where there is a control character in it."""
    try:
        return parse_list(text)
    except ValueError:
        return []


def normal(domain: str) -> str:
    """Return *domain* in the form in which domains are compared."""
    return domain.strip().rstrip(".").lower()


def found(
    field: str,
    label: str,
    params: Mapping[str, object] | None = None,
    **fixes: Mapping[str, object],
) -> Finding:
    """Return the finding *label* about *field* of the draft; *fixes* are new values of fields."""
    name = NAMES.get(field, field.replace("_", " "))
    given = {"field": name} | {key: _shown(value) for key, value in (params or {}).items()}
    changes = {
        key: Change({f"{PREFIX}{name}": value for name, value in fix.items()})
        for key, fix in fixes.items()
    }
    return finding(f"{PREFIX}{field}", label, given, **changes)


def _shown(value: object) -> str:
    """Return *value* as any program can show it: without lone surrogates."""
    return str(value).encode("utf-8", "replace").decode()
