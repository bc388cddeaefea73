"""The file with which a mail provider tells its settings to programs (`config-v1.1.xml`).

Only what stands there; nothing is checked or filled in.
https://www.bucksch.org/1/projects/thunderbird/autoconfiguration/config-file-format.html
"""

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError  # defusedxml does the reading

from defusedxml.ElementTree import fromstring

from smtp_workbench.settings.transport import Security

SOCKETS: Final = {
    "SSL": Security.IMPLICIT_TLS,
    "STARTTLS": Security.STARTTLS,
    "TLS": Security.STARTTLS,
    "PLAIN": Security.PLAINTEXT,
}
"""What `socketType` says, in capitals."""
MECHANISMS: Final = {"password-encrypted": "CRAM-MD5", "OAuth2": "XOAUTH2"}
"""What `authentication` says, where it asks for one mechanism."""
LONGEST: Final = 64 * 1024
"""Octets or characters of a file. Providers need a few thousand; reading it holds up the loop."""
_KNOWN: Final = ("hostname", "port", "socketType", "username", "authentication")


@dataclass(frozen=True, slots=True)
class OutgoingServer:
    """An `outgoingServer` of the type smtp, texts as in the file."""

    host: str
    port: str
    socket: str
    user: str
    methods: tuple[str, ...]
    """The values of `authentication`, the preferred first."""
    others: tuple[str, ...]
    """Names of further elements."""


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a file says."""

    name: str
    """How the provider calls itself; may be empty."""
    outgoing: tuple[OutgoingServer, ...]
    """The preferred first."""
    incoming: tuple[str, ...]
    """The types of the servers where mail is read."""


def parse(document: str | bytes) -> ClientConfig:
    """Return what *document* says.

    Raises ValueError with one sentence, without its stop, if it is too long, isn't XML, has a DTD
    (of which entities and default attributes make a bomb), or has no SMTP server.
    """
    if len(document) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST // 1024} KiB")
    try:
        root = fromstring(document.strip(), forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (None,))[0]
        raise ValueError(f"it is not XML{f': line {line}' if line else ' that is safe'}") from None
    outgoing = tuple(
        _server(item)
        for item in root.iter("outgoingServer")
        if item.get("type", "smtp").lower() == "smtp"
    )
    if not outgoing:
        raise ValueError("there is no outgoingServer of the type smtp in it")
    incoming = tuple(item.get("type", "") for item in root.iter("incomingServer"))
    name = " ".join(str(root.findtext("emailProvider/displayName") or "").split())
    return ClientConfig(name, outgoing, incoming)


def _server(element: Element) -> OutgoingServer:
    return OutgoingServer(
        host=_said(element, "hostname"),
        port=_said(element, "port"),
        socket=_said(element, "socketType"),
        user=_said(element, "username"),
        methods=tuple(str(item.text or "").strip() for item in element.findall("authentication")),
        others=tuple(child.tag for child in element if child.tag not in _KNOWN),
    )


def _said(element: Element, name: str) -> str:
    """Return the first of what stands there by this name."""
    text = str(element.findtext(name) or "")
    return text.strip() if "\n" in text else text
