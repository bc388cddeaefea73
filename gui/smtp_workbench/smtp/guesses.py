"""Where the server of a host or of a mail address may be, without asking anyone."""

from smtp_workbench.settings import presets
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Security
from smtp_workbench.smtp.candidate import DETECT, PORTS, Guess, Ports

PRESET = "preset"
"""The source of what the table of services says."""
_NAMES = ("smtp.{domain}", "mail.{domain}", "{domain}")
"""How people call their mail server."""


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
