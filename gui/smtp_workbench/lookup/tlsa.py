"""Which certificate a server's operator vouches for in the DNS: DANE (RFC 6698; SMTP: RFC 7672)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dns.rdtypes.ANY.TLSA import TLSA

from smtp_workbench.net.certificate import Certificate, TlsFacts
from smtp_workbench.net.dns import Dns, Status

_TRUST_ANCHOR: Final = 2
_SERVER_CERTIFICATE: Final = 3
USABLE: Final = (_TRUST_ANCHOR, _SERVER_CERTIFICATE)
"""The usages that mean something for SMTP (RFC 7672, section 3.1)."""
_HASHES: Final = {1: hashlib.sha256, 2: hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Association:
    """One TLSA record."""

    usage: int
    selector: int
    """0: the whole certificate; 1: its public key."""
    matching: int
    """0: as it is; 1: SHA-256; 2: SHA-512."""
    data: str
    """Hexadecimal."""

    @property
    def text(self) -> str:
        """As in a zone file."""
        return f"{self.usage} {self.selector} {self.matching} {self.data}"


@dataclass(frozen=True, slots=True)
class TlsaFacts:
    """The TLSA records of one port of a host."""

    name: str
    status: Status
    associations: tuple[Association, ...] = ()
    secure: bool = False
    """Whether the resolver validated them; otherwise they count for nothing."""
    matches: bool | None = None
    """Whether one of them fits the certificate that the server showed; None: none was seen."""
    detail: str = ""


async def look(host: str, port: int, dns: Dns, tls: TlsFacts | None = None) -> TlsaFacts:
    """Ask for the records of *port* at *host*, and compare them with what *tls* has seen."""
    name = f"_{port}._tcp.{host}"
    answer = await dns.ask(name, "TLSA")
    associations = tuple(
        Association(record.usage, record.selector, record.mtype, record.cert.hex())
        for record in answer.records
        if isinstance(record, TLSA)
    )
    seen = tls.chain if tls is not None else ()
    matches = any(_fits(item, seen) for item in associations) if seen and associations else None
    return TlsaFacts(name, answer.status, associations, answer.secure, matches, answer.detail)


def _fits(association: Association, chain: Sequence[Certificate]) -> bool:
    wanted = {_SERVER_CERTIFICATE: chain[:1], _TRUST_ANCHOR: chain}
    return any(
        _data(certificate, association) == association.data
        for certificate in wanted.get(association.usage, ())
    )


def _data(certificate: Certificate, association: Association) -> str:
    """Return what a record like *association* would hold for *certificate*."""
    parsed = x509.load_pem_x509_certificate(certificate.pem.encode())
    if association.selector == 1:
        form = PublicFormat.SubjectPublicKeyInfo
        octets = parsed.public_key().public_bytes(Encoding.DER, form)
    else:
        octets = parsed.public_bytes(Encoding.DER)
    if association.matching == 0:
        return octets.hex()
    hashed = _HASHES.get(association.matching)
    return hashed(octets).hexdigest() if hashed else ""
