"""The rules of the suite hold."""

import socket

import pytest


async def test_coroutines_run() -> None:
    assert True


def test_an_address_outside_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="tried to reach"), socket.socket() as sock:
        sock.connect(("192.0.2.1", 25))
