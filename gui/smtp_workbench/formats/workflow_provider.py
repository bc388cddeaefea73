"""The provider of email in a workflow agent's YAML.

It is `provider: email.smtp`, or `provider: email` with `platform: smtp`, which is its default. It
uses STARTTLS where that is offered, and implicit TLS on port 465 only.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.lines import reference
from smtp_workbench.formats.omission import effective, left_out
from smtp_workbench.formats.quoting import in_place_of
from smtp_workbench.formats.structured import as_yaml, mappings, of_yaml
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Security, Transport, Trust

_FIELDS: Final = {"host": "host", "port": "port", "user": "auth.user", "from": "sender"}
_KNOWN: Final = (*_FIELDS, "pass", "platform", "tls_skip_verify")


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    config: dict[str, Any] = {
        "platform": "smtp",
        "host": transport.host,
        "port": transport.effective_port,
    }
    if transport.auth.user:
        config["user"] = transport.auth.user
        config["pass"] = in_place_of(secret, "${{{}}}".format, str)
    if transport.sender:
        config["from"] = transport.sender
    if transport.tls.trust is Trust.NONE:
        config["tls_skip_verify"] = True
    provider = {"name": "Email", "provider": "email", "enabled": True, "config": config}
    missing = [name for name in ("user", "pass", "from") if name not in config]
    return Export(
        (File("providers.yaml", as_yaml({"version": "1.0", "providers": {"email": provider}})),),
        left_out(
            transport,
            ("auth.user", "sender", "tls.trust"),
            securities=(security_of(transport.effective_port),),
        ),
        (f"The provider does not start without {' and '.join(missing)}.",) if missing else (),
    )


def security_of(port: object) -> Security:
    """Return what a program does whose port alone tells implicit TLS."""
    return Security.IMPLICIT_TLS if port == 465 else Security.STARTTLS_IF_OFFERED


def _read(text: str) -> Import:
    config = next(_configs(text), None)
    if config is None:
        raise ValueError("there is no provider email with platform smtp, and no email.smtp, in it")
    found = Found()
    for name, field in _FIELDS.items():
        if name in config:
            found.put(field, reference(config[name]), name)
    found.password(reference(config.get("pass")), "pass")
    if found.flag(reference(config.get("tls_skip_verify")), "tls_skip_verify"):
        found.trust_anything()
    found.security(security_of(found.fields.get("port")))
    for name in config:
        if name not in _KNOWN:
            found.ignore(str(name))
    return found.as_import("setting of a provider")


def _configs(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the `config` of each provider that sends by SMTP, those that are enabled first."""
    later = []
    for item in mappings(of_yaml(text)):
        config = item.get("config")
        if not isinstance(config, Mapping) or "host" not in config:
            continue
        platform = config.get("platform", "smtp")
        if item.get("provider") == "email.smtp" or (
            item.get("provider") == "email" and platform == "smtp"
        ):
            if item.get("enabled") is False:
                later.append(config)
            else:
                yield config
    yield from later


def _resemblance(text: str) -> float:
    if "provider" not in text or "config" not in text:
        return 0
    try:
        return 1 if next(_configs(text), None) is not None else 0
    except ValueError:
        return 0


FORMAT: Final = Format(
    "workflow-provider", "Workflow provider YAML", Group.SERVICE, ".yaml", "yaml",
    _write, _read, _resemblance,
)  # fmt: skip
