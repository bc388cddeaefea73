"""Go's net/smtp."""

import re
from typing import Final

from smtp_workbench.formats import go_source, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import go
from smtp_workbench.formats.tokens import GO
from smtp_workbench.formats.values import Call, calls
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Timeouts, Transport

_MECHANISMS: Final = ("PLAIN", "CRAM-MD5")
_SAID: Final = go_source.TLS_SAID | {
    "auth.user", "ehlo_name", "source_address", "timeouts.connect",
}  # fmt: skip


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    lines = [*(go_source.config_of(transport) if go_source.uses_tls(transport) else [])]
    lines += [*_dial(transport), f"client, err := smtp.NewClient(connection, {_name(transport)})"]
    lines.append("check(err)")
    if transport.ehlo_name:
        lines.append(f"check(client.Hello({go(transport.ehlo_name)}))")
    match transport.security:
        case Security.STARTTLS:
            lines.append("check(client.StartTLS(config))")
        case Security.STARTTLS_IF_OFFERED:
            lines.append('if offered, _ := client.Extension("STARTTLS"); offered {')
            lines += ["\tcheck(client.StartTLS(config))", "}"]
    log_in, assumed = _log_in(transport, secret)
    lines += [*log_in, "check(client.Noop())", "check(client.Quit())"]
    body = f"func main() {{\n{go_source.indented(lines)}\n}}\n\n{go_source.CHECK}"
    text = f"package main\n\n{go_source.imports_of(body)}\n{body}"
    return Export(
        (File("main.go", text),),
        left_out(transport, _SAID, mechanisms=_MECHANISMS),
        assumed,
    )


def _name(transport: Transport) -> str:
    return go(transport.host)


def _dial(transport: Transport) -> list[str]:
    fields = []
    if transport.timeouts.connect != Timeouts().connect:
        fields.append(f"Timeout: {go_source.duration(transport.timeouts.connect)}")
    if transport.source_address:
        fields.append(f"LocalAddr: &net.TCPAddr{{IP: net.ParseIP({go(transport.source_address)})}}")
    where = go_source.address(transport)
    lines = [f"dialer := &net.Dialer{{{', '.join(fields)}}}"]
    if transport.security is Security.IMPLICIT_TLS:
        lines.append(f'connection, err := tls.DialWithDialer(dialer, "tcp", {where}, config)')
    else:
        lines.append(f'connection, err := dialer.Dial("tcp", {where})')
    return [*lines, "check(err)"]


def _log_in(transport: Transport, secret: Secret | None) -> tuple[list[str], tuple[str, ...]]:
    """Return the lines that log in, and what they assume."""
    auth = transport.auth
    if not auth.user:
        return [], ()
    password = quoting.in_place_of(secret, lambda name: f"os.Getenv({go(name)})", go)
    if auth.mechanism == "CRAM-MD5":
        return [f"check(client.Auth(smtp.CRAMMD5Auth({go(auth.user)}, {password})))"], ()
    made = f'smtp.PlainAuth("", {go(auth.user)}, {password}, {_name(transport)})'
    assumed = () if auth.mechanism == "PLAIN" else ("AUTH PLAIN is used.",)
    return [f"check(client.Auth({made}))"], assumed


def _read(text: str) -> Import:
    items = statements(text, GO)
    found = Found()
    made = list(calls(items))
    names = {call.last for call in made}
    for call in made:
        _take(call, found)
    if not found.fields:
        raise ValueError("there is no call of net/smtp with settings in it")
    go_source.take_tls(made, found)
    if found.fields.get("tls.server_name") == found.fields.get("host"):
        found.fields.pop("tls.server_name", None)
    found.security(_security(names, text))
    return found.as_import("setting of net/smtp")


def _take(call: Call, found: Found) -> None:
    match call:
        case Call(last="Dial" | "DialTimeout", arguments=("tcp", where, *_)):
            go_source.take_address(where, found)
        case Call(last="DialWithDialer", arguments=(_, "tcp", where, *_)):
            go_source.take_address(where, found)
        case Call(path="smtp.Dial" | "smtp.SendMail", arguments=(where, *_)):
            go_source.take_address(where, found)
        case Call(last="Hello", arguments=(name,)):
            found.put("ehlo_name", name, "Hello")
        case Call(last="PlainAuth", arguments=(_, user, password, *_)):
            found.put("auth.user", user, "PlainAuth")
            found.password(password, "PlainAuth")
            found.fields["auth.mechanism"] = "PLAIN"
        case Call(last="CRAMMD5Auth", arguments=(user, password)):
            found.put("auth.user", user, "CRAMMD5Auth")
            found.password(password, "CRAMMD5Auth")
            found.fields["auth.mechanism"] = "CRAM-MD5"
        case Call(path="net.Dialer", named={"Timeout": limit}):
            found.put("timeouts.connect", go_source.seconds_of(limit), "Timeout")
        case Call(last="ParseIP", arguments=(address, *_)):
            found.put("source_address", address, "LocalAddr")


def _security(names: set[str], text: str) -> Security:
    """Return what the calls named *names* amount to; SendMail uses STARTTLS where offered."""
    if "StartTLS" in names:
        optional = re.search(r"Extension\(\s*\"STARTTLS\"\s*\)", text, re.IGNORECASE)
        return Security.STARTTLS_IF_OFFERED if optional else Security.STARTTLS
    if "DialWithDialer" in names or re.search(r"\btls\.Dial\(", text):
        return Security.IMPLICIT_TLS
    return Security.STARTTLS_IF_OFFERED if "SendMail" in names else Security.PLAINTEXT


def _resemblance(text: str) -> float:
    if re.search(r"\bsmtp\.(NewClient|SendMail|PlainAuth|CRAMMD5Auth|Dial)\(", text):
        return 1 if '"net/smtp"' in text else 0.7
    return 0


FORMAT: Final = Format(
    "go-net-smtp", "Go net/smtp", Group.CODE, ".go", "go", _write, _read, _resemblance
)
