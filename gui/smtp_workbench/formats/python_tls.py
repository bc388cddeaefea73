"""An `ssl.SSLContext` of Python's, both ways: the part that smtplib and aiosmtplib share."""

from collections.abc import Sequence
from typing import Final

from smtp_workbench.formats.found import Found
from smtp_workbench.formats.quoting import python
from smtp_workbench.formats.values import Assignment, Call, Name
from smtp_workbench.settings.transport import TlsVersion, Transport, Trust

SAID: Final = frozenset(
    (
        "tls.trust", "tls.ca_file", "tls.client_certificate", "tls.client_key",
        "tls.minimum_version", "tls.ciphers",
    )
)  # fmt: skip

_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "TLSv1",
    TlsVersion.TLS_1_1: "TLSv1_1",
    TlsVersion.TLS_1_2: "TLSv1_2",
    TlsVersion.TLS_1_3: "TLSv1_3",
}


def context_of(transport: Transport) -> list[str]:
    """Return the lines that make `context`."""
    tls = transport.tls
    file = f"cafile={python(tls.ca_file)}" if tls.trust is Trust.CA_FILE else ""
    lines = [f"context = ssl.create_default_context({file})"]
    if tls.trust is Trust.NONE:
        lines += ["context.check_hostname = False", "context.verify_mode = ssl.CERT_NONE"]
    if tls.minimum_version is not TlsVersion.TLS_1_2:
        lines.append(f"context.minimum_version = ssl.TLSVersion.{_VERSIONS[tls.minimum_version]}")
    if tls.ciphers:
        lines.append(f"context.set_ciphers({python(tls.ciphers)})")
    if tls.client_certificate:
        names = filter(None, (tls.client_certificate, tls.client_key))
        lines.append(f"context.load_cert_chain({', '.join(map(python, names))})")
    return lines


def take_context(items: Sequence[Assignment | Call], found: Found) -> None:
    """Take what *items* do to a context."""
    for item in items:
        match item:
            case Call(last="create_default_context" | "load_verify_locations"):
                file = item.named.get("cafile", next(iter(item.arguments), None))
                if file is not None:
                    found.trust_file(file, "cafile")
            case Call(last="_create_unverified_context"):
                found.trust_anything()
            case Assignment(last="verify_mode", value=Name(last="CERT_NONE")):
                found.trust_anything()
            case Assignment(last="minimum_version", value=Name(last=name)):
                for version, spelled in _VERSIONS.items():
                    if spelled == name:
                        found.fields["tls.minimum_version"] = version
            case Call(last="set_ciphers", arguments=(ciphers, *_)):
                found.put("tls.ciphers", ciphers, "set_ciphers")
            case Call(last="load_cert_chain", arguments=arguments, named=named):
                files = [*arguments, *named.values()]
                fields = ("tls.client_certificate", "tls.client_key")
                for field, file in zip(fields, files, strict=False):
                    found.file(field, file, "load_cert_chain")
