"""Flask-Mail's configuration: https://flask-mail.readthedocs.io."""

import re
from typing import Final

from smtp_workbench.formats.django import (
    SECURITIES,
    assumed_by_smtplib,
    module_of,
    password_of,
    take_booleans,
)
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.python_source import statements
from smtp_workbench.formats.quoting import python
from smtp_workbench.formats.values import Assignment, Call
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_FIELDS: Final = {
    "MAIL_SERVER": "host",
    "MAIL_PORT": "port",
    "MAIL_USERNAME": "auth.user",
    "MAIL_DEFAULT_SENDER": "sender",
}
_KNOWN: Final = (*_FIELDS, "MAIL_PASSWORD", "MAIL_USE_TLS", "MAIL_USE_SSL")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    implicit = transport.security is Security.IMPLICIT_TLS
    plaintext = transport.security is Security.PLAINTEXT
    settings = {
        "MAIL_SERVER": python(transport.host),
        "MAIL_PORT": str(transport.effective_port),
        "MAIL_USE_SSL": str(implicit),
        "MAIL_USE_TLS": str(not implicit and not plaintext),
    }
    if transport.auth.user:
        settings["MAIL_USERNAME"] = python(transport.auth.user)
        settings["MAIL_PASSWORD"] = password_of(secret)
    if transport.sender:
        settings["MAIL_DEFAULT_SENDER"] = python(transport.sender)
    return Export(
        (File("config.py", module_of(settings)),),
        left_out(transport, _FIELDS.values(), securities=SECURITIES),
        assumed_by_smtplib(transport, secret),
    )


def _read(text: str) -> Import:
    settings: dict[str, object] = {}
    for item in statements(text):
        match item:
            case Assignment(value=value) if item.last.startswith("MAIL_"):
                settings[item.last] = value
            case Call(named=named):
                settings |= {name: value for name, value in named.items() if name in _KNOWN}
    if not settings:
        raise ValueError("there is no setting that begins with MAIL_ in it")
    found = Found()
    match settings.get("MAIL_DEFAULT_SENDER"):
        case [_, sender]:  # a name and an address
            settings["MAIL_DEFAULT_SENDER"] = sender
    found.put_all(_FIELDS, settings)
    if "MAIL_SERVER" not in settings:
        found.fields["host"] = "127.0.0.1"
    found.fields.setdefault("port", 25)
    found.password(settings.get("MAIL_PASSWORD"), "MAIL_PASSWORD")
    take_booleans(settings.get("MAIL_USE_SSL"), settings.get("MAIL_USE_TLS"), "MAIL_USE_", found)
    found.ignore_others(settings, _KNOWN)
    return found.as_import("setting of Flask-Mail")


def _resemblance(text: str) -> float:
    names = set(re.findall(r"""\b(MAIL_[A-Z_]+)["']?\]?\s*=""", text))
    if names & {"MAIL_HOST", "MAIL_MAILER"}:
        return 0  # Laravel's
    return 1 if names & {"MAIL_SERVER", "MAIL_USE_TLS", "MAIL_USE_SSL"} else 0


FORMAT: Final = Format(
    "flask-mail", "Flask-Mail", Group.FRAMEWORK, ".py", "python", _write, _read, _resemblance
)
