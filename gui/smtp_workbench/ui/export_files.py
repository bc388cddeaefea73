"""An export as files: asks where they are to go and writes them, readable by their owner only."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from smtp_workbench.ui import ask
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.saving import trouble_saving

if TYPE_CHECKING:
    from smtp_workbench.formats.format import File, Format


class ExportFiles(QObject):
    """One file goes where its user says, several go into a folder under their own names."""

    said = Signal(str)
    """What came of it."""

    def __init__(self, errands: Errands, parent: QWidget) -> None:
        super().__init__(parent)
        self._errands, self._parent = errands, parent

    def ask(self, files: "Sequence[File]", format_: "Format") -> None:
        """Ask where *files* are to go, and write them there."""
        if len(files) > 1:
            ask.which_folder(self._parent, partial(self._into, tuple(files)))
            return
        pattern = f"{format_.title} (*{format_.suffix})"
        ask.where_to_save(
            self._parent, files[0].name, pattern, lambda path: self._write({path: files[0].text})
        )

    def _into(self, files: "Sequence[File]", folder: Path) -> None:
        texts = {folder / file.name: file.text for file in files}
        there = [path.name for path in texts if path.exists()]
        if not there:
            self._write(texts)
            return
        ask.confirm(
            self._parent,
            self.tr("Replace what is there?"),
            self.tr("{folder} has {names} already.").format(folder=folder, names=", ".join(there)),
            self.tr("Replace"),
            lambda: self._write(texts),
        )

    def _write(self, texts: Mapping[Path, str]) -> None:
        self._errands.run(self._written(texts))

    async def _written(self, texts: Mapping[Path, str]) -> None:
        for path, text in texts.items():
            if trouble := await trouble_saving(path, text):
                self.said.emit(trouble)
                return
        self.said.emit(self.tr("Saved {files}").format(files=", ".join(map(str, texts))))
