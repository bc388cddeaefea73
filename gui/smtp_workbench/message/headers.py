"""The values of header fields as they stand in a message: encoded where needed, and folded.

The standard library's own folding loses blanks between encoded words and names with quotes in
them, and is slow; encoded words of whole characters, put on lines by hand, are neither. A value
begins with the blank after the colon and has no line end after it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from email.charset import Charset
from typing import Final
from urllib.parse import quote

from smtp_workbench.message.addresses import Address, quoted

_LINE: Final = 76
"""Octets of a line with encoded words in it at most (RFC 2047, section 2)."""
_LONGEST: Final = 900
"""Octets of a word that stays as it is: the line must have room for a name (RFC 5322, 2.1.1)."""
_WORD: Final = 39
"""Octets of text in an encoded word: as base64 it has 64 then, and fits beside most names."""
_UTF8: Final = Charset("utf-8")
_ATOMS: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~ -]*")
_BLANK: Final = re.compile(r"(?<! ) (?! )")
"""Where a line may be folded: between several blanks a line of blanks might come to be."""
_SEGMENT: Final = 50
"""Characters of a parameter's value on one line (RFC 2231, section 3)."""


def text(name: str, value: str, *, raw: bool = False) -> str:
    """Return *value* as unstructured text; *raw* leaves letters beyond ASCII (RFC 6532)."""
    if _is_plain(value, raw=raw):
        return _folded(name, _BLANK.split(value))
    # As long as the first line has room for it; with a name of 60 octets no line has.
    first = max(_LINE - len(f"{name}: =?utf-8?b??="), 16) // 4 * 3
    return _folded(name, _encoded(value, min(first, _WORD)))


def tokens(name: str, values: Iterable[str], separator: str = "") -> str:
    """Return *values*, which are ASCII and have no blanks, with *separator* and a blank between."""
    return _folded(name, _separated([[value] for value in values], separator))


def mailboxes(name: str, addresses: Sequence[Address], *, raw: bool = False) -> str:
    """Return *addresses* as a list (RFC 5322, section 3.4); *raw* as with `text`.

    Raises ValueError with one sentence for a domain that has no form in ASCII.
    """
    return _folded(name, _separated([_mailbox(each, raw=raw) for each in addresses], ","))


def parameters(value: str, **named: str) -> str:
    """Return *value* with parameters, those beyond ASCII or long as RFC 2231 has them."""
    pieces = [value]
    for name, argument in named.items():
        pieces += _parameter(name, argument)
    return " " + ";\r\n ".join(pieces)


def _folded(name: str, words: Iterable[str]) -> str:
    pieces: list[str] = []
    length = len(name) + 1
    for word in words:
        octets = 1 + (len(word) if word.isascii() else len(word.encode()))
        # Not before the first word: some readers take the blank after an empty line for text.
        if pieces and length + octets > _LINE:
            pieces.append("\r\n")
            length = 0
        pieces.append(f" {word}")
        length += octets
    return "".join(pieces)


def _separated(items: list[list[str]], separator: str) -> Iterator[str]:
    for number, item in enumerate(items, 1):
        *words, last = item
        yield from words
        yield last if number == len(items) else last + separator


def _mailbox(address: Address, *, raw: bool) -> list[str]:
    spec = address.spec if raw else address.wire
    if not address.name:
        return [Address("", spec).formatted()]
    return [*_phrase(address.name, raw=raw), f"<{spec}>"]


def _phrase(name: str, *, raw: bool) -> list[str]:
    if _is_plain(name, raw=raw):
        if _ATOMS.fullmatch(name) and "  " not in name:
            return name.split(" ")
        if len(whole := quoted(name)) <= _LONGEST // 4:  # letters beyond ASCII have 4 octets
            return [whole]
    return list(_encoded(name))


def _is_plain(value: str, *, raw: bool) -> bool:
    """Whether *value* comes back as it is when it is folded at its blanks and read."""
    if not value.isprintable() or not (raw or value.isascii()) or "=?" in value:
        return False
    if value != value.strip(" "):
        return False
    return all(len(word.encode()) <= _LONGEST for word in _BLANK.split(value))


def _encoded(value: str, room: int = _WORD) -> Iterator[str]:
    """Yield encoded words (RFC 2047), the first with *room* octets of text.

    No character is spread over two, as section 5 of it wants.
    """
    chunk = ""
    for character in value:
        size = len(character.encode())
        if size > room:
            yield _UTF8.header_encode(chunk)
            chunk, room = "", _WORD
        chunk += character
        room -= size
    yield _UTF8.header_encode(chunk)


def _parameter(name: str, value: str) -> list[str]:
    is_plain = value.isascii() and value.isprintable() and "=?" not in value
    if is_plain and len(value) <= _SEGMENT and value == value.strip():
        return [f"{name}={quoted(value)}"]
    segments = [""]
    for character in value:
        escape = quote(character, safe="")
        if len(segments[-1]) + len(escape) > _SEGMENT:
            segments.append("")
        segments[-1] += escape
    segments[0] = f"utf-8''{segments[0]}"
    if len(segments) == 1:
        return [f"{name}*={segments[0]}"]
    return [f"{name}*{number}*={segment}" for number, segment in enumerate(segments)]
