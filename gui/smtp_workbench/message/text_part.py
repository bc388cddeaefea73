"""A text as a part of a message: its charset and its transfer encoding (RFC 2045, section 6)."""

import binascii
import re
from collections.abc import Callable, Mapping
from email.charset import ALIASES
from typing import Final

from smtp_workbench.message.content import in_base64
from smtp_workbench.message.draft import DraftError, TransferEncoding
from smtp_workbench.message.parts import Leaf
from smtp_workbench.message.scan import LONGEST_LINE

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_CHARSET: Final = re.compile(r"[A-Za-z0-9_.+-]{1,40}")
_NAMES: Final = ALIASES | {"utf8": "utf-8", "utf_8": "utf-8"}


def text_leaf(
    text: str,
    subtype: str,
    charset: str,
    encoding: TransferEncoding,
    parameters: str = "",
) -> Leaf:
    """Return *text* as a part `text/SUBTYPE`.

    Raises DraftError for a charset or an encoding that can't hold it.
    """
    octets = _in_charset(_LINE_END.sub("\n", text), charset)
    if octets and not octets.endswith(b"\n"):
        octets += b"\n"
    chosen, body = _ENCODERS[encoding](octets)
    name = _NAMES.get(charset.lower(), charset)
    headers = (
        ("Content-Type", f" text/{subtype}; charset={name}{parameters}"),
        ("Content-Transfer-Encoding", f" {chosen}"),
    )
    return Leaf(headers, body, chosen == "8bit" and not body.isascii())


def _in_charset(text: str, charset: str) -> bytes:
    if not _CHARSET.fullmatch(charset) or not _has_ascii(charset):
        raise DraftError("charset", f"{charset!r} is not a charset for messages.")
    try:
        return text.encode(charset)
    except UnicodeEncodeError as error:
        character = text[error.start]
        raise DraftError(
            "charset",
            f"The text has the character {character!r}, which {charset} does not have.",
        ) from None


def _has_ascii(charset: str) -> bool:
    """Whether line ends and boundaries are octets as ever in it (RFC 2046, section 4.1.2)."""
    try:
        return "\n--a".encode(charset) == b"\n--a"
    except (LookupError, ValueError):
        return False


def _auto(octets: bytes) -> tuple[str, bytes]:
    if octets.isascii() and not _trouble(octets):
        return "7bit", _crlf(octets)
    return min(_quoted_printable(octets), _base64(octets), key=lambda made: len(made[1]))


def _seven_bit(octets: bytes) -> tuple[str, bytes]:
    if not octets.isascii():
        raise DraftError("encoding", "The text has characters beyond ASCII, which 7bit can't hold.")
    return "7bit", _untouched(octets, "7bit")


def _eight_bit(octets: bytes) -> tuple[str, bytes]:
    return "8bit", _untouched(octets, "8bit")


def _untouched(octets: bytes, encoding: str) -> bytes:
    if trouble := _trouble(octets):
        raise DraftError("encoding", f"The text has {trouble}, which {encoding} can't hold.")
    return _crlf(octets)


def _crlf(octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n")


def _trouble(octets: bytes) -> str:
    """Return what keeps *octets* from being sent as they are (RFC 2045, section 2.7)."""
    if b"\0" in octets:
        return "a NUL"
    if b"\r" in octets:
        return "a CR without LF"
    if len(octets) > LONGEST_LINE and max(map(len, octets.split(b"\n"))) > LONGEST_LINE:
        return f"a line of over {LONGEST_LINE} octets"
    return ""


def _quoted_printable(octets: bytes) -> tuple[str, bytes]:
    return "quoted-printable", _crlf(binascii.b2a_qp(octets, istext=True))


def _base64(octets: bytes) -> tuple[str, bytes]:
    return "base64", in_base64(_crlf(octets))


_ENCODERS: Final[Mapping[TransferEncoding, Callable[[bytes], tuple[str, bytes]]]] = {
    TransferEncoding.AUTO: _auto,
    TransferEncoding.SEVEN_BIT: _seven_bit,
    TransferEncoding.EIGHT_BIT: _eight_bit,
    TransferEncoding.QUOTED_PRINTABLE: _quoted_printable,
    TransferEncoding.BASE64: _base64,
}
