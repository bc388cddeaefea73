"""The files of the letter: attached, pasted, renamed, made inline. They are read off the loop."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from smtp_workbench.message.attached import content_type_of
from smtp_workbench.message.draft import Attachment
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.widgets.given import Given

_NO_CID: Final = re.compile(r"[^A-Za-z0-9._-]+")


class LetterFiles(QObject):
    """Turns what the user does with files into changes of the letter."""

    said = Signal(str)
    picture_added = Signal(object)
    """An inline picture, for the HTML to refer to."""

    def __init__(self, letter: Letter, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._letter, self._errands, self._parent = letter, errands, parent

    def attach(self, given: Given, *, inline: bool = False) -> None:
        """Attach what is *given*; pictures *inline* where the HTML is being written."""
        self._errands.run(self._attach(given, inline=inline))

    def choose(self) -> None:
        """Ask for files to attach."""
        title = self.tr("Attach files")
        self._ask(title, (), lambda paths: self.attach(Given(tuple(paths))))

    def choose_picture(self) -> None:
        """Ask for a picture to show within the HTML."""
        patterns = (self.tr("Pictures (*.png *.jpg *.jpeg *.gif *.webp *.svg)"),)
        title = self.tr("Picture in the HTML text")
        self._ask(title, patterns, lambda paths: self.attach(Given(tuple(paths)), inline=True))

    def remove(self, index: int) -> None:
        """Take an attachment off the letter."""
        attachments = self._letter.draft.attachments
        words = self.tr("remove {name}").format(name=attachments[index].name)
        kept = attachments[:index] + attachments[index + 1 :]
        self._letter.change(words, attachments=kept)

    def retype(self, index: int, attachment: Attachment) -> None:
        """Have *attachment* in the place of another, as its fields are typed."""
        self._letter.edit(attachments=self._with(index, attachment))

    def set_inline(self, index: int, inline: bool) -> None:  # noqa: FBT001  # Qt's signal
        """Give an attachment a Content-ID, or take it away."""
        attachment = self._letter.draft.attachments[index]
        if inline != bool(attachment.content_id):
            cid = self._new_cid(attachment.name) if inline else ""
            new = self._with(index, replace(attachment, content_id=cid))
            self._letter.change(self.tr("inline or not"), attachments=new)

    def _with(self, index: int, attachment: Attachment) -> tuple[Attachment, ...]:
        attachments = self._letter.draft.attachments
        return (*attachments[:index], attachment, *attachments[index + 1 :])

    async def _attach(self, given: Given, *, inline: bool) -> None:
        if given.picture is not None:
            octets = await asyncio.to_thread(given.png)
            name = self._new_name("picture.png")
            new = [Attachment(name=name, content_type="image/png", data=octets)]
            refused: list[str] = []
        else:
            new, refused = await asyncio.to_thread(_from_disk, given.paths)
        if refused:
            names = ", ".join(refused)
            self.said.emit(self.tr("Not attached, as it is no file: {names}").format(names=names))
        pictures = []
        for each in new:
            is_inline = inline and kind_of(each).startswith("image/")
            added = replace(each, content_id=self._new_cid(each.name)) if is_inline else each
            pictures += [added] if is_inline else []
            words = self.tr("attach {name}").format(name=added.name)
            self._letter.change(words, attachments=(*self._letter.draft.attachments, added))
        for picture in pictures:
            self.picture_added.emit(picture)

    def _new_name(self, name: str) -> str:
        """Return *name*, with a number if there is an attachment of this name."""
        taken = {each.name for each in self._letter.draft.attachments}
        path, number = Path(name), 1
        while name in taken:
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        return name

    def _new_cid(self, name: str) -> str:
        """Return a Content-ID that no attachment has, such as `logo` for `logo.png`."""
        taken = {each.content_id for each in self._letter.draft.attachments}
        stem = _NO_CID.sub("-", Path(name).stem).strip("-.") or "picture"
        cid, number = stem, 1
        while cid in taken:
            number += 1
            cid = f"{stem}-{number}"
        return cid

    def _ask(
        self, title: str, patterns: Sequence[str], then: Callable[[Sequence[str]], None]
    ) -> None:
        dialog = QFileDialog(self._parent, title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([*patterns, self.tr("All files (*)")])
        dialog.filesSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _from_disk(paths: Sequence[str]) -> tuple[list[Attachment], list[str]]:
    """Return attachments for the files among *paths*, and the names of what is no file."""
    files = [path for path in paths if Path(path).is_file()]
    refused = [Path(path).name or path for path in paths if path not in files]
    return [Attachment(name=Path(path).name, path=path) for path in files], refused


def kind_of(attachment: Attachment) -> str:
    """Return the content type that *attachment* is sent as."""
    return attachment.content_type or content_type_of(attachment.name)
