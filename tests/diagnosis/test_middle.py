"""Somebody in the middle, played by real servers on loopback, and honest ones that look alike."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smtp_workbench.diagnosis.answer import answer
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.explain import diagnose, explain
from smtp_workbench.diagnosis.middle import middle
from smtp_workbench.diagnosis.noticed import noticed
from smtp_workbench.diagnosis.page import html
from smtp_workbench.diagnosis.written import markdown
from smtp_workbench.resource import read_toml
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Tls, Transport, Trust
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify
from support import certificates
from support.in_the_middle import kept, leaf, root, server
from support.scripted import Peer, serve

GMAIL = "smtp.gmail.com"
PASSWORD = Secret("correct horse")


def run(
    script: Callable[[Peer], None],
    host: str = GMAIL,
    security: Security = Security.STARTTLS,
    *,
    trusted: Path | None = None,
    trust: Trust = Trust.SYSTEM,
    user: str = "me@gmail.com",
    plaintext: bool = False,
) -> tuple[Report, Transport]:
    """Verify against *script*, to which the name *host* leads."""

    async def here(_name: str, _family: object) -> list[str]:
        return ["127.0.0.1"]

    tls = Tls(trust=Trust.CA_FILE, ca_file=str(trusted)) if trusted else Tls(trust=trust)
    with serve(script) as listening:
        transport = Transport(
            host=host, port=listening.port, security=security, tls=tls, auth=Auth(user=user)
        )
        report = asyncio.run(
            verify(
                transport,
                PASSWORD if user else None,
                resolver=here,
                allow_plaintext_auth=plaintext,
            )
        )
    return report, transport


def diagnosed(report: Report, transport: Transport) -> Diagnosis:
    found = diagnose(report, transport)
    assert found is not None, report.as_json()
    return found


def warning(report: Report, transport: Transport, label: str) -> Finding:
    found = [item for item in noticed(report, transport) if item.label == label]
    assert len(found) == 1
    return found[0]


HOSTER = {"banner": "p3plcpnl0564.prod.phx3.secureserver.net ESMTP Exim 4.96.2 #2"}
HOSTER["name"] = "p3plcpnl0564.prod.phx3.secureserver.net"


# The hoster answers


def test_a_hoster_that_answers_for_gmail_is_named_with_all_that_was_compared() -> None:
    chain = (leaf(root("Starfield Secure CA"), "*.prod.phx3.secureserver.net"),)
    found = diagnosed(*run(server(HOSTER["banner"], HOSTER["name"], chain=chain)))
    assert found.cause == "outbound_smtp_redirected"
    assert found.title == "GoDaddy (secureserver.net) answers in place of smtp.gmail.com"
    assert found.evidence.splitlines() == [
        "asked for: smtp.gmail.com",
        f"greeted by: {HOSTER['banner']}",
        "certificate for: *.prod.phx3.secureserver.net",
        "issued by: CN=Starfield Secure CA",
    ]
    assert "hostname_mismatch" in found.also
    labels = {fix.label for fix in found.fixes}
    assert "Ask the hosting provider to lift the redirect" in labels
    assert not any("secureserver" in label for label in labels)


def test_a_password_that_the_wrong_server_refuses_is_not_blamed() -> None:
    script = server(
        "host.example.net ESMTP Exim 4.98",
        "host.example.net",
        answers={"AUTH": "535 Incorrect authentication data"},
        chain=(leaf(root("Any CA"), "*.prod.phx3.secureserver.net"),),
    )
    found = diagnosed(*run(script, trust=Trust.NONE))
    assert (found.cause, found.also[0]) == ("outbound_smtp_redirected", "bad_credentials")


def test_what_failed_the_run_is_not_told_a_second_time() -> None:
    chain = (leaf(root("Any CA"), "*.secureserver.net"),)
    report, transport = run(server(HOSTER["banner"], HOSTER["name"], chain=chain))
    assert diagnosed(report, transport).cause == "outbound_smtp_redirected"
    assert noticed(report, transport) == []


def test_a_server_of_any_name_in_the_place_of_a_well_known_one() -> None:
    chain = (leaf(root("Any CA"), "vs114211.freehosting.host"),)
    script = server("vs114211.freehosting.host ESMTP", "vs114211.freehosting.host", chain=chain)
    found = diagnosed(*run(script))
    assert found.cause == "outbound_smtp_redirected"
    assert found.title.startswith("vs114211.freehosting.host answers")
    assert found.confidence < 0.95


def test_cpanel_is_told_by_its_words_where_it_tells_no_name() -> None:
    banner = (
        "server ESMTP Exim 4.88 #1\r\n"
        "220-We do not authorize the use of this system to transport unsolicited,\r\n"
        "220 and/or bulk e-mail."
    )
    script = server(f"-{banner}", "server", offered=("AUTH PLAIN",))
    found = diagnosed(*run(script))
    assert found.cause == "outbound_smtp_redirected"
    assert "cPanel" in found.title


def test_a_redirect_that_works_in_plaintext_is_warned_of() -> None:
    script = server(HOSTER["banner"], HOSTER["name"], offered=("AUTH PLAIN",))
    report, transport = run(script, security=Security.PLAINTEXT, plaintext=True)
    assert report.ok
    message = warning(report, transport, "outbound_smtp_redirected").message
    assert "GoDaddy" in message
    assert GMAIL in message


# TLS is opened on the way

ROOTS = [
    ("Avast Web/Mail Shield Root", "Avast"),
    ("AVG Web/Mail Shield Root", "AVG"),
    ("Kaspersky Anti-Virus Personal Root Certificate", "Kaspersky"),
    ("ESET SSL Filter CA", "ESET"),
    ("Bitdefender Personal CA.Net-Defender", "Bitdefender"),
    ("Norton Web/Mail Shield Root", "Norton"),
    ("McAfee Web Gateway", "McAfee"),
    ("Zscaler Intermediate Root CA (zscaler.net) (t)", "Zscaler"),
    ("FortiGate CA", "A Fortinet firewall"),
    ("Cisco Umbrella Root CA", "Cisco Umbrella"),
    ("Sophos SSL CA_C01001", "A Sophos firewall"),
    ("mitmproxy", "mitmproxy"),
]


@pytest.mark.parametrize(("issuer", "party"), ROOTS)
def test_who_reads_along_is_named_by_the_issuer(issuer: str, party: str) -> None:
    chain = (leaf(root(issuer), GMAIL), root(issuer))
    script = server("smtp.gmail.com ESMTP x - gsmtp", "smtp.gmail.com", chain=chain)
    found = diagnosed(*run(script))
    assert found.cause == "tls_intercepted"
    assert found.title == f"{party} reads the TLS connection"
    assert f"issued by: CN={issuer}" in found.evidence.splitlines()
    assert found.also


def test_a_root_that_is_trusted_does_not_hide_the_reader(tmp_path: Path) -> None:
    avast = root("Avast Web/Mail Shield Root")
    chain = (leaf(avast, GMAIL),)
    script = server("smtp.gmail.com ESMTP", GMAIL, chain=chain, implicit=True)
    trusted = kept(tmp_path, avast)
    report, transport = run(script, security=Security.IMPLICIT_TLS, trusted=trusted)
    assert report.ok
    assert report.tls is not None
    assert report.tls.trusted
    found = warning(report, transport, "tls_intercepted")
    assert found.message.startswith("Avast reads the TLS connection")
    # … and everyone who tells of the run says so.
    findings = noticed(report, transport)
    began = datetime.now(UTC)
    for text in (
        markdown(report, transport, findings, began),
        html(report, transport, findings, began),
        json.dumps(answer(report, transport, findings)),
    ):
        assert "Avast reads the TLS connection" in text


def test_a_wrong_password_stays_a_wrong_password_behind_a_reader(tmp_path: Path) -> None:
    avast = root("Avast Web/Mail Shield Root")
    refusal = {"AUTH": "535-5.7.8 Username and Password not accepted\r\n535 5.7.8 BadCredentials"}
    script = server("smtp.gmail.com ESMTP", GMAIL, chain=(leaf(avast, GMAIL),), answers=refusal)
    trusted = kept(tmp_path, avast)
    report, transport = run(script, trusted=trusted)
    found = diagnosed(report, transport)
    assert found.cause != "tls_intercepted"
    assert "tls_intercepted" in found.also
    assert warning(report, transport, "tls_intercepted")


def test_a_reader_that_calls_itself_otherwise_inside_is_told_once(tmp_path: Path) -> None:
    avast = root("Avast Web/Mail Shield Root")
    chain = (leaf(avast, "mail.example.com"),)
    script = server("mail.example.com", "mail.example.com", inside="avast.example", chain=chain)
    report, transport = run(script, host="mail.example.com", trusted=kept(tmp_path, avast))
    assert [item.label for item in noticed(report, transport)] == ["tls_intercepted"]


# STARTTLS is hidden


@pytest.mark.parametrize(
    ("banner", "offered"),
    [
        ("*" * 60, ("SIZE 100", "XXXXXXXA")),
        ("****02**********0*****", ("SIZE 100",)),
        ("mail.example.com ESMTP", ("SIZE 100", "XXXXXXXX", "AUTH PLAIN")),
    ],
)
def test_a_firewall_that_overwrites_words_is_named(banner: str, offered: Sequence[str]) -> None:
    script = server(banner, "mail.example.com", offered=offered)
    found = diagnosed(*run(script, host="mail.example.com"))
    assert found.cause == "starttls_stripped"
    assert found.title == "A firewall such as Cisco PIX or ASA hides STARTTLS"
    report, transport = run(
        script, host="mail.example.com", security=Security.STARTTLS_IF_OFFERED, user=""
    )
    assert report.ok
    assert "Cisco" in warning(report, transport, "starttls_stripped").message


def test_a_service_that_always_has_starttls_was_robbed_of_it() -> None:
    script = server("smtp.gmail.com ESMTP", GMAIL, offered=("SIZE 100", "AUTH PLAIN"))
    found = diagnosed(*run(script))
    assert found.cause == "starttls_stripped"
    assert found.title == "Something on the way hides STARTTLS"
    assert "offered before TLS: SIZE AUTH" in found.evidence.splitlines()
    report, transport = run(script, security=Security.STARTTLS_IF_OFFERED)
    assert report.ok
    assert warning(report, transport, "starttls_stripped")


def test_a_service_that_suddenly_knows_no_ehlo_was_robbed_too() -> None:
    refusal = {"EHLO": "502 unimplemented", "HELO": "250 smtp.gmail.com"}
    found = diagnosed(*run(server("smtp.gmail.com ESMTP", GMAIL, answers=refusal)))
    assert found.cause == "starttls_stripped"
    assert "HELO taken" in found.evidence


def test_a_wrong_password_stays_one_where_starttls_is_hidden_too() -> None:
    refusal = {"AUTH": "535 5.7.8 no"}
    script = server("smtp.gmail.com ESMTP", GMAIL, offered=("AUTH PLAIN",), answers=refusal)
    report, transport = run(script, security=Security.PLAINTEXT)
    found = diagnosed(report, transport)
    assert found.cause != "starttls_stripped"
    assert "starttls_stripped" in found.also
    assert warning(report, transport, "starttls_stripped")


def test_another_name_inside_tls_is_worth_a_note() -> None:
    chain = (leaf(root("Any CA"), "mail.example.com"),)
    script = server("mail.example.com", "mail.example.com", inside="inner.example.com", chain=chain)
    report, transport = run(script, host="mail.example.com", trust=Trust.NONE)
    message = warning(report, transport, "other_name_inside_tls").message
    assert "mail.example.com before TLS and inner.example.com inside" in message


# Nobody is in the middle


def nobody(report: Report, transport: Transport) -> None:
    assert middle(report, transport) is None


def test_an_own_host_on_a_shared_hoster_has_another_name_no_more(tmp_path: Path) -> None:
    trusted = kept(tmp_path, root("Sectigo CA"))
    chain = (leaf(root("Sectigo CA"), "*.hostgator.com", "hostgator.com"),)
    name = "gator2016.hostgator.com"
    script = server(f"{name} ESMTP Exim", name, chain=chain)
    report, transport = run(script, host="mail.example.com", trusted=trusted)
    nobody(report, transport)
    assert diagnosed(report, transport).cause == "hostname_mismatch"


def test_an_own_name_that_leads_to_google_is_no_redirect(tmp_path: Path) -> None:
    chain = (leaf(root("WR2"), GMAIL),)
    script = server("smtp.gmail.com ESMTP", GMAIL, chain=chain)
    trusted = kept(tmp_path, root("WR2"))
    report, transport = run(script, host="smtp.example.com", trusted=trusted)
    nobody(report, transport)
    assert diagnosed(report, transport).cause == "hostname_mismatch"


@pytest.mark.parametrize(
    ("host", "banner", "names"),
    [
        ("smtp.office365.com", "AM0PR02CA01.outlook.office365.com Microsoft", ("outlook.com",)),
        ("smtp-mail.outlook.com", "DB7.outlook.office365.com", ("*.outlook.com",)),
        ("smtp.zoho.eu", "mx.zohomail.eu SMTP Server ready", ("*.zohomail.eu",)),
        ("smtp.ionos.de", "kundenserver.de (mreue106) Nemesis", ("smtp.1und1.de",)),
        ("smtpout.secureserver.net", "p3.prod.phx3.secureserver.net", ("*.secureserver.net",)),
        ("ssl0.ovh.net", "GARM-1 mx.ovh.net", ("*.mail.ovh.net",)),
        ("smtp.mail.me.com", "iCloud SMTP - pv33p", ("*.mail.me.com",)),
    ],
)
def test_one_more_name_of_the_same_service_is_no_redirect(
    host: str, banner: str, names: tuple[str, ...]
) -> None:
    script = server(banner, banner.split(maxsplit=1)[0], chain=(leaf(root("Any CA"), *names),))
    nobody(*run(script, host=host))


def test_a_bridge_on_this_machine_with_its_own_certificate_is_no_reader() -> None:
    own = certificates.issue("127.0.0.1", names=("127.0.0.1",), organization="Proton AG")
    script = server("127.0.0.1 ESMTP Service Ready", "127.0.0.1", chain=(own,))
    report, transport = run(script, host="127.0.0.1", trust=Trust.NONE)
    assert report.ok
    nobody(report, transport)


def test_a_mail_gateway_with_the_certificate_of_its_maker_is_no_reader() -> None:
    factory = root("support", "Fortinet")
    script = server("mail.example.com", "mail.example.com", chain=(leaf(factory, "FEVM01"),))
    report, transport = run(script, host="mail.example.com")
    nobody(report, transport)
    own = certificates.issue("mail.example.com", names=("mail.example.com",), organization="Sophos")
    nobody(*run(server("mail", "mail.example.com", chain=(own,)), host="mail.example.com"))


@pytest.mark.parametrize("issuer", ["Norton Rose CA", "Resettle CA", "Symantec Class 3 CA - G4"])
def test_a_name_like_that_of_a_reader_is_not_enough(issuer: str) -> None:
    chain = (leaf(root(issuer), GMAIL),)
    nobody(*run(server("smtp.gmail.com ESMTP", GMAIL, chain=chain)))


def test_an_unknown_server_without_starttls_just_has_none() -> None:
    script = server("mail.example.com", "mail.example.com", offered=("SIZE 100", "XCLIENT", "XX"))
    report, transport = run(script, host="mail.example.com")
    nobody(report, transport)
    assert diagnosed(report, transport).cause == "starttls_not_offered"


def test_a_service_without_starttls_was_robbed_of_nothing() -> None:
    name = "gzga-smtp-mtada-g0-1.mx.example"
    script = server(f"{name} ESMTP", name, offered=("AUTH PLAIN",))
    report, transport = run(script, host="smtp.163.com", security=Security.PLAINTEXT)
    assert report.ok
    nobody(report, transport)


@pytest.mark.parametrize("banner", ["smtp.gmail.com ESMTP", "p3.secureserver.net ESMTP", "hello"])
def test_the_real_service_has_nobody_in_front(banner: str, tmp_path: Path) -> None:
    authority = root("WR2", "Google Trust Services")
    trusted = kept(tmp_path, authority)
    name = banner.partition(" ")[0]
    script = server(banner, name, chain=(leaf(authority, GMAIL),))
    report, transport = run(script, trusted=trusted)
    assert report.ok
    assert noticed(report, transport) == []


# Data, and texts that were pasted


def test_the_services_are_presets() -> None:
    for entry in read_toml("middle.toml")["service"]:
        assert all(presets.by_id(name) for name in entry["presets"])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "Peer certificate CN=`p3.secureserver.net' did not match expected CN=`smtp.gmail.com'",
            "GoDaddy (secureserver.net) answers in place of the server",
        ),
        (
            "Peer certificate CN=`vs1.freehosting.host' did not match expected CN=`smtp.gmail.com'",
            "Something on the way answers in place of the server",
        ),
    ],
)
def test_the_party_is_read_from_a_pasted_text(text: str, title: str) -> None:
    assert explain(text).title == title


def test_every_name_that_is_told_is_compared() -> None:
    chain = (leaf(root("Any CA"), "d.example"),)
    script = server("a.example ESMTP", "b.example", inside="c.example", chain=chain)
    found = middle(*run(script, trust=Trust.NONE))
    assert found is not None
    assert found.evidence[1:5] == (
        "greeted by: a.example ESMTP",
        "EHLO before TLS: b.example",
        "EHLO inside TLS: c.example",
        "certificate for: d.example",
    )
