"""WordPress: the constants of the plug-in WP Mail SMTP in wp-config.php.

https://wpmailsmtp.com/docs/how-to-secure-smtp-settings-by-using-constants/
"""

import re
from typing import Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import php
from smtp_workbench.formats.tokens import PHP
from smtp_workbench.formats.values import Call
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_FIELDS: Final = {
    "WPMS_SMTP_HOST": "host",
    "WPMS_SMTP_PORT": "port",
    "WPMS_SMTP_USER": "auth.user",
    "WPMS_MAIL_FROM": "sender",
}
_SECURITY: Final = {
    Security.IMPLICIT_TLS: ("ssl", True),
    Security.STARTTLS: ("tls", True),
    Security.STARTTLS_IF_OFFERED: ("", True),
    Security.PLAINTEXT: ("", False),
}
"""The constants WPMS_SSL and WPMS_SMTP_AUTOTLS."""


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    kind, offered = _SECURITY[transport.security]
    constants = {
        "WPMS_ON": "true",
        "WPMS_MAILER": php("smtp"),
        "WPMS_SMTP_HOST": php(transport.host),
        "WPMS_SMTP_PORT": str(transport.effective_port),
        "WPMS_SSL": php(kind),
        "WPMS_SMTP_AUTOTLS": "true" if offered else "false",
        "WPMS_SMTP_AUTH": "true" if transport.auth.user else "false",
    }
    if transport.auth.user:
        constants["WPMS_SMTP_USER"] = php(transport.auth.user)
        constants["WPMS_SMTP_PASS"] = quoting.in_place_of(
            secret, lambda name: f"getenv({php(name)})", php
        )
    if transport.sender:
        constants["WPMS_MAIL_FROM"] = php(transport.sender)
    lines = [f"define({php(name)}, {value});" for name, value in constants.items()]
    return Export(
        (File("wp-config-mail.php", "\n".join(["<?php", *lines, ""])),),
        left_out(transport, _FIELDS.values()),
        ("The lines belong into wp-config.php, above the one that says to stop editing.",),
    )


def _read(text: str) -> Import:
    constants: dict[str, object] = {}
    for item in statements(text, PHP):
        match item:
            case Call(path="define", arguments=(str() as name, value, *_)):
                constants[name] = value
    if not any(name.startswith("WPMS_") for name in constants):
        raise ValueError("there is no constant of WP Mail SMTP in it")
    found = Found()
    found.put_all(_FIELDS, constants)
    found.password(constants.get("WPMS_SMTP_PASS"), "WPMS_SMTP_PASS")
    kind = str(constants.get("WPMS_SSL", "")).lower()
    offered = found.flag(constants.get("WPMS_SMTP_AUTOTLS", True), "WPMS_SMTP_AUTOTLS")
    by_words = {words: security for security, words in _SECURITY.items()}
    found.security(by_words.get((kind, kind != "" or offered is not False), Security.STARTTLS))
    for name in constants:
        if name.startswith("WPMS_") and name not in _KNOWN:
            found.ignore(name)
    return found.as_import("constant of WP Mail SMTP")


_KNOWN: Final = (
    *_FIELDS, "WPMS_ON", "WPMS_MAILER", "WPMS_SSL", "WPMS_SMTP_AUTOTLS", "WPMS_SMTP_AUTH",
    "WPMS_SMTP_PASS",
)  # fmt: skip


def _resemblance(text: str) -> float:
    return 1 if re.search(r"define\(\s*['\"]WPMS_", text) else 0


FORMAT: Final = Format(
    "wordpress", "WordPress (WP Mail SMTP)", Group.FRAMEWORK, ".php", "php",
    _write, _read, _resemblance,
)  # fmt: skip
