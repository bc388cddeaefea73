"""Attachments as parts of a message."""

import mimetypes
import re
from pathlib import Path
from typing import Final

from smtp_workbench.message import headers
from smtp_workbench.message.content import EncodedFile, Piece, PlainFile, in_base64, mend
from smtp_workbench.message.draft import Attachment, DraftError
from smtp_workbench.message.files import LargeFile, Source, scan_of, source_of
from smtp_workbench.message.parts import Leaf

UNKNOWN_TYPE: Final = "application/octet-stream"
_FIELD: Final = "attachments"
_WORD: Final = r"[A-Za-z0-9!#$&^_.+-]{1,127}"
_TYPE: Final = re.compile(rf'{_WORD}/{_WORD}( *; *{_WORD}=({_WORD}|"[ !#-\[\]-~]*"))*')
_COMPRESSED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2"}
_CONTENT_ID: Final = re.compile(r"[!-;=?-~]{1,900}")
_LONGEST_TYPE: Final = 900


def content_type_of(name: str) -> str:
    """Return the content type that a file's name promises."""
    guess, encoding = mimetypes.guess_type(name)
    if encoding:
        return _COMPRESSED.get(encoding, UNKNOWN_TYPE)
    return guess or UNKNOWN_TYPE


def leaf_of(attachment: Attachment) -> Leaf:
    """Return the part of *attachment*; a large file is looked at, but not read.

    Raises DraftError for a file that can't be read, and for what can't stand in a header field.
    """
    name = attachment.name or Path(attachment.path).name or "an attachment without a name"
    source: Source = attachment.data
    if attachment.path:
        source = source_of(Path(attachment.path), _FIELD, name)
    kind = _kind(attachment, name)
    if kind.lower().startswith("message/"):
        # RFC 2046, section 5.2.1: a message within a message is never encoded.
        embedded = _embedded(source, name)
        if embedded:
            body, eight_bit = embedded
            encoding = "8bit" if eight_bit else "7bit"
            return Leaf(_headers(attachment, kind, encoding), body, eight_bit)
        kind = UNKNOWN_TYPE
    return Leaf(_headers(attachment, kind + _charset(kind, source), "base64"), _encoded(source))


def _kind(attachment: Attachment, name: str) -> str:
    kind = attachment.content_type.strip() or content_type_of(name)
    if not _TYPE.fullmatch(kind) or len(kind) > _LONGEST_TYPE:
        raise DraftError(_FIELD, f"{kind!r}, the type of {name}, is not a content type.")
    if kind.lower().startswith("multipart/"):
        raise DraftError(_FIELD, f"{name} can't be {kind}: such a part has further parts in it.")
    return kind


def _headers(attachment: Attachment, kind: str, encoding: str) -> tuple[tuple[str, str], ...]:
    name, identity = attachment.name, attachment.content_id
    if re.search(r"[\r\n\0\ud800-\udfff]", name):
        raise DraftError(_FIELD, f"The file name {name!r} has a line break or NUL in it.")
    if identity and not _CONTENT_ID.fullmatch(identity):
        raise DraftError(_FIELD, f"{identity!r} can't be a Content-ID: it has to be plain ASCII.")
    disposition = "inline" if identity else "attachment"
    named = {"filename": name} if name else {}
    found = [
        ("Content-Type", f" {kind}"),
        ("Content-Transfer-Encoding", f" {encoding}"),
        ("Content-Disposition", headers.parameters(disposition, **named)),
    ]
    if identity:
        found.append(("Content-ID", f" <{identity}>"))
    return tuple(found)


def _embedded(source: Source, name: str) -> tuple[Piece, bool] | None:
    """Return a message as it is, and whether it has octets over 127; None: it has to be encoded."""
    facts = scan_of(source, _FIELD, name)
    if not facts.is_clean or not facts.header.isascii():
        return None
    if isinstance(source, bytes):
        return mend(source), facts.eight_bit
    return PlainFile(source.path, facts.size, facts.bare_lf), facts.eight_bit


def _charset(kind: str, source: Source) -> str:
    """Return the parameter that a text needs whose charset readers would have to guess."""
    if not kind.lower().startswith("text/") or ";" in kind or isinstance(source, LargeFile):
        return ""
    try:
        source.decode()
    except UnicodeDecodeError:
        return ""
    return "" if source.isascii() else "; charset=utf-8"


def _encoded(source: Source) -> Piece:
    if isinstance(source, LargeFile):
        return EncodedFile(source.path, source.octets)
    return in_base64(source)
