"""The inbox of the sandbox: the messages it took, and one of them in full."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.ui import ask
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.models.inbox import InboxModel, size, subject
from smtp_workbench.ui.practice import Practice
from smtp_workbench.ui.saving import trouble_saving
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.widgets.inbox_list import InboxList
from smtp_workbench.ui.widgets.message_facts import MessageFacts
from smtp_workbench.ui.widgets.message_view import MessageView

if TYPE_CHECKING:
    from smtp_workbench.sandbox.inbox import Message

_SLOW: Final = 250
"""Milliseconds of reading after which it is said that a message is being read."""
_NOT_IN_NAMES: Final = re.compile(r"[^\w .,()+-]+")
_LONGEST: Final = 80
"""Characters of a file's name."""


class InboxPage(QWidget):
    """Shows what the sandbox keeps; messages are read beside the loop."""

    edit_asked = Signal(object)
    """The octets of a message that is to be edited as a new one."""
    said = Signal(str)

    def __init__(self, practice: Practice, theme: Theme, errands: Errands) -> None:
        super().__init__()
        self._practice, self._theme, self._errands = practice, theme, errands
        self._message: Message | None = None
        self._reading = False
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW)
        self.setObjectName("inboxPage")
        self.model = InboxModel()
        self.list = InboxList(self.model, theme)
        self.view = MessageView(theme, errands)
        self._slow.timeout.connect(lambda: self.view.show_nothing(self.tr("Reading the message…")))
        self._build()
        self.list.chosen.connect(self._show)
        self.list.delete_asked.connect(self.delete_selected)
        self.view.save_asked.connect(self._ask_where)
        practice.inbox_changed.connect(self._follow)
        theme.changed.connect(self._draw)
        self._draw()
        self._follow()

    def show_message(self, message_id: int) -> None:
        """Select a message and show it; nothing happens if it is gone."""
        row = self.model.row_of(message_id)
        if row >= 0:
            self.list.go_to(row)

    def delete_selected(self) -> None:
        """Forget the messages that are selected, and go to the next one."""
        rows = self.list.selected()
        if not rows:
            return
        self._practice.delete([self.model.message(row).id for row in rows])
        self.list.go_to(min(*rows, self.model.rowCount() - 1))

    # What there is

    def _follow(self) -> None:
        current = self.list.currentIndex()
        kept = self.model.message(current.row()).id if current.isValid() else 0
        messages = self._practice.inbox
        if kept and kept not in {message.id for message in messages}:
            # Qt would go to the next one by itself, again and again while old ones make room.
            self.list.go_to(-1)
        self.model.follow(messages)
        if messages and self._message is None:
            self.list.go_to(0)
        elif not messages:
            self._show(None)
        octets = sum(message.size for message in messages)
        count = self.tr("{n} messages").format(n=len(messages))
        if len(messages) == 1:
            count = self.tr("1 message")
        self._count.setText(f"{count} · {size(octets)}")
        self._stack.setCurrentIndex(bool(messages))
        self._ports.setText(self._practice.ports())

    def _show(self, message: "Message | None") -> None:
        self._message = message
        for button in self._buttons:
            button.setEnabled(message is not None)
        if message is None:
            self.view.show_nothing()
            return
        self._subject.setText(subject(message.content) or self.tr("(no subject)"))
        self._facts.show_message(message)
        if not self._reading:
            self._errands.run(self._read())

    async def _read(self) -> None:
        """Read the message that is chosen, and again if it is another one by then."""
        from smtp_workbench.message.reading import read  # noqa: PLC0415  # not at the start

        self._reading = True
        try:
            done = None
            while (message := self._message) is not None and message is not done:
                self._slow.start()
                letter = await asyncio.to_thread(read, message.content)
                self._slow.stop()
                if message is self._message:
                    self.view.show_letter(letter, message.content)
                done = message
        finally:
            self._slow.stop()
            self._reading = False

    # What can be done

    def _edit(self) -> None:
        if self._message is not None:
            self.edit_asked.emit(self._message.content)

    def _copy(self) -> None:
        if self._message is not None:
            text = self._message.content.decode("utf-8", "backslashreplace")
            QGuiApplication.clipboard().setText(text)
            self.said.emit(self.tr("Copied the source."))

    def _save(self) -> None:
        if self._message is not None:
            name = _NOT_IN_NAMES.sub("_", subject(self._message.content)).strip(" ._")[:_LONGEST]
            self._ask_where(f"{name or 'message'}.eml", self._message.content)

    def _ask_where(self, name: str, octets: bytes) -> None:
        ask.where_to_save(self, name, "", lambda path: self._errands.run(self._write(path, octets)))

    async def _write(self, path: Path, octets: bytes) -> None:
        saved = self.tr("Saved {file}").format(file=path)
        self.said.emit(await trouble_saving(path, octets) or saved)

    def _ask_delete_all(self) -> None:
        ask.confirm(
            self,
            self.tr("Delete all messages?"),
            self.tr("The sandbox forgets them. There is no way back."),
            self.tr("Delete all"),
            self._practice.delete_all,
        )

    # Building

    def _build(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing())
        self._stack.addWidget(self._something())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setFocusProxy(self.list)
        self.setTabOrder(self.list, self._delete_all)

    def _nothing(self) -> QWidget:
        self._sign = QLabel()
        title = QLabel(self.tr("No messages yet"))
        title.setProperty("role", "heading")
        text = QLabel(
            self.tr(
                "What is sent to the sandbox server appears here: from this window or from any "
                "program on this machine."
            )
        )
        self._ports = QLabel()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 0, 32, 0)
        column.setSpacing(8)
        column.addStretch(2)
        for label in (self._sign, title, text, self._ports):
            label.setWordWrap(label is not self._sign)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        for label in (text, self._ports):
            label.setProperty("role", "secondary")
        column.addStretch(3)
        return page

    def _something(self) -> QWidget:
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self._delete_all = QPushButton(self.tr("Delete all…"))
        self._delete_all.setProperty("small", "true")
        self._delete_all.clicked.connect(self._ask_delete_all)
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 4)
        head.addWidget(self._count, 1)
        head.addWidget(self._delete_all)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.list, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setObjectName("inboxSplit")
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(upper)
        split.addWidget(self._reader())
        split.setStretchFactor(1, 1)
        split.setSizes([230, 490])
        return split

    def _reader(self) -> QWidget:
        self._subject = QLabel()
        self._subject.setProperty("role", "heading")
        self._subject.setTextFormat(Qt.TextFormat.PlainText)
        self._subject.setWordWrap(True)
        self._facts = MessageFacts()
        head = QVBoxLayout()
        head.setContentsMargins(16, 10, 16, 0)
        head.setSpacing(6)
        head.addWidget(self._subject)
        head.addWidget(self._facts)
        head.addLayout(self._actions())
        reader = QWidget()
        column = QVBoxLayout(reader)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        return reader

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self._buttons = []
        for text, tip, do in (
            (self.tr("Edit as new"), self.tr("Take it over into the message page"), self._edit),
            (self.tr("Save as .eml…"), self.tr("Octet for octet"), self._save),
            (self.tr("Copy source"), self.tr("Copy all of it"), self._copy),
            (
                self.tr("Delete"),
                self.tr("Forget the selected messages (Del)"),
                self.delete_selected,
            ),
        ):
            button = QPushButton(text)
            button.setProperty("small", "true")
            button.setToolTip(tip)
            button.clicked.connect(do)
            row.addWidget(button)
            self._buttons.append(button)
        row.addStretch(1)
        return row

    def _draw(self) -> None:
        self._sign.setPixmap(picture("inbox", self._theme.tokens.disabled, 40))
