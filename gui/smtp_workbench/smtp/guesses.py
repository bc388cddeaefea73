"""Where the server of a host or of a mail address may be, without asking anyone."""

import re
from collections.abc import Iterable
from typing import Final

from smtp_workbench.settings import presets, url
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.smtp.candidate import DETECT, PORTS, Guess, Ports

PRESET: Final = "preset"
"""The source of what the table of services says."""
_NAMES: Final = ("smtp.{domain}", "mail.{domain}", "{domain}")
"""How people call their mail server."""
_BREAKING: Final = re.compile(r"[\s\x00-\x1f\x7f]")
"""What no mail address that leads to a domain has in it."""


def of_text(text: str, ports: Ports | None = None) -> tuple[Guess, ...]:
    """Return what to try for *text*: a host, `host:port`, or a mail address.

    *ports* are the only ones then; without them it is `PORTS` and what the service itself names.
    Raises ValueError with one sentence for anything else.
    """
    text = text.strip()
    if "@" in text:
        if not all(text.rpartition("@")[::2]) or _BREAKING.search(text):
            raise ValueError(f"{text!r} is not a whole mail address")
        return _only(of_address(text, ports or PORTS), ports)
    fields = url.parse_host(text).fields
    host, port = str(fields["host"]), fields.get("port")
    if isinstance(port, int):
        if ports is not None:
            raise ValueError("the host has a port in it, and ports are named too")
        ports = {port: PORTS.get(port)}
    return _only(of_host(host, ports or PORTS), ports)


def _only(guesses: tuple[Guess, ...], ports: Ports | None) -> tuple[Guess, ...]:
    return tuple(guess for guess in guesses if ports is None or guess.port in ports)


def of_host(host: str, ports: Ports = PORTS) -> tuple[Guess, ...]:
    """Return every one of *ports* at *host*, with the service's own settings if it is known."""
    preset = presets.by_host(host)
    return (*_of_preset(preset, host), *_at(host, ports)) if preset else _at(host, ports)


def of_address(address: str, ports: Ports = PORTS) -> tuple[Guess, ...]:
    """Return the service that carries the mail of *address*, else the usual names in its domain."""
    preset = presets.by_domain(address)
    if preset is not None:
        host = preset.host_in()
        return (*_of_preset(preset, host), *_at(host, ports))
    domain = address.rpartition("@")[2]
    return tuple(guess for name in _NAMES for guess in _at(name.format(domain=domain), ports))


def named(change: Change, source: str) -> Guess:
    """Return the place that *change*, settings with host, port and security, is about."""
    there = change.apply(Transport())
    return Guess(there.host, there.effective_port, _expected(there.security), source)


def of_named(places: Iterable[Guess], ports: Ports | None = None) -> tuple[Guess, ...]:
    """Return *places* that somebody names, and all ports that are usual at their hosts.

    *ports* are the only ones then.
    """
    given = tuple(places)
    hosts = dict.fromkeys(place.host for place in given)
    everywhere = tuple(guess for host in hosts for guess in _at(host, ports or PORTS))
    return _only((*given, *everywhere), ports)


def merged(guesses: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """Return *guesses* with one for each place: who comes first has the say."""
    found: dict[tuple[str, int], Guess] = {}
    for guess in guesses:
        found.setdefault((guess.host.lower().rstrip("."), guess.port), guess)
    return tuple(found.values())


def _at(host: str, ports: Ports) -> tuple[Guess, ...]:
    return tuple(Guess(host, port, security, DETECT) for port, security in ports.items())


def _of_preset(preset: Preset, host: str) -> tuple[Guess, ...]:
    return tuple(
        Guess(host, item.port, _expected(item.security), PRESET)
        for item in (preset.main, *preset.alternatives)
    )


def _expected(security: Security) -> Security:
    return security if security is Security.IMPLICIT_TLS else Security.STARTTLS
