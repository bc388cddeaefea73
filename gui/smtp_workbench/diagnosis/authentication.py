"""What is the matter with SPF, DKIM, DMARC and what builds on them: of each the gravest thing."""

from smtp_workbench.diagnosis.said import Said, about, absent, first, listed, words
from smtp_workbench.lookup.alignment import AlignmentFacts
from smtp_workbench.lookup.bimi import BimiFacts
from smtp_workbench.lookup.dkim_key import DkimKeyFacts
from smtp_workbench.lookup.dmarc import POLICIES, DmarcFacts
from smtp_workbench.lookup.spf import MOST_LOOKUPS, MOST_VOID, SpfFacts
from smtp_workbench.lookup.spf_result import SpfResult

_WEAK, _SHORT = 1024, 2048
"""Bits of an RSA key (RFC 8301, section 3.2)."""


def spf(facts: SpfFacts) -> Said:
    """Judge an SPF record and what it leads to."""
    label = absent(facts.published, "spf") or first(
        [
            (facts.lookups > MOST_LOOKUPS, "spf_lookups"),
            (facts.faults, "spf_fault"),
            (facts.void > MOST_VOID, "spf_void"),
            (facts.end == "+all", "spf_pass_all"),
            (facts.end == "?all", "spf_neutral_all"),
            (not facts.end, "spf_no_end"),
            (facts.unreachable, "spf_unreachable"),
            (facts.uses_ptr, "spf_ptr"),
        ],
        "spf_good",
    )
    return label, about(
        facts.published,
        domain=facts.domain,
        lookups=facts.lookups,
        void=facts.void,
        end=facts.end,
        unreachable=" ".join(facts.unreachable),
        faults="; ".join(facts.faults),
    )


def spf_result(facts: SpfResult) -> Said:
    """Judge what SPF says of one sending address."""
    return f"spf_result_{facts.result}", {
        "domain": facts.domain,
        "address": facts.address,
        "mechanism": facts.mechanism or "redirect",
        "detail": facts.detail,
    }


def dkim(facts: DkimKeyFacts) -> Said:
    """Judge the key of a selector."""
    label = absent(facts.published, "dkim") or first(
        [
            (facts.revoked, "dkim_revoked"),
            (facts.faults, "dkim_fault"),
            (facts.hashes and "sha256" not in facts.hashes, "dkim_hash"),
            (facts.services and not {"*", "email"} & set(facts.services), "dkim_service"),
            (0 < facts.bits < _WEAK, "dkim_weak"),
            (facts.testing, "dkim_testing"),
            (0 < facts.bits < _SHORT, "dkim_short"),
        ],
        "dkim_good",
    )
    if label == "dkim_missing" and facts.alias:
        label = "dkim_dangling"
    params = about(
        facts.published,
        alias=facts.alias,
        bits=facts.bits,
        strength=f"RSA, {facts.bits} bits" if facts.bits else "Ed25519",
        faults=listed(facts.faults),
    )
    if facts.alias:
        params["records"] = f"CNAME {facts.alias}\n{params['records']}"
    return label, params


def dmarc(facts: DmarcFacts) -> Said:
    """Judge the policy that holds for a domain."""
    covers_subdomains = not facts.inherited and facts.tags.get("sp").lower() == "none"
    label = absent(facts.published, "dmarc") or first(
        [
            (facts.policy not in POLICIES, "dmarc_policy"),
            (facts.faults, "dmarc_fault"),
            (facts.policy == "none", "dmarc_none"),
            (facts.testing, "dmarc_testing"),
            (facts.percent < 100, "dmarc_percent"),
            (covers_subdomains, "dmarc_none_for_subdomains"),
            (not facts.reports, "dmarc_no_reports"),
            (facts.unauthorized, "dmarc_unauthorized"),
        ],
        "dmarc_good",
    )
    if label == "dmarc_none" and not facts.reports:
        label = "dmarc_no_reports"
    params = about(
        facts.published,
        domain=facts.domain,
        organization=facts.organization,
        holder=facts.organization if facts.inherited else facts.domain,
        policy=facts.policy,
        percent=facts.percent,
        unauthorized=listed(facts.unauthorized),
        first=next(iter(facts.unauthorized), ""),
        faults=listed(facts.faults),
    )
    if facts.inherited:
        params["records"] = f"{facts.published.name}:\n{params['records']}"
    return label, params


def alignment(facts: AlignmentFacts) -> Said:
    """Judge whether SPF and DKIM vouch for the author's domain."""
    label = first(
        [
            (facts.spf and facts.dkim, "alignment_both"),
            (facts.dkim, "alignment_dkim"),
            (facts.spf and not facts.signer, "alignment_spf_unsigned"),
            (facts.spf, "alignment_spf"),
            (facts.signer, "alignment_neither"),
        ],
        "alignment_spf_not",
    )

    small = words()

    def compared(aligned: bool, strict: bool) -> str:  # noqa: FBT001
        mode = small["strict"] if strict else small["relaxed"]
        return f"{small['aligned'] if aligned else small['unaligned']} ({mode})"

    envelope = f"MAIL FROM {facts.envelope}: {compared(facts.spf, facts.strict_spf)}"
    signer = f"DKIM d={facts.signer}: {compared(facts.dkim, facts.strict_dkim)}"
    lines = (f"From {facts.author}", envelope, signer if facts.signer else small["unsigned"])
    return label, {"author": facts.author, "signer": facts.signer, "records": "\n".join(lines)}


def bimi(facts: BimiFacts) -> Said:
    """Judge whether a logo can be shown."""
    label = absent(facts.published, "bimi") or first(
        [
            (facts.declined, "bimi_declined"),
            (facts.faults, "bimi_fault"),
            (not facts.logo, "bimi_no_logo"),
            (not facts.dmarc.enforced, "bimi_unenforced"),
            (not facts.evidence, "bimi_no_certificate"),
        ],
        "bimi_good",
    )
    return label, about(facts.published, faults=listed(facts.faults))
