"""Files that a draft names: the small ones are read at once, the large ones when they are sent."""

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from smtp_workbench.message.draft import DraftError
from smtp_workbench.message.scan import Octets, blocks_of, scan

LARGE: Final = 64 * 1024
"""Octets; a longer file is a large one."""


@dataclass(frozen=True, slots=True)
class LargeFile:
    """A file that is not read yet."""

    path: Path
    octets: int


Source = bytes | LargeFile
"""What an attachment or a message is made of."""


def source_of(path: Path, field: str, name: str) -> Source:
    """Return what is in the file; a large one is only opened, to see that it can be read.

    Raises DraftError on *field* with a sentence about *name*.
    """
    try:
        facts = path.stat()
        if S_ISREG(facts.st_mode):
            with path.open("rb") as stream:
                size = facts.st_size
                return LargeFile(path, size) if size > LARGE else stream.read()
    except (OSError, ValueError) as error:
        raise _unreadable(field, name, error) from None
    raise DraftError(field, f"{name} is not a file.")


def scan_of(source: Source, field: str, name: str) -> Octets:
    """Return the facts about all octets. Raises DraftError as `source_of`."""
    try:
        return scan([source] if isinstance(source, bytes) else blocks_of(source.path))
    except OSError as error:
        raise _unreadable(field, name, error) from None


def _unreadable(field: str, name: str, error: Exception) -> DraftError:
    # ValueError: the path has a NUL in it.
    reason = getattr(error, "strerror", None) or error
    return DraftError(field, f"{name} can't be read: {reason}.")
