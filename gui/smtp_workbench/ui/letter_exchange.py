"""Messages in and out of files: `.eml` and the JSON of Nodemailer, and templates."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from smtp_workbench.message import eml, nodemailer, templates
from smtp_workbench.message.build import DraftError, build
from smtp_workbench.message.content import FileChangedError
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.eml import Imported
from smtp_workbench.message.templates import Template
from smtp_workbench.store.atomic import Content
from smtp_workbench.ui import ask
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.saving import trouble_saving


class LetterExchange(QObject):
    """What the menu of the page does. What is read in can be undone."""

    said = Signal(str)

    def __init__(self, letter: Letter, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._letter, self._errands, self._parent = letter, errands, parent

    def menu(self) -> QMenu:
        """Return the menu with everything."""
        menu = QMenu(self._parent)
        menu.addAction(self.tr("New message"), self.start_anew)
        menu.addSeparator()
        menu.addAction(self.tr("Open an .eml file…"), self.open_eml)
        menu.addAction(self.tr("Send an .eml file untouched…"), self.choose_untouched)
        menu.addAction(self.tr("Open message JSON…"), self.open_json)
        menu.addSeparator()
        menu.addAction(self.tr("Save as .eml…"), self.save_eml)
        menu.addAction(self.tr("Save as message JSON…"), self.save_json)
        return menu

    def start_anew(self) -> None:
        """Begin an empty message from the same author."""
        draft = Draft(author=self._letter.draft.author)
        self._letter.show(draft, self.tr("new message"))

    def use_template(self, template: Template) -> None:
        """Put the content of *template* into the letter."""
        self._letter.show(templates.apply(template, self._letter.draft), template.title)
        self.said.emit(template.purpose)

    def open_eml(self) -> None:
        """Ask for a message to edit."""
        ask.which_file(
            self._parent,
            self.tr("Open a message"),
            self.tr("Messages (*.eml)"),
            lambda path: self._errands.run(self.read_eml(path)),
        )

    def choose_untouched(self) -> None:
        """Ask for a message to send as it is."""
        ask.which_file(
            self._parent,
            self.tr("Send a message untouched"),
            self.tr("Messages (*.eml)"),
            lambda path: self._letter.change(self.tr("send untouched"), untouched=str(path)),
        )

    def open_json(self) -> None:
        """Ask for a message as Nodemailer or Courier have it."""
        ask.which_file(
            self._parent,
            self.tr("Open message JSON"),
            self.tr("JSON (*.json)"),
            lambda path: self._errands.run(self.read_json(path)),
        )

    def save_eml(self) -> None:
        """Ask where the message, as it would be sent now, is to be written."""
        ask.where_to_save(
            self._parent,
            "message.eml",
            self.tr("Messages (*.eml)"),
            lambda path: self._errands.run(self.write_eml(path)),
        )

    def save_json(self) -> None:
        """Ask where the message is to be written as JSON."""
        ask.where_to_save(
            self._parent,
            "message.json",
            self.tr("JSON (*.json)"),
            lambda path: self._errands.run(self.write_json(path)),
        )

    async def read_eml(self, path: Path) -> None:
        """Put the message in the file *path* into the letter."""
        octets = await self._read(path)
        if octets is not None:
            await self._edit(octets, path.name)

    def edit(self, octets: bytes) -> None:
        """Put a message that was received into the letter."""
        self._errands.run(self._edit(octets, self.tr("a message of the inbox")))

    async def _edit(self, octets: bytes, name: str) -> None:
        self._take(await asyncio.to_thread(eml.draft_of, octets), name)

    async def read_json(self, path: Path) -> None:
        """Put the message that the JSON in *path* describes into the letter.

        Files that it names are read only after the user agreed.
        """
        octets = await self._read(path)
        if octets is None:
            return
        text = octets.decode("utf-8-sig", "replace")
        try:
            imported = await asyncio.to_thread(nodemailer.draft_of, text)
        except ValueError as error:
            self.said.emit(str(error))
            return
        self._take(imported, path.name)
        if imported.files:
            names = "\n".join(imported.files)
            ask.confirm(
                self._parent,
                self.tr("Read files of this machine?"),
                self.tr("The message names files to attach:") + f"\n\n{names}",
                self.tr("Attach them"),
                lambda: self._errands.run(self._read_with_files(text, path)),
            )

    async def write_eml(self, path: Path) -> None:
        """Write the message as it would be sent now into *path*."""
        draft, occasion = self._letter.draft, self._letter.occasion

        def octets() -> Iterator[bytes]:
            return build(draft, occasion).content.chunks()

        await self._write(path, octets)

    async def write_json(self, path: Path) -> None:
        """Write the message as JSON into *path*."""
        draft = self._letter.draft
        await self._write(path, partial(nodemailer.to_json, draft))

    async def _read_with_files(self, text: str, path: Path) -> None:
        read = partial(nodemailer.draft_of, text, files_allowed=True)
        self._take(await asyncio.to_thread(read), path.name)

    def _take(self, imported: Imported, name: str) -> None:
        self._letter.show(imported.draft, self.tr("open {file}").format(file=name))
        said = self.tr("Opened {file}. Ctrl+Z brings back what was there.").format(file=name)
        if imported.left_out:
            said = self.tr("Opened {file}, but: {what}").format(
                file=name, what=" ".join(imported.left_out)
            )
        self.said.emit(said)

    async def _read(self, path: Path) -> bytes | None:
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            text = self.tr("Could not read {file}: {why}")
            self.said.emit(text.format(file=path, why=error.strerror))
            return None

    async def _write(self, path: Path, make: Callable[[], Content]) -> None:
        saved = self.tr("Saved {file}").format(file=path)
        try:
            content = await asyncio.to_thread(make)
            self.said.emit(await trouble_saving(path, content) or saved)
        except (DraftError, FileChangedError) as error:
            self.said.emit(self.tr("Nothing was saved: {why}").format(why=error))
