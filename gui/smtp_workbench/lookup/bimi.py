"""The logo that a domain wants to have shown: BIMI (draft-brand-indicators-for-message-id)."""

from dataclasses import dataclass

from smtp_workbench.lookup.dmarc import DmarcFacts
from smtp_workbench.lookup.published import Published, published, read_tags
from smtp_workbench.net.dns import Dns

_BEGINS = r"v\s*=\s*BIMI1\s*(;|$)"


@dataclass(frozen=True, slots=True)
class BimiFacts:
    """The record of a domain or its organizational domain, and the DMARC policy it needs."""

    published: Published
    dmarc: DmarcFacts
    logo: str = ""
    """`l=`: where the SVG is."""
    evidence: str = ""
    """`a=`: where the mark certificate is."""
    faults: tuple[str, ...] = ()

    @property
    def declined(self) -> bool:
        """Whether the record says that there is no logo on purpose."""
        return bool(self.published.record) and not self.logo and not self.evidence


async def look(domain: str, dns: Dns, dmarc: DmarcFacts) -> BimiFacts:
    """Ask for the default record of *domain*, and then of its organizational domain."""
    found = await published(dns, f"default._bimi.{domain}", _BEGINS)
    if not found.records and dmarc.organization != domain:
        above = await published(dns, f"default._bimi.{dmarc.organization}", _BEGINS)
        found = above if above.records else found
    tags = read_tags(found.record)
    logo, evidence = tags.get("l"), tags.get("a")
    insecure = tuple(uri for uri in (logo, evidence) if uri and not uri.startswith("https://"))
    return BimiFacts(found, dmarc, logo, evidence, tags.faults + insecure)
