"""Checks of what the recipient reads: text, variables, charset, attached files."""

import codecs
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from smtp_workbench.message import variables
from smtp_workbench.message.case import Case, Check, found
from smtp_workbench.message.draft import Draft, TransferEncoding
from smtp_workbench.resource import read_toml
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.hosts import is_local

_LOOKED_THROUGH: Final = 100_000
"""Characters at the beginning, in which a promise of an attachment stands."""
_DATA: Final = "attachments.toml"


def _body(case: Case) -> Iterator[Finding]:
    draft = case.draft
    if draft.text.strip() or draft.html.strip() or draft.invitation is not None:
        return
    yield found("text", "attachments_only" if draft.attachments else "body_empty")


def _promise(case: Case) -> Iterator[Finding]:
    draft = case.draft
    if not draft.attachments and (word := _promised(draft)):
        yield found("attachments", "attachment_promised", {"word": word})


def _promised(draft: Draft) -> str:
    text = (draft.text or re.sub(r"<[^<>]*>", " ", draft.html))[:_LOOKED_THROUGH]
    own = "\n".join(line for line in text.splitlines() if not line.startswith(">"))
    match = _promises().search(f"{draft.subject}\n{own}")
    return match[0] if match else ""


@cache
def _promises() -> re.Pattern[str]:
    given = read_toml(_DATA)["promised"]
    words, parts = ("|".join(map(re.escape, given[key])) for key in ("words", "parts"))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)|{parts}", re.IGNORECASE)


def _kinds(case: Case) -> Iterator[Finding]:
    refused, source = _refused(case)
    for each in case.draft.attachments:
        ending = each.name.rstrip(". ").rpartition(".")[2].lower()
        if "." not in each.name or ending not in refused:
            continue
        params = {"ending": ending, "name": each.name, "source": source}
        if source and case.preset is not None:
            params["provider"] = case.preset.name
            yield found("attachments", "attachment_kind_refused", params)
        else:
            yield found("attachments", "attachment_kind_unusual", params)


def _refused(case: Case) -> tuple[frozenset[str], str]:
    """Return the endings that are refused where the message goes, and who says so."""
    if is_local(case.transport.host):
        return frozenset(), ""
    data = read_toml(_DATA)
    for entry in data["refused"]:
        if case.preset is not None and case.preset.id in entry["presets"]:
            return frozenset(entry["endings"]), str(entry["source"])
    return frozenset(data["usual"]["endings"]), ""


def _variables(case: Case) -> Iterator[Finding]:
    draft = case.draft
    for field in ("subject", "text", "html"):
        for name in variables.unknown(getattr(draft, field)):
            params = {"name": name, "known": ", ".join(variables.NAMES)}
            yield found(field, "variable_unknown", params)


def _charset(case: Case) -> Iterator[Finding]:
    draft = case.draft
    unicode = {"unicode": {"charset": "utf-8"}}
    try:
        fixes = {} if codecs.lookup(draft.charset).name == "utf-8" else unicode
        "".encode(draft.charset)  # not all codecs are for text
    except (LookupError, ValueError):
        yield found("charset", "charset_unknown", {"charset": draft.charset}, **unicode)
        return
    for field in ("text", "html"):
        try:
            getattr(draft, field).encode(draft.charset)
        except UnicodeError as error:
            params = {"charset": draft.charset, "character": _lacking(error)}
            yield found("charset", "charset_lacks", params, **fixes)
            return


def _lacking(error: UnicodeError) -> str:
    """Return the character that could not be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        return "all of it"
    character = error.object[error.start]
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _eight_bit(case: Case) -> Iterator[Finding]:
    draft = case.draft
    if draft.encoding is not TransferEncoding.EIGHT_BIT or case.offers("8BITMIME"):
        return
    if not (draft.text + draft.html).isascii():
        automatic = {"encoding": TransferEncoding.AUTO}
        yield found("encoding", "eight_bit_in_vain", automatic=automatic)


BODY_CHECKS: Final[tuple[Check, ...]] = (
    _body,
    _promise,
    _kinds,
    _variables,
    _charset,
    _eight_bit,
)
