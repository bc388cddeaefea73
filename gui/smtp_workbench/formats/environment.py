"""The environment file of many self-hosted programs: SMTP_HOST, SMTP_PORT and their likes.

They are SMTP_USER, SMTP_PASS, SMTP_TLS, SMTP_TLS_VERIFY, SMTP_TIMEOUT (seconds) and SMTP_POOL_SIZE.
SMTP_TLS is STARTTLS, on port 465 implicit TLS, and is on unless told. Values are quoted so that a
POSIX shell reads them too.
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats import dotenv
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out, whole_seconds
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Timeouts, Transport, Trust

_FIELDS: Final = {
    "HOST": "host",
    "PORT": "port",
    "USER": "auth.user",
    "FROM": "sender",
    "HELO": "ehlo_name",
    "TIMEOUT": "timeouts.connect",
    "POOL_SIZE": "pool.max_connections",
}
_ALIASES: Final = {
    "SERVER": "HOST",
    "HOSTNAME": "HOST",
    "ADDRESS": "HOST",
    "USERNAME": "USER",
    "LOGIN": "USER",
    "HOST_USER": "USER",
    "PASSWORD": "PASS",
    "PASSWD": "PASS",
    "HOST_PASSWORD": "PASS",
    "FROM_ADDRESS": "FROM",
    "FROM_EMAIL": "FROM",
    "SENDER": "FROM",
    "EHLO": "HELO",
    "SSL": "SECURE",
    "USE_SSL": "SECURE",
    "USE_TLS": "TLS",
    "STARTTLS": "TLS",
    "ENCRYPTION": "TLS",
    "VERIFY_TLS": "TLS_VERIFY",
    "SSL_VERIFY": "TLS_VERIFY",
}
_NAME: Final = re.compile(r"(?:[A-Z0-9_]*_)?(?:SMTP|EMAIL|MAIL)_([A-Z_]+)")
_OWN: Final = re.compile(
    r"^[ \t]*(?:export\s+)?(SMTP_(?:HOST|PORT|USER|PASS|TLS|TLS_VERIFY|TIMEOUT|POOL_SIZE))\s*=",
    re.MULTILINE,
)
_HOST: Final = re.compile(
    r"^[ \t]*(?:export\s+)?(?:\w+_)?(SMTP|EMAIL|MAIL)_(?:HOST|SERVER|HOSTNAME)\s*=", re.MULTILINE
)
_SAID: Final = ("auth.user", "tls.trust", "timeouts.connect", "pool.enabled")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    words = {"SMTP_HOST": quoted(transport.host), "SMTP_PORT": str(transport.effective_port)}
    assumed: tuple[str, ...] = ()
    if transport.auth.user:
        words["SMTP_USER"] = quoted(transport.auth.user)
        words["SMTP_PASS"] = in_place_of(secret, "${{{}}}".format, quoted)
    words["SMTP_TLS"] = _word(transport.security is not Security.PLAINTEXT)
    if transport.tls.trust is Trust.NONE:
        words["SMTP_TLS_VERIFY"] = "false"
    if transport.timeouts.connect != Timeouts().connect:
        seconds, assumed = whole_seconds(transport.timeouts.connect)
        words["SMTP_TIMEOUT"] = str(seconds)
    said = set(_SAID)
    if transport.pool.enabled:
        words["SMTP_POOL_SIZE"] = str(transport.pool.max_connections)
        said.add("pool.max_connections")
    text = "".join(f"{name}={word}\n" for name, word in words.items())
    out = left_out(transport, said, securities=_securities(transport.effective_port))
    return Export((File(".env", text),), out, assumed)


def _securities(port: int) -> tuple[Security, ...]:
    """Return what can be said where the port decides between STARTTLS and implicit TLS."""
    return (Security.PLAINTEXT, Security.IMPLICIT_TLS if port == 465 else Security.STARTTLS)


def _word(claim: bool) -> str:  # noqa: FBT001
    return "true" if claim else "false"


def quoted(text: str) -> str:
    """Return a value that means *text* to a shell and to the readers of `.env` files alike."""
    on_one_line(text, "an environment file")
    if re.fullmatch(r"[A-Za-z0-9_.@:/+-]*", text):
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + re.sub(r'(["\\$`])', r"\\\1", text) + '"'


def _read(text: str) -> Import:
    given: dict[str, object] = {}
    names: dict[str, str] = {}
    found = Found()
    for name, value in dotenv.parse(text).items():
        match = _NAME.fullmatch(name)
        key = _ALIASES.get(match[1], match[1]) if match else ""
        if key in (*_FIELDS, "PASS", "TLS", "SECURE", "TLS_VERIFY"):
            given[key], names[key] = value, name
        elif match:
            found.ignore(name)
    if not given:
        raise ValueError("there is no variable such as SMTP_HOST in it")
    for key, field in _FIELDS.items():
        if key in given:
            found.put(field, given[key], names[key])
    if "pool.max_connections" in found.fields:
        found.fields["pool.enabled"] = True
    if "PASS" in given:
        found.password(given["PASS"], names["PASS"])
    if "TLS_VERIFY" in given and found.flag(given["TLS_VERIFY"], names["TLS_VERIFY"]) is False:
        found.trust_anything()
    if {"HOST", "PORT", "TLS", "SECURE"} & set(given):
        found.security(_security(given, names, found))
    return found.as_import("setting of a mail server")


_WORDS: Final = {
    **dict.fromkeys(
        ("ssl", "smtps", "implicit", "tls_on_connect", "force_tls"), Security.IMPLICIT_TLS
    ),
    "starttls": Security.STARTTLS,
    **dict.fromkeys(("none", "plain", "plaintext"), Security.PLAINTEXT),
}


def _security(given: Mapping[str, object], names: Mapping[str, str], found: Found) -> Security:
    """Return what the words mean; each program has its own for the four meanings."""
    implicit = found.fields.get("port") == 465
    words = {key: str(given[key]).strip().lower() for key in ("TLS", "SECURE") if key in given}
    usual = Security.IMPLICIT_TLS if implicit else Security.STARTTLS
    for word in words.values():
        if word == "tls":
            return usual
        if word in _WORDS:
            return _WORDS[word]
    if "SECURE" in given and found.flag(given["SECURE"], names["SECURE"]):
        return Security.IMPLICIT_TLS
    if "TLS" in given:
        is_off = found.flag(given["TLS"], names["TLS"]) is False
        return Security.PLAINTEXT if is_off else usual
    if "SECURE" in given:  # such as Nodemailer's `secure: false`
        return Security.STARTTLS_IF_OFFERED
    found.note("Nothing says whether TLS is used; it was taken as a must.")
    return usual


def _resemblance(text: str) -> float:
    own = len(set(_OWN.findall(text)))
    host = _HOST.search(text)
    if own >= 2:
        return min(0.7 + 0.05 * own, 1)
    if host is None:
        return 0.4 if own else 0
    return 0.7 if host[1] == "SMTP" else 0.5


FORMAT: Final = Format(
    "env", "SMTP_* environment file", Group.SERVICE, ".env", "dotenv", _write, _read, _resemblance
)
