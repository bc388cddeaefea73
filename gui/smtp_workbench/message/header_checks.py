"""Checks of the header and the envelope: who writes to whom, and what stands in the fields."""

import re
from collections.abc import Iterator
from typing import Final

from smtp_workbench.message import addresses
from smtp_workbench.message.addresses import Address
from smtp_workbench.message.case import Case, Check, found, normal, parsed
from smtp_workbench.message.draft import Draft
from smtp_workbench.settings.change import Finding

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_BODY_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LINES: Final = (
    "author",
    "sender",
    "subject",
    "message_id",
    "date",
    "in_reply_to",
    "references",
    "list_unsubscribe",
    "charset",
)
_LISTS: Final = ("to", "cc", "bcc", "reply_to")
_GROUPS: Final = (("dsn", ("envelope_id",)), ("dkim", ("domain", "selector", "key_file")))


def _people(case: Case) -> Iterator[Finding]:
    draft = case.draft
    # A message that is sent untouched has people of its own; `build` tells where it has not.
    if not draft.author.strip() and not draft.untouched:
        own = next((each for each in (case.transport.sender, _login(case)) if "@" in each), "")
        fixes = {"own": {"author": own}} if own else {}
        yield found("author", "author_missing", {"address": own}, **fixes)
    if draft.envelope_to is not None:
        if not any(each.strip() for each in draft.envelope_to):
            yield found("envelope_to", "recipient_missing")
    elif not any(each.strip() for each in (*draft.to, *draft.cc, *draft.bcc, draft.untouched)):
        yield found("to", "recipient_missing")


def _addresses(case: Case) -> Iterator[Finding]:
    for field, address in _all_addresses(case.draft):
        if why := addresses.check(address):
            # What a command can hold may be tried: the server's answer may be what is wanted.
            label = "address_odd" if addresses.is_sendable(address.spec) else "address_bad"
            yield found(field, label, {"address": address.spec or address.name, "why": why})


def _needs_smtputf8(case: Case) -> Iterator[Finding]:
    if case.offers("SMTPUTF8"):
        return
    for field, address in _all_addresses(case.draft):
        if address.needs_smtputf8:
            yield found(field, "smtputf8_in_vain", {"address": address.spec})


def _all_addresses(draft: Draft) -> Iterator[tuple[str, Address]]:
    """Yield each address with the field that it stands in."""
    texts = {"envelope_from": (draft.envelope_from or "",), "envelope_to": draft.envelope_to or ()}
    if not draft.untouched:
        texts |= {"author": (draft.author,), "sender": (draft.sender,)}
        texts |= {field: getattr(draft, field) for field in _LISTS}
    for field, values in texts.items():
        for value in values:
            yield from ((field, each) for each in parsed(value) if each.spec or each.name)


def _fields(case: Case) -> Iterator[Finding]:
    """Look for line ends, with which a value could smuggle in fields or commands."""
    draft = case.draft
    lines = {name: str(getattr(draft, name)) for name in _LINES}
    if draft.envelope_from:
        lines["envelope_from"] = draft.envelope_from
    for group, names in _GROUPS:
        holder = getattr(draft, group)
        lines |= {f"{group}.{name}": getattr(holder, name) for name in names}
    for field, text in lines.items():
        if _CONTROL.search(text):
            yield found(field, "control_character", strip={field: _clean(text)})
    for field in (*_LISTS, "envelope_to"):
        values: tuple[str, ...] = getattr(draft, field) or ()
        if any(map(_CONTROL.search, values)):
            strip = {field: tuple(map(_clean, values))}
            yield found(field, "control_character", strip=strip)
    yield from _compound(draft)
    for field, text in (("text", draft.text), ("html", draft.html)):
        if _BODY_CONTROL.search(text):
            yield found(field, "text_control", strip={field: _BODY_CONTROL.sub("", text)})


def _compound(draft: Draft) -> Iterator[Finding]:
    names = [text for name in draft.headers for text in name]
    if any(map(_CONTROL.search, names)):
        clean = tuple((_clean(name), _clean(value)) for name, value in draft.headers)
        yield found("headers", "control_character", strip={"headers": clean})
    for name, _ in draft.headers:
        if not re.fullmatch(r"[!-9;-~]+", name):
            yield found("headers", "header_name_invalid", {"name": _clean(name) or "Nothing"})
    for each in draft.attachments:
        if _CONTROL.search(each.name + each.content_type + each.content_id):
            yield found("attachments", "control_character")
    for field, words in (("dsn.notify", draft.dsn.notify), ("dkim.skip", draft.dkim.skip)):
        if any(map(_CONTROL.search, words)):
            strip = {field: tuple(map(_clean, words))}
            yield found(field, "control_character", strip=strip)


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _authors(case: Case) -> Iterator[Finding]:
    specs = [each.spec for each in case.authors]
    if len(specs) > 1 and not case.draft.sender.strip():
        yield found("author", "several_authors", {"address": specs[0]}, own={"sender": specs[0]})
    user, preset = _login(case), case.preset
    if "@" not in user or not specs or user.lower() in map(str.lower, specs):
        return
    own = {"author": user}
    is_foreign = normal(user.rpartition("@")[2]) not in {
        normal(each.domain) for each in case.authors
    }
    if preset is not None and preset.sender == "own-address" and is_foreign:
        params = {"provider": preset.name, "address": user}
        yield found("author", "sender_not_own", params, own=own)
    else:
        yield found("author", "author_not_login", {"user": user}, own=own)


def _login(case: Case) -> str:
    return case.transport.auth.user.strip()


def _subject(case: Case) -> Iterator[Finding]:
    if not case.draft.subject.strip():
        yield found("subject", "subject_missing")


def _unsubscribe(case: Case) -> Iterator[Finding]:
    draft = case.draft
    if draft.one_click and "https://" not in draft.list_unsubscribe.lower():
        yield found("one_click", "one_click_without_https", off={"one_click": False})


ENVELOPE_CHECKS: Final[tuple[Check, ...]] = (_people, _addresses, _needs_smtputf8)
"""Those that count for a message that is sent untouched, too."""
HEADER_CHECKS: Final[tuple[Check, ...]] = (_fields, _authors, _subject, _unsubscribe)
