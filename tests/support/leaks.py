"""Looks for a secret in what the program put out, by other means than the program hides it with.

It decodes whatever may be an encoding and looks inside, where redaction searches for the encoded
forms; so a mistake in one is not made again in the other.
"""

import base64
import binascii
import html
import os
import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{4,}")
_HEX_RUN = re.compile(rb"(?:[0-9A-Fa-f]{2}[ :-]?){3,}[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\"'\\/]))")


def find_leak(haystack: str | bytes, secret: str) -> str | None:
    """Return how *secret* can be read out of *haystack*; None if it can't."""
    if not secret:
        return None
    data = haystack.encode("utf-8", "surrogateescape") if isinstance(haystack, str) else haystack
    needles = dict(_needles(secret))
    for how, view in _views(data):
        lower = view.lower()
        for needle, coding in needles.items():
            if needle in lower:
                return f"{how} ({coding})"
    return None


def _needles(secret: str) -> Iterator[tuple[bytes, str]]:
    """Yield what to look for among small letters, and how it is coded."""
    for spelling in (secret, secret.lower(), secret.upper()):
        for coding in ("utf-8", "cp1252"):
            with suppress(UnicodeEncodeError):
                yield spelling.encode(coding).lower(), coding


def _views(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "as it is", data
    yield "percent-encoded", unquote_to_bytes(data)
    yield "percent-encoded, + for blanks", unquote_to_bytes(data.replace(b"+", b" "))
    yield "quoted-printable", quopri.decodestring(data)
    yield "xtext", unquote_to_bytes(data.replace(b"+", b"%"))
    text = data.decode("utf-8", "replace")
    yield "HTML entities", html.unescape(text).encode()
    yield (
        "backslash escapes of characters",
        _ESCAPE.sub(_character, text).encode("utf-8", "replace"),
    )
    yield "backslash escapes of octets", _ESCAPE.sub(_character, text).encode("latin-1", "replace")
    for run in dict.fromkeys(_BASE64_RUN.findall(data)):
        plain = run.translate(bytes.maketrans(b"-_", b"+/"))
        # Where a group of four begins is unknown: the run may have been cut anywhere.
        for skipped in range(4):
            part = plain[skipped:]
            with suppress(binascii.Error):
                decoded = base64.b64decode(part[: len(part) // 4 * 4] + _rest(part))
                yield f"base64 of {run.decode()!r} from {skipped}", decoded
                yield f"base64 of UTF-16 in {run.decode()!r}", decoded.replace(b"\0", b"")
    for run in _HEX_RUN.findall(data):
        digits = re.sub(rb"[ :-]", b"", run)
        for skipped in range(2):
            part = digits[skipped:]
            yield "hexadecimal", binascii.unhexlify(part[: len(part) // 2 * 2])


def _rest(run: bytes) -> bytes:
    """Return the unfinished last group, filled up where it still means something."""
    rest = run[len(run) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) >= 2 else b""


def _character(escape: re.Match[str]) -> str:
    return escape[4] or chr(int(escape[1] or escape[2] or escape[3], 16))


def files_that_leak(folder: Path, secret: str) -> list[Path]:
    """Return the files below *folder* with *secret* in them; a keyring may be at work there."""
    found = []
    for place, _, names in os.walk(folder):
        for file in (Path(place, name) for name in names):
            with suppress(OSError):  # a socket, or what has just been tidied away
                if find_leak(file.read_bytes(), secret) is not None:
                    found.append(file)
    return found
