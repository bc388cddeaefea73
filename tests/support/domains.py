"""Mail domains for tests: one that publishes everything as it should be, and changes to it."""

import base64
import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtp_workbench.lookup.deliverability import Facts, Subject, look
from smtp_workbench.lookup.question import ask
from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import Web
from support.certificates import authority
from support.name_server import serve_names

Records = Mapping[str, Sequence[str]]
"""What each name has, names without a final dot: `MX 10 mail.example.org.`, …"""
ADDRESS = "192.0.2.25"
ASKED = {"selector": "s1", "address": ADDRESS, "relay": "mail.example.org"}
"""What has to be known for every subject to be asked about."""
POLICY = "version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 604800\n"


def txt(text: str) -> str:
    """Return *text* as the data of a TXT record, in strings as long as they may be."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    parts = [escaped[start : start + 250] for start in range(0, len(escaped) or 1, 250)]
    return "TXT " + " ".join(f'"{part}"' for part in parts)


@cache
def rsa_key(bits: int) -> str:
    """Return a public key as in `p=` of DKIM."""
    key = rsa.generate_private_key(65537, bits).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


@cache
def ed25519_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def good() -> dict[str, Sequence[str]]:
    """Return a domain at which nothing is to be mended."""
    return {
        "example.org": ["MX 10 mail.example.org.", txt("v=spf1 mx -all"), txt("other=1")],
        "mail.example.org": [f"A {ADDRESS}"],
        "s1._domainkey.example.org": [txt(f"v=DKIM1; k=rsa; p={rsa_key(2048)}")],
        "_dmarc.example.org": [txt("v=DMARC1; p=reject; rua=mailto:dmarc@example.org")],
        "_mta-sts.example.org": [txt("v=STSv1; id=20260101T000000")],
        "_smtp._tls.example.org": [txt("v=TLSRPTv1; rua=mailto:tls@example.org")],
        "_25._tcp.mail.example.org": ["TLSA 3 1 1 " + 32 * "00"],
        "default._bimi.example.org": [
            txt("v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/mark.pem")
        ],
        "25.2.0.192.in-addr.arpa": ["PTR mail.example.org."],
    }


def zone(records: Records) -> Mapping[str, str]:
    """Return *records* as the one zone that a name server takes."""
    lines = [f"{name}. 60 IN {data}" for name, found in records.items() for data in found]
    return {".": "\n".join(lines) + "\n"}


def web(port: int, dns: Dns) -> Web:
    """Return what fetches from a server on loopback at *port*."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return Web(context, dns.addresses, 5, 1, port)


async def facts_of(
    records: Records,
    domain: str = "example.org",
    *,
    https: int | None = None,
    tls: TlsFacts | None = None,
    secure: bool = False,
    broken: frozenset[str] = frozenset(),
    **asked: Any,
) -> dict[Subject, Facts | None]:
    """Serve *records* and return the facts of every subject.

    *https* is the port of a web server that may be asked, the others are as of the name server and
    of the question.
    """
    found: dict[Subject, Facts | None] = {}

    def take(subject: Subject, facts: Facts | None) -> None:
        assert subject not in found
        found[subject] = facts

    with serve_names(zone(records), secure=secure, broken=broken) as server:
        dns = Dns(server.address)
        fetcher = web(https, dns) if https else None
        await look(ask(domain, **asked), take, dns, web=fetcher, tls=tls)
    assert set(found) == set(Subject)
    return found
