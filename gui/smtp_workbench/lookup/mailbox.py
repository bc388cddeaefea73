"""The address whose settings are looked for."""

import re
from dataclasses import dataclass
from typing import Final

from smtp_workbench.message.addresses import check, parse_list

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PLACEHOLDER: Final = re.compile(r"%EMAIL(ADDRESS|LOCALPART|DOMAIN)%")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address, and its parts as servers want them."""

    address: str
    """As it was written, a tag after `+` included (RFC 5233)."""
    local: str
    """What stands before the @-sign."""
    domain: str
    """What stands after it, in lower case and with A-labels (RFC 5891)."""

    def fill(self, text: str) -> str:
        """Return *text* with the placeholders of Mozilla's autoconfig filled in."""
        parts = {"ADDRESS": self.address, "LOCALPART": self.local, "DOMAIN": self.domain}
        return _PLACEHOLDER.sub(lambda match: parts[match[1]], text)


def read_mailbox(text: str) -> Mailbox:
    """Return the one address in *text*, which may have a name before it.

    Raises ValueError with one sentence that begins with `address`.
    """
    text = text.strip()
    if _CONTROL.search(text):
        raise ValueError(f"address: {text!r} has a line break or control character in it")
    found = parse_list(text)
    if len(found) != 1:
        raise ValueError(f"address: {text!r} is not one mail address such as jane@example.org")
    address = found[0]
    if wrong := check(address):
        raise ValueError(f"address: {address.spec!r} can't be right: {wrong}")
    if address.domain.startswith("["):
        raise ValueError(f"address: {address.spec!r} has no domain that could publish settings")
    domain = address.wire.rpartition("@")[2].lower()
    return Mailbox(address.spec, address.local, domain)
