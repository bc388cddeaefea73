"""What a check is about: what is taken, and what is refused in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.lookup.question import Question, QuestionError, ask


def test_a_domain_alone_is_about_itself() -> None:
    assert ask("Example.ORG.") == Question("example.org", "example.org")


def test_mail_addresses_stand_for_their_domains() -> None:
    found = ask("<Me@Example.org>", envelope="<bounce@mail.example.org>", selector=" S1 ")
    assert found == Question("example.org", "mail.example.org", "example.org", "s1")


def test_names_become_ascii() -> None:
    assert ask("bücher.example").domain == "xn--bcher-kva.example"


def test_addresses_are_read_in_every_way_they_are_written() -> None:
    assert ask("a.example", address="[2001:DB8:0::1] ").address == "2001:db8::1"
    assert ask("a.example", relay="[::1]").relay == ""
    assert ask("a.example", relay="192.0.2.1").relay == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("domain", ""),
        ("domain", "a b"),
        ("domain", "example..org"),
        ("domain", "192.0.2.1"),
        ("domain", "example.org\r\nX"),
        ("domain", "example.org\0"),
        ("domain", 300 * "a"),
        ("envelope", "a@"),
        ("signer", "-"),
        ("selector", "s;1"),
        ("selector", "s1\n"),
        ("envelope", "a@example.org\n"),
        ("address", "example.org"),
        ("address", "192.0.2.256"),
        ("relay", "http://x"),
        ("relay", "mail.example.org\r"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(field: str, value: str) -> None:
    words = {"domain": "example.org", "selector": "s", field: value}
    with pytest.raises(QuestionError) as caught:
        ask(**words)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_any_text_is_taken_or_refused(
    domain: str, envelope: str, selector: str, address: str, relay: str
) -> None:
    try:
        found = ask(domain, envelope=envelope, selector=selector, address=address, relay=relay)
    except QuestionError:
        return
    words = (found.domain, found.envelope, found.signer, found.selector, found.address, found.relay)
    assert all(word.isascii() and word.isprintable() and " " not in word for word in words)
