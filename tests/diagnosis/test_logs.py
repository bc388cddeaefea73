"""Whole logs: the line that decides is found among lines with numbers like reply codes."""
# ruff: noqa: E501, ISC004  # logs as programs write them

import time

import pytest

from smtp_workbench.diagnosis.explain import Context, explain, explain_and_mark

SWAKS = """\
=== Trying mail.example.com:587...
=== Connected to mail.example.com.
<-  220 mail.example.com ESMTP Postfix (Debian/GNU)
 -> EHLO desk.example.net
<-  250-mail.example.com
<-  250-PIPELINING
<-  250-SIZE 53500000
<-  250-STARTTLS
<-  250-ENHANCEDSTATUSCODES
<-  250 SMTPUTF8
 -> STARTTLS
<-  220 2.0.0 Ready to start TLS
=== TLS started with cipher TLSv1.3:TLS_AES_256_GCM_SHA384:256
=== TLS peer certificate passed CA verification, passed host verification
 ~> EHLO desk.example.net
<~  250-mail.example.com
<~  250 AUTH PLAIN LOGIN
 ~> MAIL FROM:<joe@example.net>
<~  250 2.1.0 Ok
 ~> RCPT TO:<nobody@example.com>
<~* 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in local recipient table
 ~> QUIT
<~  221 2.0.0 Bye
=== Connection closed with remote host.
"""

NODEMAILER = """\
[2026-11-21 05:35:42] DEBUG Creating transport: nodemailer (6.9.4; +https://nodemailer.com/; SMTP/6.9.4[client:6.9.4])
[2026-11-21 05:35:42] DEBUG Sending mail using SMTP/6.9.4[client:6.9.4]
[2026-11-21 05:35:42] DEBUG [QskgS15Y9fs] Resolved smtp.gmail.com as 142.250.145.108 [cache miss]
[2026-11-21 05:35:42] INFO  [QskgS15Y9fs] Secure connection established to 142.250.145.108:465
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] S: 220 smtp.gmail.com ESMTP 5b1f17b1804b1-450 - gsmtp
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] C: EHLO desk
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] S: 250-smtp.gmail.com at your service, [192.0.2.55]
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] S: 250-SIZE 35882577
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] S: 250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] S: 250 SMTPUTF8
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] SMTP handshake finished
[2026-11-21 05:35:43] DEBUG [QskgS15Y9fs] C: AUTH PLAIN (hidden)
[2026-11-21 05:35:44] DEBUG [QskgS15Y9fs] S: 534-5.7.9 Application-specific password required. For more information, go to
[2026-11-21 05:35:44] DEBUG [QskgS15Y9fs] S: 534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor 5b1f17b1804b1-450 - gsmtp
[2026-11-21 05:35:44] INFO  [QskgS15Y9fs] User "joe@gmail.com" failed to authenticate
[2026-11-21 05:35:44] DEBUG [QskgS15Y9fs] Closing connection to the server using "end"
"""

PHPMAILER = """\
2026-11-21 08:33:27 Connection: opening to smtp.example.com:587, timeout=300, options=array()
2026-11-21 08:33:27 Connection: opened
2026-11-21 08:33:27 SERVER -> CLIENT: 220 smtp.example.com ESMTP ready
2026-11-21 08:33:27 CLIENT -> SERVER: EHLO shop.example.org
2026-11-21 08:33:27 SERVER -> CLIENT: 250-smtp.example.com Hello shop.example.org [192.0.2.54]
                                      250-SIZE 52428800
                                      250-AUTH PLAIN LOGIN
                                      250 HELP
2026-11-21 08:33:27 CLIENT -> SERVER: AUTH LOGIN
2026-11-21 08:33:27 SERVER -> CLIENT: 334 VXNlcm5hbWU6
2026-11-21 08:33:27 CLIENT -> SERVER: [credentials hidden]
2026-11-21 08:33:27 SERVER -> CLIENT: 235 Authentication succeeded
2026-11-21 08:33:28 CLIENT -> SERVER: MAIL FROM:<shop@example.org>
2026-11-21 08:33:28 SERVER -> CLIENT: 250 OK
2026-11-21 08:33:28 CLIENT -> SERVER: RCPT TO:<joe@example.net>
2026-11-21 08:33:28 SERVER -> CLIENT: 553 5.7.1 <shop@example.org>: Sender address rejected: not owned by user other@example.org
2026-11-21 08:33:28 SMTP ERROR: RCPT TO command failed: 553 5.7.1 <shop@example.org>: Sender address rejected: not owned by user other@example.org
2026-11-21 08:33:28 CLIENT -> SERVER: QUIT
2026-11-21 08:33:28 SERVER -> CLIENT: 221 smtp.example.com closing connection
SMTP Error: The following recipients failed: joe@example.net
"""

JAVA = """\
2026-11-21 12:00:00.454 ERROR 31550 --- [nio-8080-exec-4] c.e.Mailer : Failed to send mail no. 554
org.springframework.mail.MailSendException: Mail server connection failed. Failed messages: jakarta.mail.MessagingException: Could not convert socket to TLS
{frames}
Caused by: jakarta.mail.MessagingException: Could not convert socket to TLS
{frames}
\t... 93 common frames omitted
Caused by: javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target
{frames}
\t... 121 common frames omitted
""".format(
    frames="\n".join(
        f"\tat org.springframework.mail.javamail.JavaMailSenderImpl.step{i}(JavaMailSenderImpl.java:{450 + i})"
        for i in range(40)
    )
)


def maillog(failed: str) -> str:
    """Return a day of Postfix: *failed* among 200 lines that tell of no failure of ours."""
    lines = []
    for i in range(66):
        queue = f"4F{550 + i}535{i:02}A"
        start = f"Nov 21 12:{i % 60:02}:05 mx postfix"
        lines += [
            f"{start}/qmgr[550]: {queue}: from=<shop@example.org>, size={4500 + i}, nrcpt=1 (queue active)",
            f"{start}/smtp[{535 + i}]: {queue}: to=<joe{i}@example.net>, relay=mx.example.net[192.0.2.{i}]:25,"
            f" delay=0.55, delays=0.1/0/0.2/0.25, dsn=2.0.0, status=sent (250 2.0.0 OK 550{i} - gsmtp)",
            f"{start}/qmgr[550]: {queue}: removed",
        ]
    lines.insert(90, f"Nov 21 12:30:07 mx {failed}")
    lines.append("Nov 21 13:00:00 mx postfix/anvil[421]: statistics: max connection rate 4/60s")
    return "\n".join(lines)


DEFERRED = (
    "postfix/smtp[554]: 4F9A: to=<ann@example.com>, relay=none, delay=421, delays=420/0.02/1/0, dsn=4.4.1,"
    " status=deferred (connect to mx.example.com[192.0.2.45]:25: Connection timed out)"
)
BOUNCED = (
    "postfix/smtp[554]: 4F9A: to=<ann@example.com>, relay=mx.example.com[192.0.2.45]:25, delay=0.4,"
    " dsn=5.2.2, status=bounced (host mx.example.com[192.0.2.45] said: 552 5.2.2 <ann@example.com>:"
    " Mailbox full (in reply to RCPT TO command))"
)


@pytest.mark.parametrize(
    ("log", "cause", "decisive"),
    [
        (SWAKS, "unknown_recipient", "<~* 550 5.1.1"),
        (NODEMAILER, "app_password_required", "S: 534-5.7.9"),
        (PHPMAILER, "sender_not_owned", "553 5.7.1"),
        (JAVA, "untrusted_ca", "Caused by: javax.net.ssl.SSLHandshakeException: PKIX"),
        (maillog(DEFERRED), "port_blocked", "status=deferred"),
        (maillog(BOUNCED), "mailbox_full", "status=bounced"),
    ],
)
def test_the_line_that_decides_is_found(log: str, cause: str, decisive: str) -> None:
    diagnosis = explain(log)
    assert diagnosis.cause == cause
    assert decisive in diagnosis.evidence
    _, span = explain_and_mark(log)
    assert span is not None
    assert log[slice(*span)] == diagnosis.evidence
    assert diagnosis.evidence.count("\n") <= 1


@pytest.mark.parametrize("log", [maillog(""), SWAKS.replace("<~* 550", "<~  250"), PHPMAILER[:900]])
def test_a_log_without_a_failure_has_no_decisive_line(log: str) -> None:
    without = log.replace(": Recipient address rejected: User unknown", "")
    assert explain_and_mark(without)[1] is None


def test_lines_that_differ_in_numbers_alone_do_not_hide_another() -> None:
    log = [f"item {i} is not ready, trying again" for i in range(2_000)]
    log.insert(3, "the mail server refused the connection: connection refused")
    assert explain("\n".join(log)).evidence == log[3]


def test_a_line_that_says_that_it_is_the_error_is_preferred() -> None:
    log = [f"step {i}: cannot do {i} yet, waiting for {'x' * (i % 90)}" for i in range(200)]
    log[50] = "Caused by: java.net.SocketTimeoutException: Read timed out"
    log[150] = "no reply to the question yet: the response of the user timed out"
    assert explain("\n".join(log)).evidence == log[50]


@pytest.mark.parametrize(
    "text",
    [
        (maillog(DEFERRED) + "\n") * 8,
        "550 " * 50_000,
        "\\" * 200_000,
        "error " * 33_000,
        "250-" * 50_000,
        "<" * 200_000,
        "x" * 200_000,
        "\n".join(f"Error {i}: could not connect: item {i * 7919} failed, timeout" for i in range(4_000)),
        "certificate " * 16_000,
        "2a00:" * 40_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    explain("warm up")
    began = time.perf_counter()
    explain(text[:200_000], Context(port=25))
    assert time.perf_counter() - began < 4  # some tenths of a second on a machine that is not busy
