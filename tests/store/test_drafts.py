"""The draft outlives the program, whatever ends it."""

import json
import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from smtp_workbench.message.draft import Attachment, Draft
from smtp_workbench.store.drafts import Drafts
from smtp_workbench.store.kept import ReadOnlyError

PICTURE = Attachment(name="pasted.png", content_type="image/png", data=b"\x89PNG" * 1000)
DRAFT = Draft(
    author="Jürgen <me@example.org>",
    to=("you@example.net",),
    subject="half of a \ud83d pasted smiley",
    attachments=(PICTURE, Attachment(path="report.pdf")),
)


def files(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (folder / "draft-files").iterdir())


def test_a_draft_comes_back(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    assert drafts.load() is None
    drafts.save(DRAFT)
    drafts.close()
    again = Drafts(tmp_path)
    assert again.load() == DRAFT
    assert again.troubles == ()


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "new")
    drafts.load()
    drafts.save(DRAFT)
    (file,) = (tmp_path / "new/draft-files").iterdir()
    for path in (file, tmp_path / "new/draft.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_pasted_octets_are_written_once_and_removed_when_nothing_needs_them(
    tmp_path: Path,
) -> None:
    drafts = Drafts(tmp_path)
    drafts.load()
    other = Attachment(data=b"other")
    drafts.save(Draft(attachments=(PICTURE, PICTURE, other)))
    assert files(tmp_path) == sorted([PICTURE.data, b"other"])
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "draft-files").iterdir()}
    (tmp_path / "draft-files/.left-by-a-kill").write_bytes(b"half")
    drafts.save(Draft(subject="x", attachments=(PICTURE,)))
    assert files(tmp_path) == [PICTURE.data]
    (path,) = (tmp_path / "draft-files").iterdir()
    assert path.stat().st_mtime_ns == written[path]
    assert b"iVBOR" not in (tmp_path / "draft.json").read_bytes()
    drafts.save(Draft())
    assert files(tmp_path) == []


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_the_rest_is_worth_more_than_a_lost_picture(tmp_path: Path, damage: str) -> None:
    drafts = Drafts(tmp_path)
    drafts.load()
    drafts.save(DRAFT)
    (path,) = (tmp_path / "draft-files").iterdir()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(PICTURE.data[:5] if damage == "cut" else b"x" * len(PICTURE.data))
    draft = drafts.load()
    assert draft is not None
    assert draft.subject == DRAFT.subject
    assert draft.attachments == DRAFT.attachments[1:]
    (trouble,) = drafts.troubles
    assert "pasted.png" in trouble


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "nested"),
        ("[]", "object"),
        ('{"schema": 1}', "object"),
        ('{"schema": 1, "draft": {"to": 7}}', "to: it is not a list"),
        ('{"schema": 1, "draft": {"attachments": [{"data": "../../x"}]}}', "names no file"),
    ],
)
def test_an_unreadable_file_is_set_aside(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "draft.json").write_text(text, "utf-8")
    drafts = Drafts(tmp_path)
    assert drafts.load() is None
    (trouble,) = drafts.troubles
    assert said in trouble
    (aside,) = tmp_path.glob("draft.json.unreadable-*")
    assert aside.name in trouble
    drafts.save(DRAFT)
    assert aside.read_text("utf-8") == text


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    text = json.dumps({"schema": 99, "draft": {"wings": 2}})
    (tmp_path / "draft.json").write_text(text, "utf-8")
    (tmp_path / "draft-files").mkdir()
    (tmp_path / "draft-files/of-the-newer-one").write_bytes(b"x")
    drafts = Drafts(tmp_path)
    assert drafts.load() is None
    assert "newer" in drafts.troubles[0]
    with pytest.raises(ReadOnlyError, match="newer"):
        drafts.save(DRAFT)
    assert (tmp_path / "draft.json").read_text("utf-8") == text
    assert files(tmp_path) == [b"x"]


def test_a_second_program_only_reads(tmp_path: Path) -> None:
    first, second = Drafts(tmp_path), Drafts(tmp_path)
    first.load()
    first.save(DRAFT)
    assert second.load() == DRAFT
    assert "not saved" in second.troubles[0]
    with pytest.raises(ReadOnlyError):
        second.save(Draft())
    assert files(tmp_path) == [PICTURE.data]
    first.close()
    assert second.load() == DRAFT
    second.save(Draft())


WRITER = """
import sys
from pathlib import Path
from smtp_workbench.message.draft import Attachment, Draft
from smtp_workbench.store.drafts import Drafts
drafts = Drafts(Path(sys.argv[1]))
draft = drafts.load()
assert draft and not drafts.troubles, drafts.troubles
print("ready", flush=True)
for number in range(10**6):
    pasted = Attachment(data=bytes([number % 256]) * 50_000)
    drafts.save(Draft(subject=str(number), attachments=(draft.attachments[0], pasted)))
"""


def test_a_kill_never_loses_the_draft(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    drafts.load()
    drafts.save(DRAFT)
    drafts.close()
    chance = random.Random(7)
    for _ in range(30):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            # However long that takes, it lands somewhere in one of its writes.
            for _ in range(chance.randrange(200_000)):
                pass
            os.kill(process.pid, signal.SIGKILL)
        again = Drafts(tmp_path)
        draft = again.load()
        again.close()
        assert draft is not None
        assert again.troubles == ()
        assert draft.attachments[0] == PICTURE
        assert len(draft.attachments) == 2
        assert list(tmp_path.glob(".draft.json-*")) == []
