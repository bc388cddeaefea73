"""The public key of a DKIM selector (RFC 6376, section 3.6.1; Ed25519: RFC 8463)."""

import base64
import binascii
from dataclasses import dataclass

from dkim import bitsize
from dkim.crypto import UnparsableKeyError, parse_public_key

from smtp_workbench.lookup.published import Published, Tags, published, read_tags
from smtp_workbench.net.dns import Dns, Status

_ED25519_OCTETS = 32


@dataclass(frozen=True, slots=True)
class DkimKeyFacts:
    """The record at `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    published: Published
    alias: str = ""
    """Where the name leads by CNAME: the keys are in other hands."""
    kind: str = ""
    """`rsa`, `ed25519`, or what else stands there."""
    bits: int = 0
    """Of an RSA key; 0 where it can't be read."""
    revoked: bool = False
    """Whether the key was taken back: `p=` is empty."""
    testing: bool = False
    """Whether receivers are asked to treat signed mail as unsigned (`t=y`)."""
    hashes: tuple[str, ...] = ()
    """The algorithms that are allowed; none named means all."""
    services: tuple[str, ...] = ()
    """What the key is for; none named means everything."""
    faults: tuple[str, ...] = ()
    """What can't be read, the key included."""


async def look(domain: str, selector: str, dns: Dns) -> DkimKeyFacts:
    """Ask for the key of *selector* at *domain*, and read it."""
    name = f"{selector}._domainkey.{domain}"
    found = await published(dns, name, r"(.*;)?\s*(p\s*=|v\s*=\s*DKIM1)")
    answer = await dns.ask(name, "CNAME")
    alias = answer.texts()[0].removesuffix(".") if answer.status is Status.FOUND else ""
    if not found.record:
        return DkimKeyFacts(domain, selector, found, alias)
    tags = read_tags(found.record)
    kind, bits, fault = _key(tags)
    if tags.get("v", "DKIM1") != "DKIM1":
        fault += (f"v={tags.get('v')}",)
    return DkimKeyFacts(
        domain,
        selector,
        found,
        alias,
        kind,
        bits,
        revoked=tags.values.get("p") == "",
        testing="y" in tags.items("t", ":"),
        hashes=tags.items("h", ":"),
        services=tags.items("s", ":"),
        faults=tags.faults + fault,
    )


def _key(tags: Tags) -> tuple[str, int, tuple[str, ...]]:
    """Return kind and bits of the key, and what is wrong with it."""
    kind, text = tags.get("k", "rsa").lower(), "".join(tags.get("p").split())
    if "p" not in tags.values:
        return kind, 0, ("p",)
    if not text:
        return kind, 0, ()
    try:
        octets = base64.b64decode(text, validate=True)
        if kind == "rsa":
            return kind, bitsize(parse_public_key(octets)["modulus"]), ()
    except (binascii.Error, ValueError, IndexError, TypeError, KeyError, UnparsableKeyError):
        return kind, 0, (f"p={text[:16]}…",)
    if kind == "ed25519" and len(octets) == _ED25519_OCTETS:
        return kind, 0, ()
    return kind, 0, (f"p={text[:16]}…" if kind == "ed25519" else f"k={kind}",)
