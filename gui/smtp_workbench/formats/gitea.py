"""Gitea (and Forgejo): the section `[mailer]` of app.ini.

https://docs.gitea.com/administration/config-cheat-sheet#mailer-mailer
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats import go_ini
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import host_and_port, reference
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {
    "SMTP_ADDR": "host",
    "SMTP_PORT": "port",
    "USER": "auth.user",
    "FROM": "sender",
    "HELO_HOSTNAME": "ehlo_name",
}
_FILES: Final = {
    "CLIENT_CERT_FILE": "tls.client_certificate",
    "CLIENT_KEY_FILE": "tls.client_key",
}
_OLD: Final = {
    "SKIP_VERIFY": "FORCE_TRUST_SERVER_CERT",
    "USE_CERTIFICATE": "USE_CLIENT_CERT",
    "CERT_FILE": "CLIENT_CERT_FILE",
    "KEY_FILE": "CLIENT_KEY_FILE",
}
_KNOWN: Final = (
    *_FIELDS, *_FILES, "ENABLED", "PROTOCOL", "PASSWD", "FORCE_TRUST_SERVER_CERT",
    "USE_CLIENT_CERT", "HOST", "IS_TLS_ENABLED",
)  # fmt: skip
_PROTOCOLS: Final = {
    Security.IMPLICIT_TLS: "smtps",
    Security.STARTTLS_IF_OFFERED: "smtp+starttls",
    Security.PLAINTEXT: "smtp",
}
_PORTS: Final = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    tls = transport.tls
    values = {
        "ENABLED": "true",
        "PROTOCOL": _PROTOCOLS.get(transport.security, "smtp+starttls"),
        "SMTP_ADDR": _quoted(transport.host),
        "SMTP_PORT": str(transport.effective_port),
    }
    assumed: tuple[str, ...] = ()
    if transport.auth.user:
        values["USER"] = _quoted(transport.auth.user)
        values["PASSWD"] = in_place_of(secret, "${{{}}}".format, _quoted)
        if variable := variable_of(secret):
            where = "into its environment as GITEA__mailer__PASSWD"
            assumed = (f"Gitea reads no variables in app.ini: put {variable} {where}.",)
    further = {"FROM": transport.sender, "HELO_HOSTNAME": transport.ehlo_name}
    if tls.client_certificate:
        values["USE_CLIENT_CERT"] = "true"
        further["CLIENT_CERT_FILE"] = tls.client_certificate
        further["CLIENT_KEY_FILE"] = tls.client_key or tls.client_certificate
    values |= {name: _quoted(value) for name, value in further.items() if value}
    if tls.trust is Trust.NONE:
        values["FORCE_TRUST_SERVER_CERT"] = "true"
    said = (*_FIELDS.values(), *_FILES.values(), "tls.trust")
    return Export(
        (File("app.ini", go_ini.section("mailer", values)),),
        left_out(transport, said, securities=tuple(_PROTOCOLS)),
        assumed,
    )


def _quoted(text: str) -> str:
    return go_ini.quoted(text, "Gitea")


def _read(text: str) -> Import:
    raw = {name.upper(): value for name, value in go_ini.parse(text, "mailer").items()}
    if not raw:
        raise ValueError("there is no section [mailer] in it")
    given = {_OLD.get(name, name): reference(value) for name, value in raw.items()}
    found = Found()
    protocol = _protocol(given)
    if protocol not in _PORTS:
        raise ValueError(f"Gitea's PROTOCOL is {protocol}, which is no SMTP over a network")
    if "HOST" in given:
        host, port = host_and_port(str(given["HOST"]))
        found.put("host", host, "HOST")
        given.setdefault("SMTP_PORT", port)
    for name, field in _FIELDS.items():
        if given.get(name) not in (None, ""):
            found.put(field, given[name], name)
    found.fields.setdefault("port", _PORTS[protocol])
    found.password(given.get("PASSWD"), "PASSWD")
    found.security({name: security for security, name in _PROTOCOLS.items()}[protocol])
    if found.flag(given.get("FORCE_TRUST_SERVER_CERT"), "FORCE_TRUST_SERVER_CERT"):
        found.trust_anything()
    _take_certificate(given, found)
    if found.flag(given.get("ENABLED"), "ENABLED") is not True:
        found.note("Gitea would not use these settings: ENABLED is not true.")
    for name in raw:
        if _OLD.get(name, name) not in _KNOWN:
            found.ignore(name)
    return found.as_import("setting of Gitea")


def _take_certificate(given: Mapping[str, object], found: Found) -> None:
    if not found.flag(given.get("USE_CLIENT_CERT"), "USE_CLIENT_CERT"):
        return
    for name, field in _FILES.items():
        found.put(field, given.get(name), name)
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)


def _protocol(given: Mapping[str, object]) -> str:
    """Return the protocol, as Gitea infers it from what stood there before there was one."""
    if given.get("PROTOCOL"):
        return str(given["PROTOCOL"]).replace("startls", "starttls")
    if "IS_TLS_ENABLED" in given:
        return "smtps" if str(given["IS_TLS_ENABLED"]).lower() == "true" else "smtp+starttls"
    port = given.get("SMTP_PORT") or host_and_port(str(given.get("HOST", "")))[1]
    return {"25": "smtp", "587": "smtp+starttls"}.get(str(port), "smtps")


def _resemblance(text: str) -> float:
    if not re.search(r"^[ \t]*\[mailer\]", text, re.MULTILINE | re.IGNORECASE):
        return 0
    names = {name.upper() for name in go_ini.parse(text, "mailer")}
    return 1 if names & {"SMTP_ADDR", "PROTOCOL", "PASSWD"} else 0.6 if "HOST" in names else 0.3


FORMAT: Final = Format(
    "gitea", "Gitea app.ini", Group.SERVICE, ".ini", "ini", _write, _read, _resemblance
)
