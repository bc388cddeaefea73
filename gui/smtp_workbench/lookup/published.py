"""TXT records of one purpose, and the lists of `tag=value` that most of them are.

One name may carry records of several purposes; each begins with its version (RFC 8552 tells why
most have names of their own all the same).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from smtp_workbench.net.dns import Dns, Status

_TAG: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Published:
    """The records of one purpose at a name."""

    name: str
    status: Status
    """NO_SUCH_RECORD also where there are others, but none of this purpose."""
    records: tuple[str, ...] = ()
    detail: str = ""
    """Why there was no answer, where there was none."""

    @property
    def record(self) -> str:
        """The one that counts: the only one; empty where there is none, or more than one."""
        return self.records[0] if len(self.records) == 1 else ""


async def published(dns: Dns, name: str, begins: str) -> Published:
    """Return the TXT records at *name* that match the pattern *begins*, whatever their case."""
    answer = await dns.ask(name, "TXT")
    pattern = re.compile(begins, re.IGNORECASE)
    records = tuple(sorted(text for text in answer.texts() if pattern.match(text)))
    status = answer.status
    if status is Status.FOUND and not records:
        status = Status.NO_SUCH_RECORD
    return Published(name, status, records, answer.detail)


@dataclass(frozen=True, slots=True)
class Tags:
    """A list of tags (RFC 6376, section 3.2)."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case; the first, where one is there twice."""
    faults: tuple[str, ...] = ()
    """The parts that are no `tag=value`, and the names of tags that are there twice."""

    def get(self, name: str, default: str = "") -> str:
        """Return the value of *name*."""
        return self.values.get(name, default)

    def items(self, name: str, separator: str) -> tuple[str, ...]:
        """Return the value of *name* as a list, without its blanks and empty items."""
        parts = (part.strip() for part in self.get(name).split(separator))
        return tuple(part for part in parts if part)


def read_tags(record: str) -> Tags:
    """Read *record*. It never raises: what can't be read is among the faults."""
    values: dict[str, str] = {}
    faults = []
    for part in record.split(";"):
        if not part.strip():
            continue
        match = _TAG.fullmatch(part)
        name = match[1].lower() if match else ""
        if match is None or name in values:
            faults.append(part.strip() if match is None else name)
        else:
            values[name] = match[2].strip()
    return Tags(values, tuple(faults))
