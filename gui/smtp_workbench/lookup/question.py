"""What a check of a domain's deliverability is about."""

import ipaddress
from dataclasses import dataclass

from smtp_workbench.net.errors import NetError
from smtp_workbench.net.resolve import ascii_name


class QuestionError(ValueError):
    """Something in the question can't be what it is meant to be; `str()` is a sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """The parameter of `ask` that is wrong."""


@dataclass(frozen=True, slots=True)
class Question:
    """Names are in ASCII and lower case; what isn't known is empty."""

    domain: str
    """Of From."""
    envelope: str
    """The domain of the envelope sender."""
    signer: str = ""
    """The domain that signs by DKIM."""
    selector: str = ""
    address: str = ""
    """The address that sends to the recipients' servers."""
    relay: str = ""
    port: int = 25
    """Of the relay."""


def ask(
    domain: str,
    *,
    envelope: str = "",
    signer: str = "",
    selector: str = "",
    address: str = "",
    relay: str = "",
    port: int = 25,
) -> Question:
    """Return the question about *domain*, which may be a mail address as *envelope* may.

    Without *envelope* or *signer* it is about the domain itself. Raises QuestionError.
    """
    name = _domain("domain", domain)
    key = selector.strip(" ")
    if key:
        key = _name("selector", key, "a selector such as mail1")
        signer = _domain("signer", signer) if signer.strip(" ") else name
    return Question(
        name,
        _domain("envelope", envelope) if envelope.strip("<> ") else name,
        signer if key else "",
        key,
        _address(address),
        relay_name(relay),
        port,
    )


def relay_name(host: str) -> str:
    """Return *host* as a name that can have TLSA records: empty for none and for an address."""
    bare = host.strip(" ")
    try:
        ipaddress.ip_address(bare.strip("[]"))
    except ValueError:
        return _name("relay", bare, "a host name") if bare else ""
    return ""


def _domain(field: str, text: str) -> str:
    """Return the domain in *text*, a domain or a mail address."""
    bare = text.strip(" ").removeprefix("<").removesuffix(">").rpartition("@")[2]
    return _name(field, bare, "a domain such as example.org")


def _name(field: str, text: str, wanted: str) -> str:
    error = QuestionError(field, f"{text!r} is not {wanted}.")
    if text.replace(".", "").isdecimal():
        raise error
    try:
        return ascii_name(text)
    except NetError:
        raise error from None


def _address(text: str) -> str:
    bare = text.strip(" ").removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare)) if bare else ""
    except ValueError:
        raise QuestionError(
            "address", f"{text!r} is not an IP address such as 192.0.2.1 or 2001:db8::1."
        ) from None
