"""Keycloak: `smtpServer` of a realm. It sends with Jakarta Mail; all values are texts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import reference
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of, variable_of
from smtp_workbench.formats.structured import mappings, of_json
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Timeouts, Transport

_FIELDS: Final = {"host": "host", "port": "port", "from": "sender", "user": "auth.user"}
_LIMITS: Final = {"connectionTimeout": "timeouts.connect", "timeout": "timeouts.socket"}
_KNOWN: Final = (*_FIELDS, *_LIMITS, "auth", "ssl", "starttls", "password", "authType")
_SECURITIES: Final = (
    Security.IMPLICIT_TLS,
    Security.STARTTLS_IF_OFFERED,
    Security.PLAINTEXT,
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    server = {
        "host": transport.host,
        "port": str(transport.effective_port),
        "ssl": _word(transport.security is Security.IMPLICIT_TLS),
        "starttls": _word(transport.security in (Security.STARTTLS, Security.STARTTLS_IF_OFFERED)),
        "auth": _word(bool(transport.auth.user)),
    }
    if transport.sender:
        server["from"] = transport.sender
    if transport.auth.user:
        server["user"] = transport.auth.user
        server["password"] = in_place_of(secret, "${{{}}}".format, str)
    assumed = []
    for name, path in _LIMITS.items():
        seconds = float(str(value_of(transport, path)))
        if seconds != value_of(Transport(), path):
            server[name] = str(round(seconds * 1000))
    if transport.timeouts.connect != Timeouts().connect:
        assumed.append("Older versions of Keycloak wait 10 s, whatever they are told.")
    if variable_of(secret) is not None and transport.auth.user:
        assumed.append("Keycloak replaces ${…} as it imports a realm at its start, not later.")
    elif any("${" in value for value in server.values()):
        assumed.append("Import it in the console: at its start Keycloak would replace ${…}.")
    return Export(
        (
            File(
                "realm.json",
                json.dumps({"smtpServer": server}, indent=2, ensure_ascii=False) + "\n",
            ),
        ),
        left_out(
            transport,
            ("auth.user", "sender", *_LIMITS.values()),
            securities=_SECURITIES,
        ),
        tuple(assumed),
    )


def _word(claim: bool) -> str:  # noqa: FBT001
    return "true" if claim else "false"


def _read(text: str) -> Import:
    server = next(_servers(of_json(text)), None)
    if server is None:
        raise ValueError("there is no smtpServer in it")
    given = {name: reference(value) for name, value in server.items()}
    found = Found()
    for name, field in _FIELDS.items():
        if given.get(name) not in (None, ""):
            found.put(field, given[name], name)
    for name, field in _LIMITS.items():
        if name in given:
            found.put(field, given[name], name, per=1000)
    found.password(given.get("password"), "password")
    implicit = bool(found.flag(given.get("ssl"), "ssl"))
    found.fields.setdefault("port", 465 if implicit else 25)
    if implicit:
        found.security(Security.IMPLICIT_TLS)
    elif found.flag(given.get("starttls"), "starttls"):
        found.security(Security.STARTTLS_IF_OFFERED)
    else:
        found.security(Security.PLAINTEXT)
    if found.flag(given.get("auth"), "auth") is not True and found.fields.pop("auth.user", None):
        found.note("auth is not true: Keycloak would not log in, so the user was not taken.")
        found.secret = None
    if given.get("authType") == "token":
        found.fields["auth.mechanism"] = "XOAUTH2"
    found.ignore_others(given, _KNOWN)
    return found.as_import("setting of a mail server")


def _servers(root: object) -> Iterator[Mapping[str, Any]]:
    for item in mappings(root):
        server = item.get("smtpServer")
        if isinstance(server, Mapping) and server:
            yield server
    if isinstance(root, Mapping) and {"host", "starttls"} <= set(root):
        yield root


def _resemblance(text: str) -> float:
    if "starttls" not in text and "smtpServer" not in text:
        return 0
    try:
        server = next(_servers(of_json(text)), None)
    except ValueError:
        return 0
    return 0 if server is None else 1 if "smtpServer" in text else 0.7


FORMAT: Final = Format(
    "keycloak", "Keycloak realm", Group.SERVICE, ".json", "json", _write, _read, _resemblance
)
