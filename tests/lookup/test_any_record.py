"""Whatever strangers publish, and however much of it: no reader raises, and all ends."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtp_workbench.diagnosis.deliverability import row
from smtp_workbench.lookup.deliverability import Subject
from smtp_workbench.lookup.mta_sts import read_policy
from smtp_workbench.lookup.published import read_tags
from smtp_workbench.lookup.reverse import looks_generic
from smtp_workbench.lookup.spf import SpfFacts
from smtp_workbench.lookup.spf_result import SpfResult
from support.domains import ASKED, facts_of, good, txt

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80)
PARTS = st.sampled_from(
    [
        *("all", "-all", "?all", "++all", "a", "a/24", "a//64", "a:/", "a:a..b", "a:%{p}.x"),
        *("mx", "mx/33", "mx:%{d2}", "ptr", "exists:%{i}.x", "exists:%{l}.%{i}.%{v}", "%{ "),
        *("include:", "include:example.org", "include:%{o}.x", "redirect=", "redirect=example.org"),
        *("ip4:", "ip4:192.0.2.0/24", "ip6:::1", "ip6:::/129", "exp=%{h}", "%{p}", "%{d0r-}"),
        *("%{z}", "a:%{l1r+}.example.org", "%%%_", "::", "=", "v=spf1", "DMARC1;"),
        *("p=none", "p=", "k=x", "t=y", "h=:", "k=ed25519; p=YQ==", "s=x;", "rua=mailto:", "l=;"),
    ]
)
TERMS = st.lists(PARTS | PRINTABLE, max_size=8).map(" ".join)


def test_a_tag_that_comes_twice_is_a_fault_and_the_first_counts() -> None:
    tags = read_tags("v=DMARC1; p=reject; P=none; nonsense;")
    assert (tags.get("p"), tags.faults) == ("reject", ("p", "nonsense"))


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    tags = read_tags(text)
    assert tags.get("no such tag") == ""
    assert all(name in text.lower() for name in tags.values)
    policy = read_policy(text)
    assert policy.faults or text


@given(st.text(), st.ip_addresses().map(str))
def test_any_name_is_generic_or_not(name: str, address: str) -> None:
    looks_generic(name, address)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(spf=TERMS, others=st.lists(TERMS, min_size=6, max_size=6))
def test_any_record_comes_to_a_row(spf: str, others: list[str]) -> None:
    dkim, dmarc, sts, rpt, bimi, more = others
    changed = {
        "example.org": ["MX 10 mail.example.org.", txt(f"v=spf1 {spf}")],
        "s1._domainkey.example.org": [txt(f"p={dkim}"), *([txt(more)] if more else [])],
        "_dmarc.example.org": [txt(f"v=DMARC1; {dmarc}")],
        "_mta-sts.example.org": [txt(f"v=STSv1; {sts}")],
        "_smtp._tls.example.org": [txt(f"v=TLSRPTv1; {rpt}")],
        "default._bimi.example.org": [txt(f"v=BIMI1; {bimi}")],
    }
    found = asyncio.run(facts_of({**good(), **changed}, **ASKED))
    for subject, facts in found.items():
        said = row(subject, facts)
        assert said.advice
        assert said.found.replace("\n", "").isprintable()


@pytest.mark.parametrize("loop", ["include:example.org", "redirect=example.org", "mx include:b.x"])
async def test_a_record_that_leads_back_to_itself_ends(loop: str) -> None:
    records = {
        **good(),
        "example.org": ["MX 10 mail.example.org.", txt(f"v=spf1 {loop}")],
        "b.x": [txt("v=spf1 include:example.org")],
    }
    found = await facts_of(records, address="192.0.2.1")
    facts, result = found[Subject.SPF], found[Subject.SPF_RESULT]
    assert isinstance(facts, SpfFacts)
    assert any("leads back to example.org" in fault for fault in facts.faults)
    assert isinstance(result, SpfResult)
    assert result.result == "permerror"


async def test_a_tree_without_end_is_not_climbed() -> None:
    """Each record includes two more: 2^12 of them if all were asked for."""
    tree = {
        f"{level}.x": [txt(f"v=spf1 include:{level + 1}.x include:l{level}.{level + 1}.x -all")]
        for level in range(12)
    }
    wide = {f"l{at}.{at + 1}.x": [txt(f"v=spf1 include:{at + 1}.x -all")] for at in range(12)}
    found = await facts_of({**tree, **wide, "12.x": [txt("v=spf1 -all")]}, "0.x")
    facts = found[Subject.SPF]
    assert isinstance(facts, SpfFacts)
    assert 10 < facts.lookups < 100
