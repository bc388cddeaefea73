"""Swoosh's SMTP adapter, as Phoenix configures it in Elixir.

https://hexdocs.pm/swoosh/Swoosh.Adapters.SMTP.html; the options are those of gen_smtp.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import elixir
from smtp_workbench.formats.rendering import ELIXIR as STYLE
from smtp_workbench.formats.rendering import Code, render
from smtp_workbench.formats.tokens import ELIXIR
from smtp_workbench.formats.values import Call, Name
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Timeouts, TlsVersion, Transport, Trust

_FIELDS: Final = {
    "relay": "host",
    "port": "port",
    "username": "auth.user",
    "hostname": "ehlo_name",
}
_FILES: Final = {"certfile": "tls.client_certificate", "keyfile": "tls.client_key"}
_STARTTLS: Final = {
    Security.STARTTLS: "always",
    Security.STARTTLS_IF_OFFERED: "if_available",
    Security.PLAINTEXT: "never",
    Security.IMPLICIT_TLS: "never",
}
_SAID: Final = frozenset(
    (
        *_FIELDS.values(), *_FILES.values(), "tls.trust", "tls.ca_file", "tls.server_name",
        "tls.minimum_version", "timeouts.connect",
    )
)  # fmt: skip
_KNOWN: Final = (
    *_FIELDS, "adapter", "password", "ssl", "tls", "auth", "tls_options", "sockopts", "timeout",
    "no_mx_lookups",
)  # fmt: skip
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "tlsv1",
    TlsVersion.TLS_1_1: "tlsv1.1",
    TlsVersion.TLS_1_2: "tlsv1.2",
    TlsVersion.TLS_1_3: "tlsv1.3",
}


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    implicit = transport.security is Security.IMPLICIT_TLS
    options: dict[str, Any] = {
        "adapter": Code("Swoosh.Adapters.SMTP"),
        "relay": transport.host,
        "port": transport.effective_port,
        "ssl": implicit,
        "tls": Code(f":{_STARTTLS[transport.security]}"),
        "auth": Code(":always" if transport.auth.user else ":never"),
    }
    if transport.auth.user:
        password = quoting.in_place_of(
            secret, lambda name: f"System.fetch_env!({elixir(name)})", elixir
        )
        options |= {"username": transport.auth.user, "password": Code(password)}
    if transport.ehlo_name:
        options["hostname"] = transport.ehlo_name
    if transport.timeouts.connect != Timeouts().connect:
        options["timeout"] = round(transport.timeouts.connect * 1000)
    if transport.security is not Security.PLAINTEXT:
        # gen_smtp takes those of implicit TLS with the socket's, those of STARTTLS apart.
        options["sockopts" if implicit else "tls_options"] = _tls_of(transport)
    options["no_mx_lookups"] = True
    lines = [f"  {name}: {render(value, STYLE, 1)}" for name, value in options.items()]
    text = "import Config\n\nconfig :my_app, MyApp.Mailer,\n" + ",\n".join(lines) + "\n"
    assumed = ["The application is called :my_app and its mailer MyApp.Mailer."]
    if transport.security is not Security.PLAINTEXT and not transport.tls.ca_file:
        assumed.append("The system's certificates need Erlang/OTP 25.")
    return Export((File("runtime.exs", text),), left_out(transport, _SAID), tuple(assumed))


def _tls_of(transport: Transport) -> dict[str, Any]:
    tls = transport.tls
    versions = list(_VERSIONS)
    allowed = versions[versions.index(tls.minimum_version) :]
    found: dict[str, Any] = {"versions": [Code(f':"{_VERSIONS[version]}"') for version in allowed]}
    if tls.trust is Trust.NONE:
        found["verify"] = Code(":verify_none")
    else:
        found["verify"] = Code(":verify_peer")
        if tls.ca_file:
            found["cacertfile"] = tls.ca_file
        else:
            found["cacerts"] = Code(":public_key.cacerts_get()")
        found["depth"] = 99
    found["server_name_indication"] = Code(f"~c{elixir(transport.tls_name)}")
    if tls.client_certificate:
        found["certfile"] = tls.client_certificate
        found["keyfile"] = tls.client_key or tls.client_certificate
    return found


def _read(text: str) -> Import:
    options = next(
        (
            item.named
            for item in statements(text, ELIXIR)
            if isinstance(item, Call) and item.last == "config" and "relay" in item.named
        ),
        None,
    )
    if options is None:
        raise ValueError("there is no config with a relay in it")
    found = Found()
    found.put_all(_FIELDS, options)
    found.fields.setdefault("port", 25)
    found.password(options.get("password"), "password")
    found.put("timeouts.connect", options.get("timeout"), "timeout", per=1000)
    found.security(_security(options, found))
    for name in ("tls_options", "sockopts"):
        if isinstance(given := options.get(name), Mapping):
            _take_tls(given, found)
    if found.fields.get("tls.server_name") == found.fields.get("host"):
        found.fields.pop("tls.server_name", None)
    found.ignore_others(options, _KNOWN)
    return found.as_import("option of Swoosh")


def _security(options: Mapping[str, object], found: Found) -> Security:
    if found.flag(options.get("ssl"), "ssl"):
        return Security.IMPLICIT_TLS
    match options.get("tls"):
        case Name(last="always") | True:
            return Security.STARTTLS
        case Name(last="never") | False:
            return Security.PLAINTEXT
    return Security.STARTTLS_IF_OFFERED


def _take_tls(given: Mapping[str, object], found: Found) -> None:
    for name, value in given.items():
        match name, value:
            case "verify", Name(last="verify_none"):
                found.trust_anything()
            case "cacertfile", _:
                found.trust_file(value, name)
            case "server_name_indication", str():
                found.put("tls.server_name", value, name)
            case (("certfile" | "keyfile"), _):
                found.file(_FILES[name], value, name)
            case "versions", list():
                for version, spelled in reversed(_VERSIONS.items()):
                    if Name(spelled) in value:
                        found.fields["tls.minimum_version"] = version
            case (("verify" | "cacerts" | "depth"), _):
                continue
            case _:
                found.ignore(name)


def _resemblance(text: str) -> float:
    if "Swoosh.Adapters.SMTP" in text:
        return 1
    return 0.5 if re.search(r"^[ \t]*config\s+:.*\brelay:\s", text, re.MULTILINE | re.DOTALL) else 0


FORMAT: Final = Format(
    "swoosh", "Phoenix (Swoosh)", Group.FRAMEWORK, ".exs", "elixir", _write, _read, _resemblance
)
