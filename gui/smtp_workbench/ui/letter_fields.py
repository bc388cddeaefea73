"""Every field of a message that is a row of its page: label, editor, explanation.

The page is built from this table; a new option of `Draft` is a new row here.
"""

from enum import Enum, auto
from typing import Final

from smtp_workbench.message.draft import Priority, ReturnContent, TransferEncoding
from smtp_workbench.ui.fields import POOL, Editor, FieldSpec, Section, _

NOTIFICATIONS: Final = {
    "SUCCESS": _("delivered"),
    "FAILURE": _("failed"),
    "DELAY": _("delayed"),
    "NEVER": _("never"),
}
"""What NOTIFY may ask for (RFC 3461, section 4.1)."""
CHARSETS: Final = (
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1252",
    "iso-8859-2",
    "koi8-r",
    "iso-2022-jp",
    "gb18030",
)


class Shape(Enum):
    """Editors of the message page that the connection page has no use for."""

    ADDRESSES = auto()
    WORDS = auto()
    """Names separated by blanks; a tuple in the draft."""
    NAMES = auto()
    """Names of profiles separated by commas; a tuple in the draft."""
    HEADER_LINES = auto()
    NOTIFY = auto()
    TIME = auto()
    ENVELOPE_FROM = auto()
    """Text, where empty is None and `<>` is the null sender."""
    EML = auto()


AUTHOR: Final = FieldSpec(
    "author",
    _("From"),
    tip=_("The author that recipients see; the envelope takes its address as well."),
    placeholder="You <you@example.com>",
)
TO: Final = FieldSpec(
    "to",
    _("To"),
    tip=_("A comma, a semicolon or Enter ends an address; a list can be pasted."),
    placeholder=_("add an address"),
)
CC: Final = FieldSpec("cc", _("Cc"), tip=TO.tip, placeholder=_("add an address"))
BCC: Final = FieldSpec(
    "bcc",
    _("Bcc"),
    tip=_("Recipients that only the envelope names; no header shows them."),
    placeholder=_("add an address"),
)
SUBJECT: Final = FieldSpec(
    "subject",
    _("Subject"),
    tip=_("Variables such as {{now}} are filled in when the message is sent."),
)

SHAPES: Final[dict[str, Shape]] = {
    "to": Shape.ADDRESSES,
    "cc": Shape.ADDRESSES,
    "bcc": Shape.ADDRESSES,
    "reply_to": Shape.ADDRESSES,
    "envelope_to": Shape.ADDRESSES,
    "headers": Shape.HEADER_LINES,
    "dkim.skip": Shape.WORDS,
    "fallback": Shape.NAMES,
    "dsn.notify": Shape.NOTIFY,
    "invitation.starts": Shape.TIME,
    "invitation.ends": Shape.TIME,
    "envelope_from": Shape.ENVELOPE_FROM,
    "untouched": Shape.EML,
}
"""The fields that have one of these editors; all others go by their `FieldSpec.editor`."""

_HEADER_ROWS: Final = (
    FieldSpec("reply_to", "Reply-To", tip=_("Where answers go."), placeholder=_("same as From")),
    FieldSpec(
        "sender",
        "Sender",
        tip=_("Who sends it for the author, if that is somebody else."),
        placeholder=_("nobody else"),
    ),
    FieldSpec(
        "message_id",
        "Message-ID",
        tip=_("With or without angle brackets."),
        placeholder=_("made anew for each message"),
    ),
    FieldSpec(
        "date",
        "Date",
        tip=_("As RFC 5322, section 3.3, has it: Thu, 26 Nov 2026 09:00:00 +0100."),
        placeholder=_("when it is sent"),
    ),
    FieldSpec("in_reply_to", "In-Reply-To", tip=_("The Message-ID that this answers.")),
    FieldSpec(
        "references",
        "References",
        tip=_("Message-IDs of the thread, separated by blanks."),
        placeholder=_("the one above"),
    ),
    FieldSpec(
        "priority",
        _("Priority"),
        Editor.CHOICE,
        tip=_("X-Priority, Importance and Priority, that mail programs show as a flag."),
        choices={
            Priority.NONE: _("Not said"),
            Priority.HIGH: _("High"),
            Priority.NORMAL: _("Normal"),
            Priority.LOW: _("Low"),
        },
    ),
    FieldSpec(
        "list_unsubscribe",
        _("Unsubscribe"),
        other_names="List-Unsubscribe",
        tip=_("https: or mailto: URLs, separated by blanks or commas (RFC 2369)."),
        placeholder="https://example.com/unsubscribe",
    ),
    FieldSpec(
        "one_click",
        "",
        Editor.FLAG,
        tip=_("With one click (RFC 8058)"),
    ),
    FieldSpec(
        "headers",
        _("More headers"),
        tip=_("One “Name: value” a line, in this order; a name may come again."),
        placeholder="X-Campaign: test",
    ),
    FieldSpec(
        "charset",
        _("Charset"),
        Editor.CHOICE,
        tip=_("Of the text parts."),
        choices={name: name for name in CHARSETS},
    ),
    FieldSpec(
        "encoding",
        _("Encoding"),
        Editor.CHOICE,
        other_names="Content-Transfer-Encoding",
        tip=_("How the text parts travel."),
        choices={
            TransferEncoding.AUTO: _("Automatic"),
            **{item: item.value for item in TransferEncoding if item.value != "auto"},
        },
    ),
)
_INVITATION_ROWS: Final = (
    FieldSpec("invitation", _("Invitation"), Editor.FLAG, tip=_("Invite To and Cc to a meeting")),
    FieldSpec("invitation.starts", _("Starts"), tip=_("In this machine's time zone.")),
    FieldSpec("invitation.ends", _("Ends"), tip=_("In this machine's time zone.")),
    FieldSpec("invitation.location", _("Place")),
    FieldSpec("invitation.summary", _("Title"), placeholder=_("the subject")),
    FieldSpec("invitation.description", _("Description")),
    FieldSpec(
        "invitation.uid",
        "UID",
        tip=_("The same UID changes or cancels a meeting that was sent before."),
        placeholder=_("made anew for each message"),
    ),
    FieldSpec(
        "invitation.method",
        _("Method"),
        Editor.CHOICE,
        tip=_("What the recipient's calendar is to do (RFC 5546)."),
        choices={name: name for name in ("REQUEST", "PUBLISH", "CANCEL")},
    ),
)
HEADERS: Final = Section(
    "headers",
    _("Headers"),
    _("Reply-To, Message-ID, priority, invitation"),
    (*_HEADER_ROWS, *_INVITATION_ROWS),
)
DELIVERY: Final = Section(
    "delivery",
    _("Envelope and delivery"),
    _("from and to as above, DSN off"),
    (
        FieldSpec(
            "envelope_from",
            "MAIL FROM",
            tip=_("Another address for bounces; <> is the null sender."),
            placeholder=_("as From; <> for none"),
        ),
        FieldSpec(
            "envelope_to",
            "RCPT TO",
            tip=_("Other recipients than the headers name."),
            placeholder=_("as To, Cc and Bcc"),
        ),
        FieldSpec(
            "dsn.notify",
            _("Notify when"),
            other_names="DSN: NOTIFY",
            tip=_("When the server is to report on the delivery (RFC 3461)."),
        ),
        FieldSpec(
            "dsn.content",
            _("Report has"),
            Editor.CHOICE,
            other_names="DSN: RET",
            tip=_("What a report of a failure quotes."),
            choices={
                ReturnContent.UNSAID: _("Not said"),
                ReturnContent.FULL: _("The whole message"),
                ReturnContent.HEADERS: _("Its headers"),
            },
        ),
        FieldSpec(
            "dsn.envelope_id",
            _("Envelope ID"),
            other_names="DSN: ENVID",
            tip=_("A mark of your own that reports come back with."),
        ),
        FieldSpec("pipelining", "PIPELINING", Editor.FLAG, tip=_("Use it where it is offered")),
        FieldSpec("chunking", "BDAT", Editor.FLAG, tip=_("Use it where CHUNKING is offered")),
        FieldSpec(
            "retries",
            _("Try again"),
            Editor.COUNT,
            tip=_("How often, after a failure that passes, such as greylisting."),
        ),
        FieldSpec(
            "fallback",
            _("Fall back to"),
            tip=_("Saved profiles, tried in this order where another server could take it."),
            placeholder=_("no other server"),
        ),
        FieldSpec(
            "untouched",
            _("Sent untouched"),
            tip=_("An .eml file that is sent octet for octet; only the envelope counts then."),
            placeholder=_("no .eml file"),
        ),
    ),
)
DKIM: Final = Section(
    "dkim",
    _("DKIM signature"),
    _("off"),
    (
        FieldSpec("dkim.domain", _("Domain"), placeholder=_("no signature")),
        FieldSpec(
            "dkim.selector", _("Selector"), tip=_("The key's name in DNS."), placeholder="mail"
        ),
        FieldSpec(
            "dkim.key_file",
            _("Key file"),
            Editor.FILE,
            tip=_("PEM file with an RSA or Ed25519 private key."),
            placeholder="dkim.pem",
        ),
        FieldSpec(
            "dkim.skip",
            _("Not signed"),
            tip=_("Header names that the signature leaves out, separated by blanks."),
            placeholder=_("no header left out"),
        ),
    ),
)
COUNT: Final = FieldSpec("count", _("Messages"), Editor.COUNT, tip=_("How many are sent."))
REPEAT: Final = Section(
    "repeat",
    _("Repeat"),
    _("1 message, 1 connection"),
    (COUNT, *(spec for spec in POOL.rows if spec.path.startswith("pool."))),
)
SECTIONS: Final = (HEADERS, DELIVERY, DKIM, REPEAT)
