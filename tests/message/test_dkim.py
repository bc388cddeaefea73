"""Signatures: they hold by dkimpy's own verification of the whole message, whatever is in it."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.build import DraftError, build
from smtp_workbench.message.dkim import dns_record
from smtp_workbench.message.draft import Attachment, Dkim, Draft, TransferEncoding
from smtp_workbench.message.occasion import Occasion

OCCASION = Occasion(now=datetime(2026, 1, 31, 8, 15, tzinfo=UTC), random="c0ffee")
DRAFT = Draft(
    author="Me <me@example.org>",
    to=("a@example.org",),
    subject="Grüße 😀",
    text="Hello  you \n\n\n",
)
KINDS = ("rsa", "ed25519")


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return written(key, NoEncryption())


def written(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return a key file of each kind."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "rsa").write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    (folder / "ed25519").write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    return {kind: str(folder / kind) for kind in KINDS}


def signed(draft: Draft, key_file: str, **said: object) -> bytes:
    described = Dkim(domain="example.org", selector="mail1", key_file=key_file)
    draft = replace(draft, dkim=replace(described, **said))  # type: ignore[arg-type]
    return build(draft, OCCASION).content.read()


def holds(octets: bytes, key_file: str) -> bool:
    asked: list[bytes] = []

    def txt(name: bytes, **_: object) -> str:
        asked.append(name)
        return dns_record(key_file)

    try:
        verified = bool(dkim.DKIM(octets).verify(dnsfunc=txt))
    except dkim.ValidationError:  # the body is another one
        verified = False
    assert asked == [b"mail1._domainkey.example.org."]
    return verified


@pytest.mark.parametrize("kind", KINDS)
def test_it_holds_and_breaks_when_anything_is_changed(kind: str, key_files: dict[str, str]) -> None:
    octets = signed(DRAFT, key_files[kind])
    assert octets.startswith(f"DKIM-Signature: v=1; a={kind}-sha256; c=relaxed/relaxed;".encode())
    assert holds(octets, key_files[kind])
    header, _, body = octets.partition(b"\r\n\r\n")
    assert max(map(len, header.split(b"\r\n"))) <= 78
    assert not holds(header + b"\r\n\r\nX" + body, key_files[kind])
    assert not holds(octets.replace(b"To: a@", b"To: b@"), key_files[kind])
    more = octets.replace(b"From:", b"From: you@example.net\r\nFrom:")
    assert not holds(more, key_files[kind])


@pytest.mark.parametrize("kind", KINDS)
@given(
    text=st.lists(st.sampled_from(["a", " ", "  ", "\t", "\n", "\n\n", "ü", "x" * 90])).map(
        "".join
    ),
    encoding=st.sampled_from([TransferEncoding.AUTO, TransferEncoding.EIGHT_BIT]),
    data=st.binary(max_size=200),
)
def test_it_holds_for_any_text(
    kind: str, key_files: dict[str, str], text: str, encoding: TransferEncoding, data: bytes
) -> None:
    draft = replace(DRAFT, text=text, encoding=encoding)
    assert holds(signed(draft, key_files[kind]), key_files[kind])
    draft = replace(draft, attachments=(Attachment(name="a", data=data),))
    assert holds(signed(draft, key_files[kind]), key_files[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_it_holds_for_large_files(kind: str, key_files: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "large.eml"
    path.write_bytes(b"Subject: x\n\n" + b"some  text \n\n" * 100_000)
    attachments = (
        Attachment(path=str(path), name="large.bin", content_type="application/x-any"),
        Attachment(path=str(path), name="large.eml"),
    )
    octets = signed(replace(DRAFT, attachments=attachments), key_files[kind])
    assert b"Content-Type: message/rfc822" in octets
    assert holds(octets, key_files[kind])


def test_it_holds_with_smtputf8(key_files: dict[str, str]) -> None:
    assert holds(
        signed(replace(DRAFT, author="mé@example.org"), key_files["rsa"]), key_files["rsa"]
    )


def test_what_is_signed(key_files: dict[str, str]) -> None:
    draft = replace(
        DRAFT,
        list_unsubscribe="https://example.org/u",
        one_click=True,
        headers=(("X-Mailer", "none"),),
    )
    octets = signed(draft, key_files["ed25519"], skip=("Subject", "to"))
    tags = re.sub(rb"\s+", b"", octets.partition(b"\r\nDate:")[0])
    names = re.search(rb";h=([^;]*)", tags)
    assert names
    assert names[1].decode().split(":") == [
        "date",
        "from",
        "message-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "from",
    ]
    assert f";t={int(OCCASION.now.timestamp())};".encode() in tags
    assert holds(octets, key_files["ed25519"])


def test_a_domain_of_any_language(key_files: dict[str, str]) -> None:
    octets = signed(DRAFT, key_files["ed25519"], domain="bücher.example")
    assert b"d=xn--bcher-kva.example;" in octets


def test_two_signatures_of_one_occasion_are_the_same(key_files: dict[str, str]) -> None:
    for key_file in key_files.values():
        assert signed(DRAFT, key_file) == signed(DRAFT, key_file)


def test_records(key_files: dict[str, str]) -> None:
    assert dns_record(key_files["rsa"]).startswith("v=DKIM1; k=rsa; p=MIIB")
    record = dns_record(key_files["ed25519"])
    assert record.startswith("v=DKIM1; k=ed25519; p=")
    assert len(base64.b64decode(record.partition("p=")[2])) == 32


def _locked() -> bytes:
    return written(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret"))


def _public() -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_locked, "passphrase"),
        (_public, "no private key"),
        (lambda: b"", "no private key"),
        (lambda: b"\xff\0", "no private key"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "neither an RSA nor an Ed25519"),
        (lambda: pem(rsa.generate_private_key(65537, 1024)).replace(b"A", b"B"), "no private key"),
    ],
)
def test_keys_that_can_not_sign(content: Callable[[], bytes], why: str, tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_bytes(content())
    with pytest.raises(DraftError, match=why) as caught:
        signed(DRAFT, str(tmp_path / "dkim.pem"))
    assert caught.value.field == "dkim.key_file"
    assert str(caught.value).startswith("The DKIM key file dkim.pem ")
    assert "\n" not in str(caught.value)
    with pytest.raises(DraftError, match=why):
        dns_record(str(tmp_path / "dkim.pem"))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"key_file": ""}, "dkim.key_file"),
        ({"key_file": "/no/such/file"}, "dkim.key_file"),
        ({"key_file": "/"}, "dkim.key_file"),
        ({"key_file": "\0"}, "dkim.key_file"),
        ({"domain": "exa mple.org"}, "dkim.domain"),
        ({"domain": "example.org; x=y"}, "dkim.domain"),
        ({"domain": "ä..b"}, "dkim.domain"),
        ({"domain": "example.org\r\n"}, "dkim.domain"),
        ({"selector": ""}, "dkim.selector"),
        ({"selector": "a b"}, "dkim.selector"),
        ({"selector": "ä"}, "dkim.selector"),
        ({"skip": ("FROM",)}, "dkim.skip"),
    ],
)
def test_what_can_not_be_said(
    said: dict[str, object], field: str, key_files: dict[str, str]
) -> None:
    with pytest.raises(DraftError) as caught:
        signed(DRAFT, **{"key_file": key_files["ed25519"], **said})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_changed_key_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    first = dns_record(str(path))
    path.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    assert dns_record(str(path)) != first


def test_no_key_in_an_exception_or_a_repr(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(DraftError) as caught:
        dns_record(str(path))
    assert "c2VjcmV0" not in repr(caught.value)
    assert caught.value.__context__ is None
