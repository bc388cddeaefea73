"""What a conversation reports while it happens: the contract of the whole program.

Every function of this room that talks takes an *observer*, a plain callable that receives these
frozen events in order. An event is safe: secrets were cut before it was made, so it may be shown,
stored and exported. `t` is always seconds since the run began.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.net.dial import Attempt
from smtp_workbench.smtp.reply import Reply


class Stage(StrEnum):
    """The stages of a conversation, in the order in which they can happen.

    `tls` follows `connect` with implicit TLS and `starttls` otherwise; `ehlo` comes again after it.
    """

    DNS = "dns"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "tls"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    QUIT = "quit"


class Status(StrEnum):
    """How a stage ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Delivered(StrEnum):
    """What is known of a message that was to be sent."""

    ACCEPTED = "accepted"
    """By the server, for every recipient."""
    PARTLY = "partly"
    """For some recipients."""
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It went out whole and no answer came: sending it again may deliver it twice."""
    NOT_SENT = "not sent"
    """The run ended before the end of the message: the server can't have it."""


class Kind(StrEnum):
    """One word for each way a conversation fails; the way there has `net.errors.NetKind`."""

    SILENCE = "silence"
    """No greeting. `params["probe"]`: `tls` where the server answered a TLS hello instead."""
    CLOSED = "closed"
    RESET = "reset"
    TIMEOUT = "timeout"
    """No complete reply within the stage's limit. `params["partial"]`: what had come."""
    TOTAL_TIMEOUT = "total_timeout"
    """The whole run took longer than `timeouts.total`."""
    REPLY = "reply"
    """A complete reply that refuses."""
    MALFORMED = "malformed"
    """Bytes that are no SMTP reply."""
    OTHER_SERVICE = "other_service"
    """Something that is not SMTP greets. `params["service"]`: http, ssh, imap, pop3, ftp, tls or
    other."""
    OTHER_PROTOCOL = "other_protocol"
    """LMTP where SMTP was expected or the reverse. `params["spoken"]`: lmtp or smtp."""
    STARTTLS_NOT_OFFERED = "starttls_not_offered"
    STARTTLS_MASKED = "starttls_masked"
    """EHLO shows a keyword that a device overwrote. `params["masked"]`: that keyword."""
    STARTTLS_INJECTION = "starttls_injection"
    """Plaintext came behind the 220 to STARTTLS (RFC 3207, section 4.2)."""
    AUTH_NOT_OFFERED = "auth_not_offered"
    AUTH_NOT_OFFERED_BEFORE_TLS = "auth_not_offered_before_tls"
    """No AUTH on plaintext, STARTTLS offered but not used."""
    NO_COMMON_MECHANISM = "no_common_mechanism"
    """`params["offered"]` and `params["ours"]`: names separated by blanks."""
    PLAINTEXT_CREDENTIALS = "plaintext_credentials"
    """Refused by us: the log-in would have gone over plaintext without the user's yes."""
    MECHANISM = "mechanism"
    """The exchange broke a rule of its mechanism, such as a wrong server signature."""
    SMTPUTF8_NOT_OFFERED = "smtputf8_not_offered"
    """An address needs it (RFC 6531) and the server does not offer it. `params["address"]`."""
    EIGHT_BIT_NOT_OFFERED = "eight_bit_not_offered"
    """The message has octets over 127 and the server does not offer 8BITMIME (RFC 6152)."""
    NO_ADDRESS_ACCEPTED = "no_address_accepted"
    """Every recipient was refused. The replies are in `RecipientAnswered`."""
    SETTINGS = "settings"
    """Something of ours can't be used: a blocking finding, a file that is gone.
    `params["field"]`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stage ended the run: facts only."""

    kind: str
    """A value of `Kind` or `NetKind`."""
    evidence: str
    """The decisive line or error text, as it was seen."""
    reply: Reply | None = None
    command: str | None = None
    """The verb that was answered, such as `EHLO`."""
    params: Mapping[str, str] = field(default_factory=dict)
    tls: TlsFacts | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a warning that did not end the run; `label` is a key in `findings.toml`."""

    label: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a run is about."""

    host: str
    port: int
    security: str
    user: str | None
    protocol: str = "smtp"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first event of every run."""

    t: float
    target: Target


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins; in step mode, after the gate opened."""

    t: float
    stage: Stage


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ended and the run goes on. The facts it found stand in the fields that fit."""

    t: float
    stage: Stage
    status: Status
    detail: str
    notices: tuple[Notice, ...] = ()
    addresses: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    tls: TlsFacts | None = None
    reply: Reply | None = None
    extensions: Mapping[str, str] | None = None
    """EHLO keywords in capitals with their parameters."""
    mechanism: str | None = None
    in_doubt: bool = False
    """The message went out whole, and the run was stopped before the server answered."""


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A stage ended the run."""

    t: float
    stage: Stage
    failure: Failure
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of traffic: `C` from us, `S` from the server, `*` a note of ours."""

    t: float
    direction: str
    tls: bool
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Octets of the message that have been handed to the network."""

    t: float
    sent: int
    total: int


@dataclass(frozen=True, slots=True)
class RecipientAnswered:
    """The server's answer to one recipient; over LMTP one more comes after the message."""

    t: float
    address: str
    accepted: bool
    reply: Reply
    final: bool = False
    """Whether it is the answer after the message, which takes the place of the one to RCPT."""

    def as_json(self) -> dict[str, object]:
        """Return one entry of `recipients` in CLI.md."""
        reply = self.reply.as_json()
        return {"address": self.address, "accepted": self.accepted, "reply": reply}


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of every run, `stopped` when the user ended it."""

    t: float
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class RepeatStarted:
    """Many messages are about to be sent over some connections."""

    t: float
    count: int
    connections: int


@dataclass(frozen=True, slots=True)
class MessageDone:
    """One of many messages has come to its end."""

    t: float
    number: int
    """From 1."""
    connection: int
    """From 1."""
    seconds: float
    """From MAIL to the last reply."""
    delivered: Delivered
    reason: str = ""
    """The reply or the trouble, where it was not accepted."""


@dataclass(frozen=True, slots=True)
class RetryPlanned:
    """Between two runs: the message will be tried again."""

    t: float
    seconds: float
    """Until then."""
    why: str
    left: int
    """How many further tries there may be after the next one."""


Event = (
    RunStarted
    | StageStarted
    | StageFinished
    | StageFailed
    | Line
    | Progress
    | RecipientAnswered
    | RunFinished
    | RepeatStarted
    | MessageDone
    | RetryPlanned
)
Observer = Callable[[Event], None]
Gate = Callable[[Stage], Awaitable[None]]
"""Awaited before each stage; in step mode it waits for the user."""
