"""The TXT record that a domain has to publish for a signature, to be copied."""

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from smtp_workbench.message.draft import Dkim
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.letter import Letter


class DnsRecord(QWidget):
    """Shows the record of the key that the letter is signed with."""

    said = Signal(str)
    shown = Signal(bool)
    """Whether there is anything to show."""

    def __init__(self, letter: Letter, errands: Errands) -> None:
        super().__init__()
        self._letter, self._errands = letter, errands
        self._of: Dkim | None = None
        self._text = QLabel()
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setProperty("role", "mono")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._name = QLabel()
        self._name.setProperty("role", "secondary")
        self._name.setWordWrap(True)
        self._name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setProperty("small", "true")
        self.copy.setAccessibleName(self.tr("Copy the DNS record"))
        self.copy.clicked.connect(self._copy)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._name)
        column.addWidget(self._text)
        column.addLayout(foot)

    def text(self) -> str:
        """Return the record as it is shown."""
        return self._text.text().replace("\u200b", "")

    def refresh(self) -> None:
        """Read the key again if the letter has another one."""
        signature = self._letter.draft.dkim
        if signature != self._of:
            self._of = signature
            self._errands.run(self._read(signature))

    async def _read(self, signature: Dkim) -> None:
        record = await asyncio.to_thread(_record, signature)
        if signature != self._of:
            return
        self._text.setText("\u200b".join(record))  # where a line may break
        place = f"{signature.selector}._domainkey.{signature.domain}"
        self._name.setText(self.tr("TXT at {place}").format(place=place))
        self.shown.emit(bool(record))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.said.emit(self.tr("Copied the DNS record"))


def _record(signature: Dkim) -> str:
    if not (signature.domain and signature.selector and signature.key_file):
        return ""
    from smtp_workbench.message.dkim import dns_record  # noqa: PLC0415  # heavy, seldom needed

    try:
        return dns_record(signature.key_file)
    except (OSError, ValueError):
        return ""  # the findings say why
