"""A server and what is needed to get in."""

from dataclasses import dataclass

from smtp_workbench.net.resolve import Resolver
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Settings with their secrets, for one run."""

    transport: Transport
    secret: Secret | None = None
    proxy_secret: Secret | None = None
    allow_plaintext_auth: bool = False
    """Log in over plaintext too, where it can be read on the way."""
    resolver: Resolver | None = None
    """None: the system's."""
