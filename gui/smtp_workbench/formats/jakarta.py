"""Jakarta Mail (formerly JavaMail): a file of its session's properties."""

import re
from typing import Final

from smtp_workbench.formats import jakarta_properties, properties, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

_PREFIX: Final = re.compile(r"mail\.(smtps?)\.(.+)")
_PASSWORD: Final = (
    "Jakarta Mail does not read mail.smtp.password itself: hand it to your Authenticator."
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    found = {
        "mail.transport.protocol": "smtp",
        "mail.smtp.host": transport.host,
        "mail.smtp.port": str(transport.effective_port),
    }
    if transport.auth.user:
        found["mail.smtp.user"] = transport.auth.user
        found["mail.smtp.password"] = quoting.in_place_of(secret, "${{{}}}".format, str)
    own = jakarta_properties.properties_of(transport)
    found |= {f"mail.smtp.{name}": value for name, value in own.items()}
    if transport.sender:
        found["mail.from"] = transport.sender
    said = jakarta_properties.SAID
    said |= {"proxy"} if jakarta_properties.says_proxy(transport) else set()
    return Export(
        (File("mail.properties", properties.lines(found)),),
        left_out(transport, said, mechanisms=jakarta_properties.MECHANISMS),
        (_PASSWORD,) if transport.auth.user else (),
    )


def _read(text: str) -> Import:
    everything = properties.parse(text)
    matches = {name: _PREFIX.fullmatch(name) for name in everything}
    own = {match[2]: everything[name] for name, match in matches.items() if match}
    if not own:
        raise ValueError("there is no property that begins with mail.smtp. in it")
    implicit = everything.get("mail.transport.protocol") == "smtps" or any(
        match and match[1] == "smtps" for match in matches.values()
    )
    found = Found()
    found.put("host", own.get("host", everything.get("mail.host", "localhost")), "mail.smtp.host")
    found.put("port", own.get("port", "465" if implicit else "25"), "mail.smtp.port")
    found.put("auth.user", own.get("user", everything.get("mail.user")), "mail.smtp.user")
    found.password(own.get("password"), "mail.smtp.password")
    found.put("sender", everything.get("mail.from"), "mail.from")
    jakarta_properties.take_properties(own, found, implicit=implicit)
    known = ("mail.from", "mail.host", "mail.user", "mail.transport.protocol")
    for name, match in matches.items():
        if not match and name not in known:
            found.ignore(name)
    return found.as_import("property of Jakarta Mail")


def _resemblance(text: str) -> float:
    return 1 if re.search(r"^[ \t]*mail\.smtps?\.[\w.]+\s*[=:]", text, re.MULTILINE) else 0


FORMAT: Final = Format(
    "jakarta-mail", "Jakarta Mail properties", Group.CODE, ".properties", "ini",
    _write, _read, _resemblance,
)  # fmt: skip
