"""Alertmanager: the mail settings in `global:`, or in one of the `email_configs`.

It speaks implicit TLS on port 465 only, and STARTTLS where `require_tls` is on, which it is unless
told. https://prometheus.io/docs/alerting/latest/configuration/
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import bracketed, host_and_port
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import variable_of
from smtp_workbench.formats.structured import as_yaml, mappings, of_yaml
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, TlsVersion, Transport, Trust

_FIELDS: Final = {"from": "sender", "hello": "ehlo_name", "auth_username": "auth.user"}
_TLS: Final = {
    "cert_file": "tls.client_certificate",
    "key_file": "tls.client_key",
    "server_name": "tls.server_name",
}
_VERSIONS: Final = {
    "TLS10": TlsVersion.TLS_1_0,
    "TLS11": TlsVersion.TLS_1_1,
    "TLS12": TlsVersion.TLS_1_2,
    "TLS13": TlsVersion.TLS_1_3,
}
_KNOWN: Final = (
    *_FIELDS, "smarthost", "auth_password", "auth_password_file", "auth_secret", "require_tls",
    "tls_config", "force_implicit_tls",
)  # fmt: skip
_SAID: Final = (
    *_FIELDS.values(), *_TLS.values(), "tls.trust", "tls.ca_file", "tls.minimum_version",
)  # fmt: skip
_SECRETS: Final = PurePosixPath("/run/secrets")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    implicit = transport.effective_port == 465
    settings: dict[str, Any] = {
        "smtp_smarthost": f"{bracketed(transport.host)}:{transport.effective_port}"
    }
    if transport.sender:
        settings["smtp_from"] = transport.sender
    if transport.ehlo_name:
        settings["smtp_hello"] = transport.ehlo_name
    assumed: tuple[str, ...] = ()
    if transport.auth.user:
        settings["smtp_auth_username"] = transport.auth.user
        variable = variable_of(secret)
        if variable is None and secret is not None:
            settings["smtp_auth_password"] = secret.reveal()
        else:
            file = _SECRETS / str(variable)
            settings["smtp_auth_password_file"] = str(file)
            assumed = (f"The file {file} holds the password, as Alertmanager reads no variables.",)
    # On port 465 it would ask for STARTTLS inside of TLS.
    settings["smtp_require_tls"] = transport.security is not Security.PLAINTEXT and not implicit
    if tls := _tls_of(transport):
        settings["smtp_tls_config"] = tls
        assumed += ("smtp_tls_config needs Alertmanager 0.28.",)
    securities = (Security.IMPLICIT_TLS,) if implicit else (Security.STARTTLS, Security.PLAINTEXT)
    return Export(
        (File("alertmanager.yml", as_yaml({"global": settings})),),
        left_out(transport, _SAID, securities=securities),
        assumed,
    )


def _tls_of(transport: Transport) -> dict[str, Any]:
    tls = transport.tls
    found: dict[str, Any] = {}
    if tls.ca_file:
        found["ca_file"] = tls.ca_file
    if tls.client_certificate:
        found["cert_file"] = tls.client_certificate
        found["key_file"] = tls.client_key or tls.client_certificate
    if tls.server_name:
        found["server_name"] = tls.server_name
    if tls.trust is Trust.NONE:
        found["insecure_skip_verify"] = True
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        found["min_version"] = {value: name for name, value in _VERSIONS.items()}[
            tls.minimum_version
        ]
    return found


def _read(text: str) -> Import:
    given = next(_settings(text), None)
    if given is None:
        raise ValueError("there is no smtp_smarthost in it")
    found = Found()
    host, port = host_and_port(str(given["smarthost"]))
    found.put("host", host, "smtp_smarthost")
    found.put("port", port or 25, "smtp_smarthost")
    for name, field in _FIELDS.items():
        if name in given:
            found.put(field, given[name], f"smtp_{name}")
    _take_password(given, found)
    if port == "465" or given.get("force_implicit_tls") is True:
        found.security(Security.IMPLICIT_TLS)
        if given.get("require_tls", True) is not False:
            found.note("Alertmanager would ask for STARTTLS inside of TLS: set require_tls: false.")
    else:
        required = given.get("require_tls", True) is not False
        found.security(Security.STARTTLS if required else Security.PLAINTEXT)
    tls = given.get("tls_config")
    if isinstance(tls, Mapping):
        _take_tls(tls, found)
    found.ignore_others(given, _KNOWN)
    return found.as_import("mail setting of Alertmanager")


def _take_password(given: Mapping[str, Any], found: Found) -> None:
    found.password(given.get("auth_password"), "smtp_auth_password")
    if "auth_secret" in given and found.secret is None:
        found.fields["auth.mechanism"] = "CRAM-MD5"
        found.password(given["auth_secret"], "smtp_auth_secret")
    if isinstance(file := given.get("auth_password_file"), str):
        name = PurePosixPath(file).name
        if name.isidentifier() and name.isascii() and PurePosixPath(file).parent == _SECRETS:
            found.secret = Secret(f"${{{name}}}")
        found.note(f"The password is in the file {file}, which was not read.")


def _take_tls(tls: Mapping[str, Any], found: Found) -> None:
    for name, value in tls.items():
        if name in _TLS:
            found.put(_TLS[name], value, name)
        elif name == "ca_file":
            found.trust_file(value, name)
        elif name == "min_version" and value in _VERSIONS:
            found.fields["tls.minimum_version"] = _VERSIONS[value]
        elif name == "insecure_skip_verify":
            if value is True:
                found.trust_anything()
        else:
            found.ignore(f"tls_config.{name}")
    if found.fields.get("tls.client_key") == found.fields.get("tls.client_certificate"):
        found.fields.pop("tls.client_key", None)


def _settings(text: str) -> Iterator[dict[str, Any]]:
    """Yield the mail settings of each mapping that names a server, without `smtp_`."""
    for item in mappings(of_yaml(text)):
        if "smtp_smarthost" in item or "smarthost" in item:
            yield {
                str(name).removeprefix("smtp_"): value
                for name, value in item.items()
                if "smarthost" in item or str(name).startswith("smtp_")
            }


def _resemblance(text: str) -> float:
    if "smarthost" not in text:
        return 0
    try:
        return 1 if next(_settings(text), None) else 0
    except ValueError:
        return 0


FORMAT: Final = Format(
    "alertmanager", "Alertmanager YAML", Group.SERVICE, ".yml", "yaml",
    _write, _read, _resemblance,
)  # fmt: skip
