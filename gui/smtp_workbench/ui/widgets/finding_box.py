"""What is said about one field, and its fixes as small buttons."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Finding, Fix, Severity
from smtp_workbench.ui.theme import Theme, picture
from smtp_workbench.ui.widgets.elided import SmallButton
from smtp_workbench.ui.widgets.flow import FlowLayout

_LOOKS = {
    Severity.BLOCKING: ("octagon-alert", "bad_text"),
    Severity.WARNING: ("triangle-alert", "warning_text"),
    Severity.NOTE: ("info", "secondary"),
}


class FindingList(QWidget):
    """The findings on one field, one below the other."""

    taken = Signal(object)
    """The fix that was clicked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._findings: tuple[Finding, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 4)
        self._column.setSpacing(6)
        self.hide()
        theme.changed.connect(self._build)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show *findings*; nothing happens if they are the same as before."""
        if tuple(findings) != self._findings:
            self._findings = tuple(findings)
            self._build()

    def _build(self) -> None:
        focused = self.isAncestorOf(self.window().focusWidget() or self)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for finding in self._findings:
            self._column.addWidget(self._box(finding))
            if finding.fixes:
                self._column.addWidget(self._buttons(finding.fixes))
        self.setVisible(bool(self._findings))
        if focused:
            self.focusNextChild()  # the button that had the focus is gone

    def _box(self, finding: Finding) -> QFrame:
        icon, colour = _LOOKS[finding.severity]
        box = QFrame()
        box.setProperty("finding", finding.severity.value)
        row = QHBoxLayout(box)
        row.setContentsMargins(10, 7, 10, 7)
        row.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(picture(icon, getattr(self._theme.tokens, colour)))
        sign.setAccessibleName(finding.severity.value)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        text = QLabel(finding.message)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAccessibleName(finding.message)
        row.addWidget(text, 1)
        return box

    def _buttons(self, fixes: Sequence[Fix]) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder)
        for fix in fixes:
            button = SmallButton(fix.label)
            button.clicked.connect(partial(self.taken.emit, fix))
            flow.addWidget(button)
        return holder
