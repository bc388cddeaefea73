"""The framing of RFC 4954, and the errors that come inside challenges."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.settings.secret import Secret
from smtp_workbench.smtp.auth import MECHANISMS
from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.exchange import (
    MAX_CHALLENGE,
    MAX_COMMAND,
    Exchange,
    error_challenge,
)
from smtp_workbench.smtp.auth.mechanism import MechanismError


def exchange(name: str, secret: str = "hunter2") -> Exchange:
    return Exchange(MECHANISMS[name], Credentials("tim", Secret(secret)))


def test_a_command_of_512_octets_is_sent_whole_and_a_longer_one_is_not() -> None:
    # "\0tim\0" and 370 octets are 375, in base64 500; with "AUTH PLAIN " and CRLF 513.
    fits = exchange("PLAIN", "x" * 367)
    assert len(fits.command()) + 2 <= MAX_COMMAND
    long = exchange("PLAIN", "x" * 370)
    assert long.command() == b"AUTH PLAIN"
    assert base64.b64decode(long.answer(b"")) == b"\0tim\0" + b"x" * 370
    long.finish(b"ok")


def test_a_yes_before_the_credentials_is_not_believed() -> None:
    long = exchange("PLAIN", "x" * 400)
    long.command()
    with pytest.raises(MechanismError, match="before it had the credentials"):
        long.finish(b"ok")


def test_a_long_token_is_answered_to_any_first_challenge() -> None:
    long = exchange("XOAUTH2", "x" * 2000)
    assert long.command() == b"AUTH XOAUTH2"
    assert base64.b64decode(long.answer(b"go ahead")).endswith(b"x\1\1")
    assert long.answer(base64.b64encode(b'{"status":"401"}')) == b""
    assert long.error == '{"status":"401"}'


@pytest.mark.parametrize("challenge", [b"Username:", b"PDE", b"P=DE", b"\xff\xfe", b"PDE4 OTY="])
@pytest.mark.parametrize("name", ["CRAM-MD5", "SCRAM-SHA-1"])
def test_a_challenge_that_is_not_base64_is_an_error_where_it_matters(
    name: str, challenge: bytes
) -> None:
    strict = exchange(name)
    strict.command()
    with pytest.raises(MechanismError, match="not base64"):
        strict.answer(challenge)


def test_an_endless_challenge_is_an_error() -> None:
    cram = exchange("CRAM-MD5")
    cram.command()
    with pytest.raises(MechanismError, match="12292 octets"):
        cram.answer(b"AAAA" * (MAX_CHALLENGE // 4 + 1))


CHALLENGES = st.binary(max_size=80) | st.binary(max_size=80).map(base64.b64encode)


@given(st.sampled_from(sorted(MECHANISMS)), st.lists(CHALLENGES, max_size=4))
def test_no_server_makes_an_exchange_fail_in_another_way(
    name: str, challenges: list[bytes]
) -> None:
    one = exchange(name)
    one.command()
    with suppress(MechanismError):
        for challenge in challenges:
            one.answer(challenge)
        one.finish(b"".join(challenges))


@given(st.binary(max_size=200) | st.from_regex(rb'\{"[a-z]{1,5}":[ -~]{0,40}\}', fullmatch=True))
def test_an_error_challenge_is_one_printable_line_or_none(challenge: bytes) -> None:
    text = error_challenge(challenge)
    assert text is None or (text.isascii() and text.isprintable())


@pytest.mark.parametrize("challenge", [b"", b"[1]", b"{", b"{" * 5000, b'{"a":' * 5000, b"r=x"])
def test_other_challenges_are_no_errors(challenge: bytes) -> None:
    assert error_challenge(challenge) is None
