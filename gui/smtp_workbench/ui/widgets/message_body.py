"""The body of a message, from four sides: its text, its HTML, what that looks like, its octets."""

import asyncio
from html import escape
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QMenu, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from smtp_workbench.message import variables
from smtp_workbench.message.content import FileChangedError
from smtp_workbench.message.draft import Attachment
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.letter import Letter, source_of
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.attachment_row import formatted
from smtp_workbench.ui.widgets.body_bar import BodyBar, Side
from smtp_workbench.ui.widgets.plain_editor import PlainEditor
from smtp_workbench.ui.widgets.preview import Preview
from smtp_workbench.ui.widgets.source_view import SourceView

LEAST_LINES: Final = 8


class MessageBody(QWidget):
    """Shows the letter's text; one side at a time."""

    given = Signal(object)
    """Files or a picture, pasted or dropped into a text."""
    field_asked = Signal(str)
    side_changed = Signal()

    def __init__(self, letter: Letter, theme: Theme, errands: Errands, more: QMenu) -> None:
        super().__init__()
        self._letter, self._theme, self._errands = letter, theme, errands
        self.side = Side.TEXT
        self.bar = BodyBar(theme, more)
        self.text = PlainEditor(lines=LEAST_LINES)
        self.html = PlainEditor(lines=LEAST_LINES, mono=True)
        self.preview = Preview(errands)
        self.source = SourceView(theme)
        self.derive = QCheckBox(self.tr("Make a plain text from the HTML"))
        self._sides = QStackedWidget()
        self._pages: dict[Side, QWidget] = {
            Side.TEXT: self.text,
            Side.HTML: self.html,
            Side.PREVIEW: self.preview,
            Side.SOURCE: self.source,
        }
        for page in self._pages.values():
            self._sides.addWidget(page)
        self._sides.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self._sides.setMinimumHeight(self.least_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self._sides, 1)
        column.addWidget(self.derive)
        self._connect()
        self.show_side(Side.TEXT)

    def show_side(self, side: Side) -> None:
        """Show the body from *side*."""
        self.side = side
        self.bar.segments.show_value(side)
        self._sides.setCurrentWidget(self._pages[side])
        if side is Side.SOURCE:
            self._letter.renew()  # so that its time is now
        self.refresh()
        self.side_changed.emit()

    @property
    def editor(self) -> PlainEditor | None:
        """The text that is being written, if one is."""
        return {Side.TEXT: self.text, Side.HTML: self.html}.get(self.side)

    def focus_side(self, side: Side) -> None:
        """Show *side* and put the cursor into it."""
        self.show_side(side)
        self._pages[side].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def least_height(self) -> int:
        """Points that the side that is shown needs at least."""
        return self.text.least_height

    @property
    def whole_height(self) -> int | None:
        """Points that all lines of the text need; None for a side that scrolls by itself."""
        return None if self.editor is None else self.editor.whole_height

    @property
    def sides_height(self) -> int:
        """Points that the side that is shown has at least."""
        return self._sides.minimumHeight()

    def set_height(self, height: int) -> None:
        """Have at least *height* points for the side that is shown."""
        self._sides.setMinimumHeight(height)

    def refresh(self) -> None:
        """Show what the letter has."""
        draft = self._letter.draft
        self.text.show_text(draft.text)
        self.html.show_text(draft.html)
        self.derive.setVisible(self.side is Side.TEXT and bool(draft.html) and not draft.text)
        self.derive.setChecked(draft.derive_text)
        if self.side is Side.PREVIEW:
            self._show_preview()
        elif self.side is Side.SOURCE and self._letter.is_built:
            self._errands.run(self._show_source())

    def put(self, text: str) -> None:
        """Type *text* where the cursor is, in the text that is shown or else in the plain one."""
        if self.editor is None:
            self.show_side(Side.TEXT)
        if self.editor is not None:
            self.editor.put(text)

    def put_picture(self, picture: Attachment) -> None:
        """Refer to *picture* where the cursor is in the HTML text."""
        draft = self._letter.draft
        if not draft.html and draft.text:
            self._letter.change(self.tr("HTML from the text"), html=_as_html(draft.text))
        self.focus_side(Side.HTML)
        name = escape(Path(picture.name).stem, quote=True)
        self.html.put(f'<img src="cid:{escape(picture.content_id, quote=True)}" alt="{name}">')

    def _connect(self) -> None:
        names = {self.text: self.tr("Text of the message"), self.html: self.tr("HTML text")}
        for editor, name in names.items():
            editor.setAccessibleName(name)
            editor.given.connect(self.given)
        self.text.setObjectName("edit-text")
        self.html.setObjectName("edit-html")
        self.text.setPlaceholderText(self.tr("What the message says"))
        self.html.setPlaceholderText("<p>…</p>")
        self.text.edited.connect(lambda text: self._letter.edit(text=text))
        self.html.edited.connect(lambda text: self._letter.edit(html=text))
        self.derive.clicked.connect(lambda on: self._letter.change("", derive_text=on))
        self.bar.picked.connect(self.focus_side)
        self.bar.variable_picked.connect(self.put)
        self.source.field_asked.connect(self.field_asked)
        self._letter.changed.connect(self.refresh)
        self._letter.built_anew.connect(self.refresh)

    # What is made off the loop

    def _show_preview(self) -> None:
        draft = self._letter.complete
        values = variables.values(draft, self._letter.occasion)
        html = variables.expand_html(draft.html, values)
        text = variables.expand(draft.text, values)
        self.preview.show_message(html, text, draft.attachments)

    async def _show_source(self) -> None:
        built = self._letter.built
        if built is None:
            return
        if built.parcel is None:
            trouble = built.trouble
            self.source.show_trouble(str(trouble), trouble.field if trouble else "")
            return
        try:
            start = await asyncio.to_thread(source_of, built.parcel)
        except (OSError, FileChangedError) as error:
            self.source.show_trouble(str(error), "attachments")
            return
        total = built.parcel.content.size
        note = self.tr("{size}, exactly as it would be sent now").format(size=formatted(total))
        if start.octets < total:
            more = formatted(total - start.octets)
            note = self.tr("{size} in all; {more} more are not shown").format(
                size=formatted(total), more=more
            )
        self.source.show_source(start.text, note)


def _as_html(text: str) -> str:
    """Return plain *text* as HTML that looks the same."""
    paragraphs = escape(text, quote=False).split("\n\n")
    return "\n".join(f"<p>{each}</p>".replace("\n", "<br>\n") for each in paragraphs if each)
