"""Mutt and NeoMutt: the lines of muttrc that set the server.

In double quotes variables and commands in backticks are replaced; a backslash keeps them.
"""

import re
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import on_one_line
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.formats.values import Opaque, Variable
from smtp_workbench.settings import url
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Transport

_FIELDS: Final = {
    "from": "sender",
    "hostname": "ehlo_name",
    "ssl_client_cert": "tls.client_certificate",
}
_KNOWN: Final = (
    *_FIELDS, "smtp_url", "smtp_pass", "smtp_authenticators", "ssl_starttls", "ssl_force_tls",
    "ssl_ca_certificates_file", "certificate_file",
)  # fmt: skip
_SETTING: Final = re.compile(
    r"""(?:(?P<no>no|inv)?(?P<name>[a-z]\w*))[ \t]*
    (?:=[ \t]*(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<bare>[^\s;#]*)))?""",
    re.VERBOSE,
)
_NAME: Final = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    security, auth = transport.security, transport.auth
    bare = Transport(
        host=transport.host,
        port=transport.effective_port,
        security=Security.IMPLICIT_TLS
        if security is Security.IMPLICIT_TLS
        else Security.STARTTLS_IF_OFFERED,
        auth=Auth(user=auth.user),
    )
    lines = {"smtp_url": _quoted(url.write(bare) + "/")}
    if auth.user:
        lines["smtp_pass"] = in_place_of(secret, '"${}"'.format, _quoted)
    known = re.fullmatch(r"[A-Z0-9_-]+", auth.mechanism)
    if known:
        lines["smtp_authenticators"] = _quoted(auth.mechanism.lower())
    if security is not Security.IMPLICIT_TLS:
        wish = security is not Security.PLAINTEXT
        lines["ssl_starttls"] = "yes" if wish else "no"
        lines["ssl_force_tls"] = "yes" if security is Security.STARTTLS else "no"
    further = {
        "ssl_ca_certificates_file": transport.tls.ca_file,
        "ssl_client_cert": transport.tls.client_certificate,
        "hostname": transport.ehlo_name,
        "from": transport.sender,
    }
    lines |= {name: _quoted(value) for name, value in further.items() if value}
    text = "".join(f"set {name} = {value}\n" for name, value in lines.items())
    assumed: tuple[str, ...] = ()
    if transport.tls.ca_file:
        assumed = ("Mutt built with OpenSSL takes certificate_file for the CA file.",)
    said = (*_FIELDS.values(), "auth.user", "tls.ca_file")
    out = left_out(transport, said, mechanisms=(auth.mechanism,) if known else ())
    return Export((File("muttrc", text),), out, assumed)


def _quoted(text: str) -> str:
    on_one_line(text, "muttrc")
    inner = re.sub(r'([\\"$`])', r"\\\1", text)
    return f'"{inner}"'


def _read(text: str) -> Import:
    given = _settings(text)
    if not isinstance(given.get("smtp_url"), str):
        raise ValueError("there is no smtp_url in it")  # noqa: TRY004  # of a text, not a call
    found = Found()
    parsed = url.parse(re.sub(r"/$", "", str(given["smtp_url"])))
    found.fields |= parsed.change.fields
    found.secret = parsed.change.secret
    implicit = found.fields["security"] is Security.IMPLICIT_TLS
    found.fields.setdefault("port", 465 if implicit else 25)
    if "smtp_pass" in given:
        found.password(given["smtp_pass"], "smtp_pass")
    found.put_all(_FIELDS, given)
    for name in ("ssl_ca_certificates_file", "certificate_file"):
        if given.get(name) and "tls.ca_file" not in found.fields:
            found.trust_file(given[name], name)
    first = str(given.get("smtp_authenticators", "")).partition(":")[0]
    if first:
        found.fields["auth.mechanism"] = first.upper()
    if not implicit:
        found.security(_security(given))
    ours = [name for name in given if name.startswith(("smtp_", "ssl_"))]
    found.ignore_others(ours, _KNOWN)
    return found.as_import("setting of Mutt")


def _security(given: dict[str, object]) -> Security:
    """Return the security of an smtp: URL. Mutt forces TLS unless told."""
    if str(given.get("ssl_force_tls", "yes")).lower() == "yes":
        return Security.STARTTLS
    refused = str(given.get("ssl_starttls", "yes")).lower() == "no"
    return Security.PLAINTEXT if refused else Security.STARTTLS_IF_OFFERED


def _settings(text: str) -> dict[str, object]:
    given: dict[str, object] = {}
    for line in re.sub(r"\\\r?\n", "", text).split("\n"):
        command, _, rest = line.strip(" \t\r").partition(" ")
        if command not in ("set", "unset"):
            continue
        at = 0
        while match := _SETTING.match(rest, at):
            value = _value(match)
            if match["no"] or command == "unset":
                value = "no"
            given[match["name"]] = value
            at = re.compile(r"[ \t]*").match(rest, match.end()).end()  # type: ignore[union-attr]
    return given


def _value(match: re.Match[str]) -> object:
    if match["single"] is not None:
        return match["single"]
    text = match["double"] if match["double"] is not None else match["bare"]
    if text is None:
        return "yes"
    if reference := _NAME.fullmatch(text):
        return Variable(reference[1])
    if re.search(r"(?<!\\)(?:\\\\)*[`$]", text):
        return Opaque(text)
    return re.sub(r"\\(.)", r"\1", text)


def _resemblance(text: str) -> float:
    return (
        1 if re.search(r"^[ \t]*set\s+(\w+\s*=\s*\S+\s+)*smtp_url\s*=", text, re.MULTILINE) else 0
    )


FORMAT: Final = Format(
    "mutt", "Mutt and NeoMutt", Group.TOOL, ".muttrc", "plain", _write, _read, _resemblance
)
