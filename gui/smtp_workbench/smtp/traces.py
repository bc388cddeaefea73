"""The forms in which a secret can turn up in a text.

A server that refuses a log-in may repeat what it got: as it was, in base64, percent-encoded, in a
JSON string, in capitals. Each form is a text to search for.
"""

import html
import json
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from binascii import b2a_qp
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote, quote_plus

from smtp_workbench.smtp.printable import decode, legible


def _escapes(mark: str, kept: str) -> dict[int, str]:
    return {octet: f"{mark}{octet:02x}" for octet in range(256) if chr(octet) not in kept}


_GRAPHIC: Final = "".join(map(chr, range(33, 127)))
_ESCAPES: Final = [
    _escapes(mark, kept)
    for mark in ("%", "=", "+", "\\x")  # URL, quoted-printable, xtext (RFC 3461), C
    for kept in ("", _GRAPHIC.replace(mark, ""), " " + _GRAPHIC.replace(mark, ""))
]
_SAFE_IN_URLS: Final = ("", "/", "!'()*", "!#$&'()*+,/:;=?@")
"""What the escaping functions of Python and JavaScript leave alone, besides letters and digits."""

_CORE: Final = 4
"""Characters of base64; fewer are found in any text."""


def traces(secret: str) -> frozenset[str]:
    """Return every form of *secret* but base64, as it would be shown; compare without case."""
    forms: set[str] = set()
    for spelling in _spellings(secret):
        forms.update(_escaped(spelling))
        for octets in _octets(spelling):
            forms.update(_encoded(octets))
    # A line that is not UTF-8 as a whole is read as Windows-1252, also where it holds UTF-8.
    forms |= {_misread(form) for form in forms}
    return frozenset(legible(form) for form in forms if form)


def base64_cores(secret: str) -> frozenset[str]:
    """Return what base64 of any text that contains *secret* must contain.

    The secret can begin at each of three places in a group of three octets; the characters at its
    edges depend on its neighbours and are left out.
    """
    sources = {*_octets(secret), secret.encode("utf-16-le", "surrogatepass")}
    return frozenset(core for octets in sources for core in _cores(octets))


def _cores(octets: bytes) -> Iterator[str]:
    for before in range(3):
        first = -(-before * 8 // 6)
        end = (before + len(octets)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            if end - first >= _CORE:
                yield encode(bytes(before) + octets).decode()[first:end]


def _spellings(secret: str) -> set[str]:
    if secret.isascii():
        return {secret}
    forms = {unicodedata.normalize(form, secret) for form in ("NFC", "NFD", "NFKC")}
    return {secret, secret.lower(), secret.upper(), secret.casefold(), *forms}


def _octets(text: str) -> set[bytes]:
    octets = {text.encode("utf-8", "surrogatepass")}
    with suppress(UnicodeEncodeError):
        octets.add(text.encode("cp1252"))
    return octets


def _misread(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("cp1252", "backslashreplace")


def _escaped(text: str) -> Iterator[str]:
    for entities in (text, html.escape(text, quote=False), html.escape(text)):
        yield entities
        yield entities.encode("ascii", "xmlcharrefreplace").decode()
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")


def _encoded(octets: bytes) -> Iterator[str]:
    yield decode(octets)
    yield repr(octets)[2:-1]
    yield b2a_qp(octets).replace(b"=\n", b"").decode()  # blanks at its end are special
    yield quote_plus(octets)
    for safe in _SAFE_IN_URLS:
        yield quote(octets, safe=safe)
    for separator in ("", " ", ":", "-"):
        yield octets.hex(separator) if separator else octets.hex()
    text = octets.decode("latin-1")
    for table in _ESCAPES:
        yield text.translate(table)
