"""sSMTP: ssmtp.conf. It accepts any certificate, and its values can't hold blanks."""

import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line, reference
from smtp_workbench.formats.omission import UNCHECKED, effective, left_out
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {
    "hostname": "ehlo_name",
    "authuser": "auth.user",
    "tlscert": "tls.client_certificate",
}
_KNOWN: Final = (
    *_FIELDS, "mailhub", "authpass", "authmethod", "usetls", "usestarttls", "usetlscert",
)  # fmt: skip
_MECHANISMS: Final = ("LOGIN", "CRAM-MD5")
_LINE: Final = re.compile(r"^[ \t]*([A-Za-z_]+)[ \t]*=[ \t]*([^ \t\r\n]*)", re.MULTILINE)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    tls = transport.security is not Security.PLAINTEXT
    implicit = transport.security is Security.IMPLICIT_TLS
    lines = {"mailhub": f"{_value(transport.host, ':')}:{transport.effective_port}"}
    if tls:
        lines["UseTLS"] = "YES"
        lines["UseSTARTTLS"] = "NO" if implicit else "YES"
    if transport.tls.client_certificate:
        lines |= {"UseTLSCert": "YES", "TLSCert": _value(transport.tls.client_certificate)}
    if transport.ehlo_name:
        lines["hostname"] = _value(transport.ehlo_name)
    assumed = ["The From of each message stands: FromLineOverride is on."]
    if transport.auth.user:
        lines["AuthUser"] = _value(transport.auth.user)
        lines["AuthPass"] = in_place_of(secret, "${{{}}}".format, _value)
        mechanism = transport.auth.mechanism
        lines |= {"AuthMethod": mechanism} if mechanism in _MECHANISMS else {}
        if variable := variable_of(secret):
            assumed.append(f"sSMTP replaces no variables: put {variable} in.")
        if mechanism not in _MECHANISMS:
            assumed.append("sSMTP logs in with LOGIN unless it is told another mechanism.")
    lines["FromLineOverride"] = "YES"
    out = left_out(
        transport,
        (*_FIELDS.values(), "tls.trust"),
        securities=(Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT),
        mechanisms=_MECHANISMS,
    )
    if tls and transport.tls.trust is not Trust.NONE:
        out += (UNCHECKED,)
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    return Export((File("ssmtp.conf", text),), out, tuple(assumed))


def _value(text: str, without: str = "") -> str:
    """Return *text*, as ssmtp.conf has no quotes. Raises ValueError for what would end it."""
    return on_one_line(text, "ssmtp.conf", " \t#=" + without)


def _read(text: str) -> Import:
    given = {name.lower(): reference(value) for name, value in _LINE.findall(text)}
    if "mailhub" not in given:
        raise ValueError("there is no mailhub in it")
    found = Found()
    host, _, port = str(given["mailhub"]).partition(":")
    found.put("host", host, "mailhub")
    found.put("port", port or 25, "mailhub")
    for name, field in _FIELDS.items():
        if name in given and (name != "tlscert" or given.get("usetlscert") != "NO"):
            found.put(field, given[name], name)
    found.password(given.get("authpass"), "AuthPass")
    method = str(given.get("authmethod", "")).upper()
    if method:
        found.fields["auth.mechanism"] = "CRAM-MD5" if method.startswith("CRAM") else "LOGIN"
    if found.flag(given.get("usestarttls"), "UseSTARTTLS"):
        found.security(Security.STARTTLS)
    elif found.flag(given.get("usetls"), "UseTLS"):
        found.security(Security.IMPLICIT_TLS)
    else:
        found.security(Security.PLAINTEXT)
    if found.fields["security"] is not Security.PLAINTEXT:
        found.trust_anything()
        found.note("sSMTP accepts any certificate.")
    for name, _ in _LINE.findall(text):
        if name.lower() not in _KNOWN:
            found.ignore(name)
    return found.as_import("setting of sSMTP")


def _resemblance(text: str) -> float:
    return 1 if re.search(r"^[ \t]*mailhub[ \t]*=", text, re.MULTILINE | re.IGNORECASE) else 0


FORMAT: Final = Format(
    "ssmtp", "ssmtp.conf", Group.TOOL, ".conf", "ini", _write, _read, _resemblance
)
