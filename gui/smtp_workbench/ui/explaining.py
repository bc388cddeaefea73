"""Errors from outside: from the clipboard into the dialog, and from there into the form."""

import asyncio

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtp_workbench.diagnosis.case import Context
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.dialogs.explain_error import ExplainError
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.theme import Theme


class Explaining(QObject):
    """Opens the dialog, and hands on what its user decides."""

    fix_taken = Signal(object)
    field_asked = Signal(str)

    def __init__(
        self, form: Form, book: Book, theme: Theme, errands: Errands, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._form, self._book, self._theme = form, book, theme
        self._errands, self._parent = errands, parent
        self.dialog: ExplainError | None = None

    def open(self) -> None:
        """Open the dialog, with what is on the clipboard if that is an error."""
        if self.dialog is not None:
            return
        dialog = ExplainError(self._parent, self._theme, self._errands)
        dialog.fix_taken.connect(self.fix_taken)
        dialog.field_asked.connect(self.field_asked)
        dialog.finished.connect(self._closed)
        self._fill(dialog)
        self.dialog = dialog
        dialog.open()
        dialog.text.setFocus()
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._errands.run(self._give_error(dialog, text))

    def _fill(self, dialog: ExplainError) -> None:
        """Tell of the profile that is open; the sandbox fails in nobody else's program."""
        transport = self._form.transport
        if not (self._book.current and transport.host):
            return
        context = Context(
            port=transport.effective_port, security=transport.security.value, host=transport.host
        )
        dialog.known.fill(context, self.tr("· from the open profile"))

    def _closed(self) -> None:
        self.dialog = None

    async def _give_error(self, dialog: ExplainError, text: str) -> None:
        is_error = await asyncio.to_thread(_is_error, text)
        if is_error and self.dialog is dialog and not dialog.text.toPlainText():
            dialog.give(text)


def _is_error(text: str) -> bool:
    from smtp_workbench.ui.explained import is_error  # noqa: PLC0415  # compiles all rules

    return is_error(text)
