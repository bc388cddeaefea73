"""How the sandbox can fail on purpose: a fault is one entry in the list at the end.

Those of MAIL, RCPT and DATA stand in `faults_of_sending`.
"""

from typing import Final

from smtp_workbench.sandbox.fault import Fault, dropping, replying, silent
from smtp_workbench.sandbox.faults_of_sending import SENDING_FAULTS


def _certificate(flaw: str, title: str, teaches: str, cause: str) -> Fault:
    return Fault(id=flaw, title=title, teaches=teaches, stage="tls", cause=cause, certificate=flaw)


_AT_AUTH: Final = ("AUTH", "auth")
_AT_EHLO: Final = ("EHLO", "ehlo")
_AT_GREETING: Final = ("GREETING", "greeting")
_AT_STARTTLS: Final = ("STARTTLS", "starttls")

FAULTS: Final = (
    _certificate(
        "wrong-name",
        "Certificate for another name",
        "The certificate is good, but for another host than the one in the settings.",
        "hostname_mismatch",
    ),
    _certificate(
        "expired",
        "Expired certificate",
        "Somebody forgot to renew it, or this machine's clock is wrong.",
        "certificate_expired",
    ),
    _certificate(
        "not-yet-valid",
        "Certificate of tomorrow",
        "It is not valid yet, or this machine's clock is behind.",
        "certificate_not_yet_valid",
    ),
    _certificate(
        "self-signed",
        "Self-signed certificate",
        "Nobody vouches for it: trust its fingerprint, or have it signed.",
        "self_signed",
    ),
    _certificate(
        "old-tls",
        "Only TLS 1.0 and 1.1",
        "An old server that today's programs refuse to talk to.",
        "old_tls_version",
    ),
    replying(
        "auth-refused",
        "Log-in refused",
        "User or password are wrong, or the service wants others than you think.",
        _AT_AUTH,
        "535 5.7.8 Error: authentication failed",
        "bad_credentials",
    ),
    replying(
        "app-password-required",
        "App password wanted",
        "Accounts with a second factor take no normal password over SMTP.",
        _AT_AUTH,
        "534 5.7.9 Application-specific password required",
        "app_password_required",
    ),
    replying(
        "auth-unavailable",
        "Log-in out of order",
        "The server's own directory is down: nothing here to change, try later.",
        _AT_AUTH,
        "454 4.7.0 Temporary authentication failure",
        "temporary_auth_failure",
    ),
    Fault(
        id="auth-not-offered",
        title="No log-in offered",
        teaches="Some ports take no log-in at all; other testers report success there.",
        stage="auth",
        cause="auth_not_offered",
        hides=("AUTH",),
    ),
    Fault(
        id="starttls-not-offered",
        title="STARTTLS not offered",
        teaches="The port stays in plaintext; nothing secret should be sent there.",
        stage="starttls",
        cause="starttls_not_offered",
        hides=("STARTTLS",),
    ),
    replying(
        "starttls-unavailable",
        "STARTTLS out of order",
        "The server offers TLS and then can't do it.",
        _AT_STARTTLS,
        "454 4.7.0 TLS not available due to local problem",
        "server_tls_unavailable",
    ),
    replying(
        "starttls-injection",
        "Plaintext smuggled behind STARTTLS",
        "Somebody on the way adds commands before the encryption starts.",
        _AT_STARTTLS,
        "220 2.0.0 Ready to start TLS\r\n250 2.0.0 smuggled",
        "starttls_injection",
    ),
    Fault(
        id="not-tls-after-starttls",
        title="No TLS after STARTTLS",
        teaches="The server says that it is ready for TLS and goes on in plaintext.",
        stage="tls",
        cause="not_tls_after_starttls",
        replies={"TLS": "500 5.5.2 Error: bad syntax"},
    ),
    Fault(
        id="slow-greeting",
        title="Slow greeting",
        teaches="Some servers let clients wait for their greeting, to tire out spammers.",
        stage="greeting",
        cause="no_greeting",
        delay=40.0,
    ),
    Fault(
        id="drip",
        title="One octet at a time",
        teaches="A server can be so slow that only a limit for the whole stage ends it.",
        stage="greeting",
        cause="no_greeting",
        drips=True,
    ),
    replying(
        "busy",
        "Too busy: 421",
        "The service is there, but not for us now.",
        _AT_GREETING,
        "421 4.3.2 Service not available, closing transmission channel",
        "service_unavailable",
    ),
    replying(
        "no-service",
        "No mail service here: 554",
        "The host answers only to say that it takes no mail.",
        _AT_GREETING,
        "554 5.3.2 No SMTP service here",
        "smtp_service_refused",
    ),
    replying(
        "http",
        "A web server answers",
        "The port belongs to another protocol.",
        _AT_GREETING,
        "HTTP/1.1 400 Bad Request",
        "http_server",
    ),
    replying(
        "malformed-reply",
        "Reply that breaks the protocol",
        "The lines of one reply carry different codes.",
        _AT_EHLO,
        "250-sandbox.localhost\r\n550 HELP",
        "malformed_reply",
    ),
    replying(
        "ehlo-name-refused",
        "EHLO name refused",
        "The name that we give ourselves is not accepted.",
        _AT_EHLO,
        "550 5.7.1 Helo command rejected: need fully-qualified hostname",
        "helo_name_rejected",
    ),
    replying(
        "helo-only",
        "No EHLO, only HELO",
        "A server of the oldest kind: without EHLO there is neither STARTTLS nor log-in.",
        ("EHLO", "starttls"),
        "502 5.5.1 Error: command not implemented",
        "no_esmtp",
    ),
    silent("GREETING", "No greeting", "greeting", "no_greeting"),
    silent("TLS", "A handshake that never ends", "tls", "tls_handshake_timeout"),
    silent("EHLO", "No answer to EHLO", "ehlo", "reply_timeout"),
    dropping("CONNECT", "greeting", "connection_dropped_before_greeting"),
    dropping("GREETING", "greeting", "connection_dropped_before_greeting"),
    dropping("EHLO", "ehlo", "connection_dropped"),
    dropping("STARTTLS", "starttls", "connection_dropped"),
    dropping("TLS", "tls", "tls_handshake_aborted"),
    dropping("AUTH", "auth", "connection_dropped"),
    *SENDING_FAULTS,
)
