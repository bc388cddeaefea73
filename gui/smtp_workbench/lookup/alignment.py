"""Whether the domains that SPF and DKIM vouch for are the author's (RFC 9989, section 4.4)."""

from dataclasses import dataclass

from smtp_workbench.lookup.dmarc import DmarcFacts
from smtp_workbench.lookup.organization import organization


@dataclass(frozen=True, slots=True)
class AlignmentFacts:
    """The domains of a message, compared as the author's domain wants it."""

    author: str
    """The domain of From."""
    envelope: str
    """The domain of the envelope sender, which SPF vouches for."""
    signer: str
    """The domain of the DKIM signature; empty where there is none, or none is known."""
    strict_spf: bool
    strict_dkim: bool
    spf: bool
    """Whether the envelope sender's domain is aligned."""
    dkim: bool
    """Whether the signing domain is aligned."""


async def look(author: str, envelope: str, signer: str, dmarc: DmarcFacts) -> AlignmentFacts:
    """Compare *envelope* and *signer*, if there is one, with *author*."""
    return AlignmentFacts(
        author,
        envelope,
        signer,
        dmarc.strict_spf,
        dmarc.strict_dkim,
        await _aligned(author, envelope, strict=dmarc.strict_spf),
        bool(signer) and await _aligned(author, signer, strict=dmarc.strict_dkim),
    )


async def _aligned(author: str, other: str, *, strict: bool) -> bool:
    if strict or author == other:
        return author == other
    return await organization(author) == await organization(other)
