"""Thousands of runs against servers that do everything to get the password shown."""

import asyncio
import base64
import io
import json
import logging
import random
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Timeouts, Transport
from smtp_workbench.smtp.auth import MECHANISMS
from smtp_workbench.smtp.verify import verify
from smtp_workbench.smtp.wire import Redactor
from support.leaks import find_leak
from support.scripted import Peer, Script, serve

if TYPE_CHECKING:
    from smtp_workbench.smtp.events import Event

RUNS = 3000
SECRETS = [
    "hunter2-hunter2",
    "p'\"\\$#%&{}日本 und Leerzeichen",
    "c2VjcmV0LWFzLWJhc2U2NA==",
    "ya29.A0ARrdaM-token_with.dots",
    "päßwörd-ß",
    "\\x41\\n escaped",
    "0123456789abcdef0123456789abcdef",
]
LIMITS = Timeouts(dns=1, connect=1, greeting=0.05, socket=0.05, total=1)


def echoes(secret: str, last: bytes, dice: random.Random) -> bytes:
    """Return the secret, or what the client just sent, in one of the forms a server might use."""
    payload = last.split(b" ")[-1]
    padded = base64.b64encode(b"x" * dice.randrange(3) + secret.encode() + b"tail")
    return dice.choice(
        [
            last,
            payload,
            secret.encode(),
            padded,
            base64.b64encode(secret.encode()),
            base64.b64encode(b"\0me@example.org\0" + secret.encode()),
            quote(secret).encode(),
            secret.encode().hex().encode(),
            json.dumps({"password": secret}).encode(),
            f"user=me@example.org\x01auth=Bearer {secret}\x01\x01".encode(),
            b"",
        ]
    )


def spiteful(secret: str, mechanism: str, seed: int) -> Script:
    def answer(peer: Peer, last: bytes, dice: random.Random) -> None:
        echo = echoes(secret, last, dice)
        verb = last[:4].upper()
        if verb == b"EHLO" and dice.random() < 0.9:
            peer.send(b"250-here %s\r\n250 AUTH %s\r\n" % (echo, mechanism.encode()))
            return
        challenge = base64.b64encode(dice.choice([echo, b'{"status":"%s"}' % echo, b"Password:"]))
        peer.send(
            dice.choice(
                [
                    b"235 2.7.0 welcome, %s\r\n" % echo,
                    b"250 ok %s\r\n" % echo,
                    b"334 %s\r\n" % challenge,
                    b"334 %s\r\n" % echo,
                    b"535 5.7.8 %s is wrong\r\n" % echo,
                    b"535-5.7.8 you said\r\n535 5.7.8 %s\r\n" % echo,
                    b"421 4.7.0 %s\r\n" % echo,
                    b"%s\r\n" % echo,
                    b"250-%s\r\n251 %s\r\n" % (echo, echo),
                    b"535 %s" % echo,
                ]
            )
        )

    def script(peer: Peer) -> None:
        dice = random.Random(seed)
        peer.send(b"220 here %s\r\n" % (echoes(secret, b"", dice) if dice.random() < 0.2 else b""))
        while True:
            last = peer.line()
            if dice.random() < 0.05:
                return
            answer(peer, last, dice)

    return script


async def everything_shown(secret: str, mechanism: str, seed: int) -> str:
    """Return all that one run lets out: events, report, diagnosis, logs and printed text."""
    events: list[Event] = []
    log, printed = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with (
            serve(spiteful(secret, mechanism, seed)) as server,
            redirect_stdout(printed),
            redirect_stderr(printed),
        ):
            transport = Transport(
                host="127.0.0.1",
                port=server.port,
                security=Security.PLAINTEXT,
                timeouts=LIMITS,
                auth=Auth(user="me@example.org", mechanism=mechanism),
            )
            report = await verify(transport, Secret(secret), observer=events.append)
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    diagnosis = diagnose(report, transport)
    told = [json.dumps(report.as_json(), ensure_ascii=False), str(report.failure)]
    told += [json.dumps(diagnosis.as_json(), ensure_ascii=False) if diagnosis else ""]
    # Escapes of repr and JSON would hide a secret with quotes from the search: join plain texts.
    told += [text for event in events for text in texts_of(event)]
    return "\n".join([*told, log.getvalue(), printed.getvalue(), repr(events)])


def texts_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts_of(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in texts_of(item)]
    names = getattr(value, "__dataclass_fields__", {})
    return [text for name in names for text in texts_of(getattr(value, name))]


@pytest.mark.timeout(300)
async def test_no_run_shows_the_secret() -> None:
    seeds = range(RUNS)
    mechanisms = [name for name in MECHANISMS if name != "EXTERNAL"]
    gate = asyncio.Semaphore(8)

    async def one(seed: int) -> None:
        secret = SECRETS[seed % len(SECRETS)]
        async with gate:
            shown = await everything_shown(secret, mechanisms[seed % len(mechanisms)], seed)
        leak = find_leak(shown, secret)
        assert leak is None, f"seed {seed}: {leak}"

    await asyncio.gather(*(one(seed) for seed in seeds))


async def test_the_search_itself_finds_a_planted_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same runs without redaction: nearly every one is found out."""
    monkeypatch.setattr(Redactor, "client", lambda _self, line: line.decode("utf-8", "replace"))
    monkeypatch.setattr(Redactor, "server", lambda _self, line: line.decode("utf-8", "replace"))
    found = 0
    for seed in range(40):
        secret = SECRETS[seed % 2]
        found += find_leak(await everything_shown(secret, "PLAIN", seed), secret) is not None
    assert found > 30


def test_a_transport_with_its_secret_prints_bullets() -> None:
    secret = Secret("hunter2-hunter2")
    transport = replace(Transport(), auth=Auth(user="me"))
    assert find_leak(f"{secret} {secret!r} {transport!r} {[secret]}", "hunter2-hunter2") is None
