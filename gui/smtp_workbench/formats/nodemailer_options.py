"""The options of Nodemailer's SMTP transport, both ways, as a nested mapping.

`https://nodemailer.com/smtp/`. What a program would compute there stands in it as `Code`.
"""

from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.formats.found import Found
from smtp_workbench.formats.quoting import in_place_of, javascript
from smtp_workbench.formats.rendering import Code
from smtp_workbench.formats.values import Call
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, TlsVersion, Transport, Trust

_FIELDS: Final = {
    "host": "host",
    "port": "port",
    "name": "ehlo_name",
    "localAddress": "source_address",
    "proxy": "proxy",
    "authMethod": "auth.mechanism",
}
_LIMITS: Final = {
    "dnsTimeout": "timeouts.dns",
    "connectionTimeout": "timeouts.connect",
    "greetingTimeout": "timeouts.greeting",
    "socketTimeout": "timeouts.socket",
}
_POOL: Final = {
    "maxConnections": "pool.max_connections",
    "maxMessages": "pool.max_messages",
    "rateLimit": "pool.rate_limit",
}
_TLS: Final = {
    "servername": "tls.server_name",
    "minVersion": "tls.minimum_version",
    "ciphers": "tls.ciphers",
}
_FILES: Final = {"cert": "tls.client_certificate", "key": "tls.client_key"}
_KINDS: Final = ("secure", "requireTLS", "ignoreTLS", "lmtp", "pool", "rateDelta", "auth", "tls")
_WITHOUT_EFFECT: Final = ("logger", "debug", "transactionLog", "disableFileAccess")

MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")
SAID: Final = frozenset(
    (
        "protocol", "auth.user", "tls.trust", *_FIELDS.values(), *_LIMITS.values(), *_TLS.values(),
    )
) - {"auth.mechanism"}  # fmt: skip
"""The fields that an options object of any kind can say."""
SAID_BY_FILES: Final = frozenset(("tls.ca_file", *_FILES.values()))
"""Those that it can say where it can read a file."""
SAID_BY_POOL: Final = frozenset(("pool.enabled", "pool.rate_delta", *_POOL.values()))
"""Those that it can say about a pool."""

_PLAIN: Final = Transport()


def options_of(transport: Transport, password: object, *, files: bool) -> dict[str, Any]:
    """Return the options of *transport*, an effective one.

    *password* is a text or `Code`; with *files* certificates are read from theirs, where the
    options are a program.
    """
    options: dict[str, Any] = {"host": transport.host, "port": transport.effective_port}
    options["secure"] = transport.security is Security.IMPLICIT_TLS
    if transport.security is Security.STARTTLS:
        options["requireTLS"] = True
    elif transport.security is Security.PLAINTEXT:
        options["ignoreTLS"] = True
    if transport.protocol is Protocol.LMTP:
        options["lmtp"] = True
    auth = transport.auth
    if auth.user and auth.mechanism == "XOAUTH2":
        options["auth"] = {"type": "OAuth2", "user": auth.user, "accessToken": password}
    elif auth.user:
        options["auth"] = {"user": auth.user, "pass": password}
        if auth.mechanism in MECHANISMS:
            options["authMethod"] = auth.mechanism
    for name in ("name", "localAddress", "proxy"):
        if value := value_of(transport, _FIELDS[name]):
            options[name] = value
    options |= _chosen(transport, _LIMITS, 1000)
    if tls := _tls_of(transport, files=files):
        options["tls"] = tls
    if transport.pool.enabled:
        options["pool"] = True
        options |= _chosen(transport, _POOL)
        options |= _chosen(transport, {"rateDelta": "pool.rate_delta"}, 1000)
    return options


def _chosen(transport: Transport, names: Mapping[str, str], scale: int = 0) -> dict[str, Any]:
    """Return the options that differ from their default, a number of seconds times *scale*."""
    values = {name: value_of(transport, path) for name, path in names.items()}
    return {
        name: round(float(str(value)) * scale) if scale else value
        for name, value in values.items()
        if value != value_of(_PLAIN, names[name])
    }


def _tls_of(transport: Transport, *, files: bool) -> dict[str, Any]:
    tls = transport.tls
    options = {name: str(value) for name, value in _chosen(transport, _TLS).items()}
    found: dict[str, Any] = {**options}
    if files:
        named = {"ca": tls.ca_file, "cert": tls.client_certificate, "key": tls.client_key}
        if tls.client_certificate and not tls.client_key:
            named["key"] = tls.client_certificate
        for name, path in named.items():
            if path:
                found[name] = Code(f"fs.readFileSync({javascript(path)})")
    if tls.trust is Trust.NONE:
        found["rejectUnauthorized"] = False
    return found


def take_options(options: Mapping[str, object], found: Found) -> None:
    """Take what *options* say, as Nodemailer understands them."""
    _take_service(options.get("service"), found)
    for names, per in ((_FIELDS, 1), (_LIMITS, 1000), (_POOL, 1)):
        for name, path in names.items():
            if name in options:
                found.put(path, options[name], name, per=per)
    if "rateDelta" in options:
        found.put("pool.rate_delta", options["rateDelta"], "rateDelta", per=1000)
    if found.flag(options.get("pool"), "pool"):
        found.fields["pool.enabled"] = True
    if found.flag(options.get("lmtp"), "lmtp"):
        found.fields["protocol"] = Protocol.LMTP
    if isinstance(mechanism := found.fields.get("auth.mechanism"), str):
        found.fields["auth.mechanism"] = mechanism.upper()
    _take_security(options, found)
    _take_auth(options.get("auth"), found)
    _take_tls(options.get("tls"), found)
    known = (*_FIELDS, *_LIMITS, *_POOL, *_KINDS, "service")
    found.ignore_others(options, known)


def _take_service(service: object, found: Found) -> None:
    """Take the host of one of the services that Nodemailer knows by name."""
    if not isinstance(service, str):
        return
    preset = presets.by_id(service) or next(iter(presets.search(service)), None)
    if preset is None:
        found.note(f"service {service!r} is not a provider that is known here.")
        return
    found.fields |= preset.change().fields
    found.note(f"service {service!r} stands for {preset.name}.")


def _take_security(options: Mapping[str, object], found: Found) -> None:
    secure, require, ignore = (
        found.flag(options.get(name), name) for name in ("secure", "requireTLS", "ignoreTLS")
    )
    if secure is None and "secure" not in options and found.fields.get("port") == 465:
        secure = True  # so does Nodemailer
    if secure:
        found.security(Security.IMPLICIT_TLS)
    elif require:
        found.security(Security.STARTTLS)
    elif ignore:
        found.security(Security.PLAINTEXT)
    elif "host" in options or secure is False:
        found.security(Security.STARTTLS_IF_OFFERED)


def _take_auth(auth: object, found: Found) -> None:
    if not isinstance(auth, Mapping):
        if auth is not None:
            found.plain(auth, "auth")
        return
    found.put("auth.user", auth.get("user"), "auth.user")
    found.password(auth.get("pass"), "auth.pass")
    kind = str(auth.get("type", "")).lower()
    if kind == "oauth2":
        found.fields["auth.mechanism"] = "XOAUTH2"
        found.password(auth.get("accessToken"), "auth.accessToken")
    if isinstance(credentials := auth.get("credentials"), Mapping):
        _take_auth(credentials, found)
    for name in auth:
        if name not in ("user", "pass", "type", "accessToken", "credentials"):
            found.ignore(f"auth.{name}")


def _take_tls(tls: object, found: Found) -> None:
    if not isinstance(tls, Mapping):
        return
    for name, value in tls.items():
        label = f"tls.{name}"
        if name == "minVersion" and value in tuple(TlsVersion):
            found.fields["tls.minimum_version"] = TlsVersion(str(value))
        elif name in ("servername", "ciphers"):
            found.put(_TLS[name], value, label)
        elif name == "rejectUnauthorized":
            if found.flag(value, label) is False:
                found.trust_anything()
        elif name == "ca":
            found.trust_file(_file(value), label)
        elif name in _FILES:
            found.file(_FILES[name], _file(value), label)
        else:
            found.ignore(label)
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)


def _file(value: object) -> object:
    """Return the file that is read in *value*, else *value*."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Call) and value.last in ("readFileSync", "readFile") and value.arguments:
        return value.arguments[0]
    return value


def written(secret: Secret | None) -> object:
    """Return the password of *secret* for `options_of` where the options are a program."""
    return Code(in_place_of(secret, "process.env.{}".format, javascript))
