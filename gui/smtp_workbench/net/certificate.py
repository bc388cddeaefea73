"""Facts about certificates and TLS sessions, as plain data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Distrust(StrEnum):
    """A reason not to trust a chain. Several can hold at once; the first listed decides."""

    REVOKED = "certificate_revoked"
    SELF_SIGNED = "self_signed"
    CA_BUNDLE_MISSING = "ca_bundle_missing"
    MISSING_INTERMEDIATE = "missing_intermediate"
    UNTRUSTED_CA = "untrusted_ca"
    EXPIRED = "certificate_expired"
    NOT_YET_VALID = "certificate_not_yet_valid"
    HOSTNAME_MISMATCH = "hostname_mismatch"
    WRONG_PURPOSE = "certificate_wrong_purpose"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    REVOCATION_UNKNOWN = "revocation_check_failed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate of a chain. Names are RFC 4514 strings."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    """Subject alternative names: DNS names and IP addresses."""
    not_before: datetime
    not_after: datetime
    sha256: str
    """Of the DER form, lower-case hexadecimal without colons."""
    key: str
    """Kind and size, such as `RSA 2048` or `EC secp256r1`."""
    signature: str
    """The hash algorithm of the signature, such as `sha256`; empty where it has none."""
    authority: bool
    """Whether it may sign others."""
    self_signed: bool
    pem: str

    def as_json(self) -> dict[str, object]:
        """Return the certificate as plain JSON values."""
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "names": list(self.names),
            "not_before": self.not_before.isoformat(),
            "not_after": self.not_after.isoformat(),
            "sha256": self.sha256,
            "key": self.key,
            "signature": self.signature,
            "authority": self.authority,
            "self_signed": self.self_signed,
            "pem": self.pem,
        }


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What a handshake showed, also one that was refused for the certificate's sake."""

    protocol: str
    """`TLSv1.3`; empty where the handshake ended before it was agreed."""
    cipher: str
    server_name: str
    """The name that was asked for."""
    chain: tuple[Certificate, ...]
    """As the server sent it, its own certificate first."""
    trusted: bool
    """Whether the chain is trusted on its own merit, whatever the settings let pass."""
    reasons: tuple[Distrust, ...] = ()
    reason: str | None = None
    """The reasons as one text of facts; None when trusted."""

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.chain[0] if self.chain else None

    def as_json(self) -> dict[str, object]:
        """Return the `tls` object of CLI.md."""
        leaf = self.leaf
        return {
            "protocol": self.protocol or None,
            "cipher": self.cipher or None,
            "server_name": self.server_name,
            "subject": leaf.subject if leaf else None,
            "issuer": leaf.issuer if leaf else None,
            "names": list(leaf.names) if leaf else [],
            "not_before": leaf.not_before.isoformat() if leaf else None,
            "not_after": leaf.not_after.isoformat() if leaf else None,
            "trusted": self.trusted,
            "reason": self.reason,
            "reasons": [reason.value for reason in self.reasons],
            "chain": [certificate.as_json() for certificate in self.chain],
        }
