"""Which mechanism a log-in takes."""

import pytest

from smtp_workbench.smtp.auth import MECHANISMS, choose
from smtp_workbench.smtp.auth.mechanism import Needs


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2", "SCRAM-SHA-256"),
        ("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1", "SCRAM-SHA-1"),
        ("LOGIN PLAIN CRAM-MD5", "CRAM-MD5"),
        ("LOGIN PLAIN NTLM", "PLAIN"),
        ("login", "LOGIN"),
        ("XOAUTH2 OAUTHBEARER EXTERNAL", None),
        ("GSSAPI NTLM", None),
        ("", None),
    ],
)
def test_the_strongest_for_a_password_that_both_have_is_chosen(
    offered: str, chosen: str | None
) -> None:
    mechanism = choose(offered.split())
    assert (mechanism.name if mechanism else None) == chosen


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_named_mechanism_is_taken_even_if_it_is_not_offered(name: str) -> None:
    named = choose(["LOGIN"], name.lower())
    assert named is MECHANISMS[name]


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'NTLM'.*SCRAM-SHA-256.*EXTERNAL"):
        choose(["NTLM"], "NTLM")


def test_the_table_tells_what_plaintext_would_give_away() -> None:
    safe = {name for name, mechanism in MECHANISMS.items() if mechanism.safe_in_plaintext}
    assert safe == {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "EXTERNAL"}
    tokens = {name for name, each in MECHANISMS.items() if each.needs is Needs.TOKEN}
    assert tokens == {"XOAUTH2", "OAUTHBEARER"}
