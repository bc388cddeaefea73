"""SASL mechanisms (RFC 4422, RFC 4954), one file each, and the one table of them.

A new mechanism is a file with its client and a line in the table. `exchange` puts a client's
messages on the wire.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from smtp_workbench.smtp.auth.cram_md5 import cram_md5
from smtp_workbench.smtp.auth.external import external
from smtp_workbench.smtp.auth.login import login
from smtp_workbench.smtp.auth.mechanism import Mechanism, Needs
from smtp_workbench.smtp.auth.oauth import oauthbearer, xoauth2
from smtp_workbench.smtp.auth.plain import plain
from smtp_workbench.smtp.auth.scram import scram

_TABLE: Final = (
    Mechanism("SCRAM-SHA-256", scram("SCRAM-SHA-256"), safe_in_plaintext=True),
    Mechanism("SCRAM-SHA-1", scram("SCRAM-SHA-1"), safe_in_plaintext=True),
    Mechanism("CRAM-MD5", cram_md5, safe_in_plaintext=True),
    Mechanism("PLAIN", plain),
    Mechanism("LOGIN", login, ignores_challenges=True),
    Mechanism("OAUTHBEARER", oauthbearer, Needs.TOKEN, ignores_challenges=True),
    Mechanism("XOAUTH2", xoauth2, Needs.TOKEN, ignores_challenges=True),
    Mechanism("EXTERNAL", external, Needs.NOTHING, safe_in_plaintext=True),
)

MECHANISMS: Final[Mapping[str, Mechanism]] = MappingProxyType(
    {mechanism.name: mechanism for mechanism in _TABLE}
)
"""By name in capitals, those for a password first, the strongest of each kind first.

CRAM-MD5 stands above PLAIN also under TLS, as every client has it: the server that offers it has
already paid its price, keeping passwords in the clear.
"""


def choose(offered: Iterable[str], named: str = "") -> Mechanism | None:
    """Return the mechanism to log in with: *named*, offered or not, else the strongest in common.

    Unnamed, only mechanisms for a password are taken: a password is no token, and whoever has a
    token says so by naming one. None: nothing in common. Raises ValueError for a *named* one that
    is not in the table.
    """
    if named:
        try:
            return MECHANISMS[named.strip().upper()]
        except KeyError:
            known = ", ".join(MECHANISMS)
            raise ValueError(f"{named!r} is none of the mechanisms known here: {known}") from None
    names = {name.upper() for name in offered}
    return next(
        (each for each in _TABLE if each.name in names and each.needs is Needs.PASSWORD), None
    )
