"""The sandbox's own certificate authority, made anew at every start, and what it issues."""

import ipaddress
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES: Final = ("localhost", "127.0.0.1", "::1")
WRONG_NAME: Final = "mail.another-host.example"
_LIFETIME: Final = timedelta(days=90)
"""Longer than any sandbox runs; shorter ones draw the warning that a certificate ends soon."""
_NOT_TLS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST")
"""OpenSSL's names for what is plaintext and so gets no alert."""
_MINUTE: Final = timedelta(minutes=1)


class Authority:
    """Issues the server's certificate, good or bad.

    *folder* takes certificates and keys: keep it private.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("SMTP Workbench sandbox authority")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.ca_file: Final = folder / "ca.pem"
        """The PEM file with the authority's own certificate."""
        self._write_own()

    def _write_own(self) -> None:
        certificate = (
            _builder(self._name, self._name, self._key.public_key(), *_valid())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signing=True), critical=True)
            .sign(self._key, SHA256())
        )
        self.ca_file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def server_context(self, flaw: str = "") -> ssl.SSLContext:
        """Return a server's TLS context, made when it is first wanted.

        *flaw* is wrong-name, expired, not-yet-valid, self-signed, old-tls, or empty.
        """
        if flaw not in self._contexts:
            self._contexts[flaw] = self._make_context(flaw)
        return self._contexts[flaw]

    def _make_context(self, flaw: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sslobject_class = _AlertFirst
        if flaw == "old-tls":
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that is the lesson
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(self._issue(flaw))
        return context

    def _issue(self, flaw: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name("SMTP Workbench sandbox")
        issuer, signer = (subject, key) if flaw == "self-signed" else (self._name, self._key)
        names = (WRONG_NAME,) if flaw == "wrong-name" else NAMES
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        certificate = (
            _builder(subject, issuer, key.public_key(), *_valid(flaw))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signing=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_general(n) for n in names]), critical=False
            )
            .sign(signer, SHA256())
        )
        path = self._folder / f"server-{flaw or 'good'}.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        return path


class _AlertFirst(ssl.SSLObject):
    """Lets the client hear why a handshake failed.

    asyncio throws the alert away when the handshake raises, but sends it when it waits for more;
    the client then hangs up.
    """

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLWantReadError:
            raise
        except ssl.SSLError as error:
            if error.reason in _NOT_TLS:
                raise
            raise ssl.SSLWantReadError from error


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _valid(flaw: str = "") -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    match flaw:
        case "expired":
            return now - 2 * _LIFETIME, now - _LIFETIME
        case "not-yet-valid":
            return now + _LIFETIME, now + 2 * _LIFETIME
        case _:
            return now - _MINUTE, now + _LIFETIME


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signing,
        crl_sign=signing,
        encipher_only=False,
        decipher_only=False,
    )
