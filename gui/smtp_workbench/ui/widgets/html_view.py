"""HTML of messages, shown without fetching anything: no file, no address, whatever it asks for.

Qt asks `loadResource` for each picture and style sheet. Where that gives nothing, Qt goes on to
look at the file system itself; so it is always given something.
"""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QPainter,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextBrowser

from smtp_workbench.ui import ask
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.theme import LIGHT
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.excerpt import excerpt, wrapping
from smtp_workbench.ui.widgets.html_limits import within_limits
from smtp_workbench.ui.widgets.html_picture import content_id, decode, lift

_PICTURES: Final = 100
_PIXELS: Final = 40_000_000
"""Of all pictures of a message together, decoded."""
_LINK_LENGTH: Final = 600
"""Characters of an address in the question that comes before it is opened."""
_OPENED: Final = ("http", "https", "mailto")
_SHEET: Final = f"a {{ color: {LIGHT.link}; }} img {{ max-width: 100%; }}"


class HtmlView(QTextBrowser):
    """Shows HTML on white paper, as mail programs do, or plain text in the theme's colours."""

    blocked_changed = Signal(int)
    pictures_shown = Signal()
    """The pictures are decoded and in their places; not emitted where there are none."""

    def __init__(self, errands: Errands) -> None:
        """Prepare; *errands* decodes pictures beside the loop."""
        super().__init__()
        self._errands = errands
        self._pictures: Mapping[str, bytes] = {}
        self._images: dict[str, QImage] = {}
        self._wanted: dict[str, bytes] = {}
        self._refused: set[str] = set()
        self._told = 0
        self._shown = 0
        """Counts what was shown, so that pictures that come late don't land in another message."""
        self.setObjectName("letter")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.document().setDefaultStyleSheet(_SHEET)
        self.document().setDocumentMargin(16)
        self.anchorClicked.connect(self._ask)
        self.highlighted.connect(lambda url: self.setToolTip(_written(url)))

    @property
    def blocked(self) -> int:
        """How many pictures, style sheets and the like were asked for and not loaded."""
        return len(self._refused)

    def show_html(self, html: str, pictures: Mapping[str, bytes]) -> None:
        """Show *html*; *pictures* are the message's own, by their Content-ID.

        The text is there at once, its pictures as soon as they are decoded.
        """
        self._begin(paper=True)
        self.setWordWrapMode(wrapping(""))
        html, cut = within_limits(html)
        if cut:
            html += f"<hr><p>{self.tr('The rest is too long to be shown here.')}</p>"
        html, lifted = lift(html)
        self._pictures = {**lifted, **{f"cid:{name}": octets for name, octets in pictures.items()}}
        self._fill(html)
        self._tell()
        if self._wanted:
            self._errands.run(self._decode(html, self._shown))

    def show_text(self, text: str) -> None:
        """Show plain *text*, as it is."""
        self._begin(paper=False)
        shown = excerpt(text)
        self.setWordWrapMode(wrapping(shown))
        if len(shown) < len(text):
            shown += "\n\n" + self.tr("The rest is too long to be shown here.")
        self.setPlainText(shown)
        self._tell()

    def loadResource(self, _kind: int, name: QUrl | str) -> Any:  # Qt's name
        """Give what the message itself holds, and a blank for everything else."""
        url = QUrl(name)
        key = _encoded(url)
        image = self._images.get(key)
        if image is not None:
            return image
        identity = content_id(url)
        octets = self._pictures.get(f"cid:{identity}" if identity else key)
        if octets is None:
            self._refused.add(key)
        elif key not in self._refused:
            self._wanted[key] = octets
        return _blank()

    def _begin(self, *, paper: bool) -> None:
        self._shown += 1
        self._pictures = {}
        self._images.clear()
        self._wanted.clear()
        self._refused.clear()
        self.setToolTip("")
        if self.property("paper") is not paper:
            self.setProperty("paper", paper)
            dress_anew(self)

    def _fill(self, html: str) -> None:
        """Lay *html* out, and learn of every picture now, not when it comes into sight."""
        self.setHtml(html)
        document = self.document()
        for form in document.allFormats():
            if form.isImageFormat():
                name = QUrl(form.toImageFormat().name())
                document.resource(QTextDocument.ResourceType.ImageResource.value, name)

    async def _decode(self, html: str, shown: int) -> None:
        left = _PIXELS
        for number, (key, octets) in enumerate(tuple(self._wanted.items())):
            image = await asyncio.to_thread(decode, octets) if number < _PICTURES else None
            if shown != self._shown:
                return
            left -= image.width() * image.height() if image else 0
            if image is None or left < 0:
                self._refused.add(key)
            else:
                self._images[key] = image
        self._wanted.clear()
        at = self.verticalScrollBar().value()
        self._fill(html)
        self.verticalScrollBar().setValue(at)
        self._tell()
        self.pictures_shown.emit()

    def _tell(self) -> None:
        if self.blocked != self._told:
            self._told = self.blocked
            self.blocked_changed.emit(self.blocked)

    def _ask(self, url: QUrl) -> None:
        """Show where a link leads before it is followed."""
        if url.hasFragment() and url.toString().startswith("#"):
            self.scrollToAnchor(url.fragment())
            return
        if url.scheme().lower() in _OPENED:
            title, yes, then = self.tr("Open this address?"), self.tr("Open"), _open
        else:
            title, yes, then = self.tr("Copy this address?"), self.tr("Copy"), _copy
        ask.confirm(self, title, _written(url), yes, lambda: then(url))


def _open(url: QUrl) -> None:
    QDesktopServices.openUrl(url)


def _copy(url: QUrl) -> None:
    QGuiApplication.clipboard().setText(_encoded(url))


def _encoded(url: QUrl) -> str:
    return bytes(url.toEncoded().data()).decode("ascii", "replace")


def _written(url: QUrl) -> str:
    """Return an address as it is sent, which shows letters that only look like others."""
    text = _encoded(url)
    return text if len(text) <= _LINK_LENGTH else text[:_LINK_LENGTH] + "…"


@lru_cache(maxsize=1)
def _blank() -> QImage:
    """Return what stands for a picture that is not shown."""
    image = QImage(18, 18, QImage.Format.Format_ARGB32)
    image.fill(QColor(LIGHT.quote))
    painter = QPainter(image)
    painter.setPen(QColor(LIGHT.line))
    painter.drawRect(0, 0, 17, 17)
    painter.end()
    return image
