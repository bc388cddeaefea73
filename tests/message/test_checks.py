"""Every check of a draft, with the fixes it offers."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.build import build
from smtp_workbench.message.checks import apply_change, check, facts_of
from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    DraftError,
    Dsn,
    ReturnContent,
    TransferEncoding,
)
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.resource import read_toml
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Finding, Severity
from smtp_workbench.settings.files import FileTrouble
from smtp_workbench.settings.transport import Auth, Transport
from support.drafts import drafts

HERE = Transport(host="mail.example.net")
GOOD = Draft(
    author="Me <me@example.org>", to=("you@example.net",), subject="Hello", text="How are you?"
)


def of(draft: Draft, transport: Transport = HERE, **known: Any) -> dict[str, Finding]:
    """Return the findings by label."""
    found = check(draft, transport, files=facts_of(draft), **known)
    return {item.label: item for item in found}


def labels(**changes: Any) -> set[str]:
    return set(of(replace(GOOD, **changes)))


def test_a_good_message_is_not_talked_about() -> None:
    assert check(GOOD, HERE) == ()
    assert check(GOOD, HERE, size=1000, extensions={"SIZE": "35882577"}) == ()


FIELDS = [
    ({"author": " "}, "author_missing", "author"),
    ({"to": ()}, "recipient_missing", "to"),
    ({"to": ("",)}, "recipient_missing", "to"),
    ({"envelope_to": ()}, "recipient_missing", "envelope_to"),
    ({"cc": ("nobody",)}, "address_odd", "cc"),
    ({"author": "me@"}, "address_odd", "author"),
    ({"reply_to": ("a b@example.org",)}, "address_bad", "reply_to"),
    ({"envelope_from": "x"}, "address_odd", "envelope_from"),
    ({"envelope_to": ("x",)}, "address_odd", "envelope_to"),
    ({"sender": "x"}, "address_odd", "sender"),
    ({"author": "a@example.org, b@example.org"}, "several_authors", "author"),
    ({"subject": "a\r\nBcc: x@example.net"}, "control_character", "subject"),
    ({"to": ("a@example.net\0",)}, "control_character", "to"),
    ({"headers": (("X-A", "a\nb"),)}, "control_character", "headers"),
    ({"headers": (("X\n", "a"),)}, "control_character", "headers"),
    ({"headers": (("X A", "a"),)}, "header_name_invalid", "headers"),
    ({"headers": (("", "a"),)}, "header_name_invalid", "headers"),
    ({"dkim": Dkim(selector="a\nb")}, "control_character", "dkim.selector"),
    ({"dsn": Dsn(notify=("NEVER\n",))}, "control_character", "dsn.notify"),
    ({"dsn": Dsn(envelope_id="a\nb")}, "control_character", "dsn.envelope_id"),
    ({"attachments": (Attachment(name="a\nb"),)}, "control_character", "attachments"),
    ({"text": "a\0b"}, "text_control", "text"),
    ({"subject": ""}, "subject_missing", "subject"),
    ({"text": " \n"}, "body_empty", "text"),
    ({"text": "", "attachments": (Attachment(data=b"x"),)}, "attachments_only", "text"),
    ({"text": "{{nonsense}} {{now}}"}, "variable_unknown", "text"),
    ({"subject": "{{nonsense}}"}, "variable_unknown", "subject"),
    ({"charset": "klingon"}, "charset_unknown", "charset"),
    ({"charset": "a\0"}, "charset_unknown", "charset"),
    ({"charset": "hex"}, "charset_unknown", "charset"),
    ({"charset": "latin-1", "text": "5 €"}, "charset_lacks", "charset"),
    ({"charset": "idna", "text": "a..b"}, "charset_lacks", "charset"),
    ({"charset": "\ud800"}, "charset_unknown", "charset"),
    ({"text": "half a \ud83d"}, "charset_lacks", "charset"),
    ({"one_click": True}, "one_click_without_https", "one_click"),
    (
        {"one_click": True, "list_unsubscribe": "mailto:u@example.org"},
        "one_click_without_https",
        "one_click",
    ),
    ({"dsn": Dsn(notify=("NEVER", "DELAY"))}, "dsn_contradiction", "dsn.notify"),
    ({"dkim": Dkim(domain="example.org")}, "dkim_incomplete", "dkim.selector"),
    ({"dkim": Dkim(domain="other.example")}, "dkim_not_aligned", "dkim.domain"),
    ({"count": 0}, "count_invalid", "count"),
    ({"count": 21}, "many_messages", "count"),
    ({"untouched": "/none.eml"}, "file_missing", "untouched"),
    ({"attachments": (Attachment(path="/none.pdf"),)}, "file_missing", "attachments"),
]


@pytest.mark.parametrize(("changes", "label", "field"), FIELDS)
def test_each_mistake_is_said_at_its_field(changes: dict[str, Any], label: str, field: str) -> None:
    found = of(replace(GOOD, **changes))
    assert label in found
    found[label].message.encode()
    assert f"message.{field}" in [
        item.field
        for item in check(replace(GOOD, **changes), HERE, files=facts_of(replace(GOOD, **changes)))
        if item.label == label
    ]


@pytest.mark.parametrize(("changes", "label", "field"), FIELDS)
def test_a_fix_mends_it(changes: dict[str, Any], label: str, field: str) -> None:
    draft = replace(GOOD, **changes)
    transport = replace(HERE, sender="own@example.org")
    for fix in of(draft, transport)[label].fixes:
        mended = apply_change(draft, fix.change)
        assert mended != draft
        after = check(mended, transport, files=facts_of(mended))
        assert (label, f"message.{field}") not in [(item.label, item.field) for item in after]


def test_a_bad_address_is_named() -> None:
    found = of(replace(GOOD, to=("you@example.net", "bad@@example")))["address_odd"]
    assert "bad@@example" in found.message
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("See the attached file.", "attached"),
        ("The Attachment has more.", "Attachment"),
        ("Anbei die Rechnung", "Anbei"),
        ("im Anhang", "Anhang"),
        ("voir la pièce jointe", "pièce jointe"),
        ("ci-joint le contrat", "ci-joint"),
        ("te lo mando adjunto", "adjunto"),
        ("in allegato", "allegato"),
        ("请见附件。", "附件"),
        ("во вложении", "вложении"),
        ("unattached, Anhangskupplung", ""),
        ("> see the attached file\nthanks", ""),
    ],
)
def test_a_promised_attachment_is_missed(text: str, word: str) -> None:
    found = of(replace(GOOD, text=text)).get("attachment_promised")
    assert (f"“{word}”" in found.message) if found and word else found is None and not word
    html = replace(GOOD, text="", html=f"<p class='attached'>{text}</p>")
    assert ("attachment_promised" in of(html)) == bool(word) or text.startswith(">")
    kept = replace(GOOD, text=text, attachments=(Attachment(data=b"x"),))
    assert "attachment_promised" not in of(kept)


def test_refused_kinds_by_provider() -> None:
    draft = replace(GOOD, attachments=(Attachment(name="Setup.EXE", data=b"x"),))
    usual = of(draft)["attachment_kind_unusual"]
    assert usual.severity is Severity.NOTE
    gmail = of(draft, Transport(host="smtp.gmail.com"))["attachment_kind_refused"]
    assert "Gmail" in gmail.message
    assert "support.google.com" in gmail.message
    assert of(draft, Transport(host="127.0.0.1")) == {}
    image = replace(GOOD, attachments=(Attachment(name="disk.iso", data=b"x"),))
    assert of(image) == {}
    assert "attachment_kind_refused" in of(image, preset=presets.by_id("gmail"))
    plain = replace(GOOD, attachments=(Attachment(name="exe", data=b"x"),))
    assert of(plain) == {}


def test_the_lists_are_of_presets_that_there_are() -> None:
    for entry in read_toml("attachments.toml")["refused"]:
        assert all(presets.by_id(name) for name in entry["presets"])
        assert entry["source"].startswith("https://")
        assert len(set(entry["endings"])) == len(entry["endings"])


def test_the_size_against_the_servers_limit() -> None:
    found = of(GOOD, size=20_000_000, extensions={"SIZE": "10485760"})["message_too_large"]
    assert "20,000,000" in found.message
    assert "10,485,760" in found.message
    for said in ("", "0", "many", "9" * 5000, "20000000"):
        assert of(GOOD, size=20_000_000, extensions={"SIZE": said}) == {}


@pytest.mark.parametrize(
    ("changes", "label", "keyword"),
    [
        ({"to": ("jürgen@example.net",)}, "smtputf8_in_vain", "SMTPUTF8"),
        ({"author": "ü@example.org"}, "smtputf8_in_vain", "SMTPUTF8"),
        (
            {"text": "ü", "encoding": TransferEncoding.EIGHT_BIT},
            "eight_bit_in_vain",
            "8BITMIME",
        ),
        ({"dsn": Dsn(notify=("NEVER",))}, "dsn_in_vain", "DSN"),
        ({"dsn": Dsn(content=ReturnContent.FULL)}, "dsn_in_vain", "DSN"),
        ({"chunking": True}, "chunking_in_vain", "CHUNKING"),
    ],
)
def test_what_the_server_does_not_offer(changes: dict[str, Any], label: str, keyword: str) -> None:
    draft = replace(GOOD, **changes)
    assert label in of(draft, extensions={})
    assert of(draft, extensions={keyword: ""}) == {}
    assert of(draft) == {}  # not known
    for fix in of(draft, extensions={})[label].fixes:
        assert of(apply_change(draft, fix.change), extensions={}) == {}


def test_a_domain_beyond_ascii_needs_no_smtputf8() -> None:
    assert of(replace(GOOD, to=("you@bücher.example",)), extensions={}) == {}


def test_ascii_text_may_go_as_8bit_anywhere() -> None:
    draft = replace(GOOD, encoding=TransferEncoding.EIGHT_BIT)
    assert of(draft, extensions={}) == {}


def test_another_author_than_the_account() -> None:
    gmail = Transport(host="smtp.gmail.com", auth=Auth(user="me@gmail.com"))
    refused = of(GOOD, gmail)["sender_not_own"]
    assert "Gmail" in refused.message
    assert refused.severity is Severity.WARNING
    mended = apply_change(GOOD, refused.fixes[0].change)
    assert of(mended, gmail) == {}
    alias = of(replace(GOOD, author="alias@gmail.com"), gmail)
    assert alias["author_not_login"].severity is Severity.NOTE
    other = replace(HERE, auth=Auth(user="you@example.net"))
    assert of(GOOD, other)["author_not_login"].severity is Severity.NOTE
    assert of(GOOD, replace(HERE, auth=Auth(user="ME@example.org"))) == {}
    assert of(GOOD, replace(HERE, auth=Auth(user="apikey"))) == {}


def test_many_messages_to_this_machine_are_nobodys_business() -> None:
    assert of(replace(GOOD, count=1000), Transport(host="127.0.0.1")) == {}


def test_a_signature_of_a_parent_domain_counts(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\n")
    for domain, author in (
        ("example.org", "me@mail.example.org"),
        ("mail.example.org", "me@example.org"),
        ("EXAMPLE.org.", "me@example.ORG"),
    ):
        dkim = Dkim(domain=domain, selector="s", key_file=str(key))
        assert of(replace(GOOD, author=author, dkim=dkim)) == {}


def test_facts_about_files(tmp_path: Path) -> None:
    good, secret = tmp_path / "good.txt", tmp_path / "secret.pem"
    good.write_text("x")
    secret.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    paths = [str(good), str(tmp_path / "none"), str(tmp_path), str(fifo), "a\0b", "~nobody-x/a"]
    draft = replace(
        GOOD,
        attachments=tuple(Attachment(path=path) for path in paths),
        dkim=Dkim(domain="example.org", selector="s", key_file=str(secret)),
    )
    facts = facts_of(draft)
    troubles = [facts[path].trouble for path in (*paths, str(secret))]
    bad = FileTrouble.UNREADABLE
    assert troubles == [None, FileTrouble.MISSING, bad, bad, bad, bad, FileTrouble.ENCRYPTED]
    found = [item for item in check(draft, HERE, files=facts) if item.label.startswith("file_")]
    assert [item.field for item in found].count("message.attachments") == 5
    assert "message.dkim.key_file" in [item.field for item in found]
    assert all(item.severity is Severity.BLOCKING for item in found)
    for text, trouble in (("junk", "not-pem"), ("-----BEGIN CERTIFICATE-----", "wrong-content")):
        secret.write_text(text)
        assert facts_of(draft)[str(secret)].trouble == trouble


def test_a_message_sent_untouched_is_judged_by_envelope_and_delivery(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(b"Subject: x\r\n\r\n")
    bare = Draft(untouched=str(file), envelope_from="", envelope_to=("you@example.net",))
    assert of(bare) == {}
    assert of(Draft(untouched=str(file))) == {}  # its own people; `build` tells if it has none
    assert "message_too_large" in of(bare, size=9, extensions={"SIZE": "8"})


REFUSED = [
    {"date": "soon"},
    {"message_id": "a b"},
    {"attachments": (Attachment(data=b"x", content_type="x"),)},
    {"dkim": Dkim(domain="example.org", selector="a b", key_file=__file__)},
    {"subject": "half a \ud83d"},
    {"author": ""},
    {"to": ()},
    {"charset": "latin-1", "text": "5 €"},
    {"one_click": True},
    {"headers": (("X A", ""),)},
    {"attachments": (Attachment(path="/none"),)},
]


@pytest.mark.parametrize("changes", REFUSED)
def test_what_can_not_be_built_is_blocking_and_said_once(changes: dict[str, Any]) -> None:
    draft = replace(GOOD, **changes)
    with pytest.raises(DraftError) as caught:
        build(draft, Occasion())
    findings = check(draft, HERE, files=facts_of(draft), trouble=caught.value)
    blocking = [item for item in findings if item.severity is Severity.BLOCKING]
    assert [item.field for item in blocking] == [f"message.{caught.value.field}"]


def test_the_null_sender_and_a_folded_list_of_references() -> None:
    assert labels(envelope_from="") == set()
    assert labels(envelope_from="<>") == set()
    draft = replace(GOOD, references="<a@example.org>\r\n <b@example.org>")
    (fix,) = of(draft)["control_character"].fixes
    assert apply_change(draft, fix.change).references == "<a@example.org>  <b@example.org>"


def test_blocking_things_come_first() -> None:
    found = check(Draft(), HERE)
    assert [item.label for item in found] == [
        "author_missing", "recipient_missing", "subject_missing", "body_empty",
    ]  # fmt: skip


def test_changes_of_the_transport_are_left_to_it() -> None:
    change = Change({"port": 25, "message.dkim.domain": "example.org", "message.count": 3})
    assert apply_change(GOOD, change) == replace(GOOD, count=3, dkim=Dkim(domain="example.org"))
    with pytest.raises(TypeError):
        apply_change(GOOD, Change({"message.wings": 2}))


EXTENSIONS = st.none() | st.dictionaries(
    st.sampled_from(["SIZE", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING"]), st.text(max_size=5)
)


@given(
    drafts() | drafts(st.text(st.characters(), max_size=20)),
    st.sampled_from(["", "smtp.gmail.com", "127.0.0.1", "x"]),
    st.sampled_from(["", "me@gmail.com", "@", "a@b@c", "é@"]),
    EXTENSIONS,
    st.none() | st.integers(-1, 10**9),
)
def test_nothing_is_raised_and_every_fix_applies(
    draft: Draft, host: str, user: str, extensions: dict[str, str] | None, size: int | None
) -> None:
    transport = Transport(host=host, auth=Auth(user=user))
    facts = facts_of(draft)
    for item in check(draft, transport, size=size, extensions=extensions, files=facts):
        assert item.field.startswith("message.")
        str(item.as_json()).encode()
        for fix in item.fixes:
            apply_change(draft, fix.change)
