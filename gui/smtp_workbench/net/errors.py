"""What can go wrong on the way to a server, as facts.

NetError            one class: callers tell the cases apart by `kind`
  TlsError          adds what is known of the server's certificate
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from smtp_workbench.net.certificate import TlsFacts


class NetKind(StrEnum):
    """One word for each way a connection fails; `diagnosis` matches on it."""

    # resolve
    HOST_INVALID = "host_invalid"
    NAME_NOT_FOUND = "name_not_found"
    NAME_HAS_NO_ADDRESS = "name_has_no_address"
    RESOLVER_FAILED = "resolver_failed"
    RESOLVER_TIMEOUT = "resolver_timeout"
    # dial
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    CLOSED = "closed"
    FORBIDDEN = "forbidden"
    SOURCE_ADDRESS = "source_address"
    OTHER = "other"
    # proxy
    PROXY_REFUSED = "proxy_refused"
    PROXY_LOGIN = "proxy_login"
    PROXY_PROTOCOL = "proxy_protocol"
    # tls
    TLS_SETTINGS = "tls_settings"
    """Our own side: CA file, client certificate, cipher list. `params["field"]` names which."""
    TLS_PLAINTEXT_PEER = "tls_plaintext_peer"
    """The other side does not speak TLS. `params["said"]`: the start of what it said instead."""
    TLS_CLOSED = "tls_closed"
    TLS_RESET = "tls_reset"
    TLS_TIMEOUT = "tls_timeout"
    TLS_ALERT = "tls_alert"
    """The other side refused with an alert. `params["alert"]`: its name in RFC 8446, B.2."""
    TLS_VERSION = "tls_version"
    """No protocol version in common, found on our side."""
    TLS_NO_CIPHER = "tls_no_cipher"
    TLS_WEAK = "tls_weak"
    """Below our library's security level. `params["weak"]`: key, signature or dh."""
    TLS_UNTRUSTED = "tls_untrusted"
    """The certificate. The reasons are in `TlsError.facts`."""
    TLS_FINGERPRINT = "tls_fingerprint"
    TLS_OTHER = "tls_other"


class NetError(Exception):
    """A step of the connection failed. `str()` is evidence for a person, free of secrets."""

    def __init__(
        self, kind: NetKind, evidence: str, params: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(evidence)
        self.kind = kind
        self.evidence = evidence
        self.params: Mapping[str, str] = MappingProxyType(dict(params or {}))


class TlsError(NetError):
    """The handshake failed; `facts` holds what is known of the certificate, if any came."""

    def __init__(
        self,
        kind: NetKind,
        evidence: str,
        params: Mapping[str, str] | None = None,
        facts: TlsFacts | None = None,
    ) -> None:
        super().__init__(kind, evidence, params)
        self.facts = facts
