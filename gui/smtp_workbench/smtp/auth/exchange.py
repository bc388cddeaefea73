"""An AUTH exchange as lines: the base64 framing of RFC 4954 around a mechanism's client."""

import binascii
import json
from typing import Final

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Mechanism, MechanismError

CANCEL: Final = b"*"
"""The line that gives up an exchange; the server answers it with 501."""
MAX_COMMAND: Final = 512
"""Octets of the AUTH command with its CRLF; a longer initial response waits for the first 334."""
MAX_CHALLENGE: Final = 12_288
"""Octets of a challenge in base64 (RFC 4954, section 4)."""


class Exchange:
    """The client's side of one exchange: send `command`, answer each 334, hear the 235 out."""

    def __init__(self, mechanism: Mechanism, credentials: Credentials) -> None:
        self._mechanism = mechanism
        self._client = mechanism.client(credentials)
        self._unsent: bytes | None = None
        self.error: str | None = None
        """The reason that the server gave in a challenge before its final no, as one line."""

    def command(self) -> bytes:
        """Return the AUTH command, without CRLF. Call it once, first.

        Raises ValueError for credentials that the mechanism can't carry.
        """
        name = self._mechanism.name.encode()
        initial = next(self._client)
        if initial is None:
            return b"AUTH " + name
        line = b"AUTH %s %s" % (name, _encoded(initial) or b"=")
        if len(line) + 2 <= MAX_COMMAND:
            return line
        self._unsent = initial
        return b"AUTH " + name

    def answer(self, challenge: bytes) -> bytes:
        """Return the line that answers the text of a 334.

        SCRAM computes for a while here: call it in a thread. Raises MechanismError;
        the session then sends `CANCEL`.
        """
        if self._unsent is not None:
            response, self._unsent = self._unsent, None
            return _encoded(response)
        decoded = self._decoded(challenge)
        self.error = error_challenge(decoded) or self.error
        try:
            response = self._client.send(decoded) or b""
        except StopIteration:
            name = self._mechanism.name
            raise MechanismError(f"the server asks for more than {name} has to say") from None
        return _encoded(response)

    def finish(self, text: bytes) -> None:
        """Take the text of the 235; raise MechanismError when the mechanism does not believe it."""
        if self._unsent is not None:
            raise MechanismError("the server said yes before it had the credentials")
        word = text.split()[-1:]
        try:
            # Where SASL allows data with success, some servers put it into this reply.
            proof = binascii.a2b_base64(word[0], strict_mode=True) if word else b""
        except ValueError:
            proof = b""
        try:
            self._client.send(proof)
        except StopIteration:
            return

    def _decoded(self, challenge: bytes) -> bytes:
        if len(challenge) > MAX_CHALLENGE:
            raise MechanismError(f"the server's challenge has {len(challenge)} octets")
        try:
            return binascii.a2b_base64(challenge.strip(), strict_mode=True)
        except ValueError:
            if self._mechanism.ignores_challenges:
                return b""
            raise MechanismError("the server's challenge is not base64") from None


def error_challenge(challenge: bytes) -> str | None:
    """Return the error in a decoded challenge as one line of ASCII, None if it is none.

    Two forms exist: the JSON object of XOAUTH2 and OAUTHBEARER, and `e=` of SCRAM. The text may
    repeat what the client sent: redact it.
    """
    if challenge.startswith(b"e="):
        return ascii(challenge.decode("utf-8", "replace"))[1:-1]
    if not challenge.lstrip().startswith(b"{"):
        return None
    try:
        error = json.loads(challenge)
    except (ValueError, RecursionError):
        return None
    return json.dumps(error, separators=(",", ":"))


def _encoded(response: bytes) -> bytes:
    return binascii.b2a_base64(response, newline=False)
