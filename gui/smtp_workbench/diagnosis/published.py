"""What is the matter with what a mail domain publishes: of each subject, the gravest thing.

Each judgement returns a label of `resources/deliverability.toml` and the parameters of its texts.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from smtp_workbench.lookup.alignment import AlignmentFacts
from smtp_workbench.lookup.bimi import BimiFacts
from smtp_workbench.lookup.deliverability import Facts
from smtp_workbench.lookup.dkim_key import DkimKeyFacts
from smtp_workbench.lookup.dmarc import POLICIES, DmarcFacts
from smtp_workbench.lookup.mail_exchangers import Exchanger, MxFacts
from smtp_workbench.lookup.mta_sts import MtaStsFacts
from smtp_workbench.lookup.published import Published
from smtp_workbench.lookup.reverse import ReverseFacts
from smtp_workbench.lookup.spf import MOST_LOOKUPS, MOST_VOID, SpfFacts
from smtp_workbench.lookup.spf_result import SpfResult
from smtp_workbench.lookup.tls_rpt import TlsRptFacts
from smtp_workbench.lookup.tlsa import USABLE, TlsaFacts
from smtp_workbench.net.dns import Status
from smtp_workbench.resource import read_toml

Said = tuple[str, dict[str, object]]
"""A label and the parameters of its texts."""
TEXTS: Final = "deliverability.toml"
_WEAK, _SHORT = 1024, 2048
"""Bits of an RSA key (RFC 8301, section 3.2)."""


def _first(conditions: Iterable[tuple[Any, str]], otherwise: str) -> str:
    """Return the label of the first condition that holds."""
    return next((label for holds, label in conditions if holds), otherwise)


def _absent(found: Published, subject: str) -> str:
    """Return the label of records that can't be judged, for there isn't exactly one."""
    return _first(
        [
            (found.status is Status.FAILED, "unanswered"),
            (not found.records, f"{subject}_missing"),
            (len(found.records) > 1, f"{subject}_several"),
        ],
        "",
    )


def _about(found: Published, **params: object) -> dict[str, object]:
    records = "\n".join(found.records)
    return {"name": found.name, "records": records, "detail": found.detail, **params}


def _words() -> Mapping[str, str]:
    """Return the small words that go into what was found."""
    words: Mapping[str, str] = read_toml(TEXTS)["words"]
    return words


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


def _mx(facts: MxFacts) -> Said:
    hosts = facts.exchangers
    label, meant = _gravest_host(hosts)
    if facts.status is Status.FAILED:
        label = "unanswered"
    elif not hosts:
        absent = "mx_implicit" if facts.addresses else "mx_missing"
        label = "mx_no_domain" if facts.status is Status.NO_SUCH_NAME else absent
    elif facts.null:
        label = "mx_null"
    return label, {
        "domain": facts.domain,
        "detail": facts.detail,
        "addresses": _listed(facts.addresses),
        "names": _listed(host.name for host in meant),
        "records": "\n".join(_host(host) for host in hosts),
    }


def _gravest_host(hosts: Iterable[Exchanger]) -> tuple[str, list[Exchanger]]:
    """Return the label of what is the matter with some of *hosts*, and these."""
    labels = {
        "mx_null_among_others": [host for host in hosts if not host.name],
        "mx_literal": [host for host in hosts if host.literal],
        "mx_no_address": [
            host for host in hosts if not (host.addresses or host.literal or host.unknown)
        ],
        "mx_alias": [host for host in hosts if host.alias],
        "mx_host_unanswered": [host for host in hosts if host.unknown],
    }
    return next(((label, meant) for label, meant in labels.items() if meant), ("mx_good", []))


def _host(host: Exchanger) -> str:
    words = _words()
    remarks = [words["alias"]] if host.alias else []
    if host.unknown:
        remarks.append(words["no_answer"])
    elif host.name and not host.literal:
        remarks.append(_listed(host.addresses) or words["no_address"])
    name = f"{host.preference} {host.name or '.'}"
    return f"{name}  ({'; '.join(remarks)})" if remarks else name


def _spf(facts: SpfFacts) -> Said:
    label = _absent(facts.published, "spf") or _first(
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
    return label, _about(
        facts.published,
        domain=facts.domain,
        lookups=facts.lookups,
        void=facts.void,
        end=facts.end,
        unreachable=" ".join(facts.unreachable),
        faults="; ".join(facts.faults),
    )


def _spf_result(facts: SpfResult) -> Said:
    return f"spf_result_{facts.result}", {
        "domain": facts.domain,
        "address": facts.address,
        "mechanism": facts.mechanism or "redirect",
        "detail": facts.detail,
    }


def _dkim(facts: DkimKeyFacts) -> Said:
    label = _absent(facts.published, "dkim") or _first(
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
    params = _about(
        facts.published,
        alias=facts.alias,
        bits=facts.bits,
        strength=f"RSA, {facts.bits} bits" if facts.bits else "Ed25519",
        faults=_listed(facts.faults),
    )
    if facts.alias:
        params["records"] = f"CNAME {facts.alias}\n{params['records']}"
    return label, params


def _dmarc(facts: DmarcFacts) -> Said:
    covers_subdomains = not facts.inherited and facts.tags.get("sp").lower() == "none"
    label = _absent(facts.published, "dmarc") or _first(
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
    params = _about(
        facts.published,
        domain=facts.domain,
        organization=facts.organization,
        holder=facts.organization if facts.inherited else facts.domain,
        policy=facts.policy,
        percent=facts.percent,
        unauthorized=_listed(facts.unauthorized),
        first=next(iter(facts.unauthorized), ""),
        faults=_listed(facts.faults),
    )
    if facts.inherited:
        params["records"] = f"{facts.published.name}:\n{params['records']}"
    return label, params


def _alignment(facts: AlignmentFacts) -> Said:
    label = _first(
        [
            (facts.spf and facts.dkim, "alignment_both"),
            (facts.dkim, "alignment_dkim"),
            (facts.spf and not facts.signer, "alignment_spf_unsigned"),
            (facts.spf, "alignment_spf"),
            (facts.signer, "alignment_neither"),
        ],
        "alignment_spf_not",
    )

    words = _words()

    def compared(aligned: bool, strict: bool) -> str:  # noqa: FBT001
        mode = words["strict"] if strict else words["relaxed"]
        return f"{words['aligned'] if aligned else words['unaligned']} ({mode})"

    envelope = f"MAIL FROM {facts.envelope}: {compared(facts.spf, facts.strict_spf)}"
    signer = f"DKIM d={facts.signer}: {compared(facts.dkim, facts.strict_dkim)}"
    lines = (f"From {facts.author}", envelope, signer if facts.signer else words["unsigned"])
    return label, {"author": facts.author, "signer": facts.signer, "records": "\n".join(lines)}


def _reverse(facts: ReverseFacts) -> Said:
    label = _first(
        [
            (facts.status is Status.FAILED, "unanswered"),
            (not facts.names, "reverse_dns_missing"),
            (not facts.confirmed, "reverse_dns_unconfirmed"),
            (set(facts.confirmed) <= set(facts.generic), "reverse_dns_generic"),
        ],
        "reverse_dns_good",
    )
    return label, {
        "address": facts.address,
        "detail": facts.detail,
        "names": _listed(facts.names),
        "records": "\n".join(f"{facts.address} = {name}" for name in facts.names),
    }


def _mta_sts(facts: MtaStsFacts) -> Said:
    policy = facts.policy
    kind = next((fault for fault in facts.faults if "/" in fault), "")
    label = _absent(facts.published, "mta_sts") or _first(
        [
            (facts.faults and not policy, "mta_sts_fault"),
            (not facts.fetched, "mta_sts_not_fetched"),
            (facts.trouble, "mta_sts_trouble"),
        ],
        "",
    )
    params = _about(
        facts.published,
        domain=facts.published.name.partition(".")[2],
        trouble=facts.trouble,
        unmatched=_listed(facts.unmatched),
        faults=_listed(facts.faults),
        kind=kind,
    )
    if label or policy is None:
        return label, params
    params["records"] = f"{params['records']}\nmode: {policy.mode}; mx: {_listed(policy.patterns)}"
    params["faults"] = _listed(policy.faults)
    label = _first(
        [
            (policy.faults, "mta_sts_policy_fault"),
            (policy.mode == "none", "mta_sts_off"),
            (facts.unmatched, "mta_sts_unmatched"),
            (kind, "mta_sts_kind"),
            (policy.mode == "testing", "mta_sts_testing"),
        ],
        "mta_sts_good",
    )
    return label, params


def _tls_rpt(facts: TlsRptFacts) -> Said:
    label = _absent(facts.published, "tls_rpt") or _first(
        [
            (not facts.destinations, "tls_rpt_nowhere"),
            (facts.faults, "tls_rpt_fault"),
        ],
        "tls_rpt_good",
    )
    destinations = _listed(facts.destinations)
    return label, _about(facts.published, destinations=destinations, faults=_listed(facts.faults))


def _tlsa(facts: TlsaFacts) -> Said:
    label = _first(
        [
            (facts.status is Status.FAILED, "unanswered"),
            (not facts.associations, "tlsa_missing"),
            (all(item.usage not in USABLE for item in facts.associations), "tlsa_unusable"),
            (facts.matches is False, "tlsa_mismatch"),
            (not facts.secure, "tlsa_insecure"),
            (facts.matches is None, "tlsa_unseen"),
        ],
        "tlsa_good",
    )
    records = "\n".join(item.text for item in facts.associations)
    return label, {"name": facts.name, "detail": facts.detail, "records": records}


def _bimi(facts: BimiFacts) -> Said:
    label = _absent(facts.published, "bimi") or _first(
        [
            (facts.declined, "bimi_declined"),
            (facts.faults, "bimi_fault"),
            (not facts.logo, "bimi_no_logo"),
            (not facts.dmarc.enforced, "bimi_unenforced"),
            (not facts.evidence, "bimi_no_certificate"),
        ],
        "bimi_good",
    )
    return label, _about(facts.published, faults=_listed(facts.faults))


_JUDGES: Final[Mapping[type, Callable[[Any], Said]]] = {
    AlignmentFacts: _alignment,
    BimiFacts: _bimi,
    DkimKeyFacts: _dkim,
    DmarcFacts: _dmarc,
    MtaStsFacts: _mta_sts,
    MxFacts: _mx,
    ReverseFacts: _reverse,
    SpfFacts: _spf,
    SpfResult: _spf_result,
    TlsRptFacts: _tls_rpt,
    TlsaFacts: _tlsa,
}


def judged(facts: Facts) -> Said:
    """Return what *facts* come to."""
    return _JUDGES[type(facts)](facts)
