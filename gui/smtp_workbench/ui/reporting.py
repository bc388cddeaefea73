"""The report of the run that is open, to be taken elsewhere: copied, or saved as a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtp_workbench.ui import ask
from smtp_workbench.ui.conversation import Conversation
from smtp_workbench.ui.errands import Errands
from smtp_workbench.ui.form import Form
from smtp_workbench.ui.saving import trouble_saving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smtp_workbench.settings.change import Finding


class Reporting(QObject):
    """Writes what a conversation came to; reports hold no secret."""

    said = Signal(str)
    """What came of it."""

    def __init__(
        self, conversation: Conversation, form: Form, errands: Errands, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._conversation, self._form = conversation, form
        self._errands, self._parent = errands, parent

    def copy(self) -> None:
        """Put the report on the clipboard, as Markdown."""
        if self._conversation.order is None:
            return
        QGuiApplication.clipboard().setText(self._written(".md"))
        self.said.emit(self.tr("Report copied, without secrets."))

    def save(self) -> None:
        """Ask for a file and write the report as what its name ends with says."""
        order = self._conversation.order
        if order is None:
            return
        name = f"smtp-report-{self._conversation.began.astimezone():%Y%m%d-%H%M%S}.md"
        pattern = self.tr("Report: .md, .html or .json (*.md *.html *.json)")
        ask.where_to_save(self._parent, name, pattern, self.write)

    def write(self, path: Path) -> None:
        """Write the report to *path*: `.html` and `.json` as that, everything else as Markdown."""
        if self._conversation.order is not None:
            self._errands.run(self._write(path, self._written(path.suffix.lower())))

    async def _write(self, path: Path, text: str) -> None:
        saved = self.tr("Saved {file}, without secrets.").format(file=path)
        self.said.emit(await trouble_saving(path, text) or saved)

    def _written(self, ending: str) -> str:
        from smtp_workbench.diagnosis import answer, page, written  # noqa: PLC0415  # heavy
        from smtp_workbench.diagnosis.noticed import noticed  # noqa: PLC0415

        conversation, order = self._conversation, self._conversation.order
        if order is None:
            return ""
        report, began = conversation.report, conversation.began
        checked: Sequence[Finding] = self._form.findings if order.past is None else ()
        findings = [*checked, *noticed(report, order.transport)]
        if ending == ".json":
            found = answer.answer(report, order.transport, findings)
            found |= answer.message_answer(report) if order.sends else {}
            return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        if ending in (".html", ".htm"):
            return page.html(report, order.transport, findings, began)
        # A message may have taken several tries.
        return "\n".join(
            written.markdown(
                each, order.transport, [*checked, *noticed(each, order.transport)], began
            )
            for each in (*conversation.earlier, report)
        )
