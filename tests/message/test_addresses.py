"""Addresses as people paste them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.addresses import Address, check, parse_list

JANE = Address("Jane", "jane@example.org")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" ,; \n ,", []),
        ("jane@example.org", [("", "jane@example.org")]),
        ("Jane <jane@example.org>", [("Jane", "jane@example.org")]),
        ("a@x.org, b@x.org; c@x.org\r\nd@x.org", [("", f"{name}@x.org") for name in "abcd"]),
        ("a@x.org b@x.org", [("", "a@x.org"), ("", "b@x.org")]),
        ('"Doe, Jane" <j@x.org>, k@x.org', [("Doe, Jane", "j@x.org"), ("", "k@x.org")]),
        (
            "Doe, Jane <j@x.org>; Roe, R. <r@x.org>",
            [("Doe, Jane", "j@x.org"), ("Roe, R.", "r@x.org")],
        ),
        ("a@x.org, Jane <j@x.org>", [("", "a@x.org"), ("Jane", "j@x.org")]),
        ("root, <j@x.org>", [("", "root"), ("", "j@x.org")]),
        ("root, b@x.org", [("", "root"), ("", "b@x.org")]),
        ("Jane\t Q.  Doe<j@x.org>", [("Jane Q. Doe", "j@x.org")]),
        ("j@x.org (Jane; at work), k@x.org", [("", "j@x.org"), ("", "k@x.org")]),
        ("Jane (x (y)) <j@x.org>", [("Jane", "j@x.org")]),
        ("sad :( <j@x.org>, k@x.org", [("(", "j@x.org"), ("", "k@x.org")]),
        ("Friends: a@x.org, B <b@x.org>;", [("", "a@x.org"), ("B", "b@x.org")]),
        ("undisclosed-recipients:;", []),
        ("mailto:a@x.org", [("", "a@x.org")]),
        (r'"Say \"hi\" \\" <j@x.org>', [('Say "hi" \\', "j@x.org")]),
        ('"John Doe"@x.org', [("", '"John Doe"@x.org')]),
        ('<"a>b"@x.org>', [("", '"a>b"@x.org')]),
        ("a@[IPv6:::1], b@x.org", [("", "a@[IPv6:::1]"), ("", "b@x.org")]),
        ("Jürgen <jürgen@bücher.example>", [("Jürgen", "jürgen@bücher.example")]),
        ("root@localhost", [("", "root@localhost")]),
        ("a@x.org, A <a@X.ORG>, A@x.org", [("", "a@x.org"), ("", "A@x.org")]),
        ("a@bücher.example, a@xn--bcher-kva.example", [("", "a@bücher.example")]),
        ('"unfinished <j@x.org>, k@x.org', [('"unfinished', "j@x.org"), ("", "k@x.org")]),
        ("nobody", [("", "nobody")]),
        ('5" disk <a@x.org>\n3" disk <b@x.org>', [('5" disk', "a@x.org"), ('3" disk', "b@x.org")]),
    ],
)
def test_lists(text: str, found: list[tuple[str, str]]) -> None:
    assert [(each.name, each.spec) for each in parse_list(text)] == found


@pytest.mark.parametrize("text", ["a\0@x.org", "J\x7f <j@x.org>", "a@x.org\x1b"])
def test_control_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        parse_list(text)


@pytest.mark.parametrize(
    ("name", "spec", "field"),
    [("Jane\r\nBcc: x", "j@x.org", "display name"), ("Jane", "j@x.org\r\nRCPT", "address")],
)
def test_no_address_holds_a_line_break(name: str, spec: str, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Address(name, spec)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_list(text)
    except ValueError:
        return
    assert len({each.key for each in found}) == len(found)
    assert all(each.spec or each.name for each in found)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"])) | st.sampled_from(["a, b", '"', "\\"])
)
def test_what_is_formatted_is_read_again(name: str) -> None:
    address = Address(name, "jane@example.org")
    assert parse_list(address.formatted()) == [address]
    assert parse_list(f"{address.formatted()}, {JANE.formatted()} ")[0] == address


@pytest.mark.parametrize(
    ("address", "wire", "display"),
    [
        ("a@bücher.example", "a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@XN--BCHER-KVA.example", "a@XN--BCHER-KVA.example", "a@bücher.example"),
        ("ä@BÜCHER.example", "ä@xn--bcher-kva.example", "ä@BÜCHER.example"),
        ("a@xn--0.example", "a@xn--0.example", "a@xn--0.example"),
        ("root", "root", "root"),
    ],
)
def test_domains_have_two_forms(address: str, wire: str, display: str) -> None:
    assert Address("", address).wire == wire
    assert Address("", address).display == display
    assert Address("Jane", address).display == f"Jane <{display}>"


def test_a_domain_that_can_not_be() -> None:
    with pytest.raises(ValueError, match=re.escape("ä..b can't be right")):
        _ = Address("", "x@ä..b").wire


@pytest.mark.parametrize(
    "spec",
    [
        "jane@example.org",
        "root@localhost",
        "a@b.test",
        "a@printer.local",
        "a@x.invalid",
        "jürgen@bücher.example",
        '"a b"@example.org',
        "a@[127.0.0.1]",
        "o'neil+tag@example.org",
    ],
)
def test_right_addresses(spec: str) -> None:
    assert check(spec) is None
    assert check(Address("Jane", spec)) is None


@pytest.mark.parametrize(
    "spec",
    ["", "a", "a@", "@b", "a@b@c", "a b@c.org", "a..b@c.org", "a@-b.org", "a@b..org", "a@b\r\n"],
)
def test_wrong_addresses_have_one_sentence(spec: str) -> None:
    why = check(spec)
    assert why
    assert why.endswith(".")
    assert why.count(". ") == 0
