"""Docker Mailserver: the variables of its relay host, in mailserver.env.

It makes a Postfix of them that asks for STARTTLS and accepts any certificate.
"""

import re
from typing import Final

from smtp_workbench.formats import dotenv
from smtp_workbench.formats.environment import quoted
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import host_and_port, on_one_line
from smtp_workbench.formats.omission import UNCHECKED, effective, left_out
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {"RELAY_HOST": "host", "RELAY_PORT": "port", "RELAY_USER": "auth.user"}
_DEFAULT: Final = "DEFAULT_RELAY_HOST"


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    lines = [
        f"RELAY_HOST={quoted(transport.host)}",
        f"RELAY_PORT={transport.effective_port}",
    ]
    if transport.auth.user:
        on_one_line(transport.auth.user, "Postfix, with a colon between user and password,", ":")
        lines.append(f"RELAY_USER={quoted(transport.auth.user)}")
        lines.append(f"RELAY_PASSWORD={in_place_of(secret, '${{{}}}'.format, quoted)}")
    out = left_out(transport, ("auth.user", "tls.trust"), securities=(Security.STARTTLS,))
    if transport.tls.trust is not Trust.NONE:
        out += (UNCHECKED,)
    return Export((File("mailserver.env", "\n".join(lines) + "\n"),), out)


def _read(text: str) -> Import:
    given = dotenv.parse(text)
    if not {"RELAY_HOST", _DEFAULT} & set(given):
        raise ValueError("there is no variable RELAY_HOST in it")
    if "RELAY_HOST" not in given:
        host, port = host_and_port(str(given[_DEFAULT]))
        given |= {"RELAY_HOST": host, "RELAY_PORT": port or 25}
    found = Found()
    found.fields["port"] = 25
    for name, field in _FIELDS.items():
        if given.get(name) not in (None, ""):
            found.put(field, given[name], name)
    found.password(given.get("RELAY_PASSWORD"), "RELAY_PASSWORD")
    found.security(Security.STARTTLS)
    found.trust_anything()
    found.note("Docker Mailserver asks for STARTTLS and accepts any certificate.")
    for name in given:
        if "RELAY" in name and name not in (*_FIELDS, "RELAY_PASSWORD", _DEFAULT):
            found.ignore(name)
    return found.as_import("relay host")


def _resemblance(text: str) -> float:
    return 1 if re.search(r"^[ \t]*(DEFAULT_)?RELAY_HOST=", text, re.MULTILINE) else 0


FORMAT: Final = Format(
    "docker-mailserver", "Docker Mailserver relay", Group.SERVICE, ".env", "dotenv",
    _write, _read, _resemblance,
)  # fmt: skip
