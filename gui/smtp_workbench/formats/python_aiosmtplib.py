"""aiosmtplib, for asyncio in Python."""

import re
from typing import Final

from smtp_workbench.formats import python_tls, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective, left_out, plain_number, single_limit
from smtp_workbench.formats.python_source import statements
from smtp_workbench.formats.quoting import python
from smtp_workbench.formats.values import Call
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_METHODS: Final = {"PLAIN": "auth_plain", "LOGIN": "auth_login", "CRAM-MD5": "auth_crammd5"}
_SAID: Final = python_tls.SAID | {"ehlo_name", "source_address", "auth.user"}
_STARTTLS: Final = {
    Security.STARTTLS: "True",
    Security.STARTTLS_IF_OFFERED: "None",
    Security.PLAINTEXT: "False",
}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    uses_tls = transport.security is not Security.PLAINTEXT
    variable = quoting.variable_of(secret) if transport.auth.user else None
    imports = ["import asyncio", *(["import os"] if variable else [])]
    imports += [*(["import ssl"] if uses_tls else []), "", "import aiosmtplib", ""]
    context = python_tls.context_of(transport) if uses_tls else []
    arguments, log_in = _arguments(transport, secret, limit)
    lines = [
        *imports,
        *context,
        "smtp = aiosmtplib.SMTP(",
        *(f"    {argument}," for argument in arguments),
        ")",
        "",
        "",
        "async def main():",
        "    async with smtp:",
        *(f"        {line}" for line in (*log_in, "print(await smtp.noop())")),
        "",
        "",
        "asyncio.run(main())",
        "",
    ]
    return Export(
        (File("mail.py", "\n".join(lines)),),
        left_out(transport, _SAID | said, mechanisms=tuple(_METHODS)),
        assumed,
    )


def _arguments(
    transport: Transport, secret: Secret | None, limit: float | None
) -> tuple[list[str], list[str]]:
    """Return what the class is given, and the lines that log in with a certain mechanism."""
    found = [f"hostname={python(transport.host)}", f"port={transport.effective_port}"]
    if transport.security is Security.IMPLICIT_TLS:
        found.append("use_tls=True")
    else:
        found.append(f"start_tls={_STARTTLS[transport.security]}")
    if transport.security is not Security.PLAINTEXT:
        found.append("tls_context=context")
    if transport.ehlo_name:
        found.append(f"local_hostname={python(transport.ehlo_name)}")
    if transport.source_address:
        found.append(f"source_address=({python(transport.source_address)}, 0)")
    if limit is not None:
        found.append(f"timeout={plain_number(limit)}")
    auth = transport.auth
    if not auth.user:
        return found, []
    user = python(auth.user)
    password = quoting.in_place_of(secret, lambda name: f"os.environ[{python(name)}]", python)
    if auth.mechanism in _METHODS:
        return found, [f"await smtp.{_METHODS[auth.mechanism]}({user}, {password})"]
    return [*found, f"username={user}", f"password={password}"], []


def _read(text: str) -> Import:
    items = statements(text)
    calls = [item for item in items if isinstance(item, Call)]
    opened = next(
        (call for call in calls if call.last in ("SMTP", "send") and call.named.keys() & _KEYS),
        None,
    )
    if opened is None:
        raise ValueError("there is no aiosmtplib.SMTP or aiosmtplib.send with settings in it")
    found = Found()
    _take_options(opened, found)
    for call in calls:
        if call.last in _METHODS.values() or call.last == "login":
            _take_log_in(call, found)
    _take_security(opened, calls, found)
    python_tls.take_context(items, found)
    return found.as_import("setting of aiosmtplib")


_FIELDS: Final = {
    "hostname": "host",
    "port": "port",
    "local_hostname": "ehlo_name",
    "username": "auth.user",
}
_KEYS: Final = frozenset((*_FIELDS, "use_tls", "start_tls"))
_ELSEWHERE: Final = (
    *_FIELDS, "password", "timeout", "use_tls", "start_tls", "tls_context", "source_address",
    "validate_certs", "cert_bundle", "client_cert", "client_key", "sender", "recipients", "message",
)  # fmt: skip


def _take_options(call: Call, found: Found) -> None:
    given = call.named
    found.put_all(_FIELDS, given)
    found.password(given.get("password"), "password")
    found.one_limit(given.get("timeout"), "timeout")
    match given.get("source_address"):
        case [str() as address, *_]:
            found.fields["source_address"] = address
    if found.flag(given.get("validate_certs"), "validate_certs") is False:
        found.trust_anything()
    if given.get("cert_bundle") is not None:
        found.trust_file(given["cert_bundle"], "cert_bundle")
    for name, field in (
        ("client_cert", "tls.client_certificate"),
        ("client_key", "tls.client_key"),
    ):
        if given.get(name) is not None:
            found.file(field, given[name], name)
    found.ignore_others(given, _ELSEWHERE)


def _take_log_in(call: Call, found: Found) -> None:
    names = ("username", "password")
    given = {**dict(zip(names, call.arguments, strict=False)), **call.named}
    found.put("auth.user", given.get("username"), "username")
    found.password(given.get("password"), "password")
    for mechanism, method in _METHODS.items():
        if method == call.last:
            found.fields["auth.mechanism"] = mechanism


def _take_security(opened: Call, calls: list[Call], found: Found) -> None:
    given = opened.named
    implicit = found.flag(given.get("use_tls"), "use_tls")
    start = found.flag(given.get("start_tls"), "start_tls")
    if implicit:
        found.security(Security.IMPLICIT_TLS)
    elif start or any(call.last == "starttls" for call in calls):
        found.security(Security.STARTTLS)
    elif start is False:
        found.security(Security.PLAINTEXT)
    else:
        found.security(Security.STARTTLS_IF_OFFERED)
    if "port" not in given:
        found.fields["port"] = 465 if implicit else 587 if start else 25


def _resemblance(text: str) -> float:
    return 1 if re.search(r"\baiosmtplib\.(SMTP|send)\(", text) else 0


FORMAT: Final = Format(
    "aiosmtplib", "Python aiosmtplib", Group.CODE, ".py", "python", _write, _read, _resemblance
)
