"""Settings from outside: from the clipboard or a dropped file into the form or a new profile."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtp_workbench.settings.change import Change
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.dialogs.paste_config import PasteConfig
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Filled, Form
from smtp_workbench.ui.theme import Theme

_MOST_OCTETS = 1_000_000


class Importing(QObject):
    """Opens the dialog, and does what its user decides."""

    said = Signal(str)
    taken = Signal()
    """Settings came in."""

    def __init__(
        self, form: Form, book: Book, theme: Theme, errands: Errands, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._form, self._book, self._theme = form, book, theme
        self._errands, self._parent = errands, parent
        self.dialog: PasteConfig | None = None

    def paste(self) -> None:
        """Open the dialog, with what is on the clipboard if it looks like settings."""
        dialog = self._opened()
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self._errands.run(self._give_likely(dialog, text))

    def paste_text(self, text: str) -> None:
        """Open the dialog with *text*."""
        self._opened().give(text)

    def drop(self, path: str) -> None:
        """Open the dialog with the text of a file."""
        self._errands.run(self._drop(Path(path)))

    def _opened(self) -> PasteConfig:
        if self.dialog is not None:
            return self.dialog
        dialog = PasteConfig(self._parent, self._theme, self._errands)
        dialog.profile_asked.connect(self._create)
        dialog.form_asked.connect(self._put)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()
        dialog.text.setFocus()
        return dialog

    def _closed(self) -> None:
        self.dialog = None

    async def _give_likely(self, dialog: PasteConfig, text: str) -> None:
        if await asyncio.to_thread(_is_likely, text) and self.dialog is dialog:
            dialog.give(text)

    async def _drop(self, path: Path) -> None:
        try:
            text = await asyncio.to_thread(_text_of, path)
        except OSError as error:
            why = error.strerror or str(error)
            self.said.emit(self.tr("Could not read {file}: {why}").format(file=path.name, why=why))
        except ValueError:
            self.said.emit(self.tr("{file} is not text in UTF-8.").format(file=path.name))
        else:
            self.paste_text(text)

    def _create(self, title: str, change: Change) -> None:
        transport = change.apply(Filled().transport)
        self._book.add(
            transport.host or title, Filled(transport, change.secret, change.proxy_secret)
        )
        self.said.emit(self.tr("Created a profile from {format}.").format(format=title))
        self.taken.emit()

    def _put(self, title: str, change: Change) -> None:
        self._form.apply(change, self.tr("paste of {format}").format(format=title))
        text = self.tr("Put into the form from {format}. Ctrl+Z undoes it.")
        self.said.emit(text.format(format=title))
        self.taken.emit()


def _is_likely(text: str) -> bool:
    from smtp_workbench.ui.pasted import is_likely  # noqa: PLC0415  # loads all formats

    return is_likely(text)


def _text_of(path: Path) -> str:
    """Return the text of a file, as much of it as settings may have. Raises OSError, ValueError."""
    with path.open("rb") as stream:
        return stream.read(_MOST_OCTETS).decode("utf-8-sig")
