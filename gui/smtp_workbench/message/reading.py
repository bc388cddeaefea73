"""From the octets of a message to what a person sees of it, whatever the octets.

The parser is the standard library's with its old policy: the new one takes header fields apart by
grammar, which raises on broken ones and takes quadratic time on long ones.
"""

import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import errors, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesFeedParser, BytesParser
from email.utils import collapse_rfc2231_value
from typing import Final

_HEADER_LINE: Final = re.compile(rb"(?:[!-9;-~]+:|[ \t]|From )[^\r\n]*(?:\r\n|\r|\n|\Z)")
_WORD: Final = r"=\?[^?\s]*\?[bq]\?[^?]*\?="
_ENCODED_WORDS: Final = re.compile(rf"{_WORD}(?:\s*{_WORD})*", re.IGNORECASE)
_SLICE: Final = 1024 * 1024
"""Characters."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NO_CHARSETS: Final = ("idna", "punycode", "undefined")
"""Codecs of Python that are no charsets; the first two take quadratic time."""
_DEFECTS: Final[dict[type[errors.MessageDefect], str]] = {
    errors.NoBoundaryInMultipartDefect: "A multipart part names no boundary.",
    errors.StartBoundaryNotFoundDefect: "The boundary of a multipart part is never found.",
    errors.CloseBoundaryNotFoundDefect: "The last boundary is missing: the end may be cut off.",
    errors.FirstHeaderLineIsContinuationDefect: "The first line continues a header field that is "
    "not there.",
    errors.MisplacedEnvelopeHeaderDefect: "An mbox line stands in the midst of the header fields.",
    errors.MissingHeaderBodySeparatorDefect: "No empty line stands between header and body.",
    errors.MultipartInvariantViolationDefect: "A part is said to be multipart, but has no parts.",
    errors.InvalidMultipartContentTransferEncodingDefect: "A multipart part is said to be encoded.",
    errors.InvalidBase64PaddingDefect: "Base64 is not padded as it must be.",
    errors.InvalidBase64CharactersDefect: "Base64 has characters in it that don't belong there.",
    errors.InvalidBase64LengthDefect: "Base64 is cut off.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A file in a message, or another part that is not its text."""

    name: str
    """As the sender has it, which may be a path or empty: not for the file system as it is."""
    content_type: str
    content_id: str
    """Without angle brackets."""
    octets: bytes = field(repr=False)
    """Decoded."""
    disposition: str
    """`attachment`, `inline` or, where it isn't said, empty (RFC 2183)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as a person reads it. Lines in its texts end as Python's do."""

    headers: tuple[tuple[str, str], ...]
    """All header fields in order, unfolded, encoded words decoded (RFC 2047)."""
    raw_headers: str
    """The lines of the header as they came."""
    text: str
    """The first part that is plain text and no file."""
    html: str
    """The first part that is HTML and no file."""
    parts: tuple[Part, ...] = ()
    """Everything else, in order."""
    defects: tuple[str, ...] = ()
    """A sentence for each breach of the rules; the message was read as well as it goes."""

    def header(self, name: str) -> str:
        """Return the first header field *name*, empty if there is none."""
        wanted = name.lower()
        return next((value for known, value in self.headers if known.lower() == wanted), "")


class _AsWritten(policy.Compat32):
    """Gives header fields out as they were written, with octets over 127 in them."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value


_POLICY: Final = _AsWritten(linesep="\r\n", max_line_length=0)


def read(octets: bytes) -> Letter:
    """Return what *octets* say, with defects instead of errors."""
    try:
        return _read(octets)
    except Exception as error:  # noqa: BLE001  # also RecursionError, for parts in parts in parts
        start = _end_of_headers(octets)
        headers = _headers(
            BytesParser(policy=_POLICY).parsebytes(octets[:start], headersonly=True), []
        )
        trouble = f"The parts could not be told apart ({type(error).__name__})."
        text = _raw_text(octets[start:]).removeprefix("\n")
        return Letter(headers, _raw_text(octets[:start]), text, "", (), (trouble,))


def decoded(value: str) -> str:
    """Return a header field's *value* unfolded, without encoded words (RFC 2047)."""
    return _header(value, [])


def _read(octets: bytes) -> Letter:
    message = _parsed(octets)
    defects: list[str] = []
    headers = _headers(message, defects)
    raw_headers = _raw_text(octets[: _end_of_headers(octets)])
    texts: dict[str, str] = {}
    parts = []
    for leaf in _leaves(message):
        kind = leaf.get_content_type()
        kind = "text/plain" if kind.startswith("multipart/") else kind  # one without a boundary
        is_file = leaf.get_content_disposition() == "attachment" or bool(_name(leaf))
        if kind in ("text/plain", "text/html") and kind not in texts and not is_file:
            texts[kind] = _body(leaf, defects)
        else:
            parts.append(_part(leaf))
    defects += [_DEFECTS.get(type(each), _by_name(each)) for each in _defects(message)]
    text, html = texts.get("text/plain", ""), texts.get("text/html", "")
    return Letter(headers, raw_headers, text, html, tuple(parts), tuple(dict.fromkeys(defects)))


def _parsed(octets: bytes) -> "Message[str, str]":
    """Return the message; in slices, as no other thread runs while one is taken."""
    parser = BytesFeedParser(policy=_POLICY)
    for start in range(0, len(octets), _SLICE):
        parser.feed(octets[start : start + _SLICE])
    return parser.close()


def _headers(message: "Message[str, str]", defects: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _header(value, defects)) for name, value in message.raw_items())


def _leaves(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Yield the parts that aren't containers; a message in a message is one of them."""
    if message.is_multipart() and message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _defects(message: "Message[str, str]") -> Iterator[errors.MessageDefect]:
    for part in message.walk():
        yield from part.defects


def _part(leaf: "Message[str, str]") -> Part:
    identity = decoded(str(leaf.get("content-id", ""))).strip()
    return Part(
        _name(leaf),
        _whole(leaf.get_content_type()),
        identity.removeprefix("<").removesuffix(">"),
        _octets(leaf),
        _whole(leaf.get_content_disposition() or ""),
    )


def _name(leaf: "Message[str, str]") -> str:
    """Return the file's name (RFC 2231, and RFC 2047 as many programs write it)."""
    try:
        found = leaf.get_param("filename", None, "content-disposition")
        found = found or leaf.get_param("name", None)
        value = collapse_rfc2231_value(found) if found else ""
    except (ValueError, LookupError, TypeError):  # a charset that can't be one, pieces in disorder
        return ""
    return decoded(value).strip()


def _octets(leaf: "Message[str, str]") -> bytes:
    payload = _in_slices(leaf) or leaf.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    # It is message/rfc822, or message/delivery-status with its groups.
    inner = leaf.get_payload() if leaf.is_multipart() else ()
    return b"".join(item.as_bytes() for item in inner if isinstance(item, Message))


def _in_slices(leaf: "Message[str, str]") -> bytes:
    """Return the octets of much base64, nothing for all else.

    The standard library decodes it in one go, and no other thread runs meanwhile.
    """
    text = leaf.get_payload()
    is_base64 = str(leaf.get("content-transfer-encoding", "")).strip().lower() == "base64"
    if not is_base64 or not isinstance(text, str) or len(text) <= _SLICE:
        return b""
    pieces, rest = [], ""
    try:
        for start in range(0, len(text), _SLICE):
            digits = rest + "".join(text[start : start + _SLICE].split())
            whole = len(digits) // 4 * 4
            pieces.append(binascii.a2b_base64(digits[:whole], strict_mode=True))
            rest = digits[whole:]
    except ValueError:
        return b""
    return b"" if rest else b"".join(pieces)


def _body(leaf: "Message[str, str]", defects: list[str]) -> str:
    try:
        charset = leaf.get_param("charset", "")
        name = collapse_rfc2231_value(charset) if charset else ""
    except (ValueError, LookupError, TypeError):
        name = "?"
    return _LINE_END.sub("\n", _text(_octets(leaf), name, defects))


def _header(value: str, defects: list[str]) -> str:
    unfolded = _LINE_END.sub("", str(value))
    text = _whole(unfolded)

    def words(found: re.Match[str]) -> str:
        try:
            pieces = decode_header(found[0])
        except (HeaderParseError, ValueError):
            defects.append("An encoded word in the header can't be decoded.")
            return found[0]
        return "".join(
            piece if isinstance(piece, str) else _text(piece, charset or "ascii", defects)
            for piece, charset in pieces
        )

    return _ENCODED_WORDS.sub(words, text)


def _text(octets: bytes, charset: str, defects: list[str]) -> str:
    name = charset.partition("*")[0].strip().strip("'\"") or "us-ascii"
    try:
        if codecs.lookup(name).name not in _NO_CHARSETS:
            return _whole(octets.decode(name))
        defects.append(f"{_whole(name)} is no charset.")
    except UnicodeError:
        defects.append(f"There are octets that {_whole(name)} does not have.")
    except (LookupError, ValueError):
        defects.append(f"The charset {_whole(name)} is not known.")
    return _raw_text(octets)


def _raw_text(octets: bytes) -> str:
    """Return octets of no known charset as text: UTF-8 if they are that, else Latin-1."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return _LINE_END.sub("\n", text)


def _whole(text: str) -> str:
    """Return *text* without lone surrogates: the parser's octets over 127, or a charset's."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        octets = text.encode("utf-8", "surrogatepass")
        try:
            octets = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return octets.decode("utf-8", "replace")
        return _raw_text(octets)
    return text


def _end_of_headers(octets: bytes) -> int:
    end = 0
    while line := _HEADER_LINE.match(octets, end):
        end = line.end()
    return end


def _by_name(defect: errors.MessageDefect) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type(defect).__name__.removesuffix("Defect"))
    return f"{words.capitalize()}."
