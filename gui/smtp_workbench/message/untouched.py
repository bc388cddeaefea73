"""A message file that is sent as it is."""

from dataclasses import dataclass, replace
from pathlib import Path

from smtp_workbench.message import eml
from smtp_workbench.message.content import Content, Piece, PlainFile, mend
from smtp_workbench.message.draft import Draft, DraftError
from smtp_workbench.message.files import LargeFile, scan_of, source_of
from smtp_workbench.message.scan import Octets


@dataclass(frozen=True, slots=True)
class Untouched:
    """What is in the file."""

    draft: Draft
    """Its addresses where the draft itself has none."""
    content: Content
    eight_bit: bool
    smtputf8: bool
    """Whether there is UTF-8 in the header (RFC 6532)."""
    message_id: str


def untouched_of(draft: Draft) -> Untouched:
    """Return the message in the file that *draft* names. Raises DraftError.

    Line ends of LF alone become CRLF if there are no others; nothing else is changed.
    """
    path = Path(draft.untouched)
    source = source_of(path, "untouched", path.name)
    facts = scan_of(source, "untouched", path.name)
    if not facts.size:
        raise DraftError("untouched", f"{path.name} is empty.")
    mended = 0 if facts.crlf else facts.bare_lf
    piece: Piece
    if isinstance(source, LargeFile):
        piece = PlainFile(path, facts.size, mended)
    else:
        piece = mend(source) if mended else source
    named = eml.draft_of(facts.header + b"\n\n", keep_identity=True).draft
    return Untouched(
        _addressed(draft, named),
        Content((piece,)),
        facts.eight_bit,
        _has_utf8(facts),
        named.message_id,
    )


def _addressed(draft: Draft, named: Draft) -> Draft:
    if not (draft.author or draft.sender):
        draft = replace(draft, author=named.author, sender=named.sender)
    if not (draft.to or draft.cc or draft.bcc):
        draft = replace(draft, to=named.to, cc=named.cc, bcc=named.bcc)
    return draft


def _has_utf8(facts: Octets) -> bool:
    if facts.header.isascii():
        return False
    try:
        facts.header.decode()
    except UnicodeDecodeError:
        return False  # an old message in some charset, which SMTPUTF8 would not make right
    return True
