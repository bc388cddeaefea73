"""Files and pictures that are pasted or dropped."""

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage


@dataclass(frozen=True, slots=True)
class Given:
    """What came: names of files on this machine, or a picture without a file."""

    paths: tuple[str, ...] = ()
    picture: QImage | None = None

    def png(self) -> bytes:
        """Return the picture as PNG; it takes a moment. Without a picture: no octets."""
        if self.picture is None:
            return b""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.picture.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide's stub wants bytes
        return bytes(buffer.data().data())


def may_be_given(mime: QMimeData) -> bool:
    """Whether there are files or a picture in *mime*, and no text that was meant instead."""
    files = any(url.isLocalFile() for url in mime.urls())
    return files or (mime.hasImage() and not mime.hasText())


def given_in(mime: QMimeData) -> Given | None:
    """Return the files or the picture in *mime*; None where it has neither, or has text."""
    if not may_be_given(mime):
        return None
    paths = tuple(url.toLocalFile() for url in mime.urls() if url.isLocalFile())
    if paths:
        return Given(paths)
    picture = QImage(mime.imageData())
    return None if picture.isNull() else Given(picture=picture)
