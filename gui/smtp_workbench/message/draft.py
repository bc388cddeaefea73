"""A draft: everything that the user can say about one message, as plain data.

A half-written draft is a valid `Draft`: `message.checks` reports what is wrong with it, `build`
refuses what can't be put into octets. The field names of RFC 5322 and of the extensions stand in
brackets.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TransferEncoding(StrEnum):
    """How the text parts travel (RFC 2045, section 6)."""

    AUTO = "auto"
    """7bit where that is possible, else quoted-printable or base64, whichever is shorter."""
    SEVEN_BIT = "7bit"
    EIGHT_BIT = "8bit"
    """Needs a server with 8BITMIME (RFC 6152)."""
    QUOTED_PRINTABLE = "quoted-printable"
    BASE64 = "base64"


class Priority(StrEnum):
    """What mail programs show as a flag [X-Priority, Importance, Priority]."""

    NONE = ""
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ReturnContent(StrEnum):
    """What a delivery status notification quotes (RFC 3461, section 4.3) [RET]."""

    UNSAID = ""
    FULL = "FULL"
    HEADERS = "HDRS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file of a message."""

    name: str = ""
    """As the recipient sees it; empty: without a name."""
    content_type: str = ""
    """Such as `application/pdf`; empty: guessed from the name."""
    path: str = ""
    """The file on this machine that it is read from, when it is sent."""
    data: bytes = field(default=b"", repr=False)
    """Its octets where there is no `path`, as with a pasted picture."""
    content_id: str = ""
    """Without angle brackets; what `cid:` in the HTML text refers to. Not empty: inline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A meeting (RFC 5545, RFC 6047): From is its organizer, To and Cc are its attendees."""

    summary: str = ""
    """Empty: the subject."""
    starts: datetime
    ends: datetime
    location: str = ""
    description: str = ""
    uid: str = ""
    """Empty: made anew for each message."""
    method: str = "REQUEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """Delivery status notifications (RFC 3461)."""

    notify: tuple[str, ...] = ()
    """`NEVER` alone, or some of `SUCCESS`, `FAILURE`, `DELAY`; empty: not said [NOTIFY]."""
    content: ReturnContent = ReturnContent.UNSAID
    envelope_id: str = ""
    """[ENVID]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """A signature (RFC 6376, RFC 8463); without a domain there is none."""

    domain: str = ""
    selector: str = ""
    key_file: str = ""
    """PEM with an RSA or Ed25519 private key."""
    skip: tuple[str, ...] = ()
    """Header names that are not signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One message and its envelope. Addresses are `a@example.org` or `Name <a@example.org>`."""

    author: str = ""
    """[From]"""
    sender: str = ""
    """Who sent it for the author, if somebody else [Sender]."""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    """In the envelope only; no header shows them."""
    reply_to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    derive_text: bool = True
    """Make the text from the HTML where there is HTML and no text."""
    attachments: tuple[Attachment, ...] = ()
    invitation: Invitation | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Further header fields, in order; a name may come more than once."""
    priority: Priority = Priority.NONE
    message_id: str = ""
    """With or without angle brackets; empty: made anew for each message."""
    date: str = ""
    """As RFC 5322, section 3.3; empty: when it is sent."""
    in_reply_to: str = ""
    references: str = ""
    """Message-IDs separated by blanks; empty with `in_reply_to`: that one."""
    list_unsubscribe: str = ""
    """One or more `https:` or `mailto:` URLs, separated by blanks or commas (RFC 2369)."""
    one_click: bool = False
    """[List-Unsubscribe-Post] (RFC 8058); needs an https URL."""
    charset: str = "utf-8"
    """Of the text parts; a character that it lacks is an error of `build`."""
    encoding: TransferEncoding = TransferEncoding.AUTO
    untouched: str = ""
    """An `.eml` file that is sent octet for octet; then only envelope and delivery count."""
    envelope_from: str | None = None
    """Another address than the author's for MAIL; empty: the null sender `<>`."""
    envelope_to: tuple[str, ...] | None = None
    """Other recipients than To, Cc and Bcc say."""
    dsn: Dsn = field(default_factory=Dsn)
    dkim: Dkim = field(default_factory=Dkim)
    pipelining: bool = True
    """Use PIPELINING (RFC 2920) where it is offered."""
    chunking: bool = False
    """Use BDAT (RFC 3030) instead of DATA where CHUNKING is offered."""
    retries: int = 0
    """How often it is tried again after a failure that passes."""
    fallback: tuple[str, ...] = ()
    """Names of saved profiles, tried in this order where another server could take it."""
    count: int = 1
    """How many messages are sent; the transport's `pool` says over how many connections."""


class DraftError(ValueError):
    """A draft that no octets can be made of; `field` names the part of it, as in `dkim.domain`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
