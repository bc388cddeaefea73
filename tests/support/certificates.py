"""Certificates for tests: good ones by trustme, flawed ones by hand."""

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)


@cache
def authority() -> trustme.CA:
    """Return the test run's own certificate authority."""
    return trustme.CA()


def server_context(*names: str, ca: trustme.CA | None = None) -> ssl.SSLContext:
    """Return a server's context with a certificate for *names*, `localhost` by default."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (ca or authority()).issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
    return context


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and who may sign with it."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(
    common: str,
    signer: Issued | None = None,
    *,
    names: tuple[str, ...] = (),
    authority: bool = False,
    valid: tuple[int, int] = (-1, 30),
    key: Key | None = None,
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH,
    issuer_url: str = "",
    organization: str = "",
) -> Issued:
    """Make a certificate; *valid* is in days from now, without *signer* it signs itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    subject = x509.Name(attributes)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0] * DAY)
        .not_valid_after(now + valid[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
    if purpose and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if issuer_url:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_url)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    signing = signer.key if signer else key
    return Issued(builder.sign(signing, SHA256()), key)


def context_of(leaf: Issued, *above: Issued, seclevel: int | None = None) -> ssl.SSLContext:
    """Return a server's context that sends *leaf* and *above*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if seclevel is not None:
        context.set_ciphers(f"DEFAULT@SECLEVEL={seclevel}")
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(leaf.key_pem + leaf.pem + b"".join(item.pem for item in above))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def write(path: Path, *items: Issued) -> str:
    """Write the certificates of *items* to *path* and return its name."""
    path.write_bytes(b"".join(item.pem for item in items))
    return str(path)


def weak_rsa() -> rsa.RSAPrivateKey:
    """Return a key below today's size."""
    return rsa.generate_private_key(65537, 1024)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
