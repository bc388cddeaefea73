"""A heading that shows or hides what belongs to it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.elided import ElidedLabel


class Fold(QWidget):
    """A heading, a short hint beside it, and a body that can be folded away."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._body = body
        self._button = QToolButton()
        self._button.setObjectName("fold")
        self._button.setText(title)
        self._button.setCheckable(True)
        self._button.setIconSize(QSize(14, 14))
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.toggled.connect(self._toggle)
        self._hint = ElidedLabel()
        self._hint.setProperty("role", "secondary")
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(self._button)
        head.addWidget(self._hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(body)
        body.hide()
        theme.changed.connect(self._draw)
        self._draw()

    @property
    def is_open(self) -> bool:
        """Whether the body is shown."""
        return self._button.isChecked()

    def unfold(self, *, shown: bool = True) -> None:
        """Show the body, or hide it."""
        self._button.setChecked(shown)

    def show_hint(self, text: str) -> None:
        """Show *text* beside the heading."""
        self._hint.setText(f"· {text}" if text else "")

    def _toggle(self, shown: bool) -> None:  # noqa: FBT001  # Qt's signal
        self._body.setVisible(shown)
        self._draw()
        self.toggled.emit(shown)

    def _draw(self) -> None:
        name = "chevron-down" if self.is_open else "chevron-right"
        self._button.setIcon(self._theme.icon(name))
        state = self.tr("unfolded") if self.is_open else self.tr("folded")
        self._button.setAccessibleDescription(state)
