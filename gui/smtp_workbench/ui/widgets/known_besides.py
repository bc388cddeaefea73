"""What is known of an error besides its text: host, port, security and stage, each optional."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from smtp_workbench.diagnosis.case import Context
from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.events import Stage
from smtp_workbench.ui.stops import name_of

_PORT_WIDTH = 84
"""Points."""


class KnownBesides(QWidget):
    """Small fields in a row; all of them may stay empty."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._heading = QLabel(self.tr("What is known besides"))
        self._heading.setProperty("role", "heading")
        self._origin = QLabel()
        self._origin.setProperty("role", "secondary")
        self.clear_ = QPushButton(self.tr("Clear"))
        self.clear_.setProperty("link", "true")
        self.clear_.setAccessibleName(self.tr("Clear what is known besides"))
        self.clear_.clicked.connect(self._clear)
        self.host, self.port = QLineEdit(), QLineEdit()
        self.host.setPlaceholderText("smtp.example.com")
        self.port.setPlaceholderText("587")
        self.port.setValidator(QIntValidator(1, 65535, self))
        self.port.setFixedWidth(_PORT_WIDTH)
        self.security, self.stage = QComboBox(), QComboBox()
        for value, text in (
            (None, self.tr("Not known")),
            (Security.IMPLICIT_TLS, self.tr("Implicit TLS")),
            (Security.STARTTLS, "STARTTLS"),
            (Security.STARTTLS_IF_OFFERED, self.tr("STARTTLS if offered")),
            (Security.PLAINTEXT, self.tr("None")),
        ):
            self.security.addItem(text, value and value.value)
        self.stage.addItem(self.tr("Not known"), None)
        for stage in Stage:
            self.stage.addItem(name_of(stage), stage.value)
        self._build()
        for line in (self.host, self.port):
            line.textChanged.connect(self._say)
        for box in (self.security, self.stage):
            box.currentIndexChanged.connect(self._say)
        self._say()

    @property
    def context(self) -> Context:
        """What the fields hold."""
        port = self.port.text()
        return Context(
            port=int(port) if self.port.hasAcceptableInput() else None,
            security=self.security.currentData(),
            stage=self.stage.currentData(),
            host=self.host.text().strip() or None,
        )

    def fill(self, context: Context, origin: str = "") -> None:
        """Show *context*; *origin* says where it comes from."""
        self.host.setText(context.host or "")
        self.port.setText(str(context.port or ""))
        self.security.setCurrentIndex(self.security.findData(context.security))
        self.stage.setCurrentIndex(self.stage.findData(context.stage))
        self._origin.setText(origin)

    def _clear(self) -> None:
        self.fill(Context())
        self.host.setFocus()

    def _say(self) -> None:
        self.clear_.setVisible(self.context != Context())
        self.changed.emit()

    def _build(self) -> None:
        policy = self.clear_.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.clear_.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._heading)
        head.addWidget(self._origin)
        head.addStretch(1)
        head.addWidget(self.clear_)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for at, (text, widget) in enumerate(
            (
                (self.tr("Host"), self.host),
                (self.tr("Port"), self.port),
                (self.tr("Security"), self.security),
                (self.tr("Stage"), self.stage),
            )
        ):
            label = QLabel(text)
            label.setProperty("role", "label")
            label.setBuddy(widget)
            widget.setAccessibleName(text)
            grid.addWidget(label, 0, at)
            grid.addWidget(widget, 1, at)
        grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(grid)
