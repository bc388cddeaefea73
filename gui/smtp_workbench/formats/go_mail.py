"""go-mail of Winni Neessen, for Go: https://go-mail.dev."""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats import go_source, quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out, single_limit
from smtp_workbench.formats.quoting import go
from smtp_workbench.formats.tokens import GO
from smtp_workbench.formats.values import Call, Name, calls
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport

_MECHANISMS: Final[Mapping[str, str]] = {
    "": "SMTPAuthAutoDiscover",
    "PLAIN": "SMTPAuthPlain",
    "LOGIN": "SMTPAuthLogin",
    "CRAM-MD5": "SMTPAuthCramMD5",
    "SCRAM-SHA-1": "SMTPAuthSCRAMSHA1",
    "SCRAM-SHA-256": "SMTPAuthSCRAMSHA256",
    "XOAUTH2": "SMTPAuthXOAUTH2",
}
_POLICIES: Final = {
    Security.STARTTLS: "TLSMandatory",
    Security.STARTTLS_IF_OFFERED: "TLSOpportunistic",
    Security.PLAINTEXT: "NoTLS",
}
_FIELDS: Final = {
    "WithPort": "port",
    "WithUsername": "auth.user",
    "WithHELO": "ehlo_name",
}
_SAID: Final = go_source.TLS_SAID | {"auth.user", "ehlo_name"}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    limit, said, assumed = single_limit(transport)
    options = [f"mail.WithPort({transport.effective_port})", _security(transport.security)]
    if go_source.uses_tls(transport):
        options.append("mail.WithTLSConfig(config)")
    if transport.ehlo_name:
        options.append(f"mail.WithHELO({go(transport.ehlo_name)})")
    if limit is not None:
        options.append(f"mail.WithTimeout({go_source.duration(limit).replace(' ', '')})")
    auth = transport.auth
    if auth.user:
        password = quoting.in_place_of(secret, lambda name: f"os.Getenv({go(name)})", go)
        kind = _MECHANISMS.get(auth.mechanism, _MECHANISMS[""])
        options.append(f"mail.WithSMTPAuth(mail.{kind})")
        options += [f"mail.WithUsername({go(auth.user)})", f"mail.WithPassword({password})"]
        if not auth.mechanism:
            assumed += ("SMTPAuthAutoDiscover needs go-mail 0.6.",)
    body = _body(transport, options)
    imports = go_source.imports_of(body, "github.com/wneessen/go-mail")
    return Export(
        (File("main.go", f"package main\n\n{imports}\n{body}"),),
        left_out(transport, _SAID | said, mechanisms=_MECHANISMS),
        assumed,
    )


def _body(transport: Transport, options: list[str]) -> str:
    lines = [*(go_source.config_of(transport) if go_source.uses_tls(transport) else [])]
    lines += ["client, err := mail.NewClient(", f"\t{go(transport.host)},"]
    lines += [f"\t{option}," for option in options]
    lines += [")", "check(err)", "check(client.DialWithContext(context.Background()))"]
    lines.append("check(client.Close())")
    return f"func main() {{\n{go_source.indented(lines)}\n}}\n\n{go_source.CHECK}"


def _security(security: Security) -> str:
    if security is Security.IMPLICIT_TLS:
        return "mail.WithSSL()"
    return f"mail.WithTLSPolicy(mail.{_POLICIES[security]})"


def _read(text: str) -> Import:
    made = list(calls([*statements(text, GO)]))
    opened = next((call for call in made if call.last == "NewClient"), None)
    if opened is None:
        raise ValueError("there is no mail.NewClient in it")
    found = Found()
    found.put("host", next(iter(opened.arguments), None), "host")
    found.security(Security.STARTTLS)  # go-mail's own default
    for option in opened.arguments[1:]:
        if isinstance(option, Call):
            _take(option, found)
        else:
            found.ignore("an option of NewClient")
    found.fields.setdefault("port", 25)
    go_source.take_tls(made, found)
    if found.fields.get("tls.server_name") == found.fields.get("host"):
        found.fields.pop("tls.server_name", None)
    return found.as_import("option of go-mail")


def _take(option: Call, found: Found) -> None:
    value = next(iter(option.arguments), None)
    match option.last, value:
        case name, _ if name in _FIELDS:
            found.put(_FIELDS[name], value, name)
        case "WithPassword", _:
            found.password(value, "WithPassword")
        case "WithTimeout", _:
            found.one_limit(go_source.seconds_of(value), "WithTimeout")
        case "WithSSL" | "WithSSLPort", _:
            found.security(Security.IMPLICIT_TLS)
            if option.last == "WithSSLPort":
                found.fields.setdefault("port", 465)
        case "WithTLSPolicy" | "WithTLSPortPolicy", Name(last=policy):
            _take_policy(option.last, policy, found)
        case "WithSMTPAuth", Name(last=kind):
            known = {spelled: mechanism for mechanism, spelled in _MECHANISMS.items()}
            if kind in known:
                found.fields["auth.mechanism"] = known[kind]
            else:
                found.ignore(kind)
        case "WithTLSConfig", _:
            return
        case name, _:
            found.ignore(name)


def _take_policy(name: str, policy: str, found: Found) -> None:
    for security, spelled in _POLICIES.items():
        if spelled == policy:
            found.security(security)
    if name == "WithTLSPortPolicy":
        found.fields.setdefault("port", 25 if policy == "NoTLS" else 587)


def _resemblance(text: str) -> float:
    if "wneessen/go-mail" in text:
        return 1
    return 0.8 if re.search(r"\bmail\.NewClient\(", text) else 0


FORMAT: Final = Format(
    "go-mail", "Go go-mail", Group.CODE, ".go", "go", _write, _read, _resemblance
)
