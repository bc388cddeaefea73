"""Reads a certificate chain: its facts, and every reason not to trust it.

OpenSSL stops at the first reason. Whether a connection is refused is OpenSSL's decision alone; this
file only says more about it, so that a person need not mend one fault to learn of the next.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import idna
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from smtp_workbench.net.certificate import Certificate, Distrust

_SIZED: Final = (
    (rsa.RSAPublicKey, "RSA"),
    (dsa.DSAPublicKey, "DSA"),
    (ec.EllipticCurvePublicKey, "EC"),
)
_SMALLEST: Final = {"RSA": 2048, "DSA": 2048, "EC": 224}
_WEAK_HASHES: Final = ("md5", "sha1")
_INTERMEDIATE_WORDS: Final = ("intermediate", "issuing", "sub ca", "subca", "subordinate")

Reason = tuple[Distrust, str]
"""A reason and the facts behind it."""


@lru_cache(maxsize=256)
def certificate_of(der: bytes) -> Certificate:
    """Return the facts of one certificate. Raises ValueError if it can't be parsed."""
    parsed = x509.load_der_x509_certificate(der)
    return Certificate(
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        names=tuple(_names(parsed)),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        sha256=_sha256(parsed),
        key=" ".join(str(part) for part in _key(parsed)),
        signature=_hash(parsed),
        authority=_is_authority(parsed),
        self_signed=_issued_by(parsed, parsed),
        pem=parsed.public_bytes(Encoding.PEM).decode(),
    )


def distrust(chain: Sequence[bytes], name: str, roots: Sequence[x509.Certificate]) -> list[Reason]:
    """Return every reason not to trust *chain* (DER, the server's own first) for *name*.

    The reasons come in the order in which they matter; none means that it looks fine.
    """
    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    if not certificates:
        return []
    leaf = certificates[0]
    reasons = [*_unknown_issuer(certificates, roots), *_dates(certificates)]
    if not names_match(leaf, name):
        has = ", ".join(_names(leaf)) or "no name at all"
        reasons.append((Distrust.HOSTNAME_MISMATCH, f"it is for {has}, not for {name}"))
    reasons += _purpose(leaf)
    return [*reasons, *weaknesses(chain)]


def weaknesses(chain: Sequence[bytes]) -> list[Reason]:
    """Return what is weak in a chain, also in one that is trusted."""
    return [reason for der in chain for reason in _weaknesses(der)]


def _unknown_issuer(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> list[Reason]:
    """Follow the chain upwards as far as it goes, and say what is missing at its end."""
    known = {_sha256(root) for root in roots}
    top = chain[0]
    for _ in chain:
        if _sha256(top) in known or any(_issued_by(top, root) for root in roots):
            return []
        above = next((item for item in chain if item != top and _issued_by(top, item)), None)
        if above is None:
            break
        top = above
    if not roots:
        return [(Distrust.CA_BUNDLE_MISSING, "there are no root certificates to check against")]
    issuer = top.issuer.rfc4514_string()
    if _issued_by(top, top):
        if top == chain[0]:
            return [(Distrust.SELF_SIGNED, "it is signed by itself")]
        return [(Distrust.UNTRUSTED_CA, f"its root {issuer} is not known here")]
    missing = (Distrust.MISSING_INTERMEDIATE, f"the certificate of its issuer {issuer} is not sent")
    unknown = (Distrust.UNTRUSTED_CA, f"its issuer {issuer} is not known here")
    return [missing] if _looks_intermediate(top, roots) else [unknown]


def _looks_intermediate(top: x509.Certificate, roots: Sequence[x509.Certificate]) -> bool:
    """Guess whether the issuer that is neither sent nor known stands between *top* and a root.

    Public authorities say where the issuer's certificate can be fetched, and never sign with a
    root. In a private hierarchy the issuer belongs to the same organization as a known root.
    """
    if _issuer_url(top):
        return True
    issuer = top.issuer.rfc4514_string().lower()
    if any(word in issuer for word in _INTERMEDIATE_WORDS):
        return True
    ours = _organization(top.issuer)
    return bool(ours) and any(_organization(root.subject) == ours for root in roots)


def _issuer_url(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return any(
        item.access_method == AuthorityInformationAccessOID.CA_ISSUERS for item in access.value
    )


def _organization(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _dates(chain: Sequence[x509.Certificate]) -> Iterator[Reason]:
    now = datetime.now(UTC)
    for index, item in enumerate(chain):
        which = "it" if index == 0 else f"its issuer {item.subject.rfc4514_string()}"
        if item.not_valid_after_utc < now:
            yield Distrust.EXPIRED, f"{which} expired on {item.not_valid_after_utc:%Y-%m-%d}"
        if item.not_valid_before_utc > now:
            start = f"{item.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            yield Distrust.NOT_YET_VALID, f"{which} is not valid before {start}"


def _purpose(leaf: x509.Certificate) -> Iterator[Reason]:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return
    serving = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if not any(purpose in usage for purpose in serving):
        yield Distrust.WRONG_PURPOSE, "it is not made for servers"


@lru_cache(maxsize=256)
def _weaknesses(der: bytes) -> tuple[Reason, ...]:
    certificate = x509.load_der_x509_certificate(der)
    kind, size = _key(certificate)
    found = []
    if isinstance(size, int) and size < _SMALLEST.get(kind, 0):
        found.append((Distrust.WEAK_KEY, f"its {kind} key has only {size} bits"))
    # Nobody relies on a root's signature of itself.
    if _hash(certificate) in _WEAK_HASHES and certificate.subject != certificate.issuer:
        found.append((Distrust.WEAK_SIGNATURE, f"it is signed with {_hash(certificate)}"))
    return tuple(found)


def names_match(certificate: x509.Certificate, name: str) -> bool:
    """Whether *certificate* is for *name*, a host name or an IP address (RFC 9525, section 6)."""
    try:
        address = str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    else:
        return address in _names(certificate)
    wanted = _ascii(name).split(".")
    for pattern in _names(certificate):
        labels = pattern.lower().rstrip(".").split(".")
        if labels == wanted:
            return True
        if labels[0] == "*" and len(labels) > 2 and labels[1:] == wanted[1:]:
            return len(wanted) == len(labels)
    return False


def _ascii(name: str) -> str:
    try:
        return idna.encode(name.rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return name.rstrip(".").lower()


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        *names.get_values_for_type(x509.DNSName),
        *(str(address) for address in names.get_values_for_type(x509.IPAddress)),
    ]


def _key(certificate: x509.Certificate) -> tuple[str, int | str]:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "unknown", ""
    for kind, name in _SIZED:
        if isinstance(key, kind):
            return name, key.key_size
    return type(key).__name__.removesuffix("PublicKey"), ""


def _hash(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return algorithm.name if algorithm else ""


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    if _hash(certificate) in _WEAK_HASHES:
        return True  # libraries no longer check such signatures; the names agree
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _sha256(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()
