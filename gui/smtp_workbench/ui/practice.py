"""The embedded practice server as the window sees it: started on demand, gone with the program."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from smtp_workbench.settings.transport import TESTING, Security
from smtp_workbench.ui.form import Filled

if TYPE_CHECKING:
    from smtp_workbench.sandbox.fault import Fault
    from smtp_workbench.sandbox.inbox import Message
    from smtp_workbench.sandbox.server import Sandbox

_GATHERED: Final = 50
"""Milliseconds in which messages that arrive are told of together: a load run brings hundreds."""


class Practice(QObject):
    """Starts and stops the sandbox, and lets it fail on purpose."""

    changed = Signal()
    inbox_changed = Signal()
    """Messages came or went."""
    arrived = Signal(object)
    """A message, for each that came; `inbox_changed` is emitted before."""

    def __init__(self) -> None:
        super().__init__()
        self.server: Sandbox | None = None
        self.fault: Fault | None = None
        self._new: list[Message] = []
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(_GATHERED)
        self._gathering.timeout.connect(self._tell)

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self.server is not None

    @property
    def inbox(self) -> "tuple[Message, ...]":
        """The messages that are kept, the oldest first."""
        return tuple(self.server.inbox) if self.server is not None else ()

    @property
    def messages(self) -> int:
        """How many they are."""
        return len(self.server.inbox) if self.server is not None else 0

    def summary(self, *, short: bool = False) -> str:
        """Return address and inbox in a few words, *short*: in fewer."""
        if self.server is None:
            return self.tr("stopped")
        count = self.tr("{n} messages").format(n=self.messages)
        if self.messages == 1:
            count = self.tr("1 message")
        address = "" if short else "127.0.0.1"
        return f"{address}:{self.server.ports.starttls} · {count}"

    def ports(self) -> str:
        """Return all its ports in words."""
        if self.server is None:
            return ""
        ports = self.server.ports
        return self.tr("STARTTLS {a} · implicit TLS {b} · plaintext {c} · LMTP {d}").format(
            a=ports.starttls, b=ports.tls, c=ports.plain, d=ports.lmtp
        )

    async def start(self) -> None:
        """Listen on free ports. Raises OSError."""
        if self.server is not None:
            return
        # It is not needed until the window is up, and takes its time to load.
        from smtp_workbench.sandbox.server import Sandbox  # noqa: PLC0415

        server = Sandbox(fault=self.fault)
        await server.start()
        self.server = server
        server.inbox.subscribe(self._take)
        self._inbox_changed()

    async def stop(self) -> None:
        """Free the ports and forget the inbox."""
        server, self.server = self.server, None
        self._gathering.stop()
        self._new.clear()
        if server is not None:
            await server.stop()
        self._inbox_changed()

    def delete(self, message_ids: Iterable[int]) -> None:
        """Forget messages; the inbox may have dropped some of them already."""
        if self.server is None:
            return
        for message_id in message_ids:
            with suppress(KeyError):
                self.server.inbox.delete(message_id)
        self._inbox_changed()

    def delete_all(self) -> None:
        """Forget all messages."""
        if self.server is not None:
            self.server.inbox.clear()
            self._inbox_changed()

    def fail(self, fault: "Fault | None") -> None:
        """Fail in this way from the next connection on, or not at all."""
        self.fault = fault
        if self.server is not None:
            self.server.set_fault(fault)
        self.changed.emit()

    def filled(self, security: Security = Security.STARTTLS) -> Filled:
        """Return what the form has to hold to reach it. It has to be running."""
        server = self.server
        if server is None:
            return Filled()
        transport = replace(server.transport(security), timeouts=TESTING)
        return Filled(transport, server.password)

    def _take(self, message: "Message") -> None:
        self._new.append(message)
        if not self._gathering.isActive():
            self._gathering.start()

    def _tell(self) -> None:
        new, self._new = self._new, []
        self._inbox_changed()
        for message in new:
            self.arrived.emit(message)

    def _inbox_changed(self) -> None:
        self.inbox_changed.emit()
        self.changed.emit()
