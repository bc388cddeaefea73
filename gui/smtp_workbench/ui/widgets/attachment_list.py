"""The attachments in a box that files can be dropped into."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from smtp_workbench.message.draft import Attachment
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.attachment_row import AttachmentRow
from smtp_workbench.ui.widgets.dressing import dress_anew
from smtp_workbench.ui.widgets.given import given_in


class AttachmentList(QFrame):
    """Shows attachments and says what the user does with them."""

    removed = Signal(int)
    retyped = Signal(int, object)
    inline_asked = Signal(int, bool)
    given = Signal(object)
    """Files or a picture, pasted."""
    choose_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[AttachmentRow] = []
        self.setObjectName("attachments")
        self.setAccessibleName(self.tr("Attachments"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 4, 8, 4)
        self._column.setSpacing(0)
        self._hint = QLabel(self.tr("Drop or paste files here, or"))
        self._hint.setProperty("role", "secondary")
        self.choose = QPushButton(self.tr("choose…"))
        self.choose.setProperty("link", "true")
        self.choose.setAccessibleName(self.tr("Choose files to attach"))
        self.choose.setToolTip(self.tr("Attach files (Ctrl+Shift+A)"))
        self.choose.clicked.connect(self.choose_asked)
        foot = QHBoxLayout()
        foot.setSpacing(2)
        foot.addStretch(1)
        foot.addWidget(self._hint)
        foot.addWidget(self.choose)
        foot.addStretch(1)
        self._column.addLayout(foot)

    def show_attachments(
        self,
        attachments: Sequence[Attachment],
        kinds: Sequence[str],
        sizes: Mapping[str, int],
    ) -> None:
        """Show *attachments* with the types they are sent as; *sizes* in octets goes by path."""
        focused = next((at for at, row in enumerate(self.rows) if row.hasFocus()), None)
        while len(self.rows) > len(attachments):
            gone = self.rows.pop()
            gone.hide()
            gone.deleteLater()
        while len(self.rows) < len(attachments):
            self._add()
        for row, attachment, kind in zip(self.rows, attachments, kinds, strict=True):
            size = sizes.get(attachment.path) if attachment.path else len(attachment.data)
            row.show_attachment(attachment, kind, size)
        if focused is not None and focused >= len(self.rows):
            last = self.rows[-1] if self.rows else self.choose
            last.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_dropping(self, *, dropping: bool) -> None:
        """Show that what hovers over the page would land here."""
        self.setProperty("dropping", "true" if dropping else "false")
        dress_anew(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste files and pictures."""
        if event.matches(QKeySequence.StandardKey.Paste):
            given = given_in(QGuiApplication.clipboard().mimeData())
            if given is not None:
                self.given.emit(given)
                return
        super().keyPressEvent(event)

    def _add(self) -> None:
        at = len(self.rows)
        row = AttachmentRow(self._theme)
        row.removed.connect(partial(self.removed.emit, at))
        row.retyped.connect(partial(self.retyped.emit, at))
        row.inline_asked.connect(partial(self.inline_asked.emit, at))
        self.rows.append(row)
        self._column.insertWidget(at, row)
        self._order()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the rows into the order of the tab key, now that all else is there."""
        super().showEvent(event)
        self._order()

    def _order(self) -> None:
        """Have the tab key go through the rows before it comes to the button below them."""
        stops = [stop for row in self.rows for stop in row.stops()]
        before = self._stop_before(stops)
        if before is not None:
            for first, second in pairwise((before, *stops)):
                self.setTabOrder(first, second)

    def _stop_before(self, own: Sequence[QWidget]) -> QWidget | None:
        """Return where the tab key stops before it comes to the list; *own* are its rows'."""
        before = self.choose.previousInFocusChain()
        while before is not None and before is not self.choose:
            if before not in own and before.focusPolicy() is not Qt.FocusPolicy.NoFocus:
                return before
            before = before.previousInFocusChain()
        return None
