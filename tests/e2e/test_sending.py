"""Send through real servers, and fetch what they delivered."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.message.build import build
from smtp_workbench.message.dkim import dns_record
from smtp_workbench.message.draft import Attachment, Dkim, Draft
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Auth,
    Pool,
    Protocol,
    Security,
    Timeouts,
    Tls,
    Transport,
    Trust,
)
from smtp_workbench.smtp.access import Access
from smtp_workbench.smtp.events import Delivered, Stage
from smtp_workbench.smtp.pool import send_many
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.send import Delivery, send
from support.servers.dovecot import fetch
from support.servers.server import PASSWORD, USER, MailServer

pytestmark = pytest.mark.real_server

LIMITS = Timeouts(dns=5, connect=5, greeting=5, socket=20, total=60)
NOBODY = "nobody@workbench.test"
ODD_FILES = {
    "Rechnung äöü (final) 2026.pdf": ("application/pdf", b"%PDF-1.7 not really\n"),
    "日本語のファイル.txt": ("text/plain", "こんにちは\r\n".encode()),
    "a \"quoted\"; name='x'.bin": ("application/octet-stream", bytes(range(256)) * 700),
}


def access(server: MailServer, role: str = "submission", **changes: object) -> Access:
    security = Security.IMPLICIT_TLS if role == "submissions" else Security.STARTTLS
    transport = Transport(
        host=server.host,
        port=server.ports[role],
        security=security,
        timeouts=LIMITS,
        tls=Tls(trust=Trust.CA_FILE, ca_file=str(server.ca_file)),
        auth=Auth(user=USER),
    )
    return Access(
        transport=replace(transport, **changes),  # type: ignore[arg-type]
        secret=Secret(PASSWORD),
    )


LMTP = {"protocol": Protocol.LMTP, "security": Security.STARTTLS_IF_OFFERED, "auth": Auth()}


async def post(where: Access, draft: Draft) -> tuple[Report, str]:
    """Send *draft*; return the report and the Message-ID."""
    parcel = build(draft, Occasion(host=where.transport.host))
    return await send(where, Delivery.of(draft, parcel)), parcel.message_id


def opened(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """A message with everything that is hard to get through."""
    attachments = []
    for number, (name, (content_type, octets)) in enumerate(ODD_FILES.items()):
        path = tmp_path / f"{number}.file"
        path.write_bytes(octets)
        attachments.append(Attachment(name=name, content_type=content_type, path=str(path)))
    return Draft(
        author=f"Jürgen Tester <{USER}>",
        to=(f"Dana Ł. <{USER}>",),
        subject="Prüfung 🚀 ✓ — " + "langes Wort " * 12,
        text="Grüße,\n\n.ein Punkt am Anfang\n" + "x" * 2000 + "\n日本 🎉\n",
        html='<p>Grüße 🎉</p><img src="cid:dot">',
        attachments=(
            *attachments,
            Attachment(name="dot.png", content_type="image/png", data=b"PNG?", content_id="dot"),
        ),
    )


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
async def test_what_was_composed_is_what_arrives(
    mail_system: tuple[MailServer, object], dovecot: MailServer, draft: Draft, chunking: bool
) -> None:
    postfix = mail_system[0]
    report, message_id = await post(access(postfix), replace(draft, chunking=chunking))
    assert report.ok, report.failure
    assert report.queue_id
    assert any(line.text.startswith("BDAT") for line in report.lines) is chunking
    message = opened(fetch(dovecot, message_id))
    assert message["Subject"] == draft.subject
    assert message["From"].addresses[0].display_name == "Jürgen Tester"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == draft.text
    assert html.get_content().strip() == draft.html
    found = {
        part.get_filename(): (part.get_content_type(), part.get_payload(decode=True))
        for part in message.walk()
        if part.get_content_disposition() == "attachment"
    }
    assert found == ODD_FILES


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
async def test_a_dkim_signature_survives_postfix_and_dovecot(
    postfix: MailServer, dovecot: MailServer, draft: Draft, tmp_path: Path, kind: str
) -> None:
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = ed25519.Ed25519PrivateKey.generate()
    if kind == "rsa":
        key = rsa.generate_private_key(65537, 2048)
    path = tmp_path / "dkim.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    signed = Dkim(domain="workbench.test", selector="s1", key_file=str(path))
    report, message_id = await post(access(postfix), replace(draft, dkim=signed))
    assert report.ok, report.failure
    record = dns_record(str(path)).encode()
    asked: list[bytes] = []

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    octets = fetch(dovecot, message_id)
    assert dkim.verify(octets, dnsfunc=look_up)
    assert asked == [b"s1._domainkey.workbench.test."]
    assert not dkim.verify(octets.replace(b"Subject: ", b"Subject: no "), dnsfunc=look_up)


@pytest.mark.parametrize("name", ["plain.eml", "eight-bit.eml", "bare.eml"])
async def test_an_eml_sent_untouched_is_identical_after_the_trace_headers(
    postfix: MailServer, dovecot: MailServer, tmp_path: Path, name: str
) -> None:
    text = {
        "plain.eml": "",
        "eight-bit.eml": "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n",
        "bare.eml": "X-Odd:   spacing \t kept\r\nx-odd: twice\r\n",
    }[name]
    octets = (
        f"Message-ID: <{name}@workbench.test>\r\nFrom: {USER}\r\nTo: {USER}\r\n"
        "Date: Thu, 26 Nov 2026 09:00:00 +0100\r\nSubject: untouched\r\n"
        f"{text}\r\n.dots\r\n..more\r\n\r\n"
    ).encode() + ("grüße\r\n" if "eight" in name else "plain\r\n").encode()
    path = tmp_path / name
    path.write_bytes(octets)
    report, _ = await post(access(postfix), Draft(untouched=str(path)))
    assert report.ok, report.failure
    assert fetch(dovecot, f"<{name}@workbench.test>").endswith(octets)


async def test_pipelining_is_used_and_can_be_switched_off(
    postfix: MailServer, draft: Draft
) -> None:
    for pipelining in (True, False):
        report, _ = await post(access(postfix), replace(draft, pipelining=pipelining))
        assert report.ok, report.failure
        order = [line.text[:4] for line in report.lines if line.direction != "*"]
        at = order.index("MAIL")
        assert (order[at + 1] == "RCPT") is pipelining


async def test_lmtp_tells_for_each_recipient(dovecot: MailServer, draft: Draft) -> None:
    where = access(dovecot, "lmtp", **LMTP)
    report, message_id = await post(where, replace(draft, to=(USER, NOBODY)))
    assert report.delivered is Delivered.PARTLY
    assert [(item.address, item.accepted) for item in report.recipients] == [
        (USER, True),
        (NOBODY, False),
    ]
    diagnosis = diagnose(report, where.transport)
    assert diagnosis is not None
    assert diagnosis.cause == "unknown_recipient"
    assert fetch(dovecot, message_id)


async def test_one_unknown_recipient_of_two_keeps_the_other(
    postfix: MailServer, dovecot: MailServer, draft: Draft
) -> None:
    where = access(postfix, "relay", auth=Auth(), security=Security.PLAINTEXT)
    report, message_id = await post(where, replace(draft, to=(NOBODY, USER)))
    assert report.delivered is Delivered.PARTLY
    assert report.failed_stage is Stage.RCPT
    assert fetch(dovecot, message_id)


async def test_a_message_over_the_limit_is_refused_by_its_announced_size(
    postfix: MailServer, tmp_path: Path, draft: Draft
) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as stream:
        stream.truncate(9_000_000)
    large = replace(draft, attachments=(Attachment(name="big.bin", path=str(big)),))
    where = access(postfix)
    report, _ = await post(where, large)
    assert report.failed_stage is Stage.MAIL
    diagnosis = diagnose(report, where.transport)
    assert diagnosis is not None
    assert diagnosis.cause == "message_too_large"


@pytest.mark.parametrize("role", ["submission", "submissions"])
async def test_exim_takes_it_and_tells_its_id(exim: MailServer, draft: Draft, role: str) -> None:
    report, _ = await post(access(exim, role), draft)
    assert report.ok, report.failure
    assert report.queue_id
    assert "-" in report.queue_id


async def test_smtp_server_of_nodemailer_takes_it(smtp_server: MailServer, draft: Draft) -> None:
    report, _ = await post(access(smtp_server), draft)
    assert report.ok, report.failure


async def test_many_messages_go_through_postfix(postfix: MailServer) -> None:
    pool = Pool(enabled=True, max_connections=5, max_messages=30)
    where = access(postfix, pool=pool)
    draft = Draft(author=USER, to=("a@elsewhere.example",), subject="{{number}}", text="hi")

    def make(number: int) -> Delivery:
        return Delivery.of(draft, build(draft, Occasion(number=number)))

    report = await send_many(where, make, 200)
    assert report.ok, report.tally
    assert report.tally is not None
    assert report.tally.accepted == 200
