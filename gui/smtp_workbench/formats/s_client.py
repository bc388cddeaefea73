"""openssl s_client: a command that opens the connection with TLS, to type SMTP into by hand."""

import ipaddress
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group
from smtp_workbench.formats.lines import bracketed, shell
from smtp_workbench.formats.omission import effective, left_out, simple_proxy
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Family,
    Protocol,
    Security,
    TlsVersion,
    Transport,
    Trust,
)

_SAID: Final = frozenset(
    (
        "protocol", "ehlo_name", "source_address", "family", "tls.trust", "tls.ca_file",
        "tls.server_name", "tls.client_certificate", "tls.client_key", "tls.minimum_version",
        "tls.ciphers",
    )
)  # fmt: skip
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "TLSv1",
    TlsVersion.TLS_1_1: "TLSv1.1",
    TlsVersion.TLS_1_2: "TLSv1.2",
    TlsVersion.TLS_1_3: "TLSv1.3",
}


def _write(transport: Transport, _secret: Secret | None) -> Export:
    transport = effective(transport)
    if transport.security is Security.PLAINTEXT:
        raise ValueError("openssl s_client speaks TLS only, and these settings never use TLS")
    address = f"{bracketed(transport.host)}:{transport.effective_port}"
    words = ["-connect", shell(address), "-crlf"]
    starttls = transport.security is not Security.IMPLICIT_TLS
    if starttls:
        words += ["-starttls", "lmtp" if transport.protocol is Protocol.LMTP else "smtp"]
        words += ["-name", shell(transport.ehlo_name)] if transport.ehlo_name else []
    words += _tls_words(transport)
    words += {Family.IPV4: ["-4"], Family.IPV6: ["-6"]}.get(transport.family, [])
    if transport.source_address:
        words += ["-bind", shell(bracketed(transport.source_address))]
    said = _SAID if starttls else _SAID - {"ehlo_name", "protocol"}
    if proxy := simple_proxy(transport.proxy, ("http",)):
        words += ["-proxy", shell(f"{bracketed(proxy[1])}:{proxy[2]}")]
        said |= {"proxy"}
    text = " ".join(f"\\\n  {word}" if word.startswith("-") else word for word in words)
    securities = (Security.IMPLICIT_TLS, Security.STARTTLS)
    return Export(
        (File("s_client.sh", f"openssl s_client {text}\n"),),
        left_out(transport, said, securities=securities),
        ("It ends after the TLS handshake's report: type EHLO, AUTH and the rest yourself.",),
    )


def _tls_words(transport: Transport) -> list[str]:
    tls, name = transport.tls, transport.tls_name
    words = []
    try:
        ipaddress.ip_address(name)
    except ValueError:
        words += ["-servername", shell(name)]
        check = "-verify_hostname"
    else:
        check = "-verify_ip"
    if tls.trust is not Trust.NONE:
        words += [check, shell(name), "-verify_return_error"]
    words += ["-min_protocol", _VERSIONS[tls.minimum_version]]
    for option, value in (
        ("-CAfile", tls.ca_file),
        ("-cert", tls.client_certificate),
        ("-key", tls.client_key),
        ("-cipher", tls.ciphers),
    ):
        words += [option, shell(value)] if value else []
    return words


FORMAT: Final = Format("openssl", "openssl s_client command", Group.TOOL, ".sh", "shell", _write)
