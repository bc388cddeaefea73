"""What speaks for settings and against them, one sentence a line."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from smtp_workbench.diagnosis.reason import Reason, Tone
from smtp_workbench.ui.theme import Theme, picture

_LOOKS = {
    Tone.GOOD: ("check", "good"),
    Tone.BAD: ("triangle-alert", "warning"),
    Tone.PLAIN: ("info", "secondary"),
}


class ReasonList(QWidget):
    """A sign and a sentence for each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._reasons: tuple[Reason, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        theme.changed.connect(self._build)

    def show_reasons(self, reasons: Sequence[Reason]) -> None:
        """Show *reasons* in their order."""
        if tuple(reasons) != self._reasons:
            self._reasons = tuple(reasons)
            self._build()

    def _build(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, reason in enumerate(self._reasons):
            icon, colour = _LOOKS[reason.tone]
            sign, text = QLabel(), QLabel(reason.text)
            sign.setPixmap(picture(icon, getattr(self._theme.tokens, colour)))
            sign.setAccessibleName(reason.tone.value)
            text.setWordWrap(True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
