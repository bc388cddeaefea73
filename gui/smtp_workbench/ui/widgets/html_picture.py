"""Pictures out of messages: decoded within limits, whatever their octets say."""

import base64
import re
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, QUrl
from PySide6.QtGui import QImage, QImageReader

FORMATS: Final = ("png", "jpeg", "gif", "webp", "bmp")
"""Qt's names. None of them refers to other files, as SVG does."""
_PIXELS: Final = 50_000_000
"""Of one picture as it says itself, before anything is decoded."""
_EDGE: Final = 1600
"""Pixels that a picture is wide or high at most, once it is decoded."""
_IMG: Final = re.compile(
    r"""<img\b(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^>"'])*+(?:>|\Z)""", re.IGNORECASE
)
_DATA: Final = re.compile(r"""\bdata:[^,"'\s>]*?(;base64)?,([^"'\s>]*)""", re.IGNORECASE)


def lift(html: str) -> tuple[str, dict[str, bytes]]:
    """Take the pictures that are written out as data URLs (RFC 2397) out of *html*.

    Return it with short addresses in their place, and what is meant by these: megabytes of base64
    would keep Qt busy wherever it looks at an address.
    """
    lifted: dict[str, bytes] = {}

    def take(found: re.Match[str]) -> str:
        name = f"lifted:{len(lifted)}"
        octets = _octets(found)
        if octets is not None:
            lifted[name] = octets
        return name

    return _IMG.sub(lambda tag: _DATA.sub(take, tag[0]), html), lifted


def content_id(url: QUrl) -> str:
    """Return the Content-ID that *url* refers to (RFC 2392), empty if it does not."""
    return unquote(url.path()) if url.scheme().lower() == "cid" else ""


def decode(octets: bytes) -> QImage | None:
    """Return the picture, shrunk if it is large; None if it is none, or too large to be opened.

    It takes a while and may be called on any thread.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(octets))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    if bytes(reader.format().data()).decode("latin-1") not in FORMATS:
        return None
    size = reader.size()
    if size.isEmpty() or size.width() * size.height() > _PIXELS:
        return None
    if max(size.width(), size.height()) > _EDGE:
        reader.setScaledSize(_shrunk(size))
    image = reader.read()
    return None if image.isNull() else image


def _shrunk(size: QSize) -> QSize:
    scale = _EDGE / max(size.width(), size.height())
    return QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale)))


def _octets(found: re.Match[str]) -> bytes | None:
    octets = unquote_to_bytes(found[2])
    try:
        return base64.b64decode(octets + b"==") if found[1] else octets
    except ValueError:
        return None
