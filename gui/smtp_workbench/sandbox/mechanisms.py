"""The server's side of AUTH for what aiosmtpd does not bring: CRAM-MD5, SCRAM-SHA-256, XOAUTH2."""

import binascii
import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiosmtpd.smtp import SMTP

from smtp_workbench.settings.secret import Secret

_ITERATIONS: Final = 4096
_XOAUTH2: Final = re.compile(rb"user=([^\x01]*)\x01auth=(?i:Bearer) ([^\x01]*)\x01\x01")


class EndedError(Exception):
    """The exchange is over and the client has its reply."""


class Exchange:
    """What is said within one AUTH command (RFC 4954, section 4), base64 taken off."""

    def __init__(self, server: SMTP, arguments: Sequence[str]) -> None:
        """Begin; *arguments* are the words after AUTH."""
        self.host_name = server.hostname
        self._server = server
        self._initial = arguments[1] if len(arguments) > 1 else None

    async def first(self) -> bytes:
        """Return the initial response, asked for if it did not come with the command."""
        if self._initial is None:
            return await self.ask(b"")
        if self._initial == "=":
            return b""
        try:
            return binascii.a2b_base64(self._initial, strict_mode=True)
        except ValueError:
            await self._server.push("501 5.5.2 Can't decode base64")
            raise EndedError from None

    async def ask(self, challenge: bytes) -> bytes:
        """Send a challenge and return the answer. Raises EndedError if the client gives up."""
        answer = await self._server.challenge_auth(challenge)
        if not isinstance(answer, bytes):
            raise EndedError  # aiosmtpd has said 501
        return answer


class Account:
    """The one account that may log in. Its password is compared in constant time."""

    def __init__(self, user: str, password: Secret) -> None:
        self.user = user
        self.password = password

    def admits(self, user: bytes, password: bytes) -> bool:
        """Whether both are right."""
        right = hmac.compare_digest(password, self.password.reveal().encode())
        return hmac.compare_digest(user, self.user.encode()) and right

    async def cram_md5(self, exchange: Exchange) -> bool:
        """Check a keyed digest of a challenge (RFC 2195)."""
        challenge = f"<{secrets.token_hex(8)}@{exchange.host_name}>".encode()
        user, _, digest = (await exchange.ask(challenge)).rpartition(b" ")
        right = hmac.new(self.password.reveal().encode(), challenge, "md5").hexdigest()
        admitted = hmac.compare_digest(digest, right.encode())
        return hmac.compare_digest(user, self.user.encode()) and admitted

    async def scram_sha_256(self, exchange: Exchange) -> bool:
        """Check a proof, and give one (RFC 7677)."""
        # 20 ms of imports that most log-ins do not need.
        from scramp import ScramException, ScramMechanism  # noqa: PLC0415  # see above

        mechanism = ScramMechanism("SCRAM-SHA-256")
        stored = mechanism.make_auth_info(self.password.reveal(), iteration_count=_ITERATIONS)
        asked: list[str] = []

        def stored_for(user: str) -> object:
            asked.append(user)
            return stored

        scram = mechanism.make_server(stored_for)
        try:
            scram.set_client_first((await exchange.first()).decode())
            scram.set_client_final((await exchange.ask(scram.get_server_first().encode())).decode())
            proof = scram.get_server_final()
        except (ScramException, UnicodeDecodeError):
            return False
        if asked != [self.user]:
            return False
        await exchange.ask(proof.encode())
        return True

    async def xoauth2(self, exchange: Exchange) -> bool:
        """Take the account's password as the token, and say why another one is refused."""
        fields = _XOAUTH2.fullmatch(await exchange.first())
        if fields and self.admits(fields[1], fields[2]):
            return True
        error = {"status": "401" if fields else "400", "schemes": "bearer", "scope": "smtp"}
        await exchange.ask(json.dumps(error).encode())
        return False


Check = Callable[[Account, Exchange], Awaitable[bool]]
CHECKS: Final[dict[str, Check]] = {
    "CRAM-MD5": Account.cram_md5,
    "SCRAM-SHA-256": Account.scram_sha_256,
    "XOAUTH2": Account.xoauth2,
}
"""What aiosmtpd's own PLAIN and LOGIN are joined by."""
