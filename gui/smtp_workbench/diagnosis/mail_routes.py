"""What is the matter with the ways of mail to and from a domain: of each the gravest thing."""

from collections.abc import Iterable

from smtp_workbench.diagnosis.said import Said, about, absent, first, listed, words
from smtp_workbench.lookup.mail_exchangers import Exchanger, MxFacts
from smtp_workbench.lookup.mta_sts import MtaStsFacts
from smtp_workbench.lookup.reverse import ReverseFacts
from smtp_workbench.lookup.tls_rpt import TlsRptFacts
from smtp_workbench.lookup.tlsa import USABLE, TlsaFacts
from smtp_workbench.net.dns import Status


def mx(facts: MxFacts) -> Said:
    """Judge where a domain takes its mail."""
    hosts = facts.exchangers
    label, meant = _gravest_host(hosts)
    if facts.status is Status.FAILED:
        label = "unanswered"
    elif not hosts:
        label = "mx_implicit" if facts.addresses else "mx_missing"
        if facts.status is Status.NO_SUCH_NAME:
            label = "mx_no_domain"
    elif facts.null:
        label = "mx_null"
    return label, {
        "domain": facts.domain,
        "detail": facts.detail,
        "addresses": listed(facts.addresses),
        "names": listed(host.name for host in meant),
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
    small = words()
    remarks = [small["alias"]] if host.alias else []
    if host.unknown:
        remarks.append(small["no_answer"])
    elif host.name and not host.literal:
        remarks.append(listed(host.addresses) or small["no_address"])
    name = f"{host.preference} {host.name or '.'}"
    return f"{name}  ({'; '.join(remarks)})" if remarks else name


def reverse(facts: ReverseFacts) -> Said:
    """Judge the names of a sending address."""
    label = first(
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
        "names": listed(facts.names),
        "records": "\n".join(f"{facts.address} = {name}" for name in facts.names),
    }


def mta_sts(facts: MtaStsFacts) -> Said:
    """Judge whether mail comes by verified TLS only."""
    policy = facts.policy
    label = absent(facts.published, "mta_sts") or first(
        [
            (facts.faults, "mta_sts_fault"),
            (not facts.fetched, "mta_sts_not_fetched"),
            (facts.trouble, "mta_sts_trouble"),
        ],
        "",
    )
    params = about(
        facts.published,
        domain=facts.published.name.partition(".")[2],
        trouble=facts.trouble,
        unmatched=listed(facts.unmatched),
        faults=listed(facts.faults),
        kind=facts.kind,
    )
    if label or policy is None:
        return label, params
    params["records"] = f"{params['records']}\nmode: {policy.mode}; mx: {listed(policy.patterns)}"
    params["faults"] = listed(policy.faults)
    label = first(
        [
            (policy.faults, "mta_sts_policy_fault"),
            (policy.mode == "none", "mta_sts_off"),
            (facts.unmatched, "mta_sts_unmatched"),
            (facts.kind, "mta_sts_kind"),
            (policy.mode == "testing", "mta_sts_testing"),
        ],
        "mta_sts_good",
    )
    return label, params


def tls_rpt(facts: TlsRptFacts) -> Said:
    """Judge where reports of failed TLS go."""
    label = absent(facts.published, "tls_rpt") or first(
        [
            (not facts.destinations, "tls_rpt_nowhere"),
            (facts.faults, "tls_rpt_fault"),
        ],
        "tls_rpt_good",
    )
    destinations = listed(facts.destinations)
    return label, about(facts.published, destinations=destinations, faults=listed(facts.faults))


def tlsa(facts: TlsaFacts) -> Said:
    """Judge what vouches for the relay's certificate."""
    label = first(
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
