"""The attachments on the message page: how many and how large, the box of them, what is said."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from smtp_workbench.ui.letter import Letter
from smtp_workbench.ui.letter_files import LetterFiles, kind_of
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.attachment_list import AttachmentList
from smtp_workbench.ui.widgets.attachment_row import formatted
from smtp_workbench.ui.widgets.elided import ElidedLabel
from smtp_workbench.ui.widgets.finding_box import FindingList


class Attachments(QWidget):
    """Shows the letter's files; what is done with them goes to `LetterFiles`."""

    def __init__(self, letter: Letter, files: LetterFiles, theme: Theme) -> None:
        super().__init__()
        self._letter = letter
        self.list = AttachmentList(theme)
        self.findings = FindingList(theme)
        heading = QLabel(self.tr("Attachments"))
        heading.setProperty("role", "heading")
        self.size_line = ElidedLabel()
        self.size_line.setProperty("role", "secondary")
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addWidget(self.size_line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.list)
        column.addWidget(self.findings)
        self.list.given.connect(files.attach)
        self.list.choose_asked.connect(files.choose)
        self.list.removed.connect(files.remove)
        self.list.retyped.connect(files.retype)
        self.list.inline_asked.connect(files.set_inline)
        letter.changed.connect(self.refresh)
        letter.built_anew.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what the letter has."""
        attachments = self._letter.draft.attachments
        kinds = [kind_of(each) for each in attachments]
        self.list.show_attachments(attachments, kinds, self._letter.sizes)
        said = self._sizes()
        self.size_line.setText(f"· {said}" if said else "")

    def _sizes(self) -> str:
        """Return how many files there are, and the size of the message if it is known."""
        letter = self._letter
        count = len(letter.draft.attachments)
        files = self.tr("1 file") if count == 1 else self.tr("{count} files").format(count=count)
        parcel = letter.built.parcel if letter.built and letter.is_built else None
        self.size_line.short = ""
        if parcel is None:
            return files if count else ""
        size, start = formatted(parcel.content.size), f"{files}, " if count else ""
        if letter.size_limit is None:
            return start + self.tr("message of {size}").format(size=size)
        limit = formatted(letter.size_limit)
        self.size_line.short = (
            "· " + start + self.tr("{size} of {limit}").format(size=size, limit=limit)
        )
        return start + self.tr("message of {size} of {limit} the server accepts").format(
            size=size, limit=limit
        )
