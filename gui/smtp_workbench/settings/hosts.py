"""What a host is, told by its spelling."""

import ipaddress
import re
from typing import Final

import idna

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)


def ascii_form(name: str) -> str | None:
    """Return the form of *name* in the DNS, None if it can't be a host name."""
    try:
        form = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return None
    fits = len(form) <= 253 and all(_LABEL.fullmatch(label) for label in form.split("."))
    return form if fits else None


def is_address(host: str) -> bool:
    """Whether *host* is an IP address, with or without brackets and zone."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Whether *host* is this machine by its spelling: nobody can listen on the way there."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def endpoint(address: str, port: int) -> str:
    """Return address and port as one text, IPv6 in brackets (RFC 3986, section 3.2.2)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
