"""One row of the form: label, editor, the way back, and what is said about it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from smtp_workbench.settings.change import Finding, Severity
from smtp_workbench.ui.theme import Theme
from smtp_workbench.ui.widgets.editors import ValueEditor
from smtp_workbench.ui.widgets.finding_box import FindingList

LABEL_WIDTH = 14
"""Average characters of the column of labels."""
_GAP = 4
"""Points between the editor and the way back."""


class FieldRow(QWidget):
    """A label and an editor beside it; findings below."""

    reset = Signal()
    """The user wants back what the provider or the default has."""

    def __init__(self, label: str, editor: QWidget, theme: Theme, *, way_back: str = "") -> None:
        """Put *editor* beside *label*; *way_back* says what resetting it does."""
        super().__init__()
        self._theme = theme
        self.editor = editor
        self.label = QLabel(label)
        self.label.setProperty("role", "label")
        self.label.setBuddy(editor.focusProxy() or editor)
        self.label.setFixedWidth(label_width(self))
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._back = QToolButton()
        self._back.setProperty("quiet", "true")
        self._back.setAccessibleName(self.tr("Reset: ") + label)
        self._back.setToolTip(
            way_back or self.tr("Changed. Click to go back to what the provider has.")
        )
        self._back.clicked.connect(self.reset)
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self._back.hide()
        self.findings = FindingList(theme)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(_GAP)
        line.addWidget(editor, 1)
        line.addWidget(self._back)  # also where it never shows, so that all fields end alike
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        right.addLayout(line)
        right.addWidget(self.findings)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        theme.changed.connect(self._draw)
        self._draw()

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002  # Qt's name
        """Keep the label on the height of its editor, and what is said as wide as it."""
        heights = (self.editor.sizeHint().height(), self._back.sizeHint().height())
        self.label.setMinimumHeight(max(heights))
        # Not before: the style sheet has its say on how wide the button is.
        self.findings.setContentsMargins(0, 0, self._back.sizeHint().width() + _GAP, 0)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show *findings* and colour the editor by the worst of them."""
        self.findings.show_findings(findings)
        severities = {finding.severity for finding in findings}
        if isinstance(self.editor, ValueEditor):
            worst = (Severity.BLOCKING, Severity.WARNING)
            self.editor.mark(next((item.value for item in worst if item in severities), ""))

    def show_changed(self, *, changed: bool) -> None:
        """Mark the field as changed by the user, or not."""
        self._back.setVisible(changed)

    def _draw(self) -> None:
        self._back.setIcon(self._theme.icon("rotate-ccw", "link"))


def label_width(widget: QWidget) -> int:
    """Return the width of the column of labels in points."""
    return widget.fontMetrics().averageCharWidth() * LABEL_WIDTH
