"""Python's smtplib."""

import re
from dataclasses import replace
from typing import Final

from smtp_workbench.formats import python_tls, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import (
    NAMES,
    SECURITY_NAMES,
    effective,
    left_out,
    plain_number,
    single_limit,
)
from smtp_workbench.formats.python_source import statements
from smtp_workbench.formats.quoting import python
from smtp_workbench.formats.values import Assignment, Call, Opaque
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, Transport

_METHODS: Final = {"PLAIN": "auth_plain", "LOGIN": "auth_login", "CRAM-MD5": "auth_cram_md5"}
_MECHANISMS: Final = (*_METHODS, "XOAUTH2")
_SAID: Final = python_tls.SAID | {"protocol", "ehlo_name", "source_address", "auth.user"}
_CLASSES: Final = ("SMTP", "SMTP_SSL", "LMTP")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    out = left_out(transport, _SAID | said, mechanisms=_MECHANISMS)
    if transport.protocol is Protocol.LMTP and transport.security is Security.IMPLICIT_TLS:
        out = (SECURITY_NAMES[transport.security], *out)
        assumed = (*assumed, "smtplib.LMTP knows no implicit TLS, so STARTTLS is asked for.")
        transport = replace(transport, port=transport.effective_port, security=Security.STARTTLS)
    if _needs_utf8(transport, secret) and transport.auth.mechanism != "PLAIN":
        out = tuple(dict.fromkeys((*out, NAMES["auth.mechanism"])))
    body, more = _log_in(transport, secret)
    lines = _opening(transport, limit) + [
        "    " + line for line in (*_starttls(transport), *body, "print(smtp.noop())")
    ]
    needs = ["base64"] if any("base64." in line for line in body) else []
    needs += ["os"] if transport.auth.user and quoting.variable_of(secret) else []
    imports = [f"import {name}" for name in (*needs, "smtplib")]
    if _uses_tls(transport):
        imports.append("import ssl")
        lines = [*python_tls.context_of(transport), *lines]
    text = "\n".join([*imports, "", *lines, ""])
    return Export(
        (File("mail.py", text),),
        out,
        (*assumed, *more),
    )


def _uses_tls(transport: Transport) -> bool:
    return transport.security is not Security.PLAINTEXT


def _opening(transport: Transport, limit: float | None) -> list[str]:
    implicit = transport.security is Security.IMPLICIT_TLS
    lmtp = transport.protocol is Protocol.LMTP
    arguments = [python(transport.host), str(transport.effective_port)]
    if transport.ehlo_name:
        arguments.append(f"local_hostname={python(transport.ehlo_name)}")
    if limit is not None and not lmtp:
        arguments.append(f"timeout={plain_number(limit)}")
    if transport.source_address:
        arguments.append(f"source_address=({python(transport.source_address)}, 0)")
    if lmtp:
        if limit is not None:
            arguments.append(f"timeout={plain_number(limit)}")
        return [f"with smtplib.LMTP({', '.join(arguments)}) as smtp:"]
    if implicit:
        arguments.append("context=context")
    name = "SMTP_SSL" if implicit else "SMTP"
    return [f"with smtplib.{name}({', '.join(arguments)}) as smtp:"]


def _starttls(transport: Transport) -> list[str]:
    match transport.security:
        case Security.STARTTLS:
            return ["smtp.starttls(context=context)"]
        case Security.STARTTLS_IF_OFFERED:
            return [
                "smtp.ehlo_or_helo_if_needed()",
                'if smtp.has_extn("starttls"):',
                "    smtp.starttls(context=context)",
            ]
    return []


def _log_in(transport: Transport, secret: Secret | None) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines that log in, and what they assume."""
    auth = transport.auth
    if not auth.user:
        return [], ()
    user = python(auth.user)
    password = quoting.in_place_of(secret, lambda name: f"os.environ[{python(name)}]", python)
    both = f"smtp.user, smtp.password = {user}, {password}"
    if auth.mechanism == "XOAUTH2":
        token = '"user={}\\x01auth=Bearer {}\\x01\\x01".format(smtp.user, smtp.password)'
        answer = f'lambda challenge=None: {token} if challenge is None else ""'
        return [both, f'smtp.auth("XOAUTH2", {answer})'], ()
    if _needs_utf8(transport, secret):
        why = "AUTH PLAIN is written out, as smtplib's own login takes ASCII characters only."
        return [both, *_PLAIN_IN_UTF8], (why,)
    if auth.mechanism in _METHODS:
        return [both, f'smtp.auth("{auth.mechanism}", smtp.{_METHODS[auth.mechanism]})'], ()
    return [f"smtp.login({user}, {password})"], ()


def _needs_utf8(transport: Transport, secret: Secret | None) -> bool:
    """Whether smtplib's own log-in, which takes ASCII only, would fail."""
    auth = transport.auth
    ascii_only = auth.user.isascii() and (secret is None or secret.reveal().isascii())
    return bool(auth.user) and not ascii_only and auth.mechanism != "XOAUTH2"


_PLAIN_IN_UTF8: Final = (
    'credentials = base64.b64encode(f"\\0{smtp.user}\\0{smtp.password}".encode()).decode()',
    "smtp.ehlo_or_helo_if_needed()",
    'code, reply = smtp.docmd("AUTH", "PLAIN " + credentials)',
    "if code != 235:",
    "    raise smtplib.SMTPAuthenticationError(code, reply)",
)


def _read(text: str) -> Import:
    items = statements(text)
    found = Found()
    opened = [item for item in items if isinstance(item, Call) and item.last in _CLASSES]
    if not opened:
        raise ValueError("there is no smtplib.SMTP, SMTP_SSL or LMTP in it")
    connection = next((item for item in opened if item.arguments or item.named), opened[0])
    _take_connection(connection, found)
    for item in items:
        _take(item, found)
    found.security(_security(text, connection, items))
    python_tls.take_context(items, found)
    return found.as_import("setting of smtplib")


def _take_connection(call: Call, found: Found) -> None:
    names = ("host", "port", "local_hostname")
    given = {**dict(zip(names, call.arguments, strict=False)), **call.named}
    found.put("host", given.pop("host", None), "host")
    found.put("port", given.pop("port", {"SMTP_SSL": 465, "LMTP": 2003}.get(call.last, 25)), "port")
    found.put("ehlo_name", given.pop("local_hostname", None), "local_hostname")
    found.one_limit(given.pop("timeout", None), "timeout")
    match given.pop("source_address", None):
        case [str() as address, *_]:
            found.fields["source_address"] = address
    if call.last == "LMTP":
        found.fields["protocol"] = Protocol.LMTP
    given.pop("context", None)
    for name in given:
        found.ignore(name)


def _take(item: Assignment | Call, found: Found) -> None:
    match item:
        case Call(last="login", arguments=(user, password, *_)):
            found.put("auth.user", user, "user")
            found.password(password, "password")
        case Call(last="login", named={"user": user, "password": password}):
            found.put("auth.user", user, "user")
            found.password(password, "password")
        case Call(last="auth", arguments=(str() as mechanism, *_)):
            found.fields["auth.mechanism"] = mechanism.upper()
        case Call(last="docmd", arguments=("AUTH", Opaque(text=words))):
            if mechanism_word := re.match(r"['\"]([A-Z0-9-]+) ", words):
                found.fields["auth.mechanism"] = mechanism_word[1]
        case Call(last="connect", arguments=(host, *rest)):
            found.put("host", host, "host")
            if rest:
                found.put("port", rest[0], "port")
        case Assignment(path="smtp.user" | "server.user"):
            found.put("auth.user", item.value, "user")
        case Assignment(path="smtp.password" | "server.password"):
            found.password(item.value, "password")


def _security(text: str, connection: Call, items: list[Assignment | Call]) -> Security:
    if connection.last == "SMTP_SSL":
        return Security.IMPLICIT_TLS
    if not any(isinstance(item, Call) and item.last == "starttls" for item in items):
        return Security.PLAINTEXT
    if re.search(r"""has_extn\(['"]starttls['"]\)""", text, re.IGNORECASE):
        return Security.STARTTLS_IF_OFFERED
    return Security.STARTTLS


def _resemblance(text: str) -> float:
    if re.search(r"\bsmtplib\.(SMTP|SMTP_SSL|LMTP)\(", text) and "aiosmtplib" not in text:
        return 1
    return 0.7 if re.search(r"\bfrom smtplib import\b", text) else 0


FORMAT: Final = Format(
    "smtplib", "Python smtplib", Group.CODE, ".py", "python", _write, _read, _resemblance
)
