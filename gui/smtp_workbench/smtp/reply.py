"""A server's reply: RFC 5321, section 4.2, with the enhanced status code of RFC 3463."""

import re
from dataclasses import dataclass
from functools import cached_property

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")

_QUEUED = re.compile(
    r"queued as ([\w.@+-]+)"  # Postfix, SendGrid, the sandbox
    r"|\bid=([\w-]+)"  # Exim
    r"|InternalId=(\d+)"  # Exchange
    r"|([\w.+/=-]{6,}) Message accepted for delivery"  # Sendmail, OpenSMTPD
    r"|(\S{6,}) Saved$"  # Dovecot
    r"|^Ok:? ([\w-]{20,})$"  # Amazon SES
    r"|OK +\d{9,} +(\S+) - gsmtp",  # Gmail
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reply:
    """Code and text lines, already redacted and printable."""

    code: int
    lines: tuple[str, ...]

    @cached_property
    def enhanced(self) -> str | None:
        """The enhanced status code at the start of the first line that has one."""
        for line in self.lines:
            if match := _ENHANCED.match(line):
                return match[1]
        return None

    @property
    def text(self) -> str:
        """All lines, separated by line feeds, without the reply code."""
        return "\n".join(self.lines)

    @property
    def positive(self) -> bool:
        """Whether the code is 2xx."""
        return self.code // 100 == 2

    @property
    def transient(self) -> bool:
        """Whether the code is 4xx: the same may succeed later (RFC 5321, section 4.2.1)."""
        return self.code // 100 == 4

    @cached_property
    def queue_id(self) -> str | None:
        """The name under which the server keeps the message, as common servers tell it."""
        text = _ENHANCED.sub("", " ".join(self.lines))
        match = _QUEUED.search(text)
        return match[match.lastindex or 0] if match else None

    def __str__(self) -> str:
        """Return the reply as it went over the wire."""
        last = len(self.lines) - 1
        return "\n".join(
            f"{self.code}{' ' if index == last else '-'}{line}"
            for index, line in enumerate(self.lines)
        )

    def as_json(self) -> dict[str, object]:
        """Return the `reply` object of CLI.md."""
        return {"code": self.code, "enhanced": self.enhanced, "text": self.text}
