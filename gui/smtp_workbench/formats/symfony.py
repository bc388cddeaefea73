"""Symfony Mailer: the DSN of its SMTP transport, as the environment variable MAILER_DSN.

https://symfony.com/doc/current/mailer.html#transport-setup
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, is_ipv6, left_out
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_SAID: Final = frozenset(
    ("auth.user", "ehlo_name", "source_address", "tls.trust", "tls.fingerprint")
)
_LINE: Final = re.compile(
    r"""^[ \t]*+(?:export[ \t]++)?(MAILER_DSN[ \t]*+=[ \t]*+)?(["']?)(smtps?://.*)$""",
    re.IGNORECASE | re.MULTILINE,
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    variable = quoting.variable_of(secret) if transport.auth.user else None
    assumed = []
    if variable is not None:
        assumed.append(f"{variable} holds the password percent-encoded, as a DSN needs it.")
    if transport.effective_port == 465 and transport.security is not Security.IMPLICIT_TLS:
        assumed.append("Symfony speaks implicit TLS on port 465 unless auto_tls is off.")
    if transport.security is Security.STARTTLS or transport.tls.trust is Trust.FINGERPRINT:
        assumed.append("require_tls needs Symfony 7.3, peer_fingerprint 6.4.")
    return Export(
        (File(".env", f"MAILER_DSN={_dsn(transport, secret)}\n"),),
        left_out(transport, _SAID),
        tuple(assumed),
    )


def _dsn(transport: Transport, secret: Secret | None) -> str:
    implicit = transport.security is Security.IMPLICIT_TLS
    login = ""
    if transport.auth.user:
        password = quoting.in_place_of(secret, "${{{}}}".format, _encoded)
        login = f"{_encoded(transport.auth.user)}:{password}@"
    host = f"[{transport.host}]" if is_ipv6(transport.host) else _encoded(transport.host)
    options = [f"{name}={_encoded(value)}" for name, value in _options(transport)]
    query = "?" + "&".join(options) if options else ""
    scheme = "smtps" if implicit else "smtp"
    return f"{scheme}://{login}{host}:{transport.effective_port}{query}"


def _encoded(text: str) -> str:
    return quote(text, safe="")


def _options(transport: Transport) -> list[tuple[str, str]]:
    tls = transport.tls
    options = []
    if transport.security is Security.STARTTLS:
        options.append(("require_tls", "true"))
    elif transport.security is Security.PLAINTEXT:
        options.append(("auto_tls", "false"))
    if tls.trust is Trust.NONE:
        options.append(("verify_peer", "0"))
    elif tls.trust is Trust.FINGERPRINT:
        digits = re.sub(r"[:\s]", "", tls.fingerprint).lower()
        options += [("verify_peer", "0"), ("peer_fingerprint", digits)]
    if transport.ehlo_name:
        options.append(("local_domain", transport.ehlo_name))
    if transport.source_address:
        options.append(("source_ip", transport.source_address))
    return options


def _read(text: str) -> Import:
    _, dsn = _dsn_in(text)
    if not dsn:
        raise ValueError("there is no DSN that begins with smtp:// or smtps:// in it")
    try:
        parts = urlsplit(dsn)
        port = parts.port
    except ValueError:
        raise ValueError("the DSN's host or port can't be read") from None
    found = Found()
    implicit = parts.scheme.lower() == "smtps" or port == 465
    found.security(Security.IMPLICIT_TLS if implicit else Security.STARTTLS_IF_OFFERED)
    netloc = parts.netloc.rpartition("@")[2]
    bracketed = re.match(r"\[([^\]]*)\]", netloc)
    found.fields["host"] = bracketed[1] if bracketed else unquote(netloc.partition(":")[0])
    # Without a port Symfony takes 465 where it has OpenSSL, 25 on this machine.
    found.fields["port"] = port or (25 if found.fields["host"] == "localhost" else 465)
    if not port and found.fields["port"] == 465:
        found.security(Security.IMPLICIT_TLS)
    if parts.username:
        found.fields["auth.user"] = unquote(parts.username)
    if parts.password:
        found.password(unquote(parts.password), "password")
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        _take(name, value, found)
    return found.as_import("DSN")


def _dsn_in(text: str) -> tuple[bool, str]:
    """Return the first DSN in *text*, without its quotes, and whether MAILER_DSN is set to it."""
    for line in _LINE.finditer(text):
        named, quote_mark, rest = line.groups()
        dsn = rest.rstrip(" \t\r")
        if dsn.endswith(quote_mark):
            return named is not None, dsn.removesuffix(quote_mark)
    return False, ""


def _take(name: str, value: str, found: Found) -> None:
    take = _TAKERS.get(name)
    if take is None:
        found.ignore(name)
    else:
        take(value, found)


def _verify_peer(value: str, found: Found) -> None:
    if found.flag(value, "verify_peer") is False:
        found.fields.setdefault("tls.trust", Trust.NONE)


def _fingerprint(value: str, found: Found) -> None:
    found.put("tls.fingerprint", value, "peer_fingerprint")
    found.fields["tls.trust"] = Trust.FINGERPRINT


def _auto_tls(value: str, found: Found) -> None:
    if value and found.flag(value, "auto_tls") is False:
        found.security(Security.PLAINTEXT)


def _require_tls(value: str, found: Found) -> None:
    implicit = found.fields["security"] is Security.IMPLICIT_TLS
    if found.flag(value, "require_tls") and not implicit:
        found.security(Security.STARTTLS)


_TAKERS: Final[dict[str, Callable[[str, Found], None]]] = {
    "verify_peer": _verify_peer,
    "peer_fingerprint": _fingerprint,
    "auto_tls": _auto_tls,
    "require_tls": _require_tls,
    "local_domain": lambda value, found: found.put("ehlo_name", value, "local_domain"),
    "source_ip": lambda value, found: found.put("source_address", value, "source_ip"),
}


def _resemblance(text: str) -> float:
    named, dsn = _dsn_in(text)
    if not dsn:
        return 0
    if named:
        return 1
    if re.search(rf"[?&]({'|'.join(_TAKERS)})=", dsn):
        return 0.95
    return 0.3


FORMAT: Final = Format(
    "symfony", "Symfony Mailer DSN", Group.CODE, ".env", "dotenv", _write, _read, _resemblance
)
