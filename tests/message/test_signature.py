"""Who has signed a message, read from octets in whatever pieces they come."""

from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.draft import Dkim
from smtp_workbench.message.signature import signature_in

SIGNED = (
    b"Received: by mx\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.org;\r\n\ts=mail1;"
    b" h=from : to; bh=x;\r\n b=d=s=\r\nFrom: a@example.org\r\n\r\nDKIM-Signature: d=b; s=c\r\n"
)


@given(st.integers(1, 300))
def test_the_topmost_signature_counts(length: int) -> None:
    pieces = (SIGNED[at : at + length] for at in range(0, len(SIGNED), length))
    assert signature_in(pieces) == Dkim(domain="example.org", selector="mail1")


def test_without_a_signature_there_is_none() -> None:
    assert signature_in([b"From: a@example.org\r\n\r\nDKIM-Signature: d=b; s=c\r\n"]) == Dkim()
    assert signature_in([b"DKIM-Signature: d=b\r\n\r\n"]) == Dkim()


@given(st.lists(st.binary()))
def test_any_octets_can_be_read(chunks: list[bytes]) -> None:
    signature_in(chunks)
