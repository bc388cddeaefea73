"""Good and broken mail domains, and what is said of them: every label of the texts, in its case."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smtp_workbench.diagnosis.deliverability import Row, Verdict, row
from smtp_workbench.lookup.deliverability import Subject
from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.chain import certificate_of
from smtp_workbench.resource import read_toml
from support.certificates import Issued, issue, server_context
from support.domains import ADDRESS, ASKED, POLICY, ed25519_key, facts_of, good, rsa_key, txt
from support.web_server import serve_pages

RSA_512 = (  # openssl genrsa 512; cryptography makes none so small
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL09uXWlxyvrZaBSROr0/jFY1VGu/lRYl4bPvY4m0SXtbTma3mlLxqtHK9E/"
    "Kq4Ca0Fq8ZCTSTvIiWy0Vr3ohqcCAwEAAQ=="
)
SPF, DKIM, DMARC = "example.org", "s1._domainkey.example.org", "_dmarc.example.org"
STS, RPT, BIMI = "_mta-sts.example.org", "_smtp._tls.example.org", "default._bimi.example.org"
TLSA, HOST, PTR = "_25._tcp.mail.example.org", "mail.example.org", "25.2.0.192.in-addr.arpa"


@dataclass(frozen=True)
class Case:
    """A domain that differs from the good one, and a part of what is said of it."""

    label: str
    changed: dict[str, Sequence[str]] = field(default_factory=dict)
    says: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    policy: str | None = POLICY
    kind: str = "text/plain"
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        if self.label == "unanswered":
            return Subject(self.asked.get("subject", "mx"))
        fits = [item for item in Subject if self.label.startswith(f"{item}_")]
        return max(fits, key=len)


def spf(*records: str, **others: str) -> dict[str, Sequence[str]]:
    """Return the good domain's changes for SPF; *others* are domains under .example by name."""
    found: dict[str, Sequence[str]] = {SPF: ["MX 10 mail.example.org.", *map(txt, records)]}
    return found | {f"{name}.example": [txt(text)] for name, text in others.items()}


def mx(*records: str) -> dict[str, Sequence[str]]:
    return {SPF: [*(f"MX {record}" for record in records), txt(f"v=spf1 ip4:{ADDRESS} -all")]}


def one(name: str, *texts: str) -> dict[str, Sequence[str]]:
    return {name: [txt(text) for text in texts]}


CASES = [
    Case("mx_good", says="10 mail.example.org  (192.0.2.25)"),
    Case(
        "mx_no_domain", says="nowhere.example does not exist", asked={"domain": "nowhere.example"}
    ),
    Case("mx_missing", mx()),
    Case("mx_implicit", {SPF: ["A 192.0.2.80"]}, "192.0.2.80"),
    Case("mx_null", mx("0 ."), "null MX"),
    Case("mx_null_among_others", mx("0 .", "10 mail.example.org.")),
    Case("mx_literal", mx("10 192.0.2.1."), "192.0.2.1 stands"),
    Case("mx_no_address", mx("10 gone.example.org."), "gone.example.org"),
    Case("mx_alias", {**mx("10 a.example.org."), "a.example.org": [f"CNAME {HOST}."]}, "an alias"),
    Case(
        "mx_host_unanswered",
        mx("10 dead.example.org."),
        "dead.example.org",
        more={"broken": frozenset({"dead.example.org"})},
    ),
    Case("spf_good", says="takes 1 of 10 look-ups"),
    Case("spf_missing", spf()),
    Case("spf_several", spf("v=spf1 -all", "v=spf1 mx -all"), "v=spf1 -all\nv=spf1 mx -all"),
    Case("spf_fault", spf("v=spf1 ipv4:192.0.2.1 -all"), "ipv4:192.0.2.1"),
    Case("spf_fault", spf("v=spf1 ip4:192.0.2.999 -all"), "ip4:192.0.2.999"),
    Case("spf_fault", spf("v=spf1 include:none.example -all"), "none.example has no SPF record"),
    Case("spf_fault", spf("v=spf1 include:a.example -all", a="v=spf1 foo -all"), "foo"),
    Case("spf_fault", spf("v=spf1 include:a.example -all", a="v=spf1 include:example.org"), "back"),
    Case("spf_fault", spf("v=spf1 redirect=a.example redirect=b.example"), "than one redirect"),
    Case("spf_lookups", spf("v=spf1 " + 11 * "exists:%{i}.example.org " + "-all"), "11 look-ups"),
    Case(
        "spf_lookups",
        spf("v=spf1 include:a.example include:a.example -all", a="v=spf1 a a a a a -all"),
        "12 look-ups",
    ),
    Case("spf_void", spf("v=spf1 a:x.example a:y.example mx:z.example -all"), "3 look-ups"),
    Case("spf_pass_all", spf("v=spf1 all"), "+all"),
    Case("spf_neutral_all", spf("v=spf1 mx ?all")),
    Case("spf_no_end", spf("v=spf1 mx")),
    Case("spf_good", spf("v=spf1 redirect=a.example", a="v=spf1 mx:example.org -all"), "takes 2"),
    Case("spf_unreachable", spf("v=spf1 -all mx"), "“mx”"),
    Case("spf_unreachable", spf("v=spf1 -all" + 11 * " a"), "“a a a"),
    Case("spf_ptr", spf("v=spf1 ptr -all")),
    Case("spf_result_pass", says="pass: mx fits 192.0.2.25"),
    Case("spf_result_pass", spf("v=spf1 redirect=a.example", a="v=spf1 ip4:192.0.2.0/24 -all")),
    Case(
        "spf_result_pass",
        {**spf("v=spf1 exists:%{ir}.%{d} -all"), "25.2.0.192.example.org": ["A 127.0.0.2"]},
        "exists:",
    ),
    Case(
        "spf_result_pass",
        spf("v=spf1 ip6:2001:db8::/32 -all"),
        "ip6:2001:db8::/32 fits 2001:db8::25",
        {"address": "2001:DB8:0::25"},
    ),
    Case("spf_result_fail", asked={"address": "2001:db8::25"}),
    Case("spf_result_fail", spf("v=spf1 -all"), "by -all"),
    Case("spf_result_fail", spf("v=spf1 -ip4:192.0.2.0/24 +all"), "by -ip4:192.0.2.0/24"),
    Case("spf_result_softfail", spf("v=spf1 ~all")),
    Case("spf_result_neutral", spf("v=spf1 ?all")),
    Case("spf_result_none", spf()),
    Case("spf_result_permerror", spf("v=spf1 foo"), "foo"),
    Case("spf_result_permerror", spf("v=spf1 " + 11 * "a " + "-all"), "look"),
    Case("spf_result_permerror", spf("v=spf1 a:x.example a:y.example a:z.example -all"), "oid"),
    Case(
        "spf_result_temperror",
        spf("v=spf1 a:dead.example.org -all"),
        more={"broken": frozenset({"dead.example.org"})},
    ),
    Case("spf_result_not_asked", asked={"address": ""}),
    Case("dkim_good", says="RSA, 2048 bits"),
    Case("dkim_good", one(DKIM, f"v=DKIM1; k=ed25519; p={ed25519_key()}"), "Ed25519"),
    Case("dkim_good", one(DKIM, f"p={rsa_key(2048)}"), "RSA, 2048"),
    Case("dkim_not_asked", asked={"selector": ""}),
    Case("dkim_missing", {DKIM: []}, DKIM),
    Case("dkim_dangling", {DKIM: ["CNAME key.provider.example."]}, "key.provider.example"),
    Case("dkim_several", one(DKIM, "v=DKIM1; p=", f"p={rsa_key(2048)}")),
    Case("dkim_revoked", one(DKIM, "v=DKIM1; p=")),
    Case("dkim_fault", one(DKIM, "v=DKIM1; p=MIIBIj"), "p=MIIBIj"),
    Case("dkim_fault", one(DKIM, "v=DKIM1; k=rsa"), "p"),
    Case("dkim_fault", one(DKIM, f"v=DKIM1; k=dsa; p={rsa_key(2048)}"), "k=dsa"),
    Case("dkim_fault", one(DKIM, f"v=DKIM1; k=ed25519; p={rsa_key(2048)}"), "p="),
    Case("dkim_fault", one(DKIM, f"v=DKIM2; p={rsa_key(2048)}"), "v=DKIM2"),
    Case("dkim_fault", one(DKIM, f"v=DKIM1; ??; p={rsa_key(2048)}"), "??"),
    Case("dkim_hash", one(DKIM, f"v=DKIM1; h=sha1; p={rsa_key(2048)}")),
    Case("dkim_service", one(DKIM, f"v=DKIM1; s=tlsrpt; p={rsa_key(2048)}")),
    Case("dkim_weak", one(DKIM, f"v=DKIM1; p={RSA_512}"), "512"),
    Case("dkim_short", one(DKIM, f"v=DKIM1; p={rsa_key(1024)}"), "1024"),
    Case("dkim_testing", one(DKIM, f"v=DKIM1; t=y:s; p={rsa_key(2048)}")),
    Case("dmarc_good", says="policy for strangers' mail is reject"),
    Case("dmarc_good", says="_dmarc.example.org:\n", asked={"domain": "a.b.example.org"}),
    Case("dmarc_missing", {DMARC: []}, "No record at _dmarc.example.org"),
    Case("dmarc_missing", one(DMARC, "v=spf1 -all")),
    Case("dmarc_several", one(DMARC, "v=DMARC1; p=none", "v=DMARC1; p=reject")),
    Case("dmarc_policy", one(DMARC, "v=DMARC1; rua=mailto:d@example.org")),
    Case("dmarc_policy", one(DMARC, "v=DMARC1; p=refuse")),
    Case("dmarc_fault", one(DMARC, "v=DMARC1; p=reject; adkim=x; bogus"), "bogus, adkim=x"),
    Case("dmarc_fault", one(DMARC, "v=DMARC1; p=reject; rua=d@example.org"), "d@example.org"),
    Case("dmarc_fault", one(DMARC, "v=DMARC1; p=reject; pct=many"), "pct=many"),
    Case("dmarc_none", one(DMARC, "v=DMARC1; p=none; rua=mailto:d@example.org")),
    Case(
        "dmarc_none",
        one(DMARC, "v=DMARC1; p=reject; sp=none; rua=mailto:d@example.org"),
        asked={"domain": "sub.example.org"},
    ),
    Case(
        "dmarc_none_for_subdomains",
        one(DMARC, "v=DMARC1; p=reject; sp=none; rua=mailto:d@example.org"),
    ),
    Case("dmarc_testing", one(DMARC, "v=DMARC1; p=reject; t=y; rua=mailto:d@example.org")),
    Case("dmarc_percent", one(DMARC, "v=DMARC1; p=reject; pct=20"), "pct=20"),
    Case("dmarc_no_reports", one(DMARC, "v=DMARC1; p=reject")),
    Case(
        "dmarc_unauthorized",
        one(DMARC, "v=DMARC1; p=reject; rua=mailto:d@reports.example"),
        "example.org._report._dmarc.reports.example",
    ),
    Case(
        "dmarc_good",
        {
            **one(DMARC, "v=DMARC1; p=reject; rua=mailto:d@reports.example"),
            **one("example.org._report._dmarc.reports.example", "v=DMARC1"),
        },
    ),
    Case("alignment_both", says="MAIL FROM example.org: aligned (relaxed)"),
    Case("alignment_both", asked={"envelope": "b@bounce.example.org"}),
    Case(
        "alignment_dkim",
        one(DMARC, "v=DMARC1; p=reject; aspf=s"),
        "MAIL FROM bounce.example.org: not aligned (strict)",
        {"envelope": "b@bounce.example.org"},
    ),
    Case("alignment_spf", says="DKIM d=esp.example", asked={"signer": "esp.example"}),
    Case("alignment_spf_unsigned", asked={"selector": ""}),
    Case("alignment_neither", asked={"signer": "esp.example", "envelope": "b@esp.example"}),
    Case("alignment_spf_not", asked={"selector": "", "envelope": "b@esp.example"}),
    Case("alignment_spf_not", asked={"selector": "", "envelope": "a.co.uk", "domain": "b.co.uk"}),
    Case("reverse_dns_good", says=f"{ADDRESS} = mail.example.org"),
    Case("reverse_dns_not_asked", asked={"address": ""}),
    Case("reverse_dns_missing", {PTR: []}),
    Case(
        "reverse_dns_good",
        {
            "5.2" + 22 * ".0" + ".8.b.d.0.1.0.0.2.ip6.arpa": ["PTR mail6.example.org."],
            "mail6.example.org": ["AAAA 2001:db8:0:0::25"],
        },
        "2001:db8::25 = mail6.example.org",
        {"address": "2001:db8::25"},
    ),
    Case("reverse_dns_unconfirmed", {PTR: ["PTR other.example.org."]}, "other.example.org"),
    Case(
        "reverse_dns_generic",
        {PTR: ["PTR 192-0-2-25.isp.example."], "192-0-2-25.isp.example": [f"A {ADDRESS}"]},
    ),
    Case("mta_sts_good", says="mode: enforce; mx: *.example.org"),
    Case("mta_sts_missing", {STS: []}),
    Case("mta_sts_several", one(STS, "v=STSv1; id=1", "v=STSv1; id=2")),
    Case("mta_sts_fault", one(STS, "v=STSv1; id=a-b"), "id=a-b", policy=None),
    Case("mta_sts_fault", one(STS, "v=STSv1; id=a-b"), "id=a-b"),
    Case("mta_sts_not_fetched", policy=None),
    Case("mta_sts_trouble", says="answers 404", policy=""),
    Case("mta_sts_trouble", says="points elsewhere", policy="-> https://example.org/"),
    Case("mta_sts_policy_fault", says="version", policy="mode: enforce\nmx: a\nmax_age: 9"),
    Case("mta_sts_policy_fault", says="max_age, mx", policy="version: STSv1\nmode: enforce\n"),
    Case("mta_sts_good", says=f"mx: {HOST}", policy=POLICY.replace("*.example.org", HOST)),
    Case("mta_sts_unmatched", mx("10 a.mail.example.org."), "a.mail.example.org"),
    Case("mta_sts_unmatched", says=HOST, policy=POLICY.replace("*.", "")),
    Case("mta_sts_kind", says="text/html", kind="text/html"),
    Case("mta_sts_testing", policy=POLICY.replace("enforce", "testing")),
    Case("mta_sts_off", policy="version: STSv1\nmode: none\nmax_age: 86400\n"),
    Case("tls_rpt_good", says="mailto:tls@example.org"),
    Case("tls_rpt_missing", {RPT: []}),
    Case("tls_rpt_several", one(RPT, "v=TLSRPTv1; rua=mailto:a@b", "v=TLSRPTv1; rua=mailto:c@d")),
    Case("tls_rpt_nowhere", one(RPT, "v=TLSRPTv1;")),
    Case("tls_rpt_fault", one(RPT, "v=TLSRPTv1; rua=mailto:a@b.c,ftp://d"), "ftp://d"),
    Case("tlsa_unseen", more={"secure": True}),
    Case("tlsa_not_asked", asked={"relay": ""}),
    Case("tlsa_not_asked", asked={"relay": "192.0.2.1"}),
    Case("tlsa_missing", {TLSA: []}),
    Case("tlsa_missing", says="_587._tcp", asked={"port": 587}),
    Case("tlsa_unusable", {TLSA: ["TLSA 1 0 1 " + 32 * "00"]}),
    Case("tlsa_insecure", says="not validated"),
    Case("bimi_good"),
    Case("bimi_missing", {BIMI: []}),
    Case("bimi_declined", one(BIMI, "v=BIMI1; l=; a=")),
    Case("bimi_several", one(BIMI, "v=BIMI1; l=https://a", "v=BIMI1; l=https://b")),
    Case("bimi_fault", one(BIMI, "v=BIMI1; l=http://a"), "http://a"),
    Case("bimi_no_logo", one(BIMI, "v=BIMI1; a=https://a")),
    Case("bimi_unenforced", one(DMARC, "v=DMARC1; p=none; rua=mailto:d@example.org")),
    Case("bimi_no_certificate", one(BIMI, "v=BIMI1; l=https://example.org/a.svg")),
    Case("unanswered", more={"broken": frozenset({"example.org"})}),
]


async def said_of(case: Case) -> dict[Subject, Row]:
    asked = {**ASKED, **case.asked}
    domain = asked.pop("domain", "example.org")
    asked.pop("subject", None)
    records = {**good(), "mta-sts.example.org": ["A 127.0.0.1"], **case.changed}
    place = "mta-sts.example.org/.well-known/mta-sts.txt"
    pages = {place: case.policy} if case.policy else {}
    with serve_pages(pages, context=server_context("mta-sts.example.org"), kind=case.kind) as web:
        https = None if case.policy is None else web.port
        facts = await facts_of(records, domain, https=https, **asked, **case.more)
    return {subject: row(subject, item) for subject, item in facts.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.label} {case.says}")
async def test_what_is_said_of_a_domain(case: Case) -> None:
    found = (await said_of(case))[case.subject]
    assert found.label == case.label, found
    assert case.says in found.found + "\n" + found.advice
    assert not {"{", "}"} & set(found.advice)


def der(leaf: Issued) -> bytes:
    return leaf.certificate.public_bytes(Encoding.DER)


def shown(leaf: Issued) -> TlsFacts:
    chain = (certificate_of(der(leaf)), certificate_of(der(ROOT)))
    return TlsFacts("TLSv1.3", "", HOST, chain, trusted=True)


ROOT = issue("root", authority=True)
LEAF = issue(HOST, ROOT)
OTHER = issue(HOST, ROOT)


def association(usage: int, selector: int, matching: int, leaf: Issued) -> str:
    """Return the record that vouches for *leaf*, as openssl makes it."""
    octets = der(leaf)
    if selector == 1:
        form = PublicFormat.SubjectPublicKeyInfo
        octets = leaf.certificate.public_key().public_bytes(Encoding.DER, form)
    hashed = {0: octets, 1: hashlib.sha256(octets).digest(), 2: hashlib.sha512(octets).digest()}
    return f"TLSA {usage} {selector} {matching} {hashed[matching].hex()}"


@pytest.mark.parametrize("matching", [0, 1, 2])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize(
    ("usage", "leaf", "label"),
    [
        (3, LEAF, "tlsa_good"),
        (3, OTHER, "tlsa_mismatch"),
        (3, ROOT, "tlsa_mismatch"),
        (2, ROOT, "tlsa_good"),
        (2, OTHER, "tlsa_mismatch"),
    ],
)
async def test_a_certificate_is_compared_with_the_records(
    usage: int, selector: int, matching: int, leaf: Issued, label: str
) -> None:
    changed: dict[str, Sequence[str]] = {TLSA: [association(usage, selector, matching, leaf)]}
    more = {"secure": True, "tls": shown(LEAF)}
    found = (await said_of(Case(label, changed, more=more)))[Subject.TLSA]
    assert found.label == label


def test_every_label_has_its_case() -> None:
    texts = set(read_toml("deliverability.toml")) - {"titles", "words"}
    assert texts - {case.label for case in CASES} == {"tlsa_good", "tlsa_mismatch"}


async def test_the_good_domain_is_good_throughout() -> None:
    found = await said_of(Case("mx_good", more={"secure": True}))
    assert {item.verdict for item in found.values()} == {Verdict.GOOD}, found


async def test_without_an_answer_nothing_is_called_bad() -> None:
    names = frozenset(good())
    found = await said_of(Case("mx_good", more={"broken": names}))
    compared = found.pop(Subject.ALIGNMENT)
    assert compared.verdict is Verdict.GOOD
    assert {item.verdict for item in found.values()} == {Verdict.UNKNOWN}, found


async def test_what_strangers_publish_cannot_deceive_the_eye() -> None:
    found = await said_of(Case("dmarc_fault", one(DMARC, "v=DMARC1; p=reject; \x1b[2J=\u202e")))
    text = found[Subject.DMARC].found + found[Subject.DMARC].advice
    assert "\\x1b[2J" in text
    assert not {"\x1b", "\u202e"} & set(text)
