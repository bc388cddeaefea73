"""Django's settings of its SMTP backend.

https://docs.djangoproject.com/en/stable/ref/settings/#email-host
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out, plain_number, single_limit
from smtp_workbench.formats.python_source import statements
from smtp_workbench.formats.quoting import python
from smtp_workbench.formats.values import Assignment
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_FIELDS: Final = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "auth.user",
    "DEFAULT_FROM_EMAIL": "sender",
}
_FILES: Final = {
    "EMAIL_SSL_CERTFILE": "tls.client_certificate",
    "EMAIL_SSL_KEYFILE": "tls.client_key",
}
_OLD_NAMES: Final = {
    "host": "EMAIL_HOST",
    "port": "EMAIL_PORT",
    "username": "EMAIL_HOST_USER",
    "password": "EMAIL_HOST_PASSWORD",
    "use_tls": "EMAIL_USE_TLS",
    "use_ssl": "EMAIL_USE_SSL",
    "timeout": "EMAIL_TIMEOUT",
    "ssl_certfile": "EMAIL_SSL_CERTFILE",
    "ssl_keyfile": "EMAIL_SSL_KEYFILE",
}
"""What Django 6.1 calls the same in `MAILERS`, and every version still reads."""
_SAID: Final = frozenset((*_FIELDS.values(), *_FILES.values()))
_KNOWN: Final = (
    *_FIELDS, *_FILES, "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL", "EMAIL_TIMEOUT",
    "EMAIL_BACKEND", "SERVER_EMAIL",
)  # fmt: skip
SECURITIES: Final = (Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT)
"""What a pair of booleans for implicit TLS and STARTTLS can say, where the second is a must."""
ONLY_ASCII: Final = "Python's smtplib, which does the work, logs in with ASCII characters only."
REQUIRED: Final = "STARTTLS is required, as there is no way to use it only where it is offered."


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    implicit = transport.security is Security.IMPLICIT_TLS
    plaintext = transport.security is Security.PLAINTEXT
    settings = {
        "EMAIL_BACKEND": '"django.core.mail.backends.smtp.EmailBackend"',
        "EMAIL_HOST": python(transport.host),
        "EMAIL_PORT": str(transport.effective_port),
        "EMAIL_USE_SSL": str(implicit),
        "EMAIL_USE_TLS": str(not implicit and not plaintext),
    }
    if transport.auth.user:
        settings["EMAIL_HOST_USER"] = python(transport.auth.user)
        settings["EMAIL_HOST_PASSWORD"] = password_of(secret)
    if limit is not None:
        settings["EMAIL_TIMEOUT"] = plain_number(limit)
    if transport.tls.client_certificate:
        settings["EMAIL_SSL_CERTFILE"] = python(transport.tls.client_certificate)
        if transport.tls.client_key:
            settings["EMAIL_SSL_KEYFILE"] = python(transport.tls.client_key)
    if transport.sender:
        settings["DEFAULT_FROM_EMAIL"] = python(transport.sender)
        settings["SERVER_EMAIL"] = "DEFAULT_FROM_EMAIL"
    return Export(
        (File("settings.py", module_of(settings)),),
        left_out(transport, _SAID | said, securities=SECURITIES),
        (*assumed, *assumed_by_smtplib(transport, secret)),
    )


def password_of(secret: Secret | None) -> str:
    """Return the Python source of the password."""
    return quoting.in_place_of(secret, lambda name: f"os.environ[{python(name)}]", python)


def module_of(settings: dict[str, str]) -> str:
    """Return a module that assigns *settings*, from name to source."""
    lines = [f"{name} = {value}" for name, value in settings.items()]
    head = ["import os", ""] if any("os.environ[" in line for line in lines) else []
    return "\n".join([*head, *lines, ""])


def assumed_by_smtplib(transport: Transport, secret: Secret | None) -> tuple[str, ...]:
    """Return what is to be said where smtplib's log-in and a pair of booleans do the work."""
    assumed = []
    if transport.security is Security.STARTTLS_IF_OFFERED:
        assumed.append(REQUIRED)
    credentials = transport.auth.user + (secret.reveal() if secret else "")
    if transport.auth.user and not credentials.isascii():
        assumed.append(ONLY_ASCII)
    return tuple(assumed)


def _read(text: str) -> Import:
    settings: dict[str, object] = {}
    for item in statements(text):
        match item:
            case Assignment(path="MAILERS", value={"default": {"OPTIONS": dict() as options}}):
                settings |= _old_names(options)
            case Assignment() if re.match(r"EMAIL_|DEFAULT_FROM_EMAIL$", item.last):
                settings[item.last] = item.value
    if not any(name.startswith("EMAIL_") for name in settings):
        raise ValueError("there is neither MAILERS nor a setting that begins with EMAIL_ in it")
    found = Found()
    found.put_all(_FIELDS, settings)
    if "EMAIL_HOST" not in settings:
        found.fields["host"] = "localhost"
    found.fields.setdefault("port", 25)
    found.password(settings.get("EMAIL_HOST_PASSWORD"), "EMAIL_HOST_PASSWORD")
    found.one_limit(settings.get("EMAIL_TIMEOUT"), "EMAIL_TIMEOUT")
    for name, field in _FILES.items():
        if name in settings:
            found.file(field, settings[name], name)
    take_booleans(settings.get("EMAIL_USE_SSL"), settings.get("EMAIL_USE_TLS"), "EMAIL_USE_", found)
    found.ignore_others(settings, _KNOWN)
    return found.as_import("setting of Django")


def _old_names(options: Mapping[object, object]) -> dict[str, object]:
    return {_OLD_NAMES.get(str(name), str(name)): value for name, value in options.items()}


def take_booleans(implicit: object, starttls: object, prefix: str, found: Found) -> None:
    """Take the security that two booleans, named *prefix* and SSL or TLS, say."""
    if found.flag(implicit, f"{prefix}SSL"):
        found.security(Security.IMPLICIT_TLS)
    elif found.flag(starttls, f"{prefix}TLS"):
        found.security(Security.STARTTLS)
    else:
        found.security(Security.PLAINTEXT)


def _resemblance(text: str) -> float:
    names = set(re.findall(r"^[ \t]*(EMAIL_[A-Z_]+)\s*(?::\s*\w+\s*)?=", text, re.MULTILINE))
    if names & {"EMAIL_HOST", "EMAIL_HOST_USER", "EMAIL_USE_TLS", "EMAIL_USE_SSL"}:
        return 0.9 + 0.1 * ("EMAIL_BACKEND" in names)
    return 1 if re.search(r"^[ \t]*MAILERS\s*=\s*\{", text, re.MULTILINE) else 0


FORMAT: Final = Format(
    "django", "Django", Group.FRAMEWORK, ".py", "python", _write, _read, _resemblance
)
