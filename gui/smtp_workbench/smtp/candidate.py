"""What detection tries and what it finds: a place where a server may be, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from smtp_workbench.settings.change import Change
from smtp_workbench.settings.transport import Family, Security, Timeouts, Transport
from smtp_workbench.smtp.report import Report

DETECT: Final = "detect"
"""The source of what nobody published: it was simply tried."""

Ports = Mapping[int, Security | None]
"""Which ports to try, the likeliest first, and what each is expected to speak; None: no idea."""

PORTS: Final[Ports] = MappingProxyType(
    {
        465: Security.IMPLICIT_TLS,
        587: Security.STARTTLS,
        2465: Security.IMPLICIT_TLS,
        2587: Security.STARTTLS,
        2525: Security.STARTTLS,
        2500: Security.STARTTLS,
        25: Security.STARTTLS,
    }
)
"""465 and 587 are registered for submission (RFC 8314, section 7.3; RFC 6409, section 3.1), 25 is
for mail between servers; services offer the others where a network blocks those."""

LIMIT: Final = 8.0
"""Seconds for each stage: a little more than the six that Postfix's postscreen greets after."""


def limits(seconds: float = LIMIT) -> Timeouts:
    """Return limits for a probe: *seconds* for each stage, and a few times that for all."""
    return Timeouts(
        dns=seconds, connect=seconds, greeting=seconds, socket=seconds, total=4 * seconds
    )


@dataclass(frozen=True, slots=True)
class Guess:
    """A place that is worth a try."""

    host: str
    port: int
    security: Security | None = None
    """What it is expected to speak; None: either is tried."""
    source: str = DETECT
    """Who says so: `detect`, or whoever published it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings that were tried over one address family, and what came of them."""

    transport: Transport
    """With the one family that was tried and no log-in."""
    report: Report
    """What a verify with these settings reports, without a log-in."""
    source: str = DETECT
    behind: Report | None = None
    """The same where any certificate is accepted; only for one that is not trusted."""
    login: Report | None = None
    """The one log-in, on the one candidate that was chosen for it."""

    @property
    def key(self) -> tuple[str, int, Security, Family]:
        """What was tried, of which there is one candidate in the end."""
        return (self.host, self.port, self.security, self.family)

    @property
    def host(self) -> str:
        """The server."""
        return self.transport.host

    @property
    def port(self) -> int:
        """The port that was tried."""
        return self.transport.effective_port

    @property
    def security(self) -> Security:
        """Implicit TLS, STARTTLS or plaintext."""
        return self.transport.security

    @property
    def family(self) -> Family:
        """The address family that was tried; `ANY` where the host has no address, or a proxy."""
        return self.transport.family

    @property
    def ok(self) -> bool:
        """Whether everything that was tried was accepted, the log-in too."""
        return self.report.ok and (self.login is None or self.login.ok)

    @property
    def answers(self) -> bool:
        """Whether a mail server is there with these settings, whoever vouches for it."""
        return self._seen.ok

    @property
    def encrypted(self) -> bool:
        """Whether mail and log-in would be under TLS."""
        return self.security is not Security.PLAINTEXT

    @property
    def trusted(self) -> bool:
        """Whether the server has proven who it is."""
        tls = self.report.tls
        return tls is not None and tls.trusted

    @property
    def auth(self) -> tuple[str, ...]:
        """The mechanisms for the log-in that are offered with these settings (RFC 4954)."""
        offered = self._seen.extensions.get("AUTH", "") if self.answers else ""
        return tuple(offered.upper().split())

    @property
    def ms(self) -> float:
        """Milliseconds that the probe took, without its wait for a turn."""
        return sum(stage.ms for stage in self.report.stages)

    @property
    def change(self) -> Change:
        """What puts these settings into a form."""
        return Change(
            {
                "host": self.host,
                "port": self.port,
                "security": self.security,
                "protocol": self.transport.protocol,
            }
        )

    @property
    def telling(self) -> Report:
        """The report that says why it does not work, or that it does: the log-in's if it was."""
        return self.login or self.report

    @property
    def _seen(self) -> Report:
        return self.behind or self.report
