"""Deliverability over NSD, a real name server: long keys by TCP, aliases, wildcards, null MX."""

import json
from collections.abc import Iterator

import pytest

from smtp_workbench.__main__ import main
from support.domains import ADDRESS, ASKED, good
from support.needed import need
from support.servers.nsd import PROGRAM, nsd

pytestmark = pytest.mark.real_server

EXPECTED = {
    "mx": "mx_good",
    "spf": "spf_good",
    "spf_result": "spf_result_pass",
    "dkim": "dkim_good",
    "dmarc": "dmarc_good",
    "alignment": "alignment_both",
    "reverse_dns": "reverse_dns_good",
    "mta_sts": "mta_sts_not_fetched",
    "tls_rpt": "tls_rpt_good",
    "tlsa": "tlsa_insecure",  # NSD is no resolver, so it validates nothing
    "bimi": "bimi_good",
}
BROKEN = """
@ MX 0 .
@ MX 5 alias
@ TXT "v=spf1 a:gone -all"
@ TXT "v=spf1 ~all"
alias CNAME mail
mail A 127.0.0.1
* TXT "v=spf1 -all"
s1._domainkey CNAME s1._domainkey.example.org.
"""


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    need("nsd", there=PROGRAM.exists())
    lines: dict[str, list[str]] = {"example.org": [], "2.0.192.in-addr.arpa": []}
    for name, records in good().items():
        origin = next(origin for origin in lines if name.endswith(origin))
        lines[origin] += [f"{name}. {data}" for data in records]
    zones = {origin: "\n".join(found) + "\n" for origin, found in lines.items()}
    with nsd({**zones, "broken.test": BROKEN}) as address:
        yield address


def labels(capsys: pytest.CaptureFixture[str], resolver: str, domain: str) -> dict[str, str]:
    options = ("--ip", ADDRESS, "--selector", ASKED["selector"], "--relay", ASKED["relay"])
    assert main(["deliverability", domain, "--resolver", resolver, "--json", *options]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    return {row["subject"]: row["label"] for row in rows}


def test_a_good_domain(capsys: pytest.CaptureFixture[str], resolver: str) -> None:
    assert labels(capsys, resolver, "example.org") == EXPECTED


def test_a_subdomain_inherits_the_policy(capsys: pytest.CaptureFixture[str], resolver: str) -> None:
    found = labels(capsys, resolver, "sub.example.org")
    assert found["dmarc"] == "dmarc_good"
    assert found["spf"] == "spf_missing"
    assert found["mx"] == "mx_no_domain"


def test_a_broken_domain(capsys: pytest.CaptureFixture[str], resolver: str) -> None:
    found = labels(capsys, resolver, "broken.test")
    assert found["mx"] == "mx_null_among_others"
    assert found["spf"] == "spf_several"
    assert found["spf_result"] == "spf_result_permerror"
    # The wildcard answers for these names, with what has nothing to do with them.
    assert found["dmarc"] == "dmarc_missing"
    assert found["tls_rpt"] == "tls_rpt_missing"


def test_an_alias_leads_to_another_zone(capsys: pytest.CaptureFixture[str], resolver: str) -> None:
    assert labels(capsys, resolver, "broken.test")["dkim"] == "dkim_good"
