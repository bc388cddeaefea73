"""msmtp: an account in msmtprc.

A value is the rest of its line; quotes around it are cut off, and nothing in it is an escape.
https://marlam.de/msmtp/msmtp.html
"""

import re
from collections.abc import Iterator
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import (
    effective,
    left_out,
    simple_proxy,
    single_limit,
    whole_seconds,
)
from smtp_workbench.formats.quoting import variable_of
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, Transport, Trust

_MECHANISMS: Final = (
    "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL", "XOAUTH2",
    "OAUTHBEARER",
)  # fmt: skip
_FIELDS: Final = {
    "host": "host",
    "port": "port",
    "from": "sender",
    "domain": "ehlo_name",
    "source_ip": "source_address",
    "user": "auth.user",
    "tls_host_override": "tls.server_name",
    "tls_cert_file": "tls.client_certificate",
    "tls_key_file": "tls.client_key",
}
_SAID: Final = frozenset(
    (*_FIELDS.values(), "protocol", "tls.trust", "tls.ca_file", "tls.fingerprint")
)
_KNOWN: Final = (
    *_FIELDS, "account", "defaults", "auth", "password", "passwordeval", "tls", "tls_starttls",
    "tls_certcheck", "tls_trust_file", "tls_fingerprint", "proxy_host", "proxy_port", "timeout",
    "protocol",
)  # fmt: skip
_EVALUATED: Final = re.compile(r"""(?:printenv|echo)\s+["']?\$?\{?([A-Za-z_]\w*)\}?["']?""")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, of_limit, assumed = single_limit(transport)
    said = _SAID | of_limit
    lines = [("host", transport.host), ("port", str(transport.effective_port))]
    if transport.protocol is Protocol.LMTP:
        lines.append(("protocol", "lmtp"))
    lines += _tls_lines(transport)
    if proxy := simple_proxy(transport.proxy, ("socks5",)):
        lines += [("proxy_host", proxy[1]), ("proxy_port", str(proxy[2]))]
        said |= {"proxy"}
    if limit is not None:
        whole, rounded = whole_seconds(limit)
        assumed += rounded
        lines.append(("timeout", str(whole) if whole else "off"))
    lines.append(("domain", transport.ehlo_name))
    lines.append(("source_ip", transport.source_address))
    lines.append(("from", transport.sender))
    mechanism = transport.auth.mechanism
    if transport.auth.user or mechanism == "EXTERNAL":
        known = mechanism in _MECHANISMS
        lines.append(("auth", mechanism.lower() if known else "on"))
        lines.append(("user", transport.auth.user))
    if transport.auth.user:
        variable = variable_of(secret)
        if variable is None and secret is not None:
            lines.append(("password", secret.reveal()))
        else:
            lines.append(("passwordeval", f"printenv {variable}"))
    text = "".join(f"{name} {_value(value)}\n" for name, value in lines if value)
    return Export(
        (File("msmtprc", f"account default\n{text}"),),
        left_out(
            transport,
            said,
            securities=(Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT),
            mechanisms=_MECHANISMS,
        ),
        assumed,
    )


def _value(text: str) -> str:
    on_one_line(text, "msmtprc")
    bare = re.fullmatch(r"[^\s\"].*(?<=[^\s\"])|[^\s\"]", text, re.DOTALL)
    return text if bare and not text.startswith("#") else f'"{text}"'


def _tls_lines(transport: Transport) -> list[tuple[str, str]]:
    if transport.security is Security.PLAINTEXT:
        return [("tls", "off")]
    tls = transport.tls
    implicit = transport.security is Security.IMPLICIT_TLS
    lines = [("tls", "on"), ("tls_starttls", "off" if implicit else "on")]
    if tls.trust is Trust.NONE:
        lines.append(("tls_certcheck", "off"))
    if tls.trust is Trust.FINGERPRINT:
        digits = re.sub(r"[:\s]", "", tls.fingerprint).upper()
        lines.append(("tls_fingerprint", ":".join(re.findall(r"..?", digits))))
    lines.append(("tls_trust_file", tls.ca_file))
    lines.append(("tls_host_override", tls.server_name))
    if tls.client_certificate:
        lines.append(("tls_cert_file", tls.client_certificate))
        lines.append(("tls_key_file", tls.client_key or tls.client_certificate))
    return lines


def _read(text: str) -> Import:
    given = dict(_settings(text))
    if "host" not in given:
        raise ValueError("there is no account with a host in it")
    found = Found()
    found.put_all(_FIELDS, given)
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)
    lmtp = given.get("protocol") == "lmtp"
    if lmtp:
        found.fields["protocol"] = Protocol.LMTP
    _take_tls(given, found)
    implicit = found.fields["security"] is Security.IMPLICIT_TLS
    found.fields.setdefault("port", 465 if implicit else 24 if lmtp else 25)
    _take_auth(given, found)
    if "proxy_host" in given:
        found.fields["proxy"] = f"socks5://{given['proxy_host']}:{given.get('proxy_port', 1080)}"
    if "timeout" in given:
        found.one_limit(0 if given["timeout"] == "off" else given["timeout"], "timeout")
    found.ignore_others(given, _KNOWN)
    return found.as_import("setting of msmtp")


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the settings of the defaults and of the default account, or else of the first."""
    blocks: dict[str, dict[str, str]] = {"": {}}
    at = ""
    for line in text.split("\n"):
        name, _, value = re.sub(r"[ \t]+", " ", line.strip(" \t\r"), count=1).partition(" ")
        value = value.strip(" \t")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if not name or name.startswith("#"):
            continue
        if name == "defaults":
            at = ""
        elif name == "account":
            account, _, base = value.partition(":")
            at = account.strip()
            blocks[at] = {**blocks[""], **blocks.get(base.strip(), {})}
        else:
            blocks[at][name] = value
    with_host = (block for block in blocks.values() if "host" in block)
    default = blocks.get("default", {})
    yield from (default if "host" in default else next(with_host, {})).items()


def _take_tls(given: dict[str, str], found: Found) -> None:
    if given.get("tls", "off") != "on":
        found.security(Security.PLAINTEXT)
        return
    starttls = given.get("tls_starttls", "on") != "off"
    found.security(Security.STARTTLS if starttls else Security.IMPLICIT_TLS)
    if given.get("tls_certcheck") == "off":
        found.trust_anything()
    fingerprint = given.get("tls_fingerprint", "")
    if len(re.sub(r"[:\s]", "", fingerprint)) == 64:
        found.fields |= {"tls.fingerprint": fingerprint, "tls.trust": Trust.FINGERPRINT}
    elif fingerprint:
        found.note("tls_fingerprint is no SHA-256, and was not taken.")
    if given.get("tls_trust_file", "system") not in ("system", ""):
        found.trust_file(given["tls_trust_file"], "tls_trust_file")


def _take_auth(given: dict[str, str], found: Found) -> None:
    word = given.get("auth", "off")
    if word == "off":
        if found.fields.pop("auth.user", None):
            found.note("auth is off, so the user was not taken.")
        return
    if word != "on":
        found.fields["auth.mechanism"] = word.upper()
    found.password(given.get("password"), "password")
    if "passwordeval" in given:
        match = _EVALUATED.fullmatch(given["passwordeval"])
        if match:
            found.password(Variable(match[1]), "passwordeval")
        else:
            found.note("passwordeval is a command, which was not run.")


def _resemblance(text: str) -> float:
    lines = re.findall(r"^[ \t]*([a-z_]+)[ \t]+[^=\s]", text, re.MULTILINE)
    own = set(lines) & set(_KNOWN)
    if "host" not in own:
        return 0
    telling = {"account", "tls_starttls", "tls_trust_file", "passwordeval", "tls_certcheck"}
    return 1 if own & telling else 0.6 if {"auth", "tls"} & own else 0


FORMAT: Final = Format(
    "msmtp", "msmtprc", Group.TOOL, ".msmtprc", "plain", _write, _read, _resemblance
)
