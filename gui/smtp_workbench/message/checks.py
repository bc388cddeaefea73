"""Every check of a draft: a pure function to findings, called at each keystroke.

Like `settings.checks`, whose findings and fixes it has. A check is a generator that takes the
`Case`; those of one subject stand in a file of their own. The texts are data.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from smtp_workbench.message.body_checks import BODY_CHECKS
from smtp_workbench.message.case import PREFIX, Case, Check, found
from smtp_workbench.message.delivery_checks import CONTENT_CHECKS, DELIVERY_CHECKS
from smtp_workbench.message.draft import Draft, DraftError
from smtp_workbench.message.header_checks import ENVELOPE_CHECKS, HEADER_CHECKS
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Finding, Severity
from smtp_workbench.settings.files import FileFacts, FileTrouble
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Transport

Facts = dict[str, FileFacts]
"""What is known of the files that a draft names, by their paths."""
_UNTOUCHED_CHECKS: Final[tuple[Check, ...]] = (*ENVELOPE_CHECKS, *DELIVERY_CHECKS)
_ALL_CHECKS: Final[tuple[Check, ...]] = (
    *ENVELOPE_CHECKS,
    *HEADER_CHECKS,
    *BODY_CHECKS,
    *CONTENT_CHECKS,
    *DELIVERY_CHECKS,
)
_KEY_OCTETS: Final = 64 * 1024
"""No private key is longer."""


def check(
    draft: Draft,
    transport: Transport,
    *,
    size: int | None = None,
    extensions: Mapping[str, str] | None = None,
    files: Mapping[str, FileFacts] | None = None,
    preset: Preset | None = None,
    trouble: DraftError | None = None,
) -> tuple[Finding, ...]:
    """Return what is to be said about *draft*, the blocking things first.

    *size* are the octets of the built message, *extensions* what the server offers (keyword to
    parameters); None is for what isn't known and then not judged. *files* are `facts_of` the draft,
    *trouble* is what `build` refused it for. The fields of findings and fixes are `message.` and a
    path in `Draft`. It never raises, whatever was typed.
    """
    preset = preset or presets.by_host(transport.host)
    case = Case(draft, transport, size, extensions, files or {}, preset)
    checks = _UNTOUCHED_CHECKS if draft.untouched else _ALL_CHECKS
    findings = [item for each in checks for item in each(case)]
    if trouble is not None and not any(_says(item, trouble) for item in findings):
        findings.append(found(trouble.field, "draft_refused", {"why": trouble}))
    return tuple(sorted(findings, key=lambda item: item.severity is not Severity.BLOCKING))


def _says(item: Finding, trouble: DraftError) -> bool:
    """Whether *item* already tells what *trouble* is about."""
    return item.severity is Severity.BLOCKING and item.field == f"{PREFIX}{trouble.field}"


def apply_change(draft: Draft, change: Change) -> Draft:
    """Return *draft* with the new values of those fields of *change* that are `message.<path>`.

    Raises TypeError or AttributeError for a field that no draft has.
    """
    for path, value in change.fields.items():
        if not path.startswith(PREFIX):
            continue
        group, _, name = path.removeprefix(PREFIX).rpartition(".")
        new: dict[str, Any] = {name: value}
        if group:
            new = {group: replace(getattr(draft, group), **new)}
        draft = replace(draft, **new)
    return draft


def facts_of(draft: Draft) -> Facts:
    """Look at the files that *draft* names, off the loop; trouble is a fact, never an error."""
    facts = {path: _facts(path) for path in _paths(draft)}
    key = draft.dkim.key_file
    if key and facts.get(key, FileFacts(key)).trouble is None:
        facts[key] = _key_facts(key)
    return facts


def _paths(draft: Draft) -> Iterator[str]:
    yield from (each.path for each in draft.attachments if each.path)
    if draft.untouched:
        yield draft.untouched


def _facts(path: str) -> FileFacts:
    place = Path(path)
    try:
        mode = place.expanduser().stat().st_mode
    except FileNotFoundError:
        return FileFacts(path, FileTrouble.MISSING)
    except (OSError, ValueError, RuntimeError) as error:
        return FileFacts(path, FileTrouble.UNREADABLE, getattr(error, "strerror", "") or "")
    if not stat.S_ISREG(mode):
        what = "it is a folder" if stat.S_ISDIR(mode) else "it is not a file"
        return FileFacts(path, FileTrouble.UNREADABLE, what)
    if not os.access(place.expanduser(), os.R_OK):
        return FileFacts(path, FileTrouble.UNREADABLE, "you may not read it")
    return FileFacts(path)


def _key_facts(path: str) -> FileFacts:
    facts = _facts(path)
    if facts.trouble is not None:
        return facts
    try:
        with Path(path).expanduser().open("rb") as stream:
            content = stream.read(_KEY_OCTETS)
    except OSError as error:
        return FileFacts(path, FileTrouble.UNREADABLE, error.strerror or "")
    if b"ENCRYPTED PRIVATE KEY-----" in content or b"Proc-Type: 4,ENCRYPTED" in content:
        return FileFacts(path, FileTrouble.ENCRYPTED)
    if b"PRIVATE KEY-----" in content:
        return facts
    if b"-----BEGIN" in content:
        return FileFacts(path, FileTrouble.WRONG_CONTENT, "it holds no private key")
    return FileFacts(path, FileTrouble.NOT_PEM)
