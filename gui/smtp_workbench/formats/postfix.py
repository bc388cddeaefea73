"""Postfix: a relay host in main.cf, with the log-in for it in sasl_passwd.

The level `secure` of TLS checks the certificate and its name, `encrypt` and `may` check neither.
"""

import re
from collections.abc import Iterator
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import host_and_port, on_one_line
from smtp_workbench.formats.omission import UNCHECKED, effective, left_out, whole_seconds
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Timeouts, TlsVersion, Transport, Trust

_MECHANISMS: Final = (
    "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
)  # fmt: skip
_FIELDS: Final = {
    "smtp_helo_name": "ehlo_name",
    "smtp_bind_address": "source_address",
    "smtp_tls_servername": "tls.server_name",
    "smtp_tls_cert_file": "tls.client_certificate",
    "smtp_tls_key_file": "tls.client_key",
    "tls_high_cipherlist": "tls.ciphers",
}
_SAID: Final = frozenset(
    (
        *_FIELDS.values(), "auth.user", "tls.trust", "tls.ca_file", "tls.fingerprint",
        "tls.minimum_version", "timeouts.connect",
    )
)  # fmt: skip
_PREFIXES: Final = ("smtp_tls_", "smtp_sasl_", "smtp_", "relayhost", "tls_")
_NAMED: Final = (
    *_FIELDS, "relayhost", "smtp_tls_security_level", "smtp_tls_wrappermode", "smtp_tls_CAfile",
    "smtp_tls_fingerprint_digest", "smtp_tls_fingerprint_cert_match", "smtp_sasl_auth_enable",
    "smtp_sasl_password_maps", "smtp_sasl_security_options", "smtp_sasl_mechanism_filter",
    "smtp_tls_secure_cert_match", "smtp_tls_mandatory_protocols", "smtp_tls_protocols",
    "smtp_tls_mandatory_ciphers", "smtp_tls_ciphers", "smtp_connect_timeout",
    "tls_append_default_CA", "smtp_use_tls", "smtp_enforce_tls",
)  # fmt: skip
_LOGIN: Final = re.compile(r"^(?![ \t#])([^ \t\n]+)[ \t]+([^:\n]*):([^\n]*)$", re.MULTILINE)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    relay = f"[{transport.host}]:{transport.effective_port}"
    lines = {"relayhost": relay, **_tls_lines(transport)}
    lines |= {"smtp_helo_name": transport.ehlo_name, "smtp_bind_address": transport.source_address}
    assumed: tuple[str, ...] = ()
    if transport.timeouts.connect != Timeouts().connect:
        seconds, assumed = whole_seconds(transport.timeouts.connect)
        lines["smtp_connect_timeout"] = f"{seconds}s"
    files: tuple[File, ...] = ()
    if transport.auth.user:
        lines |= {
            "smtp_sasl_auth_enable": "yes",
            "smtp_sasl_password_maps": "texthash:/etc/postfix/sasl_passwd",
            "smtp_sasl_security_options": "noanonymous",
        }
        if transport.auth.mechanism in _MECHANISMS:
            lines["smtp_sasl_mechanism_filter"] = transport.auth.mechanism.lower()
        files = (File("sasl_passwd", _login(relay, transport.auth.user, secret)),)
        if variable := variable_of(secret):
            assumed += (f"Postfix replaces no variables in sasl_passwd: put {variable} in.",)
    text = "".join(f"{name} = {_value(value)}\n" for name, value in lines.items() if value)
    said: frozenset[str] = frozenset(_SAID)
    unchecked: tuple[str, ...] = ()
    if transport.security is Security.STARTTLS_IF_OFFERED and transport.tls.trust is not Trust.NONE:
        said, unchecked = _SAID - {"tls.ca_file", "tls.fingerprint"}, (UNCHECKED,)
    return Export(
        (File("main.cf", text), *files),
        left_out(transport, said, mechanisms=_MECHANISMS) + unchecked,
        assumed,
    )


def _value(text: str) -> str:
    on_one_line(text, "main.cf")
    if text != text.strip(" "):
        raise ValueError("main.cf can't hold blanks at the ends of a value")
    return text.replace("$", "$$")


def _login(relay: str, user: str, secret: Secret | None) -> str:
    on_one_line(relay, "sasl_passwd", " ")
    on_one_line(user, "sasl_passwd, with a colon between user and password,", ":")
    login = f"{user}:{in_place_of(secret, '${{{}}}'.format, str)}"
    if login != on_one_line(login, "sasl_passwd").strip(" \t"):
        raise ValueError("sasl_passwd can't hold a blank before the user or after the password")
    return f"{relay} {login}\n"


def _tls_lines(transport: Transport) -> dict[str, str]:
    tls, security = transport.tls, transport.security
    if security is Security.PLAINTEXT:
        return {"smtp_tls_security_level": "none"}
    wish = security is Security.STARTTLS_IF_OFFERED
    level = {Trust.NONE: "encrypt", Trust.FINGERPRINT: "fingerprint"}.get(tls.trust, "secure")
    lines = {"smtp_tls_security_level": "may" if wish else level}
    if security is Security.IMPLICIT_TLS:
        lines["smtp_tls_wrappermode"] = "yes"
    if tls.trust is Trust.FINGERPRINT and not wish:
        digits = re.sub(r"[:\s]", "", tls.fingerprint).upper()
        lines["smtp_tls_fingerprint_digest"] = "sha256"
        lines["smtp_tls_fingerprint_cert_match"] = ":".join(re.findall(r"..?", digits))
    elif tls.trust is Trust.SYSTEM and not wish:
        lines["tls_append_default_CA"] = "yes"
    elif not wish:
        lines["smtp_tls_CAfile"] = tls.ca_file
    if tls.server_name:
        lines["smtp_tls_secure_cert_match"] = tls.server_name
    lines["smtp_tls_servername"] = tls.server_name
    lines["smtp_tls_cert_file"] = tls.client_certificate
    lines["smtp_tls_key_file"] = tls.client_key
    kind = "smtp_tls" if wish else "smtp_tls_mandatory"
    lines[f"{kind}_protocols"] = f">={tls.minimum_version.value}"
    if tls.ciphers:
        lines[f"{kind}_ciphers"] = "high"
        lines["tls_high_cipherlist"] = tls.ciphers
    return lines


def _read(text: str) -> Import:
    given = dict(_settings(text))
    relay = given.get("relayhost", "")
    if not relay:
        raise ValueError("there is no relayhost in it")
    found = Found()
    host, port = host_and_port(relay)
    found.put("host", host, "relayhost")
    found.put("port", port or 25, "relayhost")
    if not relay.startswith("["):
        found.note("Without brackets Postfix asks for the MX of the relay host first.")
    found.put_all(_FIELDS, given)
    _take_tls(given, found)
    if "smtp_connect_timeout" in given:
        value = given["smtp_connect_timeout"]
        scale = _UNITS.get(value[-1:], 0)
        number = value[:-1] if scale else value
        found.put("timeouts.connect", number, "smtp_connect_timeout", per=1 / (scale or 1))
    if given.get("smtp_sasl_auth_enable") == "yes":
        _take_login(text, relay, given, found)
    found.ignore_others([name for name in given if name.startswith(_PREFIXES)], _NAMED)
    return found.as_import("relay host")


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the settings; a line that begins with a blank continues the one before."""
    for line in re.sub(r"\r?\n[ \t]+(?=[^\s#])", " ", text).split("\n"):
        match = re.fullmatch(r"(?:-o[ \t]+)?([A-Za-z]\w*)[ \t]*=[ \t]*(.*?)[ \t\r]*", line)
        if match:
            yield match[1], match[2].replace("$$", "$")


def _take_tls(given: dict[str, str], found: Found) -> None:
    level = given.get("smtp_tls_security_level", "")
    if not level:
        required = given.get("smtp_enforce_tls") == "yes"
        level = "encrypt" if required else "may" if given.get("smtp_use_tls") == "yes" else "none"
    wish = level in ("may", "dane")
    if given.get("smtp_tls_wrappermode") == "yes":
        found.security(Security.IMPLICIT_TLS)
    elif level == "none":
        found.security(Security.PLAINTEXT)
        return
    else:
        found.security(Security.STARTTLS_IF_OFFERED if wish else Security.STARTTLS)
    if level in ("may", "encrypt", "none"):
        found.trust_anything()
        found.note(f"At the level {level} Postfix accepts any certificate.")
    elif level == "fingerprint" and "smtp_tls_fingerprint_cert_match" in given:
        fingerprint = given["smtp_tls_fingerprint_cert_match"]
        found.fields |= {"tls.trust": Trust.FINGERPRINT, "tls.fingerprint": fingerprint}
    elif given.get("smtp_tls_CAfile") and given.get("tls_append_default_CA") != "yes":
        found.trust_file(given["smtp_tls_CAfile"], "smtp_tls_CAfile")
    protocols = given.get("smtp_tls_mandatory_protocols", given.get("smtp_tls_protocols", ""))
    if protocols.startswith(">=") and protocols[2:] in tuple(TlsVersion):
        found.fields["tls.minimum_version"] = TlsVersion(protocols[2:])
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)


def _take_login(text: str, relay: str, given: dict[str, str], found: Found) -> None:
    logins = {match[1]: match for match in _LOGIN.finditer(text.replace("\r\n", "\n"))}
    static = re.fullmatch(
        r"static:\{?([^:{}]+):([^{}]*)\}?", given.get("smtp_sasl_password_maps", "")
    )
    match = logins.get(relay)
    if match is not None:
        found.put("auth.user", match[2], "sasl_passwd")
        found.password(match[3].rstrip(" \t"), "sasl_passwd")
    elif static:
        found.put("auth.user", static[1], "smtp_sasl_password_maps")
        found.password(static[2], "smtp_sasl_password_maps")
    else:
        found.note(f"User and password for {relay} are in sasl_passwd, which is not in the text.")
    mechanism = given.get("smtp_sasl_mechanism_filter", "")
    if re.fullmatch(r"[\w-]+", mechanism) and mechanism != "static":
        found.fields["auth.mechanism"] = mechanism.upper()


def _resemblance(text: str) -> float:
    return 1 if re.search(r"^relayhost\s*=\s*\S", text, re.MULTILINE) else 0


FORMAT: Final = Format(
    "postfix", "Postfix relayhost", Group.TOOL, ".cf", "ini", _write, _read, _resemblance
)
