"""Shared profiles: nothing is lost, no secret in the plain form, and a mistake is named."""

import json
import os
import pty
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.transports import transports
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Tls, Transport
from smtp_workbench.store.plain import from_plain, to_plain
from smtp_workbench.store.profiles import Profile
from smtp_workbench.store.sharing import Shared, is_shared, read, share
from support.needed import need

PASSWORD = "p'\"\\#$%&{} 日本 geheim"
PHRASE = Secret("correct horse battery staple")
MINE = Profile(
    "1", "Billing", Transport(host="smtp.example.com", auth=Auth(user="me")), "", "a@b.example"
)
SECRETS = {"1": (Secret(PASSWORD), Secret("of the proxy"))}

texts = st.text(max_size=20)
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    lambda name: name == name.strip()
)
profiles = st.builds(
    Profile,
    id=st.uuids().map(str),
    name=names,
    transport=transports().map(lambda item: from_plain(to_plain(item))),
    preset=texts,
    mail_from=texts,
    rcpt_to=st.lists(texts, max_size=3).map(tuple),
)


def without_ids(shared: Shared) -> list[Profile]:
    return [replace(item, id="") for item in shared.profiles]


@given(st.lists(profiles, max_size=3))
def test_profiles_come_back(given: list[Profile]) -> None:
    octets = share(given)
    assert is_shared(octets)
    found = read(octets)
    assert without_ids(found) == [replace(item, id="") for item in given]
    assert found.secrets == {}


@settings(max_examples=2, deadline=None)
@given(profiles, texts.map(Secret), texts.filter(bool).map(Secret))
def test_secrets_come_back_by_the_passphrase(
    given: Profile, secret: Secret, passphrase: Secret
) -> None:
    octets = share([given, replace(MINE, id="x")], {given.id: (secret, None)}, passphrase)
    found = read(octets, passphrase)
    assert without_ids(found) == [replace(given, id=""), replace(MINE, id="")]
    expected = {found.profiles[0].id: (secret, None)} if secret else {}
    assert found.secrets == expected


def test_secrets_are_in_no_file_that_can_be_read() -> None:
    assert PASSWORD.encode() not in share([MINE])
    sealed = share([MINE], SECRETS, PHRASE)
    assert is_shared(sealed)
    for text in (PASSWORD, "of the proxy", "smtp.example.com", PHRASE.reveal()):
        assert text.encode() not in sealed
    with pytest.raises(ValueError, match="under a passphrase only"):
        share([MINE], SECRETS)
    with pytest.raises(ValueError, match="under a passphrase only"):
        share([MINE], SECRETS, Secret(""))
    with pytest.raises(ValueError, match="passphrase is missing"):
        read(sealed)
    for broken, phrase in ((sealed, Secret("wrong")), (sealed[:-9], PHRASE), (sealed[:40], PHRASE)):
        with pytest.raises(ValueError, match="the passphrase is wrong, or the file is damaged"):
            read(broken, phrase)


def test_what_belongs_to_this_machine_is_named_or_left() -> None:
    tls = Tls(ca_file="/etc/own-ca.pem", client_certificate="/me.pem", client_key="/me.pem")
    octets = share([replace(MINE, transport=Transport(tls=tls))])
    assert b'"id"' not in octets
    assert read(octets).troubles == (
        "“Billing” needs the file /etc/own-ca.pem, which did not come.",
        "“Billing” needs the file /me.pem, which did not come.",
    )


def test_a_name_moves_no_cursor() -> None:
    octets = share([replace(MINE, name="\x1b[2JBil\r\nling\0")])
    assert without_ids(read(octets))[0].name == "[2JBil  ling"


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (7, "profile 1 is not an object"),
        ({}, "profile 1: name: it is missing"),
        ({"name": 7}, "profile 1: name: it is missing"),
        ({"name": "\n"}, "profile 1: name: it is missing"),
        ({"name": "x", "hots": "y"}, "'x': hots: there is no such field"),
        ({"name": "x", "id": "y"}, "'x': id: there is no such field"),
        ({"name": "x", "password": None}, "'x': password: it is not text"),
        ({"name": "x", "rcpt_to": "y"}, "'x': rcpt_to: it is not a list"),
        ({"name": "x", "rcpt_to": [1]}, "'x': rcpt_to: it is not a list"),
        ({"name": "x", "transport": []}, "'x': the settings are not an object"),
        ({"name": "x", "transport": {"tls": {"trust": "all"}}}, "'x': tls.trust: "),
        ({"name": "x", "transport": {"timeouts": {"dns": 10**400}}}, "'x': a number"),
    ],
)
def test_a_mistake_in_a_profile_is_named(entry: Any, named: str) -> None:
    whole = {"format": "SMTP Workbench profiles", "schema": 1, "profiles": [entry]}
    with pytest.raises(ValueError, match=named) as caught:
        read(json.dumps(whole).encode())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"schema": 1', b'"schema": 99', "a newer SMTP Workbench wrote it"),
        (b'"schema": 1', b'"schema": "1"', "schema: '1'"),
        (b'"schema": 1', b'"schema": NaN', "NaN is not a number"),
        (b"SMTP Workbench", b"Other", "format: "),
        (b"Billing", b"\\ud800", "half a character"),
        (b"Billing", b"\xff", "not text in UTF-8"),
        (b"{", b"", "it is not JSON"),
        (b"[", b"[" * 200_000, "nested too deeply|not JSON"),
        (b"Billing", b"x" * 10_000_000, "longer than"),
    ],
)
def test_a_file_that_is_off_is_refused(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read(share([MINE]).replace(old, new))


@given(st.binary(max_size=200))
def test_nothing_else_than_a_value_error_is_raised(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(octets)


def test_the_age_program_opens_it(tmp_path: Path) -> None:
    need("age", there=shutil.which("age") is not None)
    file = tmp_path / "mine.age"
    file.write_bytes(share([MINE], SECRETS, PHRASE))
    plain = tmp_path / "mine.json"
    _age(["--decrypt", "-o", str(plain), str(file)], [PHRASE.reveal()])
    assert json.loads(plain.read_text("utf-8"))["profiles"][0]["password"] == PASSWORD
    assert list(read(plain.read_bytes()).secrets.values()) == list(SECRETS.values())


def test_what_the_age_program_sealed_is_read(tmp_path: Path) -> None:
    need("age", there=shutil.which("age") is not None)
    plain, file = tmp_path / "mine.json", tmp_path / "mine.age"
    plain.write_bytes(share([MINE]))
    _age(["--passphrase", "--armor", "-o", str(file), str(plain)], [PHRASE.reveal()] * 2)
    assert without_ids(read(file.read_bytes(), PHRASE)) == [replace(MINE, id="")]


def _age(arguments: list[str], answers: list[str]) -> None:
    """Run `age`, which asks for passphrases on its terminal only."""
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        ["setsid", "--ctty", "age", *arguments], stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        said = b""
        for answer in answers:
            while not said.rstrip().endswith(b":"):
                said += os.read(ours, 1000)
            said = b""
            os.write(ours, f"{answer}\n".encode())
        while process.poll() is None:
            try:
                os.read(ours, 1000)
            except OSError:  # the terminal is closed with its last user
                break
    os.close(ours)
    assert process.returncode == 0
