"""Drafts as JSON: nothing is lost, and a mistake is named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.message.draft import Attachment, Draft, Invitation, Priority
from smtp_workbench.message.plain import from_plain, to_plain
from support.drafts import drafts

ANY_TEXT = st.text(st.characters(), max_size=20)


@given(drafts() | drafts(ANY_TEXT))
def test_every_draft_comes_back_from_json(draft: Draft) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(draft)))) == draft


def test_defaults_are_not_written() -> None:
    assert to_plain(Draft()) == {}
    moment = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    draft = Draft(
        priority=Priority.HIGH,
        envelope_from="",
        attachments=(Attachment(name="a.bin", data=b"\0"),),
        invitation=Invitation(starts=moment, ends=moment),
    )
    assert to_plain(draft) == {
        "priority": "high",
        "envelope_from": "",
        "attachments": [{"name": "a.bin", "data": "AA=="}],
        "invitation": {"starts": "2026-12-01T09:30:00+00:00", "ends": "2026-12-01T09:30:00+00:00"},
    }


def test_octets_can_be_kept_elsewhere() -> None:
    draft = Draft(attachments=(Attachment(data=b"one"), Attachment(data=b"two")))
    kept: dict[str, bytes] = {}

    def keep(octets: bytes) -> str:
        kept[f"file {len(kept)}"] = octets
        return f"file {len(kept) - 1}"

    plain = to_plain(draft, keep)
    assert plain == {"attachments": [{"data": "file 0"}, {"data": "file 1"}]}
    assert from_plain(plain, kept.__getitem__) == draft


@pytest.mark.parametrize(
    ("plain", "named"),
    [
        ([], "^the draft: "),
        ({"subjetc": "x"}, "^subjetc: "),
        ({"subject": None}, "^subject: "),
        ({"to": "a@example.org"}, "^to: "),
        ({"to": ["a@example.org", 7]}, r"^to\[1\]: "),
        ({"headers": [["X-A"]]}, r"^headers\[0\]: "),
        ({"priority": "urgent"}, "^priority: "),
        ({"count": True}, "^count: "),
        ({"one_click": 1}, "^one_click: "),
        ({"dsn": {"notify": "NEVER"}}, "^dsn.notify: "),
        ({"dkim": "mine"}, "^dkim: "),
        ({"attachments": [{}, {"data": "?"}]}, r"^attachments\[1\].data: "),
        ({"invitation": {"ends": "2026-12-01"}}, "^invitation.starts: it is missing"),
        ({"invitation": {"starts": "soon", "ends": ""}}, "^invitation.starts: "),
    ],
)
def test_a_mistake_is_named(plain: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        from_plain(plain)


NAMES = st.text(max_size=5) | st.sampled_from(
    ["to", "dsn", "dkim", "headers", "attachments", "invitation", "starts", "data", "priority"]
)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    )
)
def test_nothing_else_than_a_value_error_is_raised(plain: Any) -> None:
    try:
        from_plain(plain)
    except ValueError:
        return
