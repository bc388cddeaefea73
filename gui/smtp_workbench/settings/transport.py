"""What to connect to and how: every option of the SMTP transports people know, as plain data.

Nodemailer's names for the options stand in brackets. A half-typed form is a valid `Transport`:
`settings.checks` reports what is wrong with it, nothing here raises.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Security(StrEnum):
    """The four meanings that the pair of booleans `secure` and `requireTLS` can have."""

    IMPLICIT_TLS = "implicit"
    """TLS from the first byte (RFC 8314) [secure: true]."""
    STARTTLS = "starttls"
    """Plaintext greeting, then STARTTLS or stop (RFC 3207) [requireTLS: true]."""
    STARTTLS_IF_OFFERED = "if-offered"
    """STARTTLS where it is offered, plaintext otherwise [secure: false]."""
    PLAINTEXT = "plaintext"
    """Never TLS [ignoreTLS: true]."""


class Protocol(StrEnum):
    """SMTP (RFC 5321), or LMTP (RFC 2033) for the last hop into a mail store [lmtp: true]."""

    SMTP = "smtp"
    LMTP = "lmtp"


class Family(StrEnum):
    """Which addresses of the host may be used."""

    ANY = "any"
    IPV4 = "ipv4"
    IPV6 = "ipv6"


class Trust(StrEnum):
    """What makes a server certificate acceptable."""

    SYSTEM = "system"
    """The certificates this operating system trusts."""
    CA_FILE = "ca-file"
    """Those in `Tls.ca_file`, and no others [tls.ca]."""
    FINGERPRINT = "fingerprint"
    """Exactly the certificate whose SHA-256 is `Tls.fingerprint`, however else it looks."""
    NONE = "none"
    """Anything [tls.rejectUnauthorized: false]."""


class TlsVersion(StrEnum):
    """A TLS protocol version, spelled as OpenSSL and Node spell it."""

    TLS_1_0 = "TLSv1"
    TLS_1_1 = "TLSv1.1"
    TLS_1_2 = "TLSv1.2"
    TLS_1_3 = "TLSv1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the server proves who it is, and how we do. File names are paths on this machine."""

    trust: Trust = Trust.SYSTEM
    ca_file: str = ""
    fingerprint: str = ""
    """SHA-256 of the certificate's DER form, hexadecimal, colons optional."""
    server_name: str = ""
    """Asked for (SNI) and expected in the certificate; empty: the host [tls.servername]."""
    client_certificate: str = ""
    """PEM file with our certificate and its chain [tls.cert]."""
    client_key: str = ""
    """PEM file with its key; empty: in the same file [tls.key]."""
    minimum_version: TlsVersion = TlsVersion.TLS_1_2
    """[tls.minVersion]"""
    ciphers: str = ""
    """An OpenSSL cipher list for TLS 1.2 and older; empty: the library's choice [tls.ciphers]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """Who logs in and how. The password or token travels apart, as a `Secret`."""

    user: str = ""
    """Empty: no log-in [auth.user]."""
    mechanism: str = ""
    """A SASL mechanism's name in capitals; empty: the strongest both sides have [authMethod]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds. The defaults are Nodemailer's; `TESTING` is what a person waits for."""

    dns: float = 30.0
    """[dnsTimeout]"""
    connect: float = 120.0
    """For all addresses of the host together [connectionTimeout]."""
    greeting: float = 30.0
    """[greetingTimeout]"""
    socket: float = 600.0
    """For each stage after the greeting; while data moves in DATA, for lack of progress
    [socketTimeout]."""
    total: float = 1800.0
    """For a whole run, so that a server that drips a byte at a time ends too."""


TESTING = Timeouts(dns=10.0, connect=15.0, greeting=30.0, socket=30.0, total=180.0)
"""Shorter limits, for a person who waits in front of the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """How many messages go over how many connections, when a message is sent repeatedly."""

    enabled: bool = False
    """Keep connections open between messages [pool]."""
    max_connections: int = 5
    """[maxConnections]"""
    max_messages: int = 100
    """Messages over one connection before it is closed [maxMessages]."""
    rate_limit: int = 0
    """Messages in each `rate_delta`; 0: no limit [rateLimit]."""
    rate_delta: float = 1.0
    """Seconds [rateDelta, in milliseconds]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """A server and everything about how to talk to it, but no secret."""

    host: str = ""
    """A name, an IPv4 address or an IPv6 address without brackets [host]."""
    port: int | None = None
    """None: what `security` and `protocol` imply, see `effective_port` [port]."""
    security: Security = Security.STARTTLS
    """[secure, requireTLS, ignoreTLS]"""
    protocol: Protocol = Protocol.SMTP
    """[lmtp]"""
    ehlo_name: str = ""
    """How we introduce ourselves; empty: this machine's name [name]."""
    source_address: str = ""
    """The local address to connect from; empty: the system's choice [localAddress]."""
    proxy: str = ""
    """`http://`, `socks4://` or `socks5://` URL, without its password [proxy]."""
    family: Family = Family.ANY
    sender: str = ""
    """The address that mail is from unless a message says otherwise [defaults.from]."""
    tls: Tls = field(default_factory=Tls)
    auth: Auth = field(default_factory=Auth)
    timeouts: Timeouts = field(default_factory=Timeouts)
    pool: Pool = field(default_factory=Pool)

    @property
    def effective_port(self) -> int:
        """The port that is connected to: the given one, else 24 (LMTP), 465 or 587."""
        if self.port is not None:
            return self.port
        if self.protocol is Protocol.LMTP:
            return 24
        return 465 if self.security is Security.IMPLICIT_TLS else 587

    @property
    def tls_name(self) -> str:
        """The name that the server's certificate has to carry."""
        return self.tls.server_name or self.host
