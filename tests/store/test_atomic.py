from collections.abc import Iterator
from pathlib import Path

import pytest

from smtp_workbench.store.atomic import Content, write_atomically


@pytest.mark.parametrize("content", ["h\u00e9", "h\u00e9".encode(), iter([b"h", b"\xc3\xa9"])])
def test_text_octets_and_pieces_are_written(tmp_path: Path, content: Content) -> None:
    write_atomically(tmp_path / "file", content)
    assert (tmp_path / "file").read_text("utf-8") == "h\u00e9"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half of"
        raise RuntimeError

    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(RuntimeError):
        write_atomically(tmp_path / "file", pieces())
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"before"
