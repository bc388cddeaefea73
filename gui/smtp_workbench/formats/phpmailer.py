"""PHPMailer."""

import re
from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out, single_limit, whole_seconds
from smtp_workbench.formats.quoting import php
from smtp_workbench.formats.rendering import PHP as STYLE
from smtp_workbench.formats.rendering import render
from smtp_workbench.formats.tokens import PHP
from smtp_workbench.formats.values import Assignment, Call, Name
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_FIELDS: Final = {
    "Host": "host",
    "Port": "port",
    "Helo": "ehlo_name",
    "Username": "auth.user",
}
_TLS: Final = {
    "cafile": "tls.ca_file",
    "peer_name": "tls.server_name",
    "local_cert": "tls.client_certificate",
    "local_pk": "tls.client_key",
    "ciphers": "tls.ciphers",
}
"""PHP's names of context options: https://www.php.net/manual/context.ssl.php."""
_SAID: Final = frozenset(
    (*_FIELDS.values(), *_TLS.values(), "tls.trust", "tls.fingerprint", "source_address", "sender")
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    lines = ["$mail->isSMTP();"]
    settings = [("Host", php(transport.host)), ("Port", str(transport.effective_port))]
    settings += _security(transport.security)
    if limit is not None:
        seconds, more = whole_seconds(limit)
        assumed += more
        settings.append(("Timeout", str(seconds)))
    if transport.ehlo_name:
        settings.append(("Helo", php(transport.ehlo_name)))
    settings += _log_in(transport, secret)
    if options := _stream_options(transport):
        settings.append(("SMTPOptions", render(options, STYLE)))
    lines += [f"$mail->{name} = {value};" for name, value in settings]
    if transport.sender:
        lines.append(f"$mail->setFrom({php(transport.sender)});")
    text = "\n".join([*_HEAD, *lines, ""])
    out = left_out(transport, _SAID | said, mechanisms=_MECHANISMS)
    return Export((File("mail.php", text),), out, assumed)


_HEAD: Final = (
    "<?php",
    "",
    "use PHPMailer\\PHPMailer\\PHPMailer;",
    "",
    "require 'vendor/autoload.php';",
    "",
    "$mail = new PHPMailer(true);",
    "$mail->CharSet = PHPMailer::CHARSET_UTF8;",
)


def _security(security: Security) -> list[tuple[str, str]]:
    match security:
        case Security.IMPLICIT_TLS:
            return [("SMTPSecure", "PHPMailer::ENCRYPTION_SMTPS")]
        case Security.STARTTLS:
            return [("SMTPSecure", "PHPMailer::ENCRYPTION_STARTTLS")]
    offered = "true" if security is Security.STARTTLS_IF_OFFERED else "false"
    return [("SMTPSecure", "''"), ("SMTPAutoTLS", offered)]


def _log_in(transport: Transport, secret: Secret | None) -> list[tuple[str, str]]:
    auth = transport.auth
    if not auth.user:
        return [("SMTPAuth", "false")]
    password = quoting.in_place_of(secret, lambda name: f"getenv({php(name)})", php)
    found = [("SMTPAuth", "true"), ("Username", php(auth.user)), ("Password", password)]
    if auth.mechanism in _MECHANISMS:
        found.append(("AuthType", php(auth.mechanism)))
    return found


def _stream_options(transport: Transport) -> dict[str, Any]:
    tls = transport.tls
    ssl: dict[str, Any] = {}
    if tls.trust is Trust.NONE:
        ssl |= {"verify_peer": False, "verify_peer_name": False, "allow_self_signed": True}
    elif tls.trust is Trust.FINGERPRINT:
        digits = re.sub(r"[:\s]", "", tls.fingerprint).lower()
        ssl |= {"verify_peer": False, "verify_peer_name": False}
        ssl["peer_fingerprint"] = {"sha256": digits}
    for name, value in (
        ("cafile", tls.ca_file),
        ("peer_name", tls.server_name),
        ("local_cert", tls.client_certificate),
        ("local_pk", tls.client_key),
        ("ciphers", tls.ciphers),
    ):
        if value:
            ssl[name] = value
    options = {"ssl": ssl} if ssl else {}
    if address := transport.source_address:
        options["socket"] = {"bindto": f"[{address}]:0" if ":" in address else f"{address}:0"}
    return options


def _read(text: str) -> Import:
    items = statements(text, PHP)
    settings: dict[str, object] = {}
    found = Found()
    for item in items:
        match item:
            case Assignment(path=path, value=value) if "." in path:
                settings[item.last] = value
            case Call(last="setFrom", arguments=(sender, *_)):
                found.put("sender", sender, "setFrom")
    if not settings.keys() & {"Host", "SMTPSecure", "SMTPAuth", "Username"}:
        raise ValueError("there is no setting of PHPMailer in it")
    found.put_all(_FIELDS, settings)
    found.password(settings.get("Password"), "Password")
    found.one_limit(settings.get("Timeout"), "Timeout")
    if isinstance(mechanism := settings.get("AuthType"), str) and mechanism:
        found.fields["auth.mechanism"] = mechanism.upper()
    if found.flag(settings.get("SMTPAuth"), "SMTPAuth") is False and "auth.user" in found.fields:
        found.note("SMTPAuth is false, so PHPMailer would not log in; the user was taken anyway.")
    found.security(_security_of(settings, found))
    found.fields.setdefault("port", 25)
    take_stream_options(settings.get("SMTPOptions"), found)
    found.ignore_others(settings, _KNOWN)
    return found.as_import("setting of PHPMailer")


_KNOWN: Final = (
    *_FIELDS, "Password", "Timeout", "AuthType", "SMTPAuth", "SMTPSecure", "SMTPAutoTLS",
    "SMTPOptions", "CharSet", "Mailer",
)  # fmt: skip
"""What is read, and what is about the message or a matter of course."""


def _security_of(settings: Mapping[str, object], found: Found) -> Security:
    given = settings.get("SMTPSecure", "")
    word = given.last if isinstance(given, Name) else given
    if word in ("ssl", "ENCRYPTION_SMTPS"):
        return Security.IMPLICIT_TLS
    if word in ("tls", "ENCRYPTION_STARTTLS"):
        return Security.STARTTLS
    if found.flag(settings.get("SMTPAutoTLS"), "SMTPAutoTLS") is False:
        return Security.PLAINTEXT
    return Security.STARTTLS_IF_OFFERED


def take_stream_options(options: object, found: Found) -> None:
    """Take the options of a PHP stream context: `ssl` and `socket`."""
    if not isinstance(options, Mapping):
        return
    ssl = options.get("ssl", {})
    for name, value in ssl.items() if isinstance(ssl, Mapping) else ():
        _take_ssl(name, value, found)
    socket = options.get("socket")
    if isinstance(socket, Mapping) and isinstance(bound := socket.get("bindto"), str):
        address = bound.rpartition(":")[0] or bound
        bracketed = address.startswith("[") and address.endswith("]")
        found.fields["source_address"] = address[1:-1] if bracketed else address


def _take_ssl(name: str, value: object, found: Found) -> None:
    label = f"ssl.{name}"
    if name == "verify_peer":
        if found.flag(value, label) is False:
            found.fields.setdefault("tls.trust", Trust.NONE)
    elif name == "peer_fingerprint":
        digits = value.get("sha256") if isinstance(value, Mapping) else value
        found.put("tls.fingerprint", digits, label)
        found.fields["tls.trust"] = Trust.FINGERPRINT
    elif name == "cafile":
        found.trust_file(value, label)
    elif name in _TLS:
        found.file(_TLS[name], value, label)
    elif name not in ("verify_peer_name", "allow_self_signed"):
        found.ignore(label)


def _resemblance(text: str) -> float:
    settings = set(re.findall(r"->\s*(Host|SMTPSecure|SMTPAuth|SMTPAutoTLS|Username)\s*=", text))
    if "PHPMailer" in text and settings:
        return 1
    return 0.5 + 0.1 * len(settings) if settings else 0


FORMAT: Final = Format(
    "phpmailer", "PHPMailer", Group.CODE, ".php", "php", _write, _read, _resemblance
)
