"""One message as it was received: rendered, as text, its header, its source and its files."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Finding, Severity
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.excerpt import LENGTH
from smtp_workbench.ui.widgets.finding_box import FindingList
from smtp_workbench.ui.widgets.html_view import HtmlView
from smtp_workbench.ui.widgets.parts_view import PartsView
from smtp_workbench.ui.widgets.plain_view import FieldNames, PlainView
from smtp_workbench.ui.widgets.segments import Segments

if TYPE_CHECKING:
    from smtp_workbench.message.reading import Letter

RENDERED, TEXT, HEADERS, SOURCE, PARTS = range(5)
_MOST_DEFECTS: Final = 3


class MessageView(QWidget):
    """Shows a letter and its octets; fills only what is in sight."""

    save_asked = Signal(str, object)
    """A name for a file, and octets."""

    def __init__(self, theme: Theme, errands: Errands) -> None:
        super().__init__()
        self._letter: Letter | None = None
        self._octets = b""
        self._filled: set[int] = set()
        self.html = HtmlView(errands)
        self.html.setAccessibleName(self.tr("Rendered message"))
        self.text = PlainView(self.tr("Text"))
        self.headers = PlainView(self.tr("Header fields"))
        self._names = FieldNames(self.headers.document())
        self.source = PlainView(self.tr("Source"), mono=True)
        self.parts = PartsView()
        self.parts.save_asked.connect(self.save_asked)
        self.segments = self._make_segments()
        self.notes = FindingList(theme)
        self.html.blocked_changed.connect(lambda _count: self._note())
        self._stack = QStackedWidget()
        for page in (self.html, self.text, self.headers, self.source, self.parts):
            self._stack.addWidget(page)
        self._stack.addWidget(self._waiting())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.segments, self.notes):
            head = QVBoxLayout()
            head.setContentsMargins(16, 0, 16, 0)
            head.addWidget(widget)
            column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.segments.picked.connect(self.show_aspect)
        self.segments.show_value(RENDERED)
        self._aspect = RENDERED
        self.show_nothing()

    def show_letter(self, letter: "Letter", octets: bytes) -> None:
        """Show *letter*, which was read out of *octets*."""
        self._letter, self._octets = letter, octets
        self._filled.clear()
        count = f" ({len(letter.parts)})" if letter.parts else ""
        self.segments.button(PARTS).setText(self.tr("Files") + count)
        self.show_aspect(self._aspect)

    def show_nothing(self, why: str = "") -> None:
        """Show no message, and *why*."""
        self._letter, self._octets = None, b""
        self._filled.clear()
        for view in (self.html, self.text, self.headers, self.source):
            view.clear()
        self.parts.show_parts(())
        self._why.setText(why)
        self._stack.setCurrentIndex(self._stack.count() - 1)
        self._note()

    def show_aspect(self, aspect: int) -> None:
        """Show one aspect: `RENDERED`, `TEXT`, `HEADERS`, `SOURCE` or `PARTS`."""
        self._aspect = aspect
        self.segments.show_value(aspect)
        letter = self._letter
        if letter is None:
            return
        if aspect not in self._filled:
            self._filled.add(aspect)
            self._fill(aspect, letter)
        self._stack.setCurrentIndex(aspect)
        self._note()

    def _fill(self, aspect: int, letter: "Letter") -> None:
        if aspect == RENDERED and letter.html:
            pictures = {part.content_id: part.octets for part in letter.parts}
            self.html.show_html(letter.html, pictures)
        elif aspect == RENDERED:
            self.html.show_text(letter.text)
        elif aspect == TEXT:
            self.text.show_text(letter.text)
        elif aspect == HEADERS:
            fields = (f"{name}: {value}" for name, value in letter.headers)
            self.headers.show_text("\n".join(fields))
        elif aspect == SOURCE:
            # Octets that are not UTF-8 are what is looked for here: they are shown as escapes.
            source = self._octets[:LENGTH].decode("utf-8", "backslashreplace")
            more = len(self._octets) - LENGTH
            self.source.show_text(source.replace("\r\n", "\n"), max(more, 0))
        else:
            self.parts.show_parts(letter.parts)

    def _note(self) -> None:
        letter = self._letter
        notes = []
        if letter is not None and self._aspect == RENDERED and self.html.blocked:
            what = self.tr("{n} pictures or style sheets are not shown.")
            if self.html.blocked == 1:
                what = self.tr("A picture or style sheet is not shown.")
            text = what + " " + self.tr("Nothing outside the message is fetched.")
            notes.append((Severity.NOTE, text.format(n=self.html.blocked)))
        if letter is not None:
            notes += [(Severity.WARNING, text) for text in letter.defects[:_MOST_DEFECTS]]
        self.notes.show_findings([Finding("", severity, text) for severity, text in notes])

    def _make_segments(self) -> Segments:
        return Segments(
            self.tr("Show"),
            {
                RENDERED: (self.tr("Rendered"), self.tr("As a mail program shows it")),
                TEXT: (self.tr("Text"), self.tr("The part that is plain text")),
                HEADERS: (self.tr("Headers"), self.tr("All header fields, decoded")),
                SOURCE: (self.tr("Source"), self.tr("Octet for octet")),
                PARTS: (self.tr("Files"), self.tr("Attachments and other parts")),
            },
        )

    def _waiting(self) -> QWidget:
        self._why = QLabel()
        self._why.setWordWrap(True)
        self._why.setProperty("role", "secondary")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 8, 16, 8)
        column.addWidget(self._why)
        column.addStretch(1)
        return page
