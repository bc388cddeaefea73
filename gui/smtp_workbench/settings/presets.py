"""Settings of known mail services: data in `resources/presets.toml`, and how to find one."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any, Final

from smtp_workbench.resource import read_toml
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.transport import Security, Transport, Trust

_NEAR: Final = 0.85
"""How alike a misspelled host has to be; two letters off in `smtp.gmail.com`."""
_EVERYONES: Final = {"mail", "email", "smtp", "server", "custom", "local", "com", "net", "de"}
"""Words that say nothing about whose they are."""


@dataclass(frozen=True, slots=True)
class UserHint:
    """What to put as the user."""

    kind: str
    """`address`, `fixed` or `other`."""
    hint: str
    fixed: str = ""
    login: str = ""
    """How one of the kind `other` is made of an address: `%EMAILLOCALPART%` or the like."""


@dataclass(frozen=True, slots=True)
class PasswordHint:
    """What to put as the password."""

    kind: str
    """`account`, `app-password`, `api-key`, `smtp-credentials`, `oauth2-token` or `none`."""
    hint: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A port and what it speaks."""

    port: int
    security: Security


@dataclass(frozen=True, slots=True)
class Preset:
    """One way into one service."""

    id: str
    name: str
    host: str
    """May contain `{region}`."""
    main: Endpoint
    user: UserHint
    password: PasswordHint
    alternatives: tuple[Endpoint, ...] = ()
    hosts: tuple[str, ...] = ()
    """Other names of its servers; `*` stands for anything."""
    domains: tuple[str, ...] = ()
    """Whose mail it carries."""
    mechanism: str = ""
    trust: str = ""
    """`none` where nobody vouches for its certificate, on this machine only."""
    sender: str = ""
    """`own-address` where another From is refused or rewritten."""
    limits: str = ""
    notes: str = ""
    url: str = ""
    regions: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """Its name without the way in: `Gmail`, not `Gmail (OAuth2)`."""
        return self.name.partition(" (")[0]

    @property
    def ports(self) -> tuple[int, ...]:
        """All its ports, the best first."""
        return (self.main.port, *(item.port for item in self.alternatives))

    def endpoint(self) -> Change:
        """Return the change to its best port."""
        return Change({"port": self.main.port, "security": self.main.security})

    def host_in(self, region: str = "") -> str:
        """Return its host in *region*, one of `regions`, the first by default."""
        return self.host.replace("{region}", region or next(iter(self.regions), ""))

    def change(self, region: str = "") -> Change:
        """Return what it fills in; *region* is one of `regions`, the first by default."""
        fields: dict[str, object] = {
            "host": self.host_in(region),
            "port": self.main.port,
            "security": self.main.security,
            "auth.mechanism": self.mechanism,
        }
        if self.user.fixed:
            fields["auth.user"] = self.user.fixed
        if self.trust:
            fields["tls.trust"] = Trust(self.trust)
        return Change(fields)

    def transport(self) -> Transport:
        """Return a transport with nothing but what it fills in."""
        return self.change().apply(Transport())

    def as_json(self) -> dict[str, object]:
        """Return the preset as plain JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "host": self.host,
            "port": self.main.port,
            "security": self.main.security.value,
            "alternatives": [
                {"port": item.port, "security": item.security.value} for item in self.alternatives
            ],
            "regions": list(self.regions),
            "mechanism": self.mechanism or None,
            "user": {
                "kind": self.user.kind,
                "fixed": self.user.fixed or None,
                "hint": self.user.hint,
            },
            "password": {"kind": self.password.kind, "hint": self.password.hint},
            "domains": list(self.domains),
            "limits": self.limits,
            "notes": self.notes,
            "url": self.url,
        }


@cache
def all_presets() -> tuple[Preset, ...]:
    """Return every preset, in the order of the file. Raises TypeError for an unknown key there."""
    return tuple(_preset(entry) for entry in read_toml("presets.toml")["preset"])


def _preset(entry: Mapping[str, Any]) -> Preset:
    given = dict(entry)
    main = Endpoint(given.pop("port"), Security(given.pop("security")))
    others = given.pop("alternatives", ())
    alternatives = tuple(Endpoint(item["port"], Security(item["security"])) for item in others)
    lists: dict[str, Any] = {
        name: tuple(given.pop(name, ())) for name in ("hosts", "domains", "regions")
    }
    user, password = UserHint(**given.pop("user")), PasswordHint(**given.pop("password"))
    return Preset(
        main=main, alternatives=alternatives, user=user, password=password, **lists, **given
    )


def by_id(preset_id: str) -> Preset | None:
    """Return the preset with this id."""
    return next((preset for preset in all_presets() if preset.id == preset_id.lower()), None)


@cache
def _by_exact_host() -> dict[str, Preset]:
    found: dict[str, Preset] = {}
    for preset in all_presets():
        for host in (preset.host, *preset.hosts):
            # Example hosts and this machine's own names say nothing about a service.
            if "yourdomain" not in host and host not in ("localhost", "127.0.0.1"):
                found.setdefault(host, preset)
    return found


def by_host(host: str) -> Preset | None:
    """Return the preset whose server *host* is."""
    name = host.strip().rstrip(".").lower()
    known = _by_exact_host()
    if name in known or not name:
        return known.get(name)
    return next(
        (
            preset
            for pattern, preset in known.items()
            if "*" in pattern and fnmatchcase(name, pattern)
        ),
        None,
    )


def by_name(name: str) -> Preset | None:
    """Return the preset that people mean by *name*: its id, or words of its name.

    What stands in brackets is a remark, as in `Gmail (from a shared host)`.
    """
    words = _words(name.partition("(")[0])
    if words <= _EVERYONES:
        return None
    return by_id(name.strip()) or next(
        (preset for preset in all_presets() if words <= _words(preset.name)), None
    )


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", name.lower()))


def by_domain(address: str) -> Preset | None:
    """Return the preset that carries the mail of *address*, or of a domain."""
    domain = address.strip().rpartition("@")[2].rstrip(".").lower()
    return next((preset for preset in all_presets() if domain in preset.domains), None)


@lru_cache(maxsize=256)
def near(host: str) -> str | None:
    """Return the known host that *host* could be a misspelling of."""
    name = host.strip().rstrip(".").lower()
    known = [known for known in _by_exact_host() if "*" not in known and "{" not in known]
    if name in known:
        return None
    return next(iter(difflib.get_close_matches(name, known, 1, _NEAR)), None)


def search(words: str) -> tuple[Preset, ...]:
    """Return the presets that have all *words* in name, id, host or domains."""
    wanted = words.lower().split()
    return tuple(
        preset for preset in all_presets() if all(word in _haystack(preset) for word in wanted)
    )


@cache
def _haystack(preset: Preset) -> str:
    return " ".join((preset.id, preset.name, preset.host, *preset.hosts, *preset.domains)).lower()
