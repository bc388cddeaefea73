"""Octets of any kind become text that is safe to show."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.smtp.printable import MAX_LINE, printable


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"250 ok", "250 ok"),
        ("535 пароль неверен".encode(), "535 пароль неверен"),
        ("535 Kennwort ungültig, 5 €".encode("cp1252"), "535 Kennwort ungültig, 5 €"),
        (b"\x1b[31mred\x07\x00\x7f", r"\x1b[31mred\x07\x00\x7f"),
        (b"a\tb\rc", r"a\tb\rc"),
        ("\u202egnp.exe\u2066\u200f\ufeff".encode(), r"\u202egnp.exe\u2066\u200f\ufeff"),
        ("\x85\u2028\U000e0041".encode(), r"\x85\u2028\U000e0041"),
        (b"\x81\xff", r"\x81ÿ"),
        ("👩‍👩‍👧 日本 א".encode(), "👩‍👩‍👧 日本 א"),
        (b"", ""),
    ],
)
def test_a_line_is_shown_as_a_person_can_read_it(data: bytes, shown: str) -> None:
    assert printable(data) == shown


@given(st.binary(max_size=300))
def test_nothing_unsafe_is_shown(data: bytes) -> None:
    shown = printable(data)
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not [c for c in shown if unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO"}]
    assert json.loads(json.dumps(shown).encode()) == shown


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=50))
def test_readable_text_comes_through_unchanged(text: str) -> None:
    assert printable(text.encode()) == text


@pytest.mark.parametrize("character", ["x", "é", "€", "🔑", "\x01"])
@pytest.mark.parametrize("before", range(4))
def test_a_long_line_is_cut_between_characters_with_a_note(character: str, before: int) -> None:
    data = b"x" * before + character.encode() * 50_000
    shown = printable(data)
    text, _, note = shown.partition(" …")
    assert len(text) == MAX_LINE
    assert set(text) <= {"x", *(character if character != "\x01" else r"\x01")}
    assert note == f" (cut: a line of {len(data):,} octets)"
