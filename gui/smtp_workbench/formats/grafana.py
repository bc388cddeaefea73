"""Grafana: the section `[smtp]` of grafana.ini, or its environment variables GF_SMTP_*.

Implicit TLS goes by port 465 only, as in gomail, which Grafana sends with.
"""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats import dotenv, go_ini
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import bracketed, host_and_port
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.formats.values import Variable
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {
    "user": "auth.user",
    "from_address": "sender",
    "ehlo_identity": "ehlo_name",
    "cert_file": "tls.client_certificate",
    "key_file": "tls.client_key",
}
_KNOWN: Final = (*_FIELDS, "enabled", "host", "password", "skip_verify", "startTLS_policy")
_POLICIES: Final = {
    Security.STARTTLS: "MandatoryStartTLS",
    Security.STARTTLS_IF_OFFERED: "OpportunisticStartTLS",
    Security.PLAINTEXT: "NoStartTLS",
}
_REPLACED: Final = re.compile(r"\$(|__\w+)\{[^}]+\}")
_REFERENCE: Final = re.compile(r"\$(?:__env)?\{([A-Za-z_]\w*)\}")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    tls = transport.tls
    host = f"{bracketed(transport.host)}:{transport.effective_port}"
    values = {"enabled": "true", "host": _quoted(host)}
    if transport.auth.user:
        values["user"] = _quoted(transport.auth.user)
        values["password"] = in_place_of(secret, "$__env{{{}}}".format, _quoted)
    further = {
        "from_address": transport.sender,
        "ehlo_identity": transport.ehlo_name,
        "cert_file": tls.client_certificate,
        "key_file": tls.client_certificate and (tls.client_key or tls.client_certificate),
    }
    values |= {name: _quoted(value) for name, value in further.items() if value}
    if tls.trust is Trust.NONE:
        values["skip_verify"] = "true"
    if transport.security in _POLICIES:
        values["startTLS_policy"] = _POLICIES[transport.security]
    implicit = transport.effective_port == 465
    securities = (Security.IMPLICIT_TLS,) if implicit else tuple(_POLICIES)
    return Export(
        (File("grafana.ini", go_ini.section("smtp", values)),),
        left_out(transport, (*_FIELDS.values(), "tls.trust"), securities=securities),
    )


def _quoted(text: str) -> str:
    if _REPLACED.search(text):
        raise ValueError("Grafana would replace what stands in ${…} in a value")
    return go_ini.quoted(text, "Grafana")


def _read(text: str) -> Import:
    given = _given(text)
    if not given:
        raise ValueError("there is no section [smtp] and no variable GF_SMTP_… in it")
    found = Found()
    host, port = host_and_port(str(given.get("host", "localhost:25")))
    found.put("host", host, "host")
    found.put("port", port or 25, "host")
    for name, field in _FIELDS.items():
        if given.get(name):
            found.put(field, given[name], name)
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)
    found.password(given.get("password"), "password")
    if found.flag(given.get("skip_verify"), "skip_verify"):
        found.trust_anything()
    by_policy = {policy: security for security, policy in _POLICIES.items()}
    policy = str(given.get("startTLS_policy", given.get("starttls_policy", "")))
    implicit = found.fields.get("port") == 465
    found.security(
        Security.IMPLICIT_TLS if implicit else by_policy.get(policy, Security.STARTTLS_IF_OFFERED)
    )
    if found.flag(given.get("enabled"), "enabled") is not True:
        found.note("Grafana would not use these settings: enabled is not true.")
    found.ignore_others(given, (*_KNOWN, "starttls_policy"))
    return found.as_import("setting of Grafana")


def _given(text: str) -> Mapping[str, object]:
    """Return the settings by the names that they have in the file."""
    given: dict[str, object] = dict(go_ini.parse(text, "smtp"))
    for name, value in {} if given else dotenv.parse(text).items():
        if name.startswith("GF_SMTP_"):
            given[name.removeprefix("GF_SMTP_").lower()] = value
    for name, value in given.items():
        if isinstance(value, str) and (match := _REFERENCE.fullmatch(value)):
            given[name] = Variable(match[1])
    return given


def _resemblance(text: str) -> float:
    if re.search(r"^[ \t]*(export\s+)?GF_SMTP_\w+=", text, re.MULTILINE):
        return 1
    if not re.search(r"^[ \t]*\[smtp\]", text, re.MULTILINE | re.IGNORECASE):
        return 0
    own = re.search(r"^[ \t]*(startTLS_policy|ehlo_identity|from_address)\s*=", text, re.MULTILINE)
    return 1 if own else 0.8 if go_ini.parse(text, "smtp").get("host") else 0.4


FORMAT: Final = Format(
    "grafana", "Grafana ini", Group.SERVICE, ".ini", "ini", _write, _read, _resemblance
)
