"""The dialog that says what an error means: any text in, a card with what to do out."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.diagnosis.case import Context
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.reading import MAX_TEXT
from smtp_workbench.settings.change import Fix
from smtp_workbench.smtp.events import Stage
from smtp_workbench.ui import cards, cards_explain
from smtp_workbench.ui.dialogs.room import take_room
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.card import Card, CardText
from smtp_workbench.ui.widgets.flow import FlowLayout
from smtp_workbench.ui.widgets.found_area import FoundArea
from smtp_workbench.ui.widgets.known_besides import KnownBesides
from smtp_workbench.ui.widgets.log_field import LogField

if TYPE_CHECKING:
    from smtp_workbench.ui.explained import Explained

_PAUSE = 250
"""Milliseconds after the last stroke until the text is read."""
_SIZE = (760, 740)


class ExplainError(QDialog):
    """Explains while the text is typed; nothing of it is kept or sent. Open it with `open`."""

    fix_taken = Signal(object)
    field_asked = Signal(str)
    """The path of the field that the error is about."""
    understood = Signal()
    """What is shown belongs to what stands in the field."""

    def __init__(self, parent: QWidget, theme: Theme, errands: Errands) -> None:
        super().__init__(parent)
        self._errands = errands
        self._explained: Explained | None = None
        self._reading = self._stale = self._scroll = self._closed = False
        self.setWindowTitle(self.tr("Explain an error"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = LogField(theme)
        self.text.setAccessibleName(self.tr("What was printed"))
        self.text.setPlaceholderText("535 5.7.8 Error: authentication failed")
        self._note = QLabel()
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self.known = KnownBesides()
        self.card = Card()
        self._others = QWidget()
        self._found = FoundArea(self.card, self._others)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._deeds = cards_explain.Deeds(self._take, self._open_settings, self._show)
        self._build()
        self.text.textChanged.connect(self._pause.start)
        self.text.pasted.connect(self._read_pasted)
        self.known.changed.connect(self._pause.start)
        self._pause.timeout.connect(lambda: errands.run(self._read()))
        self._show()

    def give(self, text: str) -> None:
        """Take *text* as if it were pasted."""
        self.text.put(text)
        self._read_pasted()

    def done(self, result: int) -> None:
        """Close; what is still being read has nowhere to be shown."""
        self._closed, self._stale = True, False
        super().done(result)

    # Building

    def _build(self) -> None:
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(self.text, 2)
        column.addWidget(self._note)
        column.addWidget(self.known)
        column.addWidget(self._found, 3)
        column.addWidget(close)
        take_room(self, *_SIZE)

    # Reading

    def _read_pasted(self) -> None:
        """Read at once, and go to what decides: nobody is in the middle of typing."""
        self._scroll = True
        self._pause.stop()
        self._errands.run(self._read())

    async def _read(self) -> None:
        """Read what stands in the field; once more if it has changed meanwhile."""
        self._stale = not self._closed
        if self._reading:
            return
        self._reading = True
        explained = None
        try:
            while self._stale:
                self._stale = False
                text, context = self.text.toPlainText(), self.known.context
                if len(text) > MAX_TEXT // 10:
                    self._show_card(cards_explain.reading(), ())
                explained = await asyncio.to_thread(_understood, text, context)
        finally:
            self._reading = False
        if not self._closed:
            self._explained = explained
            self._show()
            self.understood.emit()

    # Showing

    def _show(self) -> None:
        explained = self._explained
        self._show_length()
        self.text.mark(explained.span if explained else None)
        if self._scroll:
            self._scroll = False
            self.text.show_marked()
        if explained is None:
            self._show_card(cards_explain.empty(), ())
        elif explained.known:
            self._show_card(cards_explain.told(explained.diagnosis, self._deeds), explained.also)
        else:
            context = self.known.context != Context()
            card = cards_explain.unknown(explained.diagnosis, self._deeds, context=context)
            self._show_card(card, ())

    def _show_card(self, card: CardText, also: Sequence[Diagnosis]) -> None:
        self.card.show_text(card)
        old, self._others = self._others, self._links(also)
        self._others.setVisible(bool(also))
        self._found.column.replaceWidget(old, self._others)
        old.hide()
        old.deleteLater()
        self._found.verticalScrollBar().setValue(0)

    def _links(self, also: Sequence[Diagnosis]) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(4, 0, 0, 0)
        column.setSpacing(2)
        heading = QLabel(self.tr("It could also be:"))
        heading.setProperty("role", "secondary")
        column.addWidget(heading)
        links = QWidget()
        flow = FlowLayout(links)
        for diagnosis in also:
            link = QPushButton(diagnosis.title)
            link.setProperty("link", "true")
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(partial(self._show_other, diagnosis))
            flow.addWidget(link)
        column.addWidget(links)
        return holder

    def _show_other(self, diagnosis: Diagnosis) -> None:
        self._show_card(cards_explain.other(diagnosis, self._deeds), ())
        back = self.card.button(self.tr("Back"))
        if back is not None:
            back.setFocus()

    def _show_length(self) -> None:
        over = max(0, len(self.text.toPlainText()) - MAX_TEXT) + self.text.left_out
        text = self.tr("The end counts most: the first {n} characters are left out.")
        self._note.setText(text.format(n=f"{over:,}"))
        self._note.setVisible(over > 0)

    # Answers

    def _take(self, fix: Fix) -> None:
        self.accept()
        self.fix_taken.emit(fix)

    def _open_settings(self) -> None:
        """Close, and go to the field that the error is about."""
        stage = self.known.context.stage
        paths = self._explained.diagnosis.fixes if self._explained else ()
        path = next((path for fix in paths for path in fix.change.fields), "")
        field = cards.field_at(Stage(stage)) if stage else ""
        self.accept()
        self.field_asked.emit(path or field or "host")


def _understood(text: str, context: Context) -> "Explained | None":
    """Return what *text* means, None where there is none; it takes a moment."""
    from smtp_workbench.ui.explained import understand  # noqa: PLC0415  # compiles all rules

    return understand(text, context) if text.strip() else None
