"""Each mechanism against its specification's example, or against a server written from it."""

import base64
import hashlib
import hmac

import pytest

from smtp_workbench.settings.secret import Secret
from smtp_workbench.smtp.auth import MECHANISMS
from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.exchange import Exchange
from smtp_workbench.smtp.auth.mechanism import MechanismError


def exchange(name: str, user: str, secret: str, host: str = "", port: int = 0) -> Exchange:
    return Exchange(MECHANISMS[name], Credentials(user, Secret(secret), host, port))


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


def test_plain_sends_the_example_of_rfc_4616() -> None:
    plain = exchange("PLAIN", "tim", "tanstaaftanstaaf")
    assert plain.command() == b"AUTH PLAIN " + b64(b"\0tim\0tanstaaftanstaaf")
    plain.finish(b"2.7.0 welcome")


def test_plain_has_nothing_to_say_to_a_challenge() -> None:
    plain = exchange("PLAIN", "tim", "tanstaaftanstaaf")
    plain.command()
    with pytest.raises(MechanismError, match="more than PLAIN has to say"):
        plain.answer(b"")


@pytest.mark.parametrize(
    "prompts",
    [
        (b64(b"Username:"), b64(b"Password:")),
        (b64(b"User Name\0"), b64(b"Password\0")),
        (b"", b""),
        (b"Username:", b"Password:"),  # some servers forget the base64
        (b64("Benutzer:".encode("utf-16")), b64(b"\xff")),
    ],
)
def test_login_answers_in_order_whatever_the_prompts_say(prompts: tuple[bytes, bytes]) -> None:
    login = exchange("LOGIN", "tim", "tanstaaf")
    assert login.command() == b"AUTH LOGIN"
    assert login.answer(prompts[0]) == b64(b"tim")
    assert login.answer(prompts[1]) == b64(b"tanstaaf")
    login.finish(b"ok")


def test_login_does_not_send_the_password_twice() -> None:
    login = exchange("LOGIN", "tim", "tanstaaf")
    login.command()
    login.answer(b"")
    login.answer(b"")
    with pytest.raises(MechanismError, match="more than LOGIN"):
        login.answer(b"")


def test_cram_md5_sends_the_example_of_rfc_2195() -> None:
    cram = exchange("CRAM-MD5", "tim", "tanstaaftanstaaf")
    assert cram.command() == b"AUTH CRAM-MD5"
    answer = cram.answer(b64(b"<1896.697170952@postoffice.reston.mci.net>"))
    assert base64.b64decode(answer) == b"tim b913a602c7eda7a495b4e6e7334d3890"
    cram.finish(b"ok")


def test_xoauth2_sends_the_example_of_google() -> None:
    token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"
    xoauth2 = exchange("XOAUTH2", "someuser@example.com", token)
    assert xoauth2.command() == (
        b"AUTH XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRj"
        b"Mk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
    )
    xoauth2.finish(b"2.7.0 Accepted")


def test_oauthbearer_sends_the_example_of_rfc_7628() -> None:
    token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    bearer = exchange("OAUTHBEARER", "user@example.com", token, "server.example.com", 587)
    message = base64.b64decode(bearer.command().split()[-1])
    assert message == (
        b"n,a=user@example.com,\1host=server.example.com\1port=587\1"
        b"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"
    )


def test_oauthbearer_leaves_out_what_is_not_known_and_escapes_the_user() -> None:
    assert base64.b64decode(exchange("OAUTHBEARER", "", "t").command().split()[-1]) == (
        b"n,,\1auth=Bearer t\1\1"
    )
    assert b"n,a=x=3Dy=2Cz," in base64.b64decode(
        exchange("OAUTHBEARER", "x=y,z", "t").command().split()[-1]
    )


@pytest.mark.parametrize(("name", "answer"), [("XOAUTH2", b""), ("OAUTHBEARER", b"AQ==")])
def test_the_reason_of_a_refused_token_is_decoded_and_answered(name: str, answer: bytes) -> None:
    oauth = exchange(name, "someuser@example.com", "expired")
    oauth.command()
    assert oauth.error is None
    reason = b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
    assert oauth.answer(b64(reason)) == answer
    assert oauth.error == reason.decode()
    with pytest.raises(MechanismError):
        oauth.answer(b64(reason))


def test_external_names_the_user_or_nobody() -> None:
    assert exchange("EXTERNAL", "tim", "").command() == b"AUTH EXTERNAL " + b64(b"tim")
    assert exchange("EXTERNAL", "", "").command() == b"AUTH EXTERNAL ="


class ScramServer:
    """The server's half of RFC 5802, section 3, with nothing but hashlib."""

    def __init__(self, hash_name: str, user: str, password: bytes, iterations: int = 4096) -> None:
        self.hash = hash_name
        self.user = user
        self.salt = b"sixteen octets!!"
        self.iterations = iterations
        self.salted = hashlib.pbkdf2_hmac(hash_name, password, self.salt, min(iterations, 10_000))
        self.spoken = b""

    def first(self, client_first: bytes) -> bytes:
        gs2, bare = client_first[:3], client_first[3:]
        assert gs2 == b"n,,"
        user, nonce = bare.split(b",")
        assert user == b"n=" + self.user.encode()
        self.nonce = nonce.removeprefix(b"r=") + b"server"
        salt = base64.b64encode(self.salt)
        answer = b"r=%s,s=%s,i=%d" % (self.nonce, salt, self.iterations)
        self.spoken = bare + b"," + answer
        return answer

    def final(self, client_final: bytes) -> bytes:
        without_proof, _, proof = client_final.rpartition(b",p=")
        assert without_proof == b"c=biws,r=" + self.nonce
        spoken = self.spoken + b"," + without_proof
        client_key = self.mac(self.salted, b"Client Key")
        stored_key = hashlib.new(self.hash, client_key).digest()
        signature = self.mac(stored_key, spoken)
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        if base64.b64decode(proof) != expected:
            return b"e=invalid-proof"
        return b"v=" + base64.b64encode(self.mac(self.mac(self.salted, b"Server Key"), spoken))

    def mac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self.hash).digest()


SCRAM = [("SCRAM-SHA-1", "sha1"), ("SCRAM-SHA-256", "sha256")]


def scram_until_final(scram: Exchange, server: ScramServer) -> bytes:
    first = base64.b64decode(scram.command().split()[-1])
    answer = scram.answer(b64(server.first(first)))
    return server.final(base64.b64decode(answer))


@pytest.mark.parametrize(("name", "hash_name"), SCRAM)
@pytest.mark.parametrize("password", ["pencil", "péncil", "emoji 🔑 password", "mixed אb"])
def test_scram_proves_the_password_and_checks_the_server(
    name: str, hash_name: str, password: str
) -> None:
    scram = exchange(name, "user", password)
    final = scram_until_final(scram, ScramServer(hash_name, "user", password.encode()))
    assert final.startswith(b"v=")
    assert scram.answer(b64(final)) == b""
    scram.finish(b"2.7.0 welcome")


def test_scram_normalises_the_password_as_saslprep_says() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "I\u00adX \u2168")
    final = scram_until_final(scram, ScramServer("sha256", "user", b"IX IX"))
    assert final.startswith(b"v=")


def test_scram_takes_the_proof_in_the_235_too() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    final = scram_until_final(scram, ScramServer("sha256", "user", b"pencil"))
    scram.finish(b"2.7.0 " + b64(final))


@pytest.mark.parametrize("text", [b"2.7.0 Authentication successful", b"Accepted", b""])
def test_scram_does_not_believe_a_server_that_proves_nothing(text: bytes) -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    scram_until_final(scram, ScramServer("sha256", "user", b"pencil"))
    with pytest.raises(MechanismError, match="did not prove"):
        scram.finish(text)


def test_scram_does_not_believe_a_yes_at_once() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    scram.command()
    with pytest.raises(MechanismError):
        scram.finish(b"2.7.0 come in")


def test_scram_does_not_believe_a_wrong_signature() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    scram_until_final(scram, ScramServer("sha256", "user", b"pencil"))
    with pytest.raises(MechanismError, match="signature"):
        scram.answer(b64(b"v=" + b64(bytes(32))))


def test_scram_lets_a_refusal_be_followed_by_the_final_reply_only() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "wrong")
    final = scram_until_final(scram, ScramServer("sha256", "user", b"pencil"))
    assert scram.answer(b64(final)) == b""
    assert scram.error == "e=invalid-proof"
    with pytest.raises(MechanismError, match="after it has refused"):
        scram.finish(b"2.7.0 welcome all the same")


@pytest.mark.parametrize(
    "message",
    [b"r=other,s=c2l4dGVlbiBvY3RldHMhIQ==,i=4096", b"", b"\xff", b"i=1", b"r=x,s=,i=0"],
)
def test_scram_refuses_a_first_message_that_is_not_one(message: bytes) -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    scram.command()
    with pytest.raises(MechanismError, match="first SCRAM-SHA-256 message"):
        scram.answer(b64(message))


def test_scram_does_not_compute_for_ever() -> None:
    scram = exchange("SCRAM-SHA-256", "user", "pencil")
    server = ScramServer("sha256", "user", b"pencil", iterations=9_999_999)
    first = base64.b64decode(scram.command().split()[-1])
    with pytest.raises(MechanismError, match="9999999"):
        scram.answer(b64(server.first(first)))


def test_scram_needs_a_user() -> None:
    with pytest.raises(ValueError, match="the user is empty"):
        exchange("SCRAM-SHA-256", "", "pencil").command()


@pytest.mark.parametrize("character", ["\0", "\r", "\n", "\ud800"])
@pytest.mark.parametrize("field", ["user", "secret", "host"])
def test_what_would_break_the_framing_is_refused_by_field(field: str, character: str) -> None:
    fields = {"user": "tim", "secret": "hunter2", "host": "mail.example"}
    fields[field] += character
    with pytest.raises(ValueError, match=f"the {field} ") as caught:
        Credentials(fields["user"], Secret(fields["secret"]), fields["host"])
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("field", ["user", "secret"])
def test_the_separator_of_the_oauth_messages_is_refused(name: str, field: str) -> None:
    fields = {"user": "tim", "secret": "hunter2"}
    fields[field] += "\1"
    with pytest.raises(ValueError, match=f"the {field} ") as caught:
        exchange(name, fields["user"], fields["secret"]).command()
    assert "hunter2" not in str(caught.value)
