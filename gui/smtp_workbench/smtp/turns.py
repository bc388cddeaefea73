"""Politeness: how many connections one server has to bear from us at once.

Most services have at most five ports open for mail, so five are spoken to at once, and the rest
wait their turn. No common server minds that many from one client: Postfix allows 50
(`smtpd_client_connection_count_limit`), Exchange 20 (`MaxInboundConnectionPerSource`), Exim 20 in
all (`smtp_accept_max`), Dovecot 10 (`mail_max_userip_connections`).

A port that drops packets must not hold up the others: an attempt that has found nobody after a
moment lends its turn, and takes one again before a word is said.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

from smtp_workbench.smtp.events import Stage

AT_ONCE: Final = 5
_PATIENCE: Final = 0.5
"""Seconds; longer than a packet's way around the world and back."""
_REACHING: Final = (Stage.CONNECT, Stage.PROXY)


class Turn:
    """One probe's turn at a server; its `gate` is the run's."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False
        self._lending: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self._take()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._keep()
        self._give_back()

    async def gate(self, stage: Stage) -> None:
        """Wait for the turn again if it was lent; lend it where a stage may find nobody."""
        self._keep()
        await self._take()
        if stage in _REACHING:
            loop = asyncio.get_running_loop()
            self._lending = loop.call_later(_PATIENCE, self._give_back)

    async def _take(self) -> None:
        if not self._held:
            await self._places.acquire()
            self._held = True

    def _keep(self) -> None:
        if self._lending is not None:
            self._lending.cancel()
            self._lending = None

    def _give_back(self) -> None:
        if self._held:
            self._held = False
            self._places.release()
