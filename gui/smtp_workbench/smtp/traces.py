"""The forms in which a secret can turn up in a text.

A server that refuses a log-in may repeat what it got: as it was, in base64, percent-encoded, in a
JSON string, in capitals. Each form is a text to search for.
"""

import html
import json
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from smtp_workbench.smtp.printable import decode, legible


def traces(secret: str) -> frozenset[str]:
    """Return every form of *secret* but base64, as the texts that would be shown."""
    forms: set[str] = set()
    for spelling in _spellings(secret):
        forms.update(_escaped(spelling))
        for octets in _octets(spelling):
            forms.update(_encoded(octets))
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
            yield encode(bytes(before) + octets).decode()[first:end]


def _spellings(secret: str) -> set[str]:
    forms = {unicodedata.normalize(form, secret) for form in ("NFC", "NFD", "NFKC")}
    return {secret, secret.upper(), secret.casefold(), *forms}


def _octets(text: str) -> set[bytes]:
    octets = {text.encode("utf-8", "surrogatepass")}
    try:
        octets.add(text.encode("cp1252"))
    except UnicodeEncodeError:
        pass
    return octets


def _escaped(text: str) -> Iterator[str]:
    yield text
    yield html.escape(text)
    yield html.escape(text, quote=False)
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")


def _encoded(octets: bytes) -> Iterator[str]:
    # A line that is not UTF-8 as a whole is read as Windows-1252, also where it holds UTF-8.
    yield octets.decode("cp1252", "backslashreplace")
    yield decode(octets)
    yield repr(octets)[2:-1]
    yield quote(octets)
    yield quote(octets, safe="")
    yield quote_plus(octets)
    for separator in ("", " ", ":", "-"):
        yield octets.hex(separator) if separator else octets.hex()
    for mark in ("%", "=", "+", "\\x"):  # URL, quoted-printable, xtext (RFC 3461), C
        yield "".join(f"{mark}{octet:02x}" for octet in octets)
        yield "".join(
            chr(octet) if 33 <= octet <= 126 and chr(octet) != mark else f"{mark}{octet:02x}"
            for octet in octets
        )
