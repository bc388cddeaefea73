"""Where reports of failed TLS go: SMTP TLS Reporting (RFC 8460, section 3)."""

from dataclasses import dataclass

from smtp_workbench.lookup.published import Published, published, read_tags
from smtp_workbench.net.dns import Dns


@dataclass(frozen=True, slots=True)
class TlsRptFacts:
    """The record of a domain."""

    published: Published
    destinations: tuple[str, ...] = ()
    """URIs of `mailto` and `https`."""
    faults: tuple[str, ...] = ()
    """What can't be read, and destinations of another kind."""


async def look(domain: str, dns: Dns) -> TlsRptFacts:
    """Ask for the record of *domain*."""
    found = await published(dns, f"_smtp._tls.{domain}", r"v\s*=\s*TLSRPTv1\s*(;|$)")
    tags = read_tags(found.record)
    uris = tags.items("rua", ",")
    good = tuple(uri for uri in uris if uri.lower().startswith(("mailto:", "https:")))
    bad = tuple(uri for uri in uris if uri not in good)
    return TlsRptFacts(found, good, tags.faults + bad)
