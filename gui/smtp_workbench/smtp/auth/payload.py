"""Reads what a person typed after AUTH, as far as that can be read: who, and with which secret.

Only redaction needs it: the secret in such a line is known from nowhere else.
"""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

_XOAUTH2: Final = re.compile(rb"user=([^\0-\x20]*)\x01auth=Bearer ([^\0-\x20]+)\x01\x01")
_OAUTHBEARER: Final = re.compile(
    rb"n,(?:a=([^\0-\x20,]*))?,\x01(?:[a-z]+=[^\x01]*\x01)*auth=Bearer ([^\0-\x20]+)\x01\x01"
)
_SEPARATORS: Final = re.compile(rb"[\0-\x20,:]+|\^A|\\x01|\\1")
_READ: Final = 16_384
"""Octets of a message that are read; RFC 4954 thinks of 12,288 at most."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What one client message of an exchange says."""

    user: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Texts that must not be shown from now on; if there are any, the message itself too."""


def read_payload(mechanism: str, message: bytes, prompt: bytes, *, first: bool) -> Payload:
    """Read *message*, the text of a client's line.

    *prompt* is the text of the challenge that it answers; *first* tells that the exchange has had
    no message before. What can't be read is a secret as a whole.
    """
    message = message[:_READ]
    decoded = decode64(message)
    if decoded is None:
        words = [decode64(word) or b"" for word in message.split()]
        return Payload("", _texts([*_pieces(message), *words]))
    user, secrets = b"", _pieces(decoded)
    match mechanism.upper().partition("-")[0]:
        case "PLAIN" if b"\0" in decoded:
            identities, _, secret = decoded.rpartition(b"\0")
            user, secrets = identities.rpartition(b"\0")[2], [secret]
        case "LOGIN" if first and len(secrets) == 1 and not _asks_for_password(prompt):
            user, secrets = decoded, []
        case "CRAM":
            user, _, digest = decoded.rpartition(b" ")
            secrets = [digest]
        case "SCRAM":
            user, secrets = _scram(decoded)
        case "XOAUTH2" | "OAUTHBEARER":
            user, secrets = _oauth(decoded)
        case "EXTERNAL" | "ANONYMOUS":
            user, secrets = decoded, []
    return Payload(_name(user), _texts([message, *secrets]) if secrets else ())


def _scram(decoded: bytes) -> tuple[bytes, list[bytes]]:
    fields = {field[:2]: field[2:] for field in decoded.split(b",")}
    user = fields.get(b"n=", b"").replace(b"=2C", b",").replace(b"=3D", b"=")
    # With the proof a listener can try passwords at home.
    return user, [fields[b"p="]] if b"p=" in fields else []


def _oauth(decoded: bytes) -> tuple[bytes, list[bytes]]:
    if match := _XOAUTH2.fullmatch(decoded) or _OAUTHBEARER.fullmatch(decoded):
        return match[1] or b"", [match[2]]
    return b"", _pieces(decoded)


def _pieces(message: bytes) -> list[bytes]:
    """Return *message* and its words: put together wrongly, any of them may be the secret."""
    words = [word for word in _SEPARATORS.split(message) if len(word) >= 4 and word != message]
    return [message, *words]


def _asks_for_password(prompt: bytes) -> bool:
    return b"pass" in (decode64(prompt) or prompt).lower()


def decode64(text: bytes) -> bytes | None:
    """Return *text* decoded, None if it is not base64. Padding may be missing."""
    text = text.strip().rstrip(b"=")
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        return None


def _texts(values: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(value) for value in values if value))


def _name(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:  # no name, but something that happened to look like base64
        return ""


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
