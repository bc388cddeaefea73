"""Files that are written as a whole or not at all, and set aside when they can't be read."""

import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

Content: TypeAlias = str | bytes | Iterable[bytes]
"""Text goes out as UTF-8; what is too big to hold comes in pieces."""

_PRIVATE_FOLDER = 0o700


def write_atomically(path: Path, content: Content, *, keep_previous: bool = False) -> None:
    """Put *content* into *path*, readable by its owner only; a kill leaves the old or the new.

    *keep_previous* keeps what stood there as `NAME.previous`. Raises OSError, and what an iterable
    raises.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    # Made with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(_pieces(content))
            stream.flush()
            os.fsync(stream.fileno())
        if keep_previous:
            _keep(path)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _pieces(content: Content) -> Iterable[bytes]:
    if isinstance(content, str):
        return [content.encode()]
    return [content] if isinstance(content, bytes) else content


def set_aside(path: Path) -> Path:
    """Rename a file that can't be read, so that nothing overwrites it; return its new name."""
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    place = path.with_name(f"{path.name}.unreadable-{stamp}")
    number = 1
    while place.exists():
        number += 1
        place = path.with_name(f"{path.name}.unreadable-{stamp}-{number}")
    return path.rename(place)


def _keep(path: Path) -> None:
    """Give the present file its second name without a moment in which the first is missing."""
    previous = path.with_name(f"{path.name}.previous")
    spare = path.with_name(f".{path.name}.previous-{os.getpid()}")
    spare.unlink(missing_ok=True)
    try:
        spare.hardlink_to(path)
    except FileNotFoundError:
        return
    except OSError:  # a file system without hard links
        spare.write_bytes(path.read_bytes())
    spare.replace(previous)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
