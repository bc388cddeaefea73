"""Any text is an address with a domain to ask the DNS for, or refused in one sentence."""

import re

import dns.name
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.lookup.mailbox import Mailbox, read_mailbox

ADDRESS_LIKE = st.builds(
    "{}@{}.{}".format,
    st.text(max_size=12),
    st.text(max_size=12),
    st.sampled_from(["example", "org", "рф", "XN--P1AI", "[1]", ""]),
)


@given(st.text(max_size=80) | ADDRESS_LIKE | st.emails())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        mailbox = read_mailbox(text)
    except ValueError as error:
        sentence = str(error)
        assert sentence.startswith("address: ")
        assert "\n" not in sentence
        assert "\r" not in sentence
    else:
        assert re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", mailbox.domain)
        dns.name.from_text(mailbox.domain)
        assert mailbox.address.startswith(mailbox.local)
        assert mailbox.address.isprintable()


@given(st.text(max_size=40), st.text(max_size=40))
def test_placeholders_are_filled_in_once(local: str, text: str) -> None:
    mailbox = Mailbox(f"{local}@d.example", local, "d.example")
    assert mailbox.fill("%EMAILLOCALPART%") == local
    assert mailbox.fill("<%EMAILADDRESS%>") == f"<{local}@d.example>"
    if "%EMAIL" not in text:
        assert mailbox.fill(text) == text
