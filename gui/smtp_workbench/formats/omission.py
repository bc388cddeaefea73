"""What a target can't express: every field that was chosen and that an exporter does not say.

A field that has no effect is not chosen (a CA file while the system's certificates are trusted),
and neither are the limits that the bench gives every new profile: they suit a person who waits.
"""

import ipaddress
import math
from collections.abc import Collection
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from smtp_workbench.settings.change import Change, value_of
from smtp_workbench.settings.transport import (
    TESTING,
    Auth,
    Pool,
    Protocol,
    Security,
    Timeouts,
    Tls,
    Transport,
    Trust,
)

NAMES: Final = {
    "protocol": "LMTP",
    "ehlo_name": "EHLO name",
    "source_address": "source address",
    "proxy": "proxy",
    "family": "address family",
    "sender": "sender",
    "tls.trust": "accepting any certificate",
    "tls.ca_file": "CA file",
    "tls.fingerprint": "pinned fingerprint",
    "tls.server_name": "server name",
    "tls.client_certificate": "client certificate",
    "tls.client_key": "client key",
    "tls.minimum_version": "minimum TLS version",
    "tls.ciphers": "ciphers",
    "auth.user": "user",
    "auth.mechanism": "mechanism",
    "timeouts.dns": "DNS limit",
    "timeouts.connect": "connect limit",
    "timeouts.greeting": "greeting limit",
    "timeouts.socket": "stage limit",
    "timeouts.total": "limit of a whole run",
    "pool.enabled": "pool",
    "pool.max_connections": "connections of the pool",
    "pool.max_messages": "messages over one connection",
    "pool.rate_limit": "rate limit",
    "pool.rate_delta": "period of the rate limit",
}
"""What an omission calls each field; host, port and security have their own ways."""

SECURITY_NAMES: Final = {
    Security.IMPLICIT_TLS: "implicit TLS",
    Security.STARTTLS: "STARTTLS as a must",
    Security.STARTTLS_IF_OFFERED: "STARTTLS only where offered",
    Security.PLAINTEXT: "never using TLS",
}

UNCHECKED: Final = "checking the certificate"
"""The omission of a target that accepts any certificate, whatever it is told."""

_PLAIN: Final = Transport()


def effective(transport: Transport) -> Transport:
    """Return *transport* with every field that has no effect at its default."""
    auth, pool = transport.auth, transport.pool
    if not auth.user and auth.mechanism != "EXTERNAL":
        auth = Auth()
    if not pool.enabled:
        pool = replace(pool, max_connections=5, max_messages=100)
    if not pool.rate_limit:
        pool = replace(pool, rate_delta=Pool().rate_delta)
    timeouts = Timeouts() if transport.timeouts == TESTING else transport.timeouts
    return replace(
        transport, auth=auth, pool=pool, timeouts=timeouts, tls=_effective_tls(transport)
    )


def _effective_tls(transport: Transport) -> Tls:
    tls = transport.tls
    if transport.security is Security.PLAINTEXT:
        return Tls()
    trust = tls.trust
    if (trust is Trust.CA_FILE and not tls.ca_file) or (
        trust is Trust.FINGERPRINT and not tls.fingerprint
    ):
        trust = Trust.SYSTEM  # half-typed: nothing to hand on
    return replace(
        tls,
        trust=trust,
        ca_file=tls.ca_file if trust is Trust.CA_FILE else "",
        fingerprint=tls.fingerprint if trust is Trust.FINGERPRINT else "",
        server_name="" if tls.server_name == transport.host else tls.server_name,
        client_key=tls.client_key if tls.client_certificate not in ("", tls.client_key) else "",
    )


def left_out(
    transport: Transport,
    said: Collection[str],
    *,
    securities: Collection[Security] = tuple(Security),
    mechanisms: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the nouns of what is chosen in *transport*, an effective one, and not said.

    *said* are field paths, `tls.trust` among them where the target can accept any certificate;
    *securities* and *mechanisms* are those that the target has.
    """
    nouns = []
    if transport.security not in securities:
        nouns.append(SECURITY_NAMES[transport.security])
    for path, noun in NAMES.items():
        if path in said or not _is_chosen(transport, path):
            continue
        if path == "auth.mechanism" and transport.auth.mechanism in mechanisms:
            continue
        nouns.append(noun)
    return tuple(nouns)


def reduced(
    transport: Transport, said: Collection[str], *, mechanisms: Collection[str] = ()
) -> Transport:
    """Return *transport*, an effective one, with the fields that are left out at their defaults."""
    fields: dict[str, object] = {
        path: value_of(_PLAIN, path)
        for path in NAMES
        if path not in said and path not in ("tls.trust", "auth.mechanism")
    }
    if transport.auth.mechanism not in mechanisms and "auth.mechanism" not in said:
        fields["auth.mechanism"] = ""
    needed = {
        Trust.NONE: "tls.trust",
        Trust.CA_FILE: "tls.ca_file",
        Trust.FINGERPRINT: "tls.fingerprint",
    }
    if needed.get(transport.tls.trust, "host") not in (*said, "host"):
        fields["tls.trust"] = Trust.SYSTEM
    return Change(fields).apply(transport)


def _is_chosen(transport: Transport, path: str) -> bool:
    if path == "tls.trust":  # the other two kinds of trust go by their file and fingerprint
        return transport.tls.trust is Trust.NONE
    if path == "protocol":
        return transport.protocol is not Protocol.SMTP
    return value_of(transport, path) != value_of(_PLAIN, path)


def single_limit(transport: Transport) -> tuple[float | None, frozenset[str], tuple[str, ...]]:
    """Return the limit in seconds for a target that has one for connecting, greeting and stages.

    None: the target's own. With it the fields that it says, and what it assumes.
    """
    limits = transport.timeouts
    inner = ("connect", "greeting")
    alike = [name for name in inner if getattr(limits, name) == limits.socket]
    if limits.socket == Timeouts().socket and len(alike) < len(inner):
        return None, frozenset(), ()
    said = frozenset(f"timeouts.{name}" for name in (*alike, "socket"))
    seconds = plain_number(limits.socket)
    assumed = f"The limit of {seconds} s holds for connecting and the greeting too."
    return limits.socket, said, () if len(alike) == len(inner) else (assumed,)


def whole_seconds(seconds: float) -> tuple[int, tuple[str, ...]]:
    """Return *seconds* for a target that takes whole ones, and what that assumes."""
    whole = math.ceil(seconds)
    assumed = f"{plain_number(seconds)} s was rounded up to {whole} s."
    return whole, () if whole == seconds else (assumed,)


def plain_number(value: float) -> str:
    """Return *value* without a fraction that says nothing."""
    return str(int(value)) if value == int(value) else repr(value)


def is_ipv6(host: str) -> bool:
    """Whether *host* is an IPv6 address, which goes into brackets before a port."""
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def simple_proxy(url: str, schemes: Collection[str]) -> tuple[str, str, int] | None:
    """Return scheme, host and port of *url* if it says no more than that, in one of *schemes*."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in schemes or not port or url != f"{parts.scheme}://{host}:{port}":
        return None
    return parts.scheme, host, port
