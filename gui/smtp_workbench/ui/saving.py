"""Writes a file that the user asked for, beside the loop."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from smtp_workbench.store.atomic import Content, write_atomically


async def trouble_saving(path: Path, content: Content) -> str:
    """Write *content* to *path*, whole or not at all; return why that failed, empty: it is there.

    Raises what an iterable *content* raises, but OSError.
    """
    try:
        await asyncio.to_thread(write_atomically, path, content)
    except OSError as error:
        text = QCoreApplication.translate("Saving", "Could not write {file}: {why}")
        return text.format(file=path, why=error.strerror or error)
    return ""
