"""The smtp URL, both ways, with the transport's options in its query by Nodemailer's names.

    smtp://user:password@host:587/?requireTLS=true&name=client.example.org

`smtp:` means STARTTLS where it is offered, `smtps:` implicit TLS, `lmtp:` LMTP. Times are in
milliseconds, as they are there. What Nodemailer has no option for goes by a name of ours:
`family`, `tls.fingerprint`, `totalTimeout`; file names stand for `tls.ca`, `tls.cert`, `tls.key`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from smtp_workbench.settings.change import Change, value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Family,
    Protocol,
    Security,
    TlsVersion,
    Transport,
    Trust,
)

_SCHEMES: Final[dict[str, dict[str, object]]] = {
    "smtp": {"security": Security.STARTTLS_IF_OFFERED},
    "smtps": {"security": Security.IMPLICIT_TLS},
    "lmtp": {"security": Security.STARTTLS_IF_OFFERED, "protocol": Protocol.LMTP},
}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_WITHOUT_EFFECT: Final = frozenset(
    ("logger", "debug", "transactionLog", "disableFileAccess", "disableUrlAccess", "component")
)
"""Options of Nodemailer that are about the program that sends, not about the server."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a URL says."""

    change: Change
    unknown: tuple[str, ...] = ()
    """Options that nobody knows."""
    ignored: tuple[str, ...] = ()
    """Options that are known and mean nothing here."""


def _boolean(text: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
    except KeyError:
        raise ValueError("takes true or false") from None


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise ValueError("takes a whole number")
    return int(text)


def _seconds(text: str) -> float:
    return _whole(text) / 1000


def _milliseconds(value: object) -> str:
    return str(round(float(str(value)) * 1000))


def _one_of(kind: Callable[[str], object], *names: str) -> Callable[[str], object]:
    def read(text: str) -> object:
        try:
            return kind(text)
        except ValueError:
            raise ValueError(f"takes one of {', '.join(names)}") from None

    return read


_OPTIONS: Final[dict[str, tuple[str, Callable[[str], object], Callable[[object], str]]]] = {
    "name": ("ehlo_name", str, str),
    "localAddress": ("source_address", str, str),
    "dnsTimeout": ("timeouts.dns", _seconds, _milliseconds),
    "connectionTimeout": ("timeouts.connect", _seconds, _milliseconds),
    "greetingTimeout": ("timeouts.greeting", _seconds, _milliseconds),
    "socketTimeout": ("timeouts.socket", _seconds, _milliseconds),
    "totalTimeout": ("timeouts.total", _seconds, _milliseconds),
    "tls.servername": ("tls.server_name", str, str),
    "tls.minVersion": ("tls.minimum_version", _one_of(TlsVersion, *TlsVersion), str),
    "tls.ciphers": ("tls.ciphers", str, str),
    "tls.cert": ("tls.client_certificate", str, str),
    "tls.key": ("tls.client_key", str, str),
    "authMethod": ("auth.mechanism", str.upper, str),
    "proxy": ("proxy", str, str),
    "family": ("family", _one_of(Family, *Family), str),
    "from": ("sender", str, str),
    "maxConnections": ("pool.max_connections", _whole, str),
    "maxMessages": ("pool.max_messages", _whole, str),
    "rateLimit": ("pool.rate_limit", _whole, str),
    "rateDelta": ("pool.rate_delta", _seconds, _milliseconds),
}
"""Option: the field it fills, from text, to text."""


def parse(text: str) -> Parsed:
    """Read a URL. Raises ValueError with a sentence that names what is wrong, never the password.

    A password in it becomes the change's secret.
    """
    if _CONTROL.search(text):
        raise ValueError("the URL has a line end or another control character in it")
    scheme, separator, _ = text.strip().partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise ValueError(f"{scheme!r} is not smtp, smtps or lmtp")
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError("the URL's port is not a number from 1 to 65535") from None
    if port == 0:
        raise ValueError("the URL's port is not a number from 1 to 65535")
    fields: dict[str, object] = {**_SCHEMES[scheme.lower()]}
    fields["host"] = _host(parts.netloc.rpartition("@")[2])
    if port is not None:
        fields["port"] = port
    if parts.username:
        fields["auth.user"] = _decoded(parts.username, "user")
    secret = Secret(_decoded(parts.password, "password")) if parts.password else None
    if parts.path not in ("", "/"):
        raise ValueError(f"the URL has a path: {parts.path}")
    return _with_options(fields, secret, parts.query)


def _decoded(text: str, what: str) -> str:
    decoded = unquote(text)
    if _CONTROL.search(decoded):
        raise ValueError(f"the URL's {what} has a line end or another control character in it")
    return decoded


def _host(netloc: str) -> str:
    bracketed = re.match(r"\[([^\]]*)\]", netloc)
    return bracketed[1] if bracketed else unquote(netloc.partition(":")[0])


def _with_options(fields: dict[str, object], secret: Secret | None, query: str) -> Parsed:
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown: list[str] = []
    ignored: list[str] = []
    for name, value in options.items():
        if _CONTROL.search(value):
            raise ValueError(f"{name} has a line end or another control character in it")
        try:
            if name in _OPTIONS:
                field, read, _ = _OPTIONS[name]
                fields[field] = read(value)
            elif name in _SPECIAL:
                _SPECIAL[name](fields, value)
            else:
                (ignored if name in _WITHOUT_EFFECT else unknown).append(name)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
    _apply_security(fields, options)
    return Parsed(Change(fields, secret), tuple(unknown), tuple(ignored))


def _apply_security(fields: dict[str, object], options: dict[str, str]) -> None:
    """Fold the three booleans into the one of four meanings that they have."""
    secure, require, ignore = (
        _boolean(options[name]) if name in options else None
        for name in ("secure", "requireTLS", "ignoreTLS")
    )
    if secure is not None:
        fields["security"] = Security.IMPLICIT_TLS if secure else Security.STARTTLS_IF_OFFERED
    if fields["security"] is Security.IMPLICIT_TLS:
        return  # Nodemailer looks at the other two only without `secure`
    if require:
        fields["security"] = Security.STARTTLS
    elif ignore:
        fields["security"] = Security.PLAINTEXT


def _reject_unauthorized(fields: dict[str, object], value: str) -> None:
    if not _boolean(value):
        fields["tls.trust"] = Trust.NONE


def _ca(fields: dict[str, object], value: str) -> None:
    fields["tls.ca_file"] = value
    fields.setdefault("tls.trust", Trust.CA_FILE)


def _fingerprint(fields: dict[str, object], value: str) -> None:
    fields["tls.fingerprint"] = value
    fields["tls.trust"] = Trust.FINGERPRINT


def _pool(fields: dict[str, object], value: str) -> None:
    fields["pool.enabled"] = _boolean(value)


def _lmtp(fields: dict[str, object], value: str) -> None:
    fields["protocol"] = Protocol.LMTP if _boolean(value) else Protocol.SMTP


def _user(fields: dict[str, object], value: str) -> None:
    fields["auth.user"] = value


def _auth_type(fields: dict[str, object], value: str) -> None:
    if value.lower() == "oauth2":
        fields["auth.mechanism"] = "XOAUTH2"
    elif value.lower() != "login":
        raise ValueError("takes login or oauth2")


def _checked(_fields: dict[str, object], value: str) -> None:
    _boolean(value)


_SPECIAL: Final[dict[str, Callable[[dict[str, object], str], None]]] = {
    "secure": _checked,
    "requireTLS": _checked,
    "ignoreTLS": _checked,
    "tls.rejectUnauthorized": _reject_unauthorized,
    "tls.ca": _ca,
    "tls.fingerprint": _fingerprint,
    "pool": _pool,
    "lmtp": _lmtp,
    "auth.user": _user,
    "auth.type": _auth_type,
}


def write(transport: Transport, secret: Secret | None = None) -> str:
    """Return the URL of *transport*; the password stands in it only if *secret* is given."""
    lmtp = transport.protocol is Protocol.LMTP
    implicit = transport.security is Security.IMPLICIT_TLS
    scheme = "lmtp" if lmtp else "smtps" if implicit else "smtp"
    user = quote(transport.auth.user, safe="")
    if secret is not None:
        user += ":" + quote(secret.reveal(), safe="")
    host = f"[{transport.host}]" if ":" in transport.host else quote(transport.host, safe="")
    port = f":{transport.port}" if transport.port is not None else ""
    query = urlencode(_options_of(transport), quote_via=quote)
    return f"{scheme}://{user + '@' if user else ''}{host}{port}{'?' if query else ''}{query}"


def _options_of(transport: Transport) -> dict[str, str]:
    """Return the options that say what the rest of the URL does not."""
    options: dict[str, str] = {}
    match transport.security:
        case Security.IMPLICIT_TLS if transport.protocol is Protocol.LMTP:
            options["secure"] = "true"
        case Security.STARTTLS:
            options["requireTLS"] = "true"
        case Security.PLAINTEXT:
            options["ignoreTLS"] = "true"
    defaults = Transport()
    for name, (field, _, to_text) in _OPTIONS.items():
        value = value_of(transport, field)
        if value != value_of(defaults, field):
            options[name] = to_text(value)
    if transport.pool.enabled:
        options["pool"] = "true"
    tls = transport.tls
    if tls.ca_file and tls.trust is not Trust.SYSTEM:
        options["tls.ca"] = tls.ca_file
    if tls.trust is Trust.FINGERPRINT:
        options["tls.fingerprint"] = tls.fingerprint
    if tls.trust is Trust.NONE:
        options["tls.rejectUnauthorized"] = "false"
    return options


def parse_host(text: str) -> Change:
    """Read `host`, `host:port`, an IPv6 literal or `[literal]:port`. Raises ValueError.

    The port tells the security: 465 and 2465 implicit TLS, none and 587 STARTTLS, others STARTTLS
    where it is offered.
    """
    text = text.strip()
    if not text or _CONTROL.search(text):
        raise ValueError("the host is empty or has control characters in it")
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", text)
    named = re.fullmatch(r"([^:]+)(?::(\d+))?", text)
    match = bracketed or named
    host, digits = (match[1], match[2]) if match else (text, None)
    if not match and text.count(":") < 2:
        raise ValueError(f"the port in {text!r} is not a number")
    fields: dict[str, object] = {"host": host}
    port = int(digits) if digits else None
    if port is not None:
        if not 1 <= port <= 65535:
            raise ValueError(f"the port in {text!r} is not a number from 1 to 65535")
        fields["port"] = port
    fields["security"] = security_of_port(port)
    return Change(fields)


def security_of_port(port: int | None) -> Security:
    """Return the security that people mean by *port*."""
    if port in (465, 2465):
        return Security.IMPLICIT_TLS
    return Security.STARTTLS if port in (None, 587) else Security.STARTTLS_IF_OFFERED
