"""Profiles out of the window into a file to hand on, and out of such a file into the window."""

import asyncio
import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtp_workbench.settings.secret import Secret
from smtp_workbench.store import sharing
from smtp_workbench.store.profiles import Profile
from smtp_workbench.store.sealed import is_sealed
from smtp_workbench.ui import ask
from smtp_workbench.ui.book import Book
from smtp_workbench.ui.dialogs.share_profiles import AskPassphrase, ExportProfiles
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.saving import trouble_saving

_IN_NO_FILE_NAME: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_HEAD: Final = 4096
"""Octets that tell whether a file holds profiles."""


class Sharing(QObject):
    """Asks what is to be shared, and does it beside the loop."""

    said = Signal(str)
    other_dropped = Signal(str)
    """The path of a dropped file that is none of ours."""

    def __init__(self, book: Book, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._book, self._errands, self._parent = book, errands, parent

    # Out

    def export(self, profile_id: str = "") -> None:
        """Ask which profiles go out, *profile_id* or all to begin with, and write them."""
        profiles = self._book.profiles
        if not profiles:
            self.said.emit(self.tr("There is no profile to export yet."))
            return
        choices = {item.id: item.name for item in profiles}
        if len(profiles) > 1:
            choices = {"": self.tr("All {n} profiles").format(n=len(profiles))} | choices
        chosen = profile_id if profile_id in choices else next(iter(choices))
        dialog = ExportProfiles(self._parent, choices, chosen)
        dialog.asked.connect(self._ask_where)
        dialog.open()

    def _ask_where(self, profile_id: str, passphrase: Secret | None) -> None:
        profiles = [item for item in self._book.profiles if profile_id in ("", item.id)]
        name = _IN_NO_FILE_NAME.sub("-", profiles[0].name if len(profiles) == 1 else "all")
        suffix = sharing.SEALED_SUFFIX if passphrase else sharing.SUFFIX
        pattern = self.tr("Profiles (*{suffix})").format(suffix=suffix)
        ask.where_to_save(
            self._parent,
            name + suffix,
            pattern,
            lambda path: self._errands.run(self._export(path, profiles, passphrase)),
        )

    async def _export(self, path: Path, profiles: list[Profile], passphrase: Secret | None) -> None:
        secrets = None
        if passphrase:
            locker = self._book.locker
            for item in profiles:
                await locker.fetch(item.id)
            secrets = {item.id: locker.of(item.id) for item in profiles}
            self.said.emit(self.tr("Encrypting…"))
        try:
            octets = await asyncio.to_thread(sharing.share, profiles, secrets, passphrase)
            trouble = await trouble_saving(path, octets)
        except ValueError as error:
            text = self.tr("Nothing was written to {file}: {why}.")
            self.said.emit(text.format(file=path.name, why=error))
        else:
            text = self.tr("Exported {profiles} to {file}")
            text += self.tr(", encrypted.") if passphrase else self.tr(", without passwords.")
            said = text.format(profiles=self._counted(len(profiles)), file=path.name)
            self.said.emit(trouble or said)

    # In

    def ask_for_file(self) -> None:
        """Ask for a file of profiles, and take what it holds."""
        patterns = f"*{sharing.SUFFIX} *{sharing.SEALED_SUFFIX}"
        pattern = self.tr("Profiles ({patterns})").format(patterns=patterns)
        ask.which_file(self._parent, self.tr("Import profiles"), pattern, self.import_)

    def import_(self, path: Path) -> None:
        """Take the profiles of a file, each under a name that is free."""
        self._errands.run(self._import(path))

    def drop(self, path: str) -> None:
        """Take the profiles of a dropped file if it holds such."""
        self._errands.run(self._drop(Path(path)))

    async def _drop(self, path: Path) -> None:
        try:
            head = await asyncio.to_thread(_octets_of, path, _HEAD)
        except OSError:
            head = b""  # who takes it says so
        if sharing.is_shared(head):
            await self._import(path)
        else:
            self.other_dropped.emit(str(path))

    async def _import(self, path: Path) -> None:
        try:
            octets = await asyncio.to_thread(_octets_of, path, sharing.LONGEST + 1)
            if is_sealed(octets):
                self._ask_passphrase(path, octets)
            else:
                self._take(path, await asyncio.to_thread(sharing.read, octets))
        except OSError as error:
            text = self.tr("Could not read {file}: {why}")
            self.said.emit(text.format(file=path.name, why=error.strerror or error))
        except ValueError as error:
            self.said.emit(self._refusal(path, error))

    def _ask_passphrase(self, path: Path, octets: bytes) -> None:
        dialog = AskPassphrase(self._parent, path.name)
        dialog.asked.connect(
            lambda phrase: self._errands.run(self._open(path, octets, phrase, dialog))
        )
        dialog.open()

    async def _open(
        self, path: Path, octets: bytes, passphrase: Secret, dialog: AskPassphrase
    ) -> None:
        try:
            shared = await asyncio.to_thread(sharing.read, octets, passphrase)
        except ValueError as error:
            if dialog.is_open:
                dialog.refuse(self._refusal(path, error))
            return
        if dialog.is_open:
            dialog.accept()
            self._take(path, shared)

    def _take(self, path: Path, shared: sharing.Shared) -> None:
        self._book.take_in(shared.profiles, shared.secrets)
        text = self.tr("{profiles} came from {file}.")
        came = text.format(profiles=self._counted(len(shared.profiles)), file=path.name)
        self.said.emit(" ".join((came, *shared.troubles)))

    def _refusal(self, path: Path, error: ValueError) -> str:
        return self.tr("{file} was not read: {why}.").format(file=path.name, why=error)

    def _counted(self, number: int) -> str:
        return self.tr("1 profile") if number == 1 else self.tr("{n} profiles").format(n=number)


def _octets_of(path: Path, most: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(most)
