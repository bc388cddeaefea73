"""The choice of how the connection is secured, and whether STARTTLS may be missing."""

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox

from smtp_workbench.settings.transport import Security
from smtp_workbench.ui.widgets.segments import Segments

_STARTTLS: Final = (Security.STARTTLS, Security.STARTTLS_IF_OFFERED)


class SecurityChoice(QObject):
    """Two widgets for one field; the second has a say only with STARTTLS."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.segments = Segments(
            self.tr("Security"),
            {
                Security.IMPLICIT_TLS: (
                    self.tr("Implicit TLS"),
                    self.tr("TLS from the first byte\nNodemailer: secure: true"),
                ),
                Security.STARTTLS: (
                    "STARTTLS",
                    self.tr("Plaintext greeting, then TLS\nNodemailer: requireTLS: true"),
                ),
                Security.PLAINTEXT: (
                    self.tr("None"),
                    self.tr("Never TLS\nNodemailer: ignoreTLS: true"),
                ),
            },
        )
        self.segments.picked.connect(self.picked)
        self.required = QComboBox()
        self.required.addItems([self.tr("Required"), self.tr("If offered, else plaintext")])
        self.required.setAccessibleName("STARTTLS")
        self.required.setToolTip("Nodemailer: requireTLS")
        self.required.activated.connect(lambda at: self.picked.emit(_STARTTLS[at]))

    def show_value(self, security: Security) -> bool:
        """Show *security* as taken; return whether the second widget has a say."""
        with_starttls = security in _STARTTLS
        self.segments.show_value(Security.STARTTLS if with_starttls else security)
        if with_starttls:
            self.required.setCurrentIndex(_STARTTLS.index(security))
        return with_starttls
