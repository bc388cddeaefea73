"""The properties `mail.smtp.*` of Jakarta Mail, both ways, without the server and the log-in.

https://jakarta.ee/specifications/mail/: Spring Boot hands the same ones on.
"""

from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import simple_proxy
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.transport import Security, TlsVersion, Transport, Trust

MECHANISMS: Final = ("PLAIN", "LOGIN", "XOAUTH2")
_LIMITS: Final = {"connectiontimeout": "timeouts.connect", "timeout": "timeouts.socket"}
_TEXTS: Final = {"localhost": "ehlo_name", "localaddress": "source_address"}
SAID: Final = frozenset(
    (
        "auth.user", "tls.trust", "tls.minimum_version", "sender", *_LIMITS.values(),
        *_TEXTS.values(),
    )
)  # fmt: skip
_WITHOUT_EFFECT: Final = (
    "auth", "writetimeout", "ssl.checkserveridentity", "host", "port", "user", "password",
    "username", "starttls.enable", "starttls.required", "ssl.enable", "socketFactory.class",
    "socketFactory.port", "socketFactory.fallback",
)  # fmt: skip
"""What is read elsewhere, or says no more than the others."""


def properties_of(transport: Transport) -> dict[str, str]:
    """Return the properties of *transport*, an effective one, by their name after `mail.smtp.`."""
    tls = transport.tls
    found = {"auth": "true" if transport.auth.user else "false"}
    found |= {
        Security.IMPLICIT_TLS: {"ssl.enable": "true"},
        Security.STARTTLS: {"starttls.enable": "true", "starttls.required": "true"},
        Security.STARTTLS_IF_OFFERED: {"starttls.enable": "true"},
        Security.PLAINTEXT: {"starttls.enable": "false"},
    }[transport.security]
    if tls.trust is Trust.NONE:
        found |= {"ssl.trust": "*", "ssl.checkserveridentity": "false"}
    elif transport.security is not Security.PLAINTEXT:
        found["ssl.checkserveridentity"] = "true"
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        versions = list(TlsVersion)
        found["ssl.protocols"] = " ".join(versions[versions.index(tls.minimum_version) :])
    if transport.auth.mechanism in MECHANISMS:
        found["auth.mechanisms"] = transport.auth.mechanism
    for name, path in _TEXTS.items():
        if text := str(value_of(transport, path)):
            found[name] = text
    for name, path in _LIMITS.items():
        limit = float(str(value_of(transport, path)))
        if limit != value_of(Transport(), path):
            found[name] = str(round(limit * 1000))
    if "timeout" in found:
        found["writetimeout"] = found["timeout"]
    if proxy := simple_proxy(transport.proxy, ("http", "socks5")):
        kind = "proxy" if proxy[0] == "http" else "socks"
        found |= {f"{kind}.host": proxy[1], f"{kind}.port": str(proxy[2])}
    return found


def says_proxy(transport: Transport) -> bool:
    """Whether the proxy of *transport* is among `properties_of` it."""
    return simple_proxy(transport.proxy, ("http", "socks5")) is not None


def take_properties(given: Mapping[str, object], found: Found, *, implicit: bool = False) -> None:
    """Take properties by their name after `mail.smtp.` or, if *implicit*, `mail.smtps.`."""
    found.put_all(_TEXTS, given)
    for name, path in _LIMITS.items():
        if name in given:
            found.put(path, given[name], name, per=1000)
    found.security(_security(given, found, implicit=implicit))
    if str(given.get("ssl.trust", "")).strip() == "*":
        found.trust_anything()
    elif "ssl.trust" in given:
        found.ignore("ssl.trust")
    protocols = str(given.get("ssl.protocols", "")).split()
    known = [version for version in TlsVersion if version in protocols]
    if known:
        found.fields["tls.minimum_version"] = known[0]
    mechanisms = str(given.get("auth.mechanisms", "")).split()
    if len(mechanisms) == 1:
        found.fields["auth.mechanism"] = mechanisms[0].upper()
    for kind, scheme in (("proxy", "http"), ("socks", "socks5")):
        if host := given.get(f"{kind}.host"):
            found.fields["proxy"] = f"{scheme}://{host}:{given.get(f'{kind}.port', 1080)}"
    _ignore_the_rest(given, found)


def _security(given: Mapping[str, object], found: Found, *, implicit: bool) -> Security:
    def on(name: str) -> bool:
        return found.flag(given.get(name), name) is True

    if implicit or on("ssl.enable"):
        return Security.IMPLICIT_TLS
    if "SSLSocketFactory" in str(given.get("socketFactory.class", "")):
        found.note("socketFactory.class was taken as implicit TLS.")
        return Security.IMPLICIT_TLS
    if on("starttls.required"):
        return Security.STARTTLS
    return Security.STARTTLS_IF_OFFERED if on("starttls.enable") else Security.PLAINTEXT


def _ignore_the_rest(given: Mapping[str, object], found: Found) -> None:
    known = (
        *_TEXTS, *_LIMITS, *_WITHOUT_EFFECT, "ssl.trust", "ssl.protocols", "auth.mechanisms",
        "proxy.host", "proxy.port", "socks.host", "socks.port",
    )  # fmt: skip
    for name in given:
        if name not in known:
            found.ignore(f"mail.smtp.{name}")
