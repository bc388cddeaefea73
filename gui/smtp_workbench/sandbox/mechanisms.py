"""The server's side of AUTH for what aiosmtpd does not bring: CRAM-MD5, SCRAM-SHA-256, XOAUTH2."""

import base64
import binascii
import hmac
import json
import secrets
from typing import Final

from aiosmtpd.smtp import SMTP, AuthResult

from smtp_workbench.settings.secret import Secret

_REFUSED: Final = AuthResult(success=False, handled=False)
_ITERATIONS: Final = 4096


class Account:
    """The one account that may log in. Its password is compared in constant time."""

    def __init__(self, user: str, password: Secret) -> None:
        self.user = user
        self.password = password

    def admits(self, user: bytes, password: bytes) -> bool:
        """Whether both are right."""
        right = hmac.compare_digest(password, self.password.reveal().encode())
        return hmac.compare_digest(user, self.user.encode()) and right

    async def cram_md5(self, server: SMTP) -> AuthResult:
        """Check a keyed digest of a challenge (RFC 2195)."""
        challenge = f"<{secrets.token_hex(8)}@{server.hostname}>".encode()
        answer = await _ask(server, challenge)
        user, _, digest = answer.rpartition(b" ")
        right = hmac.new(self.password.reveal().encode(), challenge, "md5").hexdigest()
        admitted = hmac.compare_digest(digest, right.encode()) and user == self.user.encode()
        return self._result(admitted=admitted)

    async def scram_sha_256(self, server: SMTP, initial: bytes | None) -> AuthResult:
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
        first = initial if initial is not None else await _ask(server, b"")
        try:
            scram.set_client_first(first.decode())
            final = await _ask(server, scram.get_server_first().encode())
            scram.set_client_final(final.decode())
            proof = scram.get_server_final()
        except (ScramException, UnicodeDecodeError):
            return _REFUSED
        admitted = asked == [self.user]
        if admitted:
            await _ask(server, proof.encode())
        return self._result(admitted=admitted)

    async def xoauth2(self, server: SMTP, initial: bytes | None) -> AuthResult:
        """Take the account's password as the token, and say why another one is refused."""
        fields = (initial if initial is not None else await _ask(server, b"")).split(b"\1")
        user = fields[0].removeprefix(b"user=")
        token = fields[1].removeprefix(b"auth=Bearer ") if len(fields) > 1 else b""
        admitted = self.admits(user, token)
        if not admitted:
            error = {"status": "401", "schemes": "bearer", "scope": "smtp"}
            await _ask(server, json.dumps(error).encode())
        return self._result(admitted=admitted)

    def _result(self, *, admitted: bool) -> AuthResult:
        if not admitted:
            return _REFUSED
        return AuthResult(success=True, auth_data=self.user)


async def _ask(server: SMTP, challenge: bytes) -> bytes:
    """Send a challenge and return the client's answer; one that is no base64 is empty."""
    answer = await server.challenge_auth(base64.b64encode(challenge), encode_to_b64=False)
    return answer if isinstance(answer, bytes) else b""


def initial_response(arguments: list[str]) -> bytes | None:
    """Return what came with the AUTH command, None if nothing did (RFC 4954, section 4)."""
    if len(arguments) < 2:
        return None
    if arguments[1] == "=":
        return b""
    try:
        return binascii.a2b_base64(arguments[1], strict_mode=True)
    except ValueError:
        return b""
