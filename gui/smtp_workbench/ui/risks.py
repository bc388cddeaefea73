"""The questions before something that can't be taken back; a yes does it."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from smtp_workbench.ui import ask

Then = Callable[[], None]


def _(text: str) -> str:
    return QCoreApplication.translate("risks", text)


def send_many(parent: QWidget, count: int, host: str, then: Then) -> None:
    """Ask before somebody else's server gets *count* messages."""
    ask.confirm(
        parent,
        _("Send {n} messages?").format(n=count),
        _("They go to {host}, which may take that for abuse.").format(host=host),
        _("Send {n} messages").format(n=count),
        then,
    )


def send_twice(parent: QWidget, then: Then) -> None:
    """Ask before a message is sent again that may have arrived."""
    ask.confirm(
        parent,
        _("Send it again?"),
        _("The server may have the message already; its recipients may get it twice."),
        _("Send it again"),
        then,
    )


def reveal_password(parent: QWidget, then: Then) -> None:
    """Ask before the password goes over a connection that others can read."""
    ask.confirm(
        parent,
        _("Send the password in plaintext?"),
        _("Anyone on the way to the server can read it. This counts for one run."),
        _("Send it in plaintext"),
        then,
    )


def begin_message(parent: QWidget, then: Then) -> None:
    """Ask before a typed command begins a message."""
    ask.confirm(
        parent,
        _("Send a message?"),
        _("This command begins a message: what you type next is sent as mail."),
        _("Begin the message"),
        then,
    )
