"""SCRAM-SHA-1 (RFC 5802) and SCRAM-SHA-256 (RFC 7677) by `scramp`, without channel binding.

The server proves that it knows the password too: without that proof its yes is not believed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Client, MechanismError

if TYPE_CHECKING:
    from scramp import ScramClient

MAX_ITERATIONS: Final = 1_000_000
"""About a quarter of a second of computing. Servers ask for 4,096 to 600,000."""


def scram(name: str) -> Callable[[Credentials], Client]:
    """Return the client of the SCRAM mechanism *name*."""
    return lambda credentials: _exchange(name, credentials)


def _exchange(name: str, credentials: Credentials) -> Client:
    # The library brings 20 ms of imports, which most log-ins do not need.
    from scramp import ScramException  # noqa: PLC0415  # see above

    client = _client(name, credentials)
    first = yield client.get_client_first().encode()
    yield from _refusal(first)
    try:
        client.set_server_first(first.decode())
        if int(client.iterations) > MAX_ITERATIONS:
            raise MechanismError(f"the server asks for {client.iterations} {name} iterations")
        proof = client.get_client_final().encode()
    except (ScramException, UnicodeDecodeError) as error:
        raise MechanismError(f"the server's first {name} message: {error}") from error
    final = yield proof
    yield from _refusal(final)
    if not final.startswith(b"v="):
        raise MechanismError("the server did not prove that it knows the password")
    try:
        client.set_server_final(final.decode())
    except (ScramException, UnicodeDecodeError) as error:
        raise MechanismError(f"the server's last {name} message: {error}") from error
    # RFC 4954 has no room for the proof in the 235, so it comes as a challenge of its own.
    yield b""


def _refusal(message: bytes) -> Client:
    """Let the server's no be followed by its final reply, and by nothing else."""
    if message.startswith(b"e="):
        yield b""
        raise MechanismError("the server goes on after it has refused")


def _client(name: str, credentials: Credentials) -> "ScramClient":
    from scramp import ScramClient, ScramException  # noqa: PLC0415  # as above

    user, password = credentials.user, credentials.secret.reveal()
    if not user:
        raise ValueError(f"the user is empty, and {name} needs one")
    try:
        return ScramClient([name], user, password)
    except ScramException:
        # SASLprep knows Unicode 3.2: no emoji, some mixtures of scripts. Servers that took such a
        # password take it as it was typed.
        client = ScramClient([name], "user", "password")
        client.username.username, client.password.password = user, password
        return client
