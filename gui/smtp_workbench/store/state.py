"""The program's own state: window, theme, which profile was open. Losing it harms nobody."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from smtp_workbench.store.atomic import set_aside, write_atomically


class State:
    """The file `state.json` in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"

    def load(self) -> dict[str, Any]:
        """Return what was kept; nothing if there is none or it can't be read."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except OSError:
            return {}
        except ValueError:
            kept = None
        if isinstance(kept, dict):
            return kept
        with suppress(OSError):
            set_aside(self._path)
        return {}

    def save(self, kept: dict[str, Any]) -> None:
        """Keep *kept*, plain JSON values. Raises OSError."""
        write_atomically(self._path, json.dumps(kept, indent=2) + "\n")
