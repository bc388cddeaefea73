"""Facts about the files that settings name, as `net.pem` reads them, for `checks` to judge."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FileTrouble(StrEnum):
    """Why a file can't serve."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    NOT_PEM = "not-pem"
    """Neither certificate nor key in PEM form inside."""
    WRONG_CONTENT = "wrong-content"
    """A key where a certificate is wanted, or the reverse."""
    ENCRYPTED = "encrypted"
    """A key that wants a passphrase."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of one named file."""

    path: str
    trouble: FileTrouble | None = None
    detail: str = ""
    not_before: datetime | None = None
    """Of the first certificate, with time zone."""
    not_after: datetime | None = None
    matches: bool | None = None
    """For a client key: whether it belongs to the client certificate; None: can't be told."""
