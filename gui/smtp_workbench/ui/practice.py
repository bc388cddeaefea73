"""The embedded practice server as the window sees it: started on demand, gone with the program."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from smtp_workbench.settings.transport import TESTING, Security
from smtp_workbench.ui.form import Filled

if TYPE_CHECKING:
    from smtp_workbench.sandbox.fault import Fault
    from smtp_workbench.sandbox.server import Sandbox


class Practice(QObject):
    """Starts and stops the sandbox, and lets it fail on purpose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.server: Sandbox | None = None
        self.fault: Fault | None = None
        self.messages = 0

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self.server is not None

    def summary(self) -> str:
        """Return address and inbox in a few words."""
        if self.server is None:
            return self.tr("stopped")
        count = self.tr("{n} messages").format(n=self.messages)
        if self.messages == 1:
            count = self.tr("1 message")
        return f"127.0.0.1:{self.server.ports.starttls} · {count}"

    def ports(self) -> str:
        """Return all its ports in words."""
        if self.server is None:
            return ""
        ports = self.server.ports
        return self.tr("STARTTLS {a} · implicit TLS {b} · plaintext {c}").format(
            a=ports.starttls, b=ports.tls, c=ports.plain
        )

    async def start(self) -> None:
        """Listen on free ports. Raises OSError."""
        if self.server is not None:
            return
        # It is not needed until the window is up, and takes its time to load.
        from smtp_workbench.sandbox.server import Sandbox  # noqa: PLC0415

        server = Sandbox(fault=self.fault)
        await server.start()
        self.server, self.messages = server, 0
        server.inbox.subscribe(self._count)
        self.changed.emit()

    async def stop(self) -> None:
        """Free the ports and forget the inbox."""
        server, self.server = self.server, None
        if server is not None:
            await server.stop()
        self.changed.emit()

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

    def _count(self, _message: Any) -> None:
        self.messages += 1
        self.changed.emit()
