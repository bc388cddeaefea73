"""What the envelope and the session say about a message, which the message itself does not."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from smtp_workbench.ui.widgets.elided import ElidedLabel

if TYPE_CHECKING:
    from smtp_workbench.sandbox.inbox import Message


class MessageFacts(QWidget):
    """Three lines: MAIL FROM, RCPT TO, and how the client came."""

    def __init__(self) -> None:
        super().__init__()
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(10)
        rows.setVerticalSpacing(2)
        rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.mail_from, self.rcpt_to, self.session = (_line() for _ in range(3))
        for name, line in (
            ("MAIL FROM", self.mail_from),
            ("RCPT TO", self.rcpt_to),
            (self.tr("Session"), self.session),
        ):
            heading = QLabel(name)
            heading.setProperty("role", "secondary")
            rows.addRow(heading, line)

    def show_message(self, message: "Message") -> None:
        """Show what is known of how *message* came."""
        self.mail_from.setText(" ".join((f"<{message.sender}>", *message.options)))
        self.rcpt_to.setText(", ".join(_recipients(message)))
        came = f"{message.greeting} {message.ehlo_name}" if message.ehlo_name else ""
        protocol = message.tls.partition(" ")[0].replace("TLSv", "TLS ") or self.tr("no TLS")
        user = self.tr("logged in as {user}").format(user=message.user) if message.user else ""
        self.session.setText(
            " · ".join(filter(None, (came, protocol, user or self.tr("no log-in"))))
        )


def _recipients(message: "Message") -> list[str]:
    options = message.recipient_options or ((),) * len(message.recipients)
    pairs = zip(message.recipients, options, strict=True)
    return [" ".join((f"<{recipient}>", *words)) for recipient, words in pairs]


def _line() -> ElidedLabel:
    line = ElidedLabel()
    line.setTextFormat(Qt.TextFormat.PlainText)
    return line
