"""What a message looks like to its reader, with a word on what was not loaded."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from smtp_workbench.message.draft import Attachment
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.widgets.html_view import HtmlView

_LARGEST: Final = 8 << 20
"""Octets of a picture's file that is read for a preview."""


class Preview(QWidget):
    """HTML on paper, or plain text."""

    def __init__(self, errands: Errands) -> None:
        super().__init__()
        self._errands = errands
        self._shown: object = None
        self.view = HtmlView(errands)
        self.view.setAccessibleName(self.tr("Preview of the message"))
        self.note = QLabel()
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.view.blocked_changed.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        paper = QFrame()
        paper.setObjectName("paper")
        edge = QVBoxLayout(paper)
        edge.setContentsMargins(3, 3, 3, 3)
        edge.addWidget(self.view)
        column.addWidget(paper, 1)
        column.addWidget(self.note)
        self.setFocusProxy(self.view)
        self._tell(0)

    def show_message(self, html: str, text: str, attachments: Sequence[Attachment]) -> None:
        """Show *html*, or *text* where there is none; pictures come from *attachments*."""
        pictures = tuple(each for each in attachments if each.content_id) if html else ()
        shown = (html, text, pictures)
        if shown != self._shown:
            self._shown = shown
            self._errands.run(self._show(html, text, pictures))

    async def _show(self, html: str, text: str, pictures: tuple[Attachment, ...]) -> None:
        octets = await asyncio.to_thread(_octets, pictures)
        if self._shown != (html, text, pictures):
            return  # it has changed meanwhile
        if html:
            self.view.show_html(html, octets)
        else:
            self.view.show_text(text)

    def _tell(self, blocked: int) -> None:
        text = self.tr("1 thing the HTML asks for was not loaded, as nothing is fetched here.")
        if blocked != 1:
            text = self.tr(
                "{count} things the HTML asks for were not loaded, as nothing is fetched here."
            ).format(count=blocked)
        self.note.setText(text)
        self.note.setVisible(bool(blocked))


def _octets(pictures: Sequence[Attachment]) -> Mapping[str, bytes]:
    """Return *pictures* by Content-ID, without those that can't be read or are too large."""
    found: dict[str, bytes] = {}
    for each in pictures:
        try:
            if not each.path:
                found[each.content_id] = each.data
            elif Path(each.path).stat().st_size <= _LARGEST:
                found[each.content_id] = Path(each.path).read_bytes()
        except (OSError, ValueError):
            continue
    return found
