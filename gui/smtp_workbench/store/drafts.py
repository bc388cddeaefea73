"""The draft of the message page, kept through a restart and a crash.

Pasted octets lie beside it in files that are named by their SHA-256, so that each is written once
however often the text is saved. It holds no secret: the DKIM key is a path.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from smtp_workbench.message.draft import Draft
from smtp_workbench.message.plain import from_plain, to_plain
from smtp_workbench.store.atomic import write_atomically
from smtp_workbench.store.kept import KeptFile

SCHEMA: Final = 1
_LOST: Final = b"lost"
"""Itself, not its value, stands for octets that are no longer there."""


class Drafts:
    """The file `draft.json` in *folder*, and the folder `draft-files`."""

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder, "draft.json", subject="the draft", schema=SCHEMA)
        self._octets = folder / "draft-files"
        self.troubles: tuple[str, ...] = ()
        """A sentence for each trouble that the last `load` had."""

    def load(self) -> Draft | None:
        """Return the draft that was kept; None if there is none or it can't be read."""
        draft, troubles = self._file.open(self._read)
        if draft is not None:
            # The rest is worth more than its being complete.
            lost = tuple(each for each in draft.attachments if each.data is _LOST)
            troubles += [f"What was pasted as {each.name or 'a file'} is lost." for each in lost]
            left = tuple(each for each in draft.attachments if each.data is not _LOST)
            draft = replace(draft, attachments=left)
        self.troubles = tuple(troubles)
        return draft

    def save(self, draft: Draft) -> None:
        """Write *draft*, then remove the files that it no longer needs.

        Raises OSError, ReadOnlyError where writing would do harm.
        """
        self._file.claim()
        present, used = self._names(), set[str]()

        def keep(octets: bytes) -> str:
            name = sha256(octets).hexdigest()
            used.add(name)
            if name not in present:
                write_atomically(self._octets / name, octets)
            return name

        plain = to_plain(draft, keep)
        # Text from a clipboard can have lone surrogates in it, which UTF-8 can't.
        self._file.write({"draft": plain}, ascii_only=True)
        for name in self._names() - used:
            with suppress(OSError):  # it only takes up room
                (self._octets / name).unlink()

    @property
    def read_only(self) -> str:
        """Why `save` would write nothing; empty: it would."""
        return self._file.read_only

    def close(self) -> None:
        """Let another program have the file."""
        self._file.close()

    def _read(self, content: Mapping[str, Any]) -> Draft:
        return from_plain(content.get("draft"), self._fetch)

    def _fetch(self, name: str) -> bytes:
        if not _is_digest(name):
            raise ValueError("this names no file of a draft")
        try:
            octets = (self._octets / name).read_bytes()
        except OSError:
            return _LOST
        return octets if sha256(octets).hexdigest() == name else _LOST

    def _names(self) -> set[str]:
        return {path.name for path in self._octets.iterdir()} if self._octets.is_dir() else set()


def _is_digest(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")
