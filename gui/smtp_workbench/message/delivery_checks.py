"""Checks of how the message goes: files, size, extensions of the server, signature, repetition."""

from collections.abc import Iterator
from typing import Final

from smtp_workbench.message.case import Case, Check, found, normal
from smtp_workbench.message.draft import Dsn
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.findings import FILE_LABELS, file_params
from smtp_workbench.settings.hosts import is_local

MANY: Final = 20
"""Messages that may go to any server without a word."""
_DONT_ASK: Final = {"dsn.notify": (), "dsn.content": Dsn().content, "dsn.envelope_id": ""}


def _untouched(case: Case) -> Iterator[Finding]:
    if case.draft.untouched:
        yield from _file(case, "untouched", case.draft.untouched)


def _attached(case: Case) -> Iterator[Finding]:
    for path in dict.fromkeys(each.path for each in case.draft.attachments if each.path):
        yield from _file(case, "attachments", path)


def _file(case: Case, field: str, path: str) -> Iterator[Finding]:
    facts = case.files.get(path, FileFacts(path))
    if facts.trouble is not None:
        yield found(field, FILE_LABELS[facts.trouble], file_params(facts))


def _size(case: Case) -> Iterator[Finding]:
    said = (case.extensions or {}).get("SIZE", "").strip()
    limit = int(said) if said.isdecimal() and len(said) < 20 else 0  # 0: no limit (RFC 1870)
    if case.size is not None and 0 < limit < case.size:
        params = {"size": f"{case.size:,}", "limit": f"{limit:,}"}
        yield found("attachments", "message_too_large", params)


def _dsn(case: Case) -> Iterator[Finding]:
    dsn = case.draft.dsn
    words = set(dsn.notify)
    if words and words != {"NEVER"} and not words <= {"SUCCESS", "FAILURE", "DELAY"}:
        params = {"asked": ", ".join(dsn.notify)}
        yield found("dsn.notify", "dsn_contradiction", params, off=_DONT_ASK)
    elif dsn != Dsn() and not case.offers("DSN"):
        yield found("dsn.notify", "dsn_in_vain", off=_DONT_ASK)


def _chunking(case: Case) -> Iterator[Finding]:
    if case.draft.chunking and not case.offers("CHUNKING"):
        yield found("chunking", "chunking_in_vain", off={"chunking": False})


def _dkim(case: Case) -> Iterator[Finding]:
    dkim = case.draft.dkim
    if not dkim.domain.strip():
        return
    off = {"dkim.domain": ""}
    for field in ("selector", "key_file"):
        if not getattr(dkim, field).strip():
            yield found(f"dkim.{field}", "dkim_incomplete", off=off)
    yield from _file(case, "dkim.key_file", dkim.key_file)
    domain = normal(dkim.domain)
    authors = [normal(each.domain) for each in case.authors if each.domain]
    if authors and not any(_are_aligned(domain, each) for each in authors):
        params = {"domain": domain, "author": authors[0]}
        align = {"dkim.domain": authors[0]}
        yield found("dkim.domain", "dkim_not_aligned", params, align=align)


def _are_aligned(one: str, other: str) -> bool:
    """Whether one domain is the other or lies below it (RFC 7489, section 3.1.1, nearly)."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _count(case: Case) -> Iterator[Finding]:
    count, host = case.draft.count, case.transport.host
    if count < 1:
        yield found("count", "count_invalid", one={"count": 1})
    elif count > MANY and not is_local(host):
        params = {"count": f"{count:,}", "host": host or "a server"}
        yield found("count", "many_messages", params)


DELIVERY_CHECKS: Final[tuple[Check, ...]] = (_untouched, _size, _dsn, _chunking, _count)
"""Those that count for a message that is sent untouched, too."""
CONTENT_CHECKS: Final[tuple[Check, ...]] = (_attached, _dkim)
