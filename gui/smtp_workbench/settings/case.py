"""What the checks look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from smtp_workbench.settings.change import value_of
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

STRAY: Final = " \t\r\n,;'\"`\u00a0\u200b\u2018\u2019\u201c\u201d\ufeff"
"""What comes along at the ends when a value is pasted."""


@dataclass(frozen=True, slots=True)
class Case:
    """Settings, and what is known besides."""

    transport: Transport
    secret: Secret | None
    files: Mapping[str, FileFacts]
    preset: Preset | None
    now: datetime

    def value(self, path: str) -> str:
        """Return the text in the field *path*."""
        return str(value_of(self.transport, path))
