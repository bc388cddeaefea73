"""Octets that JSON has as text or names: Node's `Buffer` and its encodings, `data:` URLs, files."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes

_DATA_URL: Final = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)


def octets_of(content: object, encoding: object = "") -> bytes:
    """Return the octets of *content*, a string in *encoding* or a `Buffer` as JSON has it.

    Raises ValueError with a sentence's end, such as "it is not base64".
    """
    if isinstance(content, Mapping) and content.get("type") == "Buffer":
        return _of_buffer(content.get("data"))
    if not isinstance(content, str):
        raise ValueError("it is neither text nor a Buffer")  # noqa: TRY004  # of the JSON
    name = re.sub(r"[-_\s]", "", str(encoding or "utf8").lower())
    decode = _ENCODINGS.get(name)
    if decode is None:
        raise ValueError(f"the encoding {encoding} is not known here")
    return decode(content)


def data_url(url: str) -> tuple[str, bytes]:
    """Return content type and octets of a `data:` URL (RFC 2397). Raises ValueError as above."""
    found = _DATA_URL.fullmatch(url)
    if found is None:
        raise ValueError("it is not a data: URL")
    content_type, *parameters = found[1].split(";")
    octets = unquote_to_bytes(found[2])
    if parameters and parameters[-1].strip().lower() == "base64":
        octets = _base64(octets.decode("latin-1"))
    return content_type.strip() or "text/plain", octets


@dataclass(frozen=True, slots=True)
class Sources:
    """Where octets may come from: never from the network."""

    files_allowed: bool
    refused: list[str] = field(default_factory=list)
    """The files that were asked for and may not be used."""

    def octets(self, value: object, encoding: object = "") -> bytes:
        """Return the octets of a text, or of an object that says where they are.

        Raises ValueError with a sentence's end.
        """
        if not isinstance(value, Mapping) or value.get("type") == "Buffer":
            return octets_of(value, encoding)
        source = source_of(value)
        if source is None:
            return octets_of(value.get("content", ""), value.get("encoding"))
        if is_data_url(source):
            return data_url(source)[1]
        try:
            return Path(self.file(source)).read_bytes()
        except OSError as error:
            raise ValueError(f"the file can't be read: {error.strerror}") from None

    def file(self, source: str) -> str:
        """Return the path that *source* is, if it may be used. Raises ValueError as above."""
        if re.match(r"[a-z][a-z0-9+.-]+:", source, re.IGNORECASE):
            raise ValueError("addresses on the network are never fetched")
        if "\0" in source:
            raise ValueError("it is no file name")
        if not self.files_allowed:
            self.refused.append(source)
            raise ValueError("files are read only after you agreed to it")
        return source


def source_of(entry: Mapping[str, object]) -> str | None:
    """Return the path or URL that *entry* names in place of its content."""
    source = entry.get("path") or entry.get("href")
    if source is not None and not isinstance(source, str):
        raise ValueError("its path is no text")
    return source


def is_data_url(source: str) -> bool:
    """Whether the octets stand in *source* itself."""
    return source.lower().startswith("data:")


def _of_buffer(data: Any) -> bytes:
    is_data = isinstance(data, list) and all(type(each) is int and 0 <= each < 256 for each in data)
    if not is_data:
        raise ValueError("it is not the data of a Buffer")
    return bytes(data)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _latin1(text: str) -> bytes:
    return bytes(ord(character) & 0xFF for character in text)


def _base64(text: str) -> bytes:
    plain = re.sub(r"[\s=]", "", text).translate({ord("-"): "+", ord("_"): "/"})
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64") from None


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError("it is not hexadecimal") from None


_ENCODINGS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "utf8": _utf8,
    "ascii": _latin1,
    "usascii": _latin1,
    "latin1": _latin1,
    "binary": _latin1,
    "utf16le": _utf16,
    "ucs2": _utf16,
    "base64": _base64,
    "base64url": _base64,
    "hex": _hex,
}
