"""A domain's policy for mail that isn't authenticated: DMARC (RFC 9989, before it RFC 7489)."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final

from smtp_workbench.lookup.organization import organization
from smtp_workbench.lookup.published import Published, Tags, published, read_tags
from smtp_workbench.net.dns import Dns, Status

POLICIES: Final = ("none", "quarantine", "reject")
_BEGINS: Final = r"v\s*=\s*DMARC1\s*(;|$)"
_KNOWN: Final = frozenset(
    "v p sp np adkim aspf fo psd rua ruf t pct rf ri".split()  # noqa: SIM905  # as the RFC lists
)
_MAILBOX: Final = re.compile(r"mailto:[^@\s!]+@([A-Za-z0-9.-]+)(![0-9]+[kmgt]?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DmarcFacts:
    """The record that holds for a domain: its own, or that of its organizational domain."""

    domain: str
    organization: str
    published: Published
    inherited: bool = False
    """Whether the record is the organizational domain's."""
    tags: Tags = field(default_factory=Tags)
    policy: str = ""
    """That for the domain: `p`, or `sp` where the record is inherited; `none`, `quarantine`,
    `reject`, or what else stands there."""
    percent: int = 100
    """Of the mail that the policy holds for; RFC 9989 has no such tag any more."""
    testing: bool = False
    """Whether receivers are asked not to apply the policy yet (`t=y`)."""
    reports: tuple[str, ...] = ()
    """Where aggregate reports go (`rua`)."""
    faults: tuple[str, ...] = ()
    """What can't be read, unknown values, report URIs of no use."""
    unauthorized: tuple[str, ...] = ()
    """Domains of `rua` that don't say that they take these reports (RFC 9990, section 4)."""

    @property
    def enforced(self) -> bool:
        """Whether mail that isn't authenticated is quarantined or refused, all of it."""
        return self.policy in POLICIES[1:] and self.percent == 100 and not self.testing

    @property
    def strict_spf(self) -> bool:
        """Whether the envelope sender's domain has to be the very same."""
        return self.tags.get("aspf").lower() == "s"

    @property
    def strict_dkim(self) -> bool:
        """Whether the signing domain has to be the very same."""
        return self.tags.get("adkim").lower() == "s"


async def look(domain: str, dns: Dns) -> DmarcFacts:
    """Ask for the record that holds for *domain*, and whether those it names take reports."""
    above = await organization(domain)
    found = await published(dns, f"_dmarc.{domain}", _BEGINS)
    inherited = False
    if above != domain and not found.records and found.status is not Status.FAILED:
        upper = await published(dns, f"_dmarc.{above}", _BEGINS)
        inherited = bool(upper.records) or upper.status is Status.FAILED
        found = upper if inherited else found
    if not found.record:
        return DmarcFacts(domain, above, found, inherited)
    tags = read_tags(found.record)
    policy = (inherited and tags.get("sp")) or tags.get("p")
    percent, fault = _percent(tags)
    reports = tags.items("rua", ",")
    holder = above if inherited else domain
    return DmarcFacts(
        domain,
        above,
        found,
        inherited,
        tags,
        policy.lower(),
        percent,
        tags.get("t").lower() == "y",
        reports,
        tags.faults + fault + _faults(tags, reports),
        await _unauthorized(dns, holder, reports),
    )


def _percent(tags: Tags) -> tuple[int, tuple[str, ...]]:
    text = tags.get("pct", "100")
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) and int(text) <= 100:
        return int(text), ()
    return 100, (f"pct={text}",)


def _faults(tags: Tags, reports: tuple[str, ...]) -> tuple[str, ...]:
    allowed = {
        "p": POLICIES,
        "sp": POLICIES,
        "np": POLICIES,
        "adkim": ("r", "s"),
        "aspf": ("r", "s"),
        "t": ("y", "n"),
    }
    wrong = [
        f"{name}={tags.get(name)}"
        for name, values in allowed.items()
        if name in tags.values and tags.get(name).lower() not in values
    ]
    unknown = [f"{name}={value}" for name, value in tags.values.items() if name not in _KNOWN]
    uris = [uri for uri in reports if not _MAILBOX.fullmatch(uri) and ":" not in uri]
    mails = [uri for uri in reports if uri.lower().startswith("mailto:")]
    uris += [uri for uri in mails if not _MAILBOX.fullmatch(uri)]
    return (*wrong, *unknown, *uris)


async def _unauthorized(dns: Dns, holder: str, reports: tuple[str, ...]) -> tuple[str, ...]:
    """Return the domains elsewhere that don't agree to take reports about *holder*."""
    home = await organization(holder)
    matches = (_MAILBOX.fullmatch(uri) for uri in reports)
    domains = dict.fromkeys(match[1].lower() for match in matches if match)
    foreign = [domain for domain in domains if await organization(domain) != home]
    agreed = await asyncio.gather(
        *(published(dns, f"{holder}._report._dmarc.{domain}", _BEGINS) for domain in foreign)
    )
    silent = (Status.NO_SUCH_NAME, Status.NO_SUCH_RECORD)
    return tuple(
        domain for domain, found in zip(foreign, agreed, strict=True) if found.status in silent
    )
