"""What a SASL mechanism is here: a generator, and a line in the table of `auth/__init__`."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum

from smtp_workbench.smtp.auth.credentials import Credentials

Client = Generator[bytes | None, bytes, None]
"""The client's half of one exchange, before base64.

It first yields its initial response (which may be empty), or None where the server speaks first.
Each challenge sent in yields the next response. It ends when it has nothing more to say. When the
server says yes, what that reply carries is sent in as a last challenge, so that a mechanism that
checks the server can refuse to believe it.
"""


class MechanismError(Exception):
    """The server broke a rule of the mechanism, or of RFC 4954. The text holds no secret."""


class Needs(StrEnum):
    """What kind of secret a mechanism takes."""

    PASSWORD = "password"
    TOKEN = "token"
    """An OAuth 2.0 access token."""
    NOTHING = "nothing"
    """Something else identifies us, such as a client certificate."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism. Its strength is its place in the table."""

    name: str
    client: Callable[[Credentials], Client]
    """The call does nothing yet; the first `next` may raise ValueError for unfit credentials."""
    needs: Needs = Needs.PASSWORD
    safe_in_plaintext: bool = False
    """Whether someone who listens on a plaintext connection learns no reusable secret."""
    ignores_challenges: bool = False
    """Challenges are prompts: they need not even be base64."""
