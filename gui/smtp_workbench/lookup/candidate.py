"""Settings that somebody names for an address, who names them, and why they may be right."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from smtp_workbench.net.errors import NetError
from smtp_workbench.net.resolve import ascii_name
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.transport import Security

MOST: Final = 16
"""Servers that one source may name; what publishes more is broken or hostile."""
_LONGEST_NAME: Final = 255
_LONGEST_USER: Final = 320


class Source(StrEnum):
    """Who names the settings, in the order in which they are believed."""

    PRESET = "preset"
    """This program's own list of services."""
    AUTOCONFIG = "autoconfig"
    """The domain's own file, over HTTPS."""
    SRV = "srv"
    """The domain's SRV records (RFC 6186, RFC 8314)."""
    PROVIDERS = "providers"
    """The list of providers that came with this program."""
    ISPDB = "ispdb"
    """Thunderbird's database."""
    MX = "mx"
    """Who takes the domain's mail in."""
    AUTOCONFIG_HTTP = "autoconfig-http"
    """The domain's own file over HTTP, which anybody on the way can write."""
    GUESS = "guess"
    """Nobody: names and ports that are usual."""


_RANK: Final = {source: rank for rank, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Note:
    """What a source says beside candidates, or why it has none: one sentence."""

    source: Source
    text: str

    def as_json(self) -> dict[str, object]:
        """Return the note as plain JSON values."""
        return {"source": self.source.value, "text": self.text}


@dataclass(frozen=True, slots=True)
class Discovered:
    """Settings to try."""

    change: Change
    """Has `host`, `port`, `security` and `auth.mechanism`, and `auth.user` where it is known."""
    source: Source
    detail: str
    """Where it comes from, in a sentence."""
    confirmed: bool = True
    """Whether somebody says so. What is not confirmed should be tried before it is used."""
    also: tuple[Source, ...] = ()
    """Who else names this server."""

    @property
    def endpoint(self) -> tuple[object, ...]:
        """Host, port and security: what is the same for one way into one server."""
        return tuple(self.change.fields[name] for name in ("host", "port", "security"))

    @property
    def named_by(self) -> str:
        """The id of who names these settings; empty where nobody does."""
        return self.source.value if self.confirmed else ""

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """What sorts the better one first: said before guessed, encrypted before not."""
        plain = self.change.fields["security"] is Security.PLAINTEXT
        return not self.confirmed, plain, _RANK[self.source]

    def as_json(self) -> dict[str, object]:
        """Return the candidate as plain JSON values."""
        fields = self.change.as_json()
        return {
            "host": fields["host"],
            "port": fields["port"],
            "security": fields["security"],
            "user": fields.get("auth.user"),
            "mechanism": fields["auth.mechanism"] or None,
            "source": self.source.value,
            "detail": self.detail,
            "confirmed": self.confirmed,
            "also": [source.value for source in self.also],
        }


Finds = Sequence[Discovered | Note]
"""What a source answers."""


def discovered(
    host: str,
    port: int | str,
    security: Security,
    *,
    source: Source,
    detail: str,
    user: str = "",
    mechanism: str = "",
    confirmed: bool = True,
) -> Discovered:
    """Return a candidate of checked values.

    Raises ValueError with one sentence, without its stop, for what can't be a host, port or user.
    """
    fields: dict[str, object] = {
        "host": _host(host),
        "port": _port(port),
        "security": security,
        "auth.mechanism": mechanism,
    }
    if user:
        fields["auth.user"] = _user(user)
    return Discovered(Change(fields), source, detail, confirmed)


def merged(candidates: Iterable[Discovered]) -> tuple[Discovered, ...]:
    """Return *candidates* best first, each server once with all who name it."""
    found: dict[tuple[object, ...], Discovered] = {}
    for candidate in sorted(candidates, key=lambda item: item.rank):
        better = found.get(candidate.endpoint)
        found[candidate.endpoint] = _with(better, candidate) if better else candidate
    return tuple(found.values())


def _with(better: Discovered, other: Discovered) -> Discovered:
    fields = dict(better.change.fields)
    if "auth.user" in other.change.fields:
        fields.setdefault("auth.user", other.change.fields["auth.user"])
    also = better.also
    if other.source not in (better.source, *also):
        also = (*also, other.source)
    return replace(better, change=Change(fields), also=also)


def _host(text: str) -> str:
    name = text.strip()
    if len(name) > _LONGEST_NAME:
        raise ValueError("a host name is too long to be one")
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    try:
        return ascii_name(name)
    except NetError:
        raise ValueError(f"{name!r} is not a host name") from None


def _port(given: int | str) -> int:
    text = str(given).strip()
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    if not 0 < port < 65536:
        raise ValueError(f"the port {text[:40]!r} is not a number from 1 to 65535")
    return port


def _user(text: str) -> str:
    if len(text) > _LONGEST_USER or not text.isprintable():
        raise ValueError(f"the user {text[:40]!r} is too long or has a control character in it")
    return text
