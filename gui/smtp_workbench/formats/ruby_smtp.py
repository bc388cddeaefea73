"""Ruby's Net::SMTP."""

import re
from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out, plain_number
from smtp_workbench.formats.quoting import ruby
from smtp_workbench.formats.rendering import RUBY as STYLE
from smtp_workbench.formats.rendering import Code, render
from smtp_workbench.formats.tokens import RUBY
from smtp_workbench.formats.values import Assignment, Call, Name
from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, TlsVersion, Transport, Trust

_MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
_LIMITS: Final = {"open_timeout": "timeouts.connect", "read_timeout": "timeouts.socket"}
_SAID: Final = frozenset(
    (
        "auth.user", "ehlo_name", "tls.trust", "tls.ca_file", "tls.server_name",
        "tls.client_certificate", "tls.client_key", "tls.minimum_version", "tls.ciphers",
        *_LIMITS.values(),
    )
)  # fmt: skip
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "TLS1_VERSION",
    TlsVersion.TLS_1_1: "TLS1_1_VERSION",
    TlsVersion.TLS_1_2: "TLS1_2_VERSION",
    TlsVersion.TLS_1_3: "TLS1_3_VERSION",
}
_SECURITY: Final = {
    Security.IMPLICIT_TLS: "tls: true",
    Security.STARTTLS: "starttls: :always",
    Security.STARTTLS_IF_OFFERED: "starttls: :auto",
    Security.PLAINTEXT: "starttls: false",
}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    tls = transport.tls
    arguments = [ruby(transport.host), str(transport.effective_port)]
    arguments.append(_SECURITY[transport.security])
    if tls.trust is Trust.NONE:
        arguments.append("tls_verify: false")
    if tls.server_name:
        arguments.append(f"tls_hostname: {ruby(tls.server_name)}")
    if parameters := _parameters(transport):
        arguments.append(f"ssl_context_params: {render(parameters, STYLE, 1)}")
    lines = ["smtp = Net::SMTP.new(", *(f"  {argument}," for argument in arguments), ")"]
    for name, path in _LIMITS.items():
        if value_of(transport, path) != value_of(Transport(), path):
            lines.append(f"smtp.{name} = {plain_number(float(str(value_of(transport, path))))}")
    log_in, assumed = _log_in(transport, secret)
    lines += [f"smtp.start{log_in} do |session|", "  puts session.capable_auth_types", "end", ""]
    return Export(
        (File("mail.rb", "\n".join(['require "net/smtp"', "", *lines])),),
        left_out(transport, _SAID, mechanisms=_MECHANISMS),
        assumed,
    )


def _parameters(transport: Transport) -> dict[str, Any]:
    tls = transport.tls
    found: dict[str, Any] = {"ca_file": tls.ca_file} if tls.ca_file else {}
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        found["min_version"] = Code(f"OpenSSL::SSL::{_VERSIONS[tls.minimum_version]}")
    if tls.ciphers:
        found["ciphers"] = tls.ciphers
    if tls.client_certificate:
        key = tls.client_key or tls.client_certificate
        read = f"File.read({ruby(tls.client_certificate)})"
        found["cert"] = Code(f"OpenSSL::X509::Certificate.new({read})")
        found["key"] = Code(f"OpenSSL::PKey.read(File.read({ruby(key)}))")
    return found


def _log_in(transport: Transport, secret: Secret | None) -> tuple[str, tuple[str, ...]]:
    """Return the arguments of `start` in parentheses, and what they assume."""
    auth = transport.auth
    arguments = [f"helo: {ruby(transport.ehlo_name)}"] if transport.ehlo_name else []
    assumed: tuple[str, ...] = ()
    if auth.user:
        password = quoting.in_place_of(secret, lambda name: f"ENV.fetch({ruby(name)})", ruby)
        arguments += [f"user: {ruby(auth.user)}", f"secret: {password}"]
        if auth.mechanism in _MECHANISMS:
            arguments.append(f"authtype: :{auth.mechanism.lower().replace('-', '_')}")
        else:
            assumed = ("Ruby logs in with PLAIN unless it is told another mechanism.",)
    return f"({', '.join(arguments)})" if arguments else "", assumed


def _read(text: str) -> Import:
    items = statements(text, RUBY)
    found = Found()
    opened = next(
        (
            item
            for statement in items
            for item in (statement, getattr(statement, "value", None))
            if isinstance(item, Call) and item.path in ("Net.SMTP.new", "Net.SMTP.start")
        ),
        None,
    )
    if opened is None:
        raise ValueError("there is no Net::SMTP.new or Net::SMTP.start in it")
    for name, field, value in zip(("address", "port"), ("host", "port"),
                                  opened.arguments, strict=False):  # fmt: skip
        found.put(field, value, name)
    found.fields.setdefault("port", 25)
    _take_tls(opened.named, found)
    found.security(_security(opened.named, items))
    if opened.path == "Net.SMTP.start":
        _take_start(opened.arguments[2:], opened.named, found)
    for item in items:
        match item:
            case Call(last="start", path=path) if path != "Net.SMTP.start":
                _take_start(item.arguments, item.named, found)
            case Assignment(last="open_timeout" | "read_timeout"):
                found.put(_LIMITS[item.last], item.value, item.last)
    return found.as_import("setting of Net::SMTP")


def _take_start(arguments: tuple[object, ...], named: Mapping[str, object], found: Found) -> None:
    names = ("helo", "user", "secret", "authtype")
    given = {**dict(zip(names, arguments, strict=False)), **named}
    found.put("ehlo_name", given.get("helo"), "helo")
    found.put("auth.user", given.get("user"), "user")
    found.password(given.get("secret", given.get("password")), "secret")
    take_mechanism(given.get("authtype"), found)


def take_mechanism(value: object, found: Found) -> None:
    """Take a mechanism as Ruby names it: `:cram_md5`, `"plain"`."""
    word = value.last if isinstance(value, Name) else value
    if isinstance(word, str) and word:
        found.fields["auth.mechanism"] = word.upper().replace("_", "-")


def _take_tls(named: Mapping[str, object], found: Found) -> None:
    if found.flag(named.get("tls_verify"), "tls_verify") is False:
        found.trust_anything()
    found.put("tls.server_name", named.get("tls_hostname"), "tls_hostname")
    parameters = named.get("ssl_context_params")
    if not isinstance(parameters, Mapping):
        return
    for name, value in parameters.items():
        match name, value:
            case "ca_file", _:
                found.trust_file(value, name)
            case "ciphers", _:
                found.put("tls.ciphers", value, name)
            case "min_version", Name(last=word):
                for version, spelled in _VERSIONS.items():
                    if spelled in (word, f"{word}_VERSION"):
                        found.fields["tls.minimum_version"] = version
            case "cert", Call(arguments=(Call(last="read", arguments=(file, *_)), *_)):
                found.file("tls.client_certificate", file, name)
            case "key", Call(arguments=(Call(last="read", arguments=(file, *_)), *_)):
                found.file("tls.client_key", file, name)
            case "verify_mode", Name(last="VERIFY_NONE"):
                found.trust_anything()
            case _:
                found.ignore(f"ssl_context_params.{name}")


def _security(named: Mapping[str, object], items: list[Assignment | Call | Name]) -> Security:
    methods = {item.last for item in items}
    starttls = named.get("starttls")
    word = starttls.last if isinstance(starttls, Name) else starttls
    if named.get("tls") is True or methods & {"enable_tls", "enable_ssl"}:
        return Security.IMPLICIT_TLS
    if word in ("always", True) or "enable_starttls" in methods:
        return Security.STARTTLS
    if word is False or "disable_starttls" in methods:
        return Security.PLAINTEXT
    return Security.STARTTLS_IF_OFFERED


def _resemblance(text: str) -> float:
    return 1 if re.search(r"\bNet::SMTP\.(new|start)\b", text) else 0


FORMAT: Final = Format(
    "ruby-net-smtp", "Ruby Net::SMTP", Group.CODE, ".rb", "ruby", _write, _read, _resemblance
)
