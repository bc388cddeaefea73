"""One attachment in the list: its name, type and size, and what can be changed about it."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QLocale, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.message.draft import Attachment
from smtp_workbench.ui.fields import FieldSpec
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.widgets.editors import TextEditor
from smtp_workbench.ui.widgets.elided import ElidedLabel

_ICONS: Final = (
    ("image/", "image"),
    ("text/calendar", "calendar"),
    ("text/", "file-text"),
    ("application/pdf", "file-text"),
    ("application/zip", "file-archive"),
    ("application/gzip", "file-archive"),
    ("application/x-tar", "file-archive"),
)


class AttachmentRow(QFrame):
    """Shows an attachment; F2 or a double click opens its fields below."""

    removed = Signal()
    retyped = Signal(object)
    """The attachment as it is after a stroke of the user."""
    inline_asked = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._attachment = Attachment()
        self._kind = ""
        self.setProperty("attachment", "true")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sign = QLabel()
        self._name = ElidedLabel()
        self._name.setProperty("role", "heading")
        self._facts = ElidedLabel()
        self._facts.setProperty("role", "secondary")
        self._edit = self._button(self.tr("Change name and type"), self.toggle)
        self._remove = self._button(self.tr("Remove"), self.removed.emit)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._sign)
        line.addWidget(self._name)
        line.addWidget(self._facts, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self._edit)
        buttons.addWidget(self._remove)
        line.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 1, 2, 1)
        column.setSpacing(4)
        column.addLayout(line)
        self._fields = _Fields()
        self._fields.hide()
        self._fields.retyped.connect(lambda fields: self.retyped.emit(self._with(fields)))
        self._fields.inline_asked.connect(self.inline_asked)
        column.addWidget(self._fields)
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def is_open(self) -> bool:
        """Whether its fields are shown."""
        return not self._fields.isHidden()

    def show_attachment(self, attachment: Attachment, kind: str, size: int | None) -> None:
        """Show *attachment*, sent as *kind*; *size* is in octets, None where it is not known."""
        if (attachment.path, attachment.data) != (self._attachment.path, self._attachment.data):
            self._fields.hide()  # it was another one that was being changed
        self._attachment, self._kind = attachment, kind
        name = attachment.name or self.tr("without a name")
        size_text = self.tr("size not known") if size is None else formatted(size)
        facts = [kind, size_text]
        if attachment.content_id:
            facts.append(self.tr("inline cid:{name}").format(name=attachment.content_id))
        self._name.setText(name)
        self._facts.setText(" · ".join(facts))
        self._facts.short = " · ".join(facts[1:])
        self._fields.show_attachment(attachment, kind)
        self.setToolTip(attachment.path or self.tr("In memory, not a file on this machine"))
        self.setAccessibleName(", ".join((name, *facts)))
        self.setAccessibleDescription(self.tr("F2 changes name and type, Delete removes it"))
        for button, text in (
            (self._edit, self.tr("Change name and type: {name}")),
            (self._remove, self.tr("Remove {name}")),
        ):
            button.setAccessibleName(text.format(name=name))
        self._draw()

    def stops(self) -> list[QWidget]:
        """Return where the tab key stops, in order."""
        return [self, self._edit, self._remove, *self._fields.stops()]

    def toggle(self) -> None:
        """Show or hide the fields."""
        shown = not self.is_open
        self._fields.setVisible(shown)
        if shown:
            self._fields.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, or change."""
        if event.key() == Qt.Key.Key_Escape and self.is_open:
            self.toggle()
        elif not self.hasFocus():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change it."""
        self.toggle()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Change name and type"), self.toggle)
        inline = menu.addAction(self.tr("Inline, for the HTML text"))
        inline.setCheckable(True)
        inline.setChecked(bool(self._attachment.content_id))
        inline.triggered.connect(self.inline_asked)
        menu.addAction(self.tr("Remove"), self.removed.emit)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that it is the one."""
        super().focusInEvent(event)
        self.update()

    def _with(self, fields: dict[str, str]) -> Attachment:
        return replace(self._attachment, **fields)  # type: ignore[arg-type]  # texts, all of them

    def _button(self, tip: str, do: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("quiet", "true")
        button.setIconSize(QSize(14, 14))
        button.setToolTip(tip)
        button.clicked.connect(do)
        return button

    def _draw(self) -> None:
        tokens = self._theme.tokens
        sign = next((icon for start, icon in _ICONS if self._kind.startswith(start)), "file")
        self._sign.setPixmap(picture(sign, tokens.secondary))
        self._edit.setIcon(self._theme.icon("pencil", "secondary"))
        self._remove.setIcon(self._theme.icon("x", "secondary"))


class _Fields(QWidget):
    """Name, type and Content-ID."""

    retyped = Signal(dict)
    inline_asked = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._name = TextEditor(FieldSpec("attachment.name", self.tr("Name")))
        self._kind = TextEditor(
            FieldSpec(
                "attachment.content_type",
                self.tr("Type"),
                tip=self.tr("Such as application/pdf; empty: guessed from the name."),
            )
        )
        self._cid = TextEditor(
            FieldSpec(
                "attachment.content_id",
                "Content-ID",
                tip=self.tr("What cid: in the HTML text refers to."),
            )
        )
        self._inline = QCheckBox(self.tr("Inline"))
        self._inline.setToolTip(self.tr("Shown within the HTML text that names it by cid:"))
        self._inline.toggled.connect(self.inline_asked)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 0, 0, 6)
        column.setSpacing(4)
        for label, editor, field in (
            (self.tr("Name"), self._name, "name"),
            (self.tr("Type"), self._kind, "content_type"),
            ("cid:", self._cid, "content_id"),
        ):
            editor.edited.connect(lambda text, field=field: self.retyped.emit({field: text}))
            row = QHBoxLayout()
            row.setSpacing(8)
            caption = QLabel(label)
            caption.setProperty("role", "label")
            caption.setFixedWidth(self.fontMetrics().averageCharWidth() * 6)
            caption.setBuddy(editor.line)
            row.addWidget(caption)
            row.addWidget(editor, 1)
            if field == "content_id":
                row.insertWidget(1, self._inline)
            column.addLayout(row)
        self.setFocusProxy(self._name)

    def stops(self) -> list[QWidget]:
        """Return where the tab key stops, in order."""
        return [self._name.line, self._kind.line, self._inline, self._cid.line]

    def show_attachment(self, attachment: Attachment, kind: str) -> None:
        """Show what *attachment* has; its type is guessed to be *kind*."""
        self._name.show_value(attachment.name)
        self._kind.show_value(attachment.content_type)
        self._kind.line.setPlaceholderText(kind)
        self._cid.show_value(attachment.content_id)
        self._cid.setVisible(bool(attachment.content_id))
        self._inline.blockSignals(True)
        self._inline.setChecked(bool(attachment.content_id))
        self._inline.blockSignals(False)


def formatted(octets: int) -> str:
    """Return *octets* as a person reads them, such as `1.8 MiB`."""
    english = QLocale(QLocale.Language.English)
    return english.formattedDataSize(octets, 1 if octets >= 1 << 20 else 0)
