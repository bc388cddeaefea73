"""Laravel's mail settings in `.env`, as its own config/mail.php reads them."""

import re
from typing import Final

from smtp_workbench.formats import dotenv, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_FIELDS: Final = {
    "MAIL_HOST": "host",
    "MAIL_PORT": "port",
    "MAIL_USERNAME": "auth.user",
    "MAIL_EHLO_DOMAIN": "ehlo_name",
    "MAIL_FROM_ADDRESS": "sender",
}
_KNOWN: Final = (
    *_FIELDS, "MAIL_PASSWORD", "MAIL_SCHEME", "MAIL_ENCRYPTION", "MAIL_MAILER", "MAIL_DRIVER",
)  # fmt: skip
_SECURITIES: Final = (Security.IMPLICIT_TLS, Security.STARTTLS_IF_OFFERED)
_OPPORTUNISTIC: Final = (
    "Laravel uses STARTTLS where it is offered; in config/mail.php {} says otherwise."
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    implicit = transport.security is Security.IMPLICIT_TLS
    variables = {
        "MAIL_MAILER": "smtp",
        "MAIL_SCHEME": "smtps" if implicit else "smtp",
        "MAIL_HOST": transport.host,
        "MAIL_PORT": str(transport.effective_port),
    }
    further = {
        "MAIL_USERNAME": transport.auth.user,
        "MAIL_EHLO_DOMAIN": transport.ehlo_name,
        "MAIL_FROM_ADDRESS": transport.sender,
    }
    variables |= {name: value for name, value in further.items() if value}
    text = dotenv.lines({name: _guarded(value) for name, value in variables.items()})
    if transport.auth.user:
        password = quoting.in_place_of(
            secret, '"${{{}}}"'.format, lambda value: quoting.dotenv(_guarded(value))
        )
        text += f"MAIL_PASSWORD={password}\n"
    return Export(
        (File(".env", text),),
        left_out(transport, _FIELDS.values(), securities=_SECURITIES),
        _assumed(transport),
    )


_WORDS: Final = {"null": None, "(null)": None, "empty": "", "(empty)": ""}
_QUOTED: Final = re.compile(r"""(['"])(.*)\1""")


def _guarded(value: str) -> str:
    """Return *value* so that `env` gives it back, which takes quotes off and words for others."""
    special = value.lower() in (*_WORDS, "true", "(true)", "false", "(false)")
    return f"'{value}'" if special or _QUOTED.fullmatch(value) else value


def _meant(value: object) -> object:
    """Return what Laravel's `env` makes of *value*."""
    if not isinstance(value, str):
        return value
    if value.lower() in _WORDS:
        return _WORDS[value.lower()]
    quoted = _QUOTED.fullmatch(value)
    return quoted[2] if quoted else value


def _assumed(transport: Transport) -> tuple[str, ...]:
    assumed = ["Laravel 10 and older read MAIL_ENCRYPTION (ssl or tls) in place of MAIL_SCHEME."]
    if transport.security is Security.STARTTLS:
        assumed.append(_OPPORTUNISTIC.format("'require_tls' => true"))
    elif transport.security is Security.PLAINTEXT:
        assumed.append(_OPPORTUNISTIC.format("'auto_tls' => false"))
    if transport.effective_port == 465 and transport.security is not Security.IMPLICIT_TLS:
        assumed.append("Laravel speaks implicit TLS on port 465, whatever the scheme.")
    return tuple(assumed)


def _read(text: str) -> Import:
    variables = {
        name: _meant(value)
        for name, value in dotenv.parse(text).items()
        if name.startswith("MAIL_")
    }
    if not variables:
        raise ValueError("there is no variable that begins with MAIL_ in it")
    found = Found()
    found.put_all(_FIELDS, variables)
    found.password(variables.get("MAIL_PASSWORD"), "MAIL_PASSWORD")
    if "MAIL_HOST" in variables or "MAIL_PORT" in variables:
        found.security(_security(variables, found))
    mailer = variables.get("MAIL_MAILER", variables.get("MAIL_DRIVER", "smtp"))
    if mailer != "smtp":
        found.note(f"MAIL_MAILER is {mailer}: Laravel would not use these settings.")
    found.ignore_others(variables, _KNOWN)
    return found.as_import("mail setting of Laravel")


def _security(variables: dict[str, object], found: Found) -> Security:
    scheme = variables.get("MAIL_SCHEME") or variables.get("MAIL_ENCRYPTION")
    if scheme in ("smtps", "ssl"):
        return Security.IMPLICIT_TLS
    if scheme in ("tls", "starttls"):
        found.note("MAIL_ENCRYPTION=tls was taken as a must; Laravel from 9 on makes it a wish.")
        return Security.STARTTLS
    if scheme is None and found.fields.get("port") == 465:
        return Security.IMPLICIT_TLS
    return Security.STARTTLS_IF_OFFERED


def _resemblance(text: str) -> float:
    names = set(re.findall(r"^[ \t]*(?:export\s+)?(MAIL_[A-Z_]+)=", text, re.MULTILINE))
    if names & {"MAIL_MAILER", "MAIL_SCHEME", "MAIL_ENCRYPTION", "MAIL_DRIVER"}:
        return 1
    return 0.8 if names & {"MAIL_HOST", "MAIL_FROM_ADDRESS"} else 0


FORMAT: Final = Format(
    "laravel", "Laravel .env", Group.FRAMEWORK, ".env", "dotenv", _write, _read, _resemblance
)
