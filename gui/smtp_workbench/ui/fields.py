"""Every field of the form: its label, its editor, and what other tools call it.

The page is built from this table; a new option of `Transport` is a new row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from smtp_workbench.settings.transport import Family, Protocol, TlsVersion, Trust
from smtp_workbench.smtp.auth import MECHANISMS

CONTEXT: Final = "fields"
"""The context of the texts below for `QCoreApplication.translate`."""


class Editor(Enum):
    """How a value is typed or picked."""

    TEXT = auto()
    FILE = auto()
    CHOICE = auto()
    PORT = auto()
    SECONDS = auto()
    COUNT = auto()
    FLAG = auto()
    PASSWORD = auto()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One row of the form."""

    path: str
    """A field of `Transport`, or one that `Form` names."""
    label: str
    editor: Editor = Editor.TEXT
    other_names: str = ""
    """What other tools call it."""
    tip: str = ""
    placeholder: str = ""
    choices: Mapping[object, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading that folds."""

    id: str
    title: str
    hint: str
    rows: tuple[FieldSpec, ...]
    open: bool = False


def _(text: str) -> str:
    """Mark a text for translation; it is translated where it is shown."""
    return str(QT_TRANSLATE_NOOP(CONTEXT, text))


HOST: Final = FieldSpec(
    "host",
    _("Host"),
    other_names="Nodemailer: host",
    tip=_("Name or address of the server. An smtp:// URL pasted here fills the form."),
    placeholder="smtp.example.com",
)
PORT: Final = FieldSpec(
    "port",
    _("Port"),
    Editor.PORT,
    "Nodemailer: port",
    _("Empty: 465 for implicit TLS, 24 for LMTP, else 587."),
)
MECHANISM: Final = FieldSpec(
    "auth.mechanism",
    _("Method"),
    Editor.CHOICE,
    "Nodemailer: authMethod",
    _("A named one is tried even where the server does not offer it."),
    choices={"": _("Automatic"), **{name: name for name in MECHANISMS}},
)
USER: Final = FieldSpec(
    "auth.user",
    _("User"),
    other_names="Nodemailer: auth.user",
    tip=_("Empty: no log-in."),
)
PASSWORD: Final = FieldSpec(
    "secret",
    _("Password"),
    Editor.PASSWORD,
    "Nodemailer: auth.pass, auth.accessToken",
    _("Password, API key or access token. It is never written to a file or shown in the log."),
)

CERTIFICATE: Final = Section(
    "certificate",
    _("Certificate check"),
    "",
    (
        FieldSpec(
            "tls.trust",
            _("Trust"),
            Editor.CHOICE,
            "Nodemailer: tls.rejectUnauthorized, tls.ca",
            _("What makes the server's certificate acceptable."),
            choices={
                Trust.SYSTEM: _("System certificates"),
                Trust.CA_FILE: _("A CA file"),
                Trust.FINGERPRINT: _("Exactly one certificate"),
                Trust.NONE: _("Anything (no check)"),
            },
        ),
        FieldSpec(
            "tls.ca_file",
            _("CA file"),
            Editor.FILE,
            "Nodemailer: tls.ca",
            _("PEM file with the certificates to trust, and no others."),
            placeholder="ca.pem",
        ),
        FieldSpec(
            "tls.fingerprint",
            _("Fingerprint"),
            other_names="swaks: --tls-verify-ca; msmtp: tls_fingerprint",
            tip=_("SHA-256 of the certificate, hexadecimal; colons do not matter."),
            placeholder="AB:CD:…",
        ),
        FieldSpec(
            "tls.server_name",
            _("Server name"),
            other_names="Nodemailer: tls.servername",
            tip=_("Asked for in the handshake and expected in the certificate."),
            placeholder=_("same as host"),
        ),
        FieldSpec(
            "tls.client_certificate",
            _("Client certificate"),
            Editor.FILE,
            "Nodemailer: tls.cert",
            _("PEM file with our own certificate, for servers that ask for one."),
            placeholder="client.pem",
        ),
        FieldSpec(
            "tls.client_key",
            _("Client key"),
            Editor.FILE,
            "Nodemailer: tls.key",
            _("PEM file with its key; empty: it is in the same file."),
            placeholder=_("same file"),
        ),
        FieldSpec(
            "tls.minimum_version",
            _("Lowest TLS"),
            Editor.CHOICE,
            "Nodemailer: tls.minVersion",
            _("Older versions than this are refused."),
            choices={item: item.value.replace("v", " ") for item in TlsVersion},
        ),
        FieldSpec(
            "tls.ciphers",
            _("Ciphers"),
            other_names="Nodemailer: tls.ciphers",
            tip=_("An OpenSSL cipher list for TLS 1.2 and older."),
            placeholder=_("the library's choice"),
        ),
    ),
)
CLIENT: Final = Section(
    "client",
    _("Client name, proxy, time limits"),
    _("defaults"),
    (
        FieldSpec(
            "protocol",
            _("Protocol"),
            Editor.CHOICE,
            "Nodemailer: lmtp",
            _("LMTP is for the last hop into a mail store."),
            choices={Protocol.SMTP: "SMTP", Protocol.LMTP: "LMTP"},
        ),
        FieldSpec(
            "ehlo_name",
            _("EHLO name"),
            other_names="Nodemailer: name",
            tip=_("How we introduce ourselves; empty: this machine's name."),
            placeholder=_("this machine's name"),
        ),
        FieldSpec(
            "family",
            _("Addresses"),
            Editor.CHOICE,
            "swaks: -4, -6",
            _("Which addresses of the host may be used."),
            choices={
                Family.ANY: _("IPv6 and IPv4"),
                Family.IPV4: _("IPv4 only"),
                Family.IPV6: _("IPv6 only"),
            },
        ),
        FieldSpec(
            "source_address",
            _("Source address"),
            other_names="Nodemailer: localAddress",
            tip=_("The local address to connect from."),
            placeholder=_("the system's choice"),
        ),
        FieldSpec(
            "proxy",
            _("Proxy"),
            other_names="Nodemailer: proxy",
            tip=_("http://, socks4:// or socks5:// URL."),
            placeholder="socks5://127.0.0.1:1080",
        ),
        FieldSpec(
            "proxy_secret",
            _("Proxy password"),
            Editor.PASSWORD,
            tip=_("For the user in the proxy's URL."),
        ),
        FieldSpec(
            "timeouts.dns",
            _("DNS limit"),
            Editor.SECONDS,
            "Nodemailer: dnsTimeout",
            _("Seconds for looking the name up."),
        ),
        FieldSpec(
            "timeouts.connect",
            _("Connect limit"),
            Editor.SECONDS,
            "Nodemailer: connectionTimeout",
            _("Seconds for all addresses of the host together."),
        ),
        FieldSpec(
            "timeouts.greeting",
            _("Greeting limit"),
            Editor.SECONDS,
            "Nodemailer: greetingTimeout",
            _("Seconds until the server's first line."),
        ),
        FieldSpec(
            "timeouts.socket",
            _("Reply limit"),
            Editor.SECONDS,
            "Nodemailer: socketTimeout",
            _("Seconds for each stage after the greeting."),
        ),
        FieldSpec(
            "timeouts.total",
            _("Total limit"),
            Editor.SECONDS,
            tip=_("Seconds for a whole run, so that a slow drip ends too."),
        ),
    ),
)
POOL: Final = Section(
    "pool",
    _("Sender and pool"),
    _("used when sending"),
    (
        FieldSpec(
            "sender",
            _("Default From"),
            other_names="Nodemailer: defaults.from",
            tip=_("The address that mail is from unless a message says otherwise."),
            placeholder="you@example.com",
        ),
        FieldSpec(
            "pool.enabled",
            _("Pool"),
            Editor.FLAG,
            "Nodemailer: pool",
            _("Keep connections open"),
        ),
        FieldSpec(
            "pool.max_connections",
            _("Connections"),
            Editor.COUNT,
            "Nodemailer: maxConnections",
            _("Connections at the same time."),
        ),
        FieldSpec(
            "pool.max_messages",
            _("Messages each"),
            Editor.COUNT,
            "Nodemailer: maxMessages",
            _("Messages over one connection before it is closed."),
        ),
        FieldSpec(
            "pool.rate_limit",
            _("Rate"),
            Editor.COUNT,
            "Nodemailer: rateLimit",
            _("Messages in each period; 0: no limit."),
        ),
        FieldSpec(
            "pool.rate_delta",
            _("Period"),
            Editor.SECONDS,
            "Nodemailer: rateDelta",
            _("Seconds that the rate is counted in."),
        ),
    ),
)
ENVELOPE: Final = Section(
    "envelope",
    _("Sender and recipient check"),
    _("MAIL FROM, RCPT TO"),
    (
        FieldSpec(
            "mail_from",
            _("Sender"),
            other_names="swaks: --from",
            tip=_("Asks whether this sender may send; no mail is sent."),
            placeholder="you@example.com",
        ),
        FieldSpec(
            "rcpt_to",
            _("Recipients"),
            other_names="swaks: --to --quit-after RCPT",
            tip=_("Asks whether mail to them is taken; separated by commas."),
            placeholder="someone@example.org",
        ),
    ),
)
SECTIONS: Final = (CERTIFICATE, CLIENT, ENVELOPE, POOL)
