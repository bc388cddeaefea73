"""Verify over real sockets: the stages of a good run, and the facts of each bad one."""

import asyncio
import ssl
from dataclasses import replace

import pytest

from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Auth,
    Protocol,
    Security,
    Timeouts,
    Tls,
    Transport,
    Trust,
)
from smtp_workbench.smtp.envelope import Envelope
from smtp_workbench.smtp.events import Event, RunFinished, Stage, Status
from smtp_workbench.smtp.report import Report
from smtp_workbench.smtp.verify import verify
from support.certificates import server_context
from support.scripted import Peer, Script, serve

SHORT = Timeouts(dns=1, connect=1, greeting=0.5, socket=0.5, total=5)
EHLO = b"250-here\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000\r\n"
PLAIN = Transport(
    host="127.0.0.1", security=Security.PLAINTEXT, timeouts=SHORT, ehlo_name="tester.example"
)


async def run(
    script: Script, transport: Transport = PLAIN, secret: str | None = None, **options: object
) -> Report:
    with serve(script) as server:
        there = replace(transport, port=server.port)
        async with asyncio.timeout(10):
            return await verify(
                there,
                Secret(secret) if secret else None,
                **options,  # type: ignore[arg-type]
            )


def says(*answers: bytes, greeting: bytes = b"220 here ESMTP\r\n") -> Script:
    def script(peer: Peer) -> None:
        peer.send(greeting)
        peer.dialogue(*answers)
        peer.say_goodbye()

    return script


def outline(report: Report) -> list[tuple[str, str | None]]:
    return [(stage.stage.value, stage.status) for stage in report.stages]


async def test_a_plain_conversation_has_all_its_stages() -> None:
    report = await run(says(b"250 here\r\n", b"221 bye\r\n"))
    assert report.ok
    assert outline(report) == [
        ("dns", "ok"),
        ("connect", "ok"),
        ("greeting", "ok"),
        ("ehlo", "ok"),
        ("auth", "skipped"),
        ("quit", "ok"),
    ]
    assert [line.text for line in report.lines if line.direction != "*"] == [
        "220 here ESMTP",
        "EHLO tester.example",
        "250 here",
        "QUIT",
        "221 bye",
    ]


def starttls_server(context: ssl.SSLContext | None = None, after: bytes = EHLO) -> Script:
    def script(peer: Peer) -> None:
        peer.send(b"220 here ESMTP\r\n")
        peer.dialogue(EHLO, b"220 go\r\n")
        peer.start_tls(context or server_context())
        peer.dialogue(after, b"235 2.7.0 welcome\r\n", b"221 bye\r\n")
        peer.wait_for_close()

    return script


LOGIN = Transport(
    host="127.0.0.1",
    security=Security.STARTTLS,
    timeouts=SHORT,
    auth=Auth(user="me@example.org"),
    tls=Tls(trust=Trust.NONE),
)


async def test_starttls_and_login_go_through_every_stage_in_order() -> None:
    report = await run(starttls_server(), LOGIN, "hunter2hunter2")
    assert report.ok, report.failure
    assert [stage.stage for stage in report.stages] == [
        Stage.DNS,
        Stage.CONNECT,
        Stage.GREETING,
        Stage.EHLO,
        Stage.STARTTLS,
        Stage.TLS,
        Stage.EHLO,
        Stage.AUTH,
        Stage.QUIT,
    ]
    assert report.mechanism == "PLAIN"
    assert report.tls is not None
    assert report.tls.chain
    assert not report.tls.trusted
    encrypted = {line.text.split()[0]: line.tls for line in report.lines if line.direction == "C"}
    assert encrypted == {"EHLO": True, "STARTTLS": False, "AUTH": True, "QUIT": True}
    assert "hunter2" not in repr(report)


async def test_certificate_trouble_is_named_and_shown() -> None:
    strict = Transport(host="127.0.0.1", security=Security.STARTTLS, timeouts=SHORT)
    report = await run(starttls_server(), strict)
    assert report.failed is not None
    assert report.failed.stage is Stage.TLS
    assert report.failure is not None
    assert report.failure.kind == "tls_untrusted"
    assert report.tls is not None
    assert report.tls.leaf is not None
    assert "127.0.0.1" in report.tls.leaf.names


def http(peer: Peer) -> None:
    peer.line()
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def tls_port(peer: Peer) -> None:
    peer.start_tls(server_context())
    peer.send(b"220 here\r\n")
    peer.wait_for_close()


def silent(peer: Peer) -> None:
    peer.wait_for_close()


def drip(peer: Peer) -> None:
    while True:
        peer.send(b"2")
        if peer.sock.recv(1) == b"":  # never: the client waits for us
            return


def injected(peer: Peer) -> None:
    peer.send(b"220 here\r\n")
    peer.dialogue(EHLO, b"220 go\r\n250 smuggled\r\n")
    peer.wait_for_close()


def garbage_after_220(peer: Peer) -> None:
    peer.send(b"220 here\r\n")
    peer.dialogue(EHLO, b"220 go\r\n")
    peer.sock.recv(4096)
    peer.send(b"502 what do you mean\r\n")
    peer.wait_for_close()


def drop_after(*answers: bytes, reset: bool = False) -> Script:
    def script(peer: Peer) -> None:
        if answers:
            peer.send(answers[0])
            peer.dialogue(*answers[1:])
            peer.line()
        if reset:
            peer.reset()

    return script


TLS_FIRST = Transport(host="127.0.0.1", security=Security.IMPLICIT_TLS, timeouts=SHORT)
NEED_TLS = Transport(host="127.0.0.1", security=Security.STARTTLS, timeouts=SHORT)

FAULTS: list[tuple[str, Script, Transport, str, str, dict[str, str]]] = [
    ("silence", silent, PLAIN, "greeting", "silence", {"probe": "none"}),
    ("tls on a plain port", tls_port, PLAIN, "greeting", "silence", {"probe": "tls"}),
    ("http", http, PLAIN, "greeting", "other_service", {"service": "http"}),
    (
        "ssh",
        says(greeting=b"SSH-2.0-x\r\n"),
        PLAIN,
        "greeting",
        "other_service",
        {"service": "ssh"},
    ),
    (
        "imap",
        says(greeting=b"* OK hi\r\n"),
        PLAIN,
        "greeting",
        "other_service",
        {"service": "imap"},
    ),
    ("pop3", says(greeting=b"+OK hi\r\n"), PLAIN, "greeting", "other_service", {"service": "pop3"}),
    ("ftp", says(greeting=b"220 FTP\r\n"), PLAIN, "greeting", "other_service", {"service": "ftp"}),
    (
        "noise",
        says(greeting=b"\x00\xff\n"),
        PLAIN,
        "greeting",
        "other_service",
        {"service": "other"},
    ),
    ("dripping greeting", drip, PLAIN, "greeting", "silence", {}),
    ("closed at once", drop_after(), PLAIN, "greeting", "closed", {}),
    ("reset at once", drop_after(reset=True), PLAIN, "greeting", "closed|reset", {}),
    ("554 greeting", says(greeting=b"554 no\r\n"), PLAIN, "greeting", "reply", {}),
    ("closed at EHLO", drop_after(b"220 hi\r\n"), PLAIN, "ehlo", "closed", {}),
    ("EHLO unanswered", says(), PLAIN, "ehlo", "timeout", {}),
    ("mixed codes", says(b"250-a\r\n251 b\r\n"), PLAIN, "ehlo", "malformed", {}),
    ("code 999", says(b"999 a\r\n"), PLAIN, "ehlo", "malformed", {}),
    ("no line end", says(b"250 a"), PLAIN, "ehlo", "timeout", {"partial": "250 a"}),
    ("EHLO and HELO refused", says(*[b"550 bad name\r\n"] * 2), PLAIN, "ehlo", "reply", {}),
    (
        "LMTP spoken",
        says(b"500 use LHLO\r\n", b"500 use LHLO\r\n", b"250 here\r\n"),
        PLAIN,
        "ehlo",
        "other_protocol",
        {"spoken": "lmtp"},
    ),
    ("STARTTLS missing", says(b"250 here\r\n"), NEED_TLS, "starttls", "starttls_not_offered", {}),
    (
        "STARTTLS masked",
        says(b"250-here\r\n250 XXXXXXXA\r\n"),
        NEED_TLS,
        "starttls",
        "starttls_masked",
        {"masked": "XXXXXXXA"},
    ),
    ("STARTTLS 454", says(EHLO, b"454 4.7.0 no\r\n"), NEED_TLS, "starttls", "reply", {}),
    ("plaintext smuggled", injected, NEED_TLS, "starttls", "starttls_injection", {}),
    ("no TLS after 220", garbage_after_220, NEED_TLS, "tls", "tls_plaintext_peer", {}),
    ("plaintext on a TLS port", says(), TLS_FIRST, "tls", "tls_plaintext_peer", {}),
    ("TLS unanswered", silent, TLS_FIRST, "tls", "tls_timeout", {}),
    ("closed in TLS", drop_after(), TLS_FIRST, "tls", "tls_closed|tls_reset", {}),
]


@pytest.mark.parametrize(
    ("script", "transport", "stage", "kind", "params"),
    [case[1:] for case in FAULTS],
    ids=[case[0] for case in FAULTS],
)
async def test_a_fault_ends_at_its_stage(
    script: Script, transport: Transport, stage: str, kind: str, params: dict[str, str]
) -> None:
    report = await run(script, transport)
    assert report.failed is not None
    assert report.failure is not None
    assert report.failed.stage == stage, report.failure
    assert report.failure.kind in kind.split("|")
    assert params.items() <= dict(report.failure.params).items()
    assert report.failure.evidence
    assert report.seconds < 3
    assert not report.ok


async def test_nothing_listening_is_a_fact_of_connect() -> None:
    with serve(silent) as server:
        port = server.port
    report = await verify(Transport(host="127.0.0.1", port=port, timeouts=SHORT))
    assert report.failed is not None
    assert report.failure is not None
    assert (report.failed.stage, report.failure.kind) == ("connect", "refused")
    assert report.failed.attempts[0].address == "127.0.0.1"


async def test_a_run_has_a_total_limit() -> None:
    limits = Timeouts(dns=1, connect=1, greeting=30, socket=30, total=0.3)
    slow = Transport(host="127.0.0.1", security=Security.PLAINTEXT, timeouts=limits)
    report = await run(says(), slow)
    assert report.failure is not None
    assert report.failure.kind == "total_timeout"
    assert report.seconds < 2


async def test_helo_serves_where_ehlo_is_unknown() -> None:
    report = await run(says(b"502 what\r\n", b"250 here\r\n", b"221 bye\r\n"))
    assert report.ok
    assert [notice.label for _, notice in report.notices] == ["helo_fallback"]


async def test_if_offered_goes_on_in_plaintext_and_says_so() -> None:
    script = says(b"250 here\r\n", b"221 bye\r\n")
    wanted = Transport(host="127.0.0.1", security=Security.STARTTLS_IF_OFFERED, timeouts=SHORT)
    report = await run(script, wanted)
    assert report.ok
    assert [notice.label for _, notice in report.notices] == ["plaintext_session"]
    assert ("starttls", "warning") in outline(report)


AUTH_FAULTS: list[tuple[str, Script, Transport, str]] = [
    ("none offered", says(b"250 here\r\n"), LOGIN, "auth_not_offered"),
    (
        "only before TLS",
        says(b"250-here\r\n250 STARTTLS\r\n"),
        LOGIN,
        "auth_not_offered_before_tls",
    ),
    ("nothing in common", says(b"250-h\r\n250 AUTH NTLM\r\n"), LOGIN, "no_common_mechanism"),
    ("refused", says(EHLO, b"535 5.7.8 no\r\n"), LOGIN, "reply"),
    ("dropped", drop_after(b"220 hi\r\n", EHLO), LOGIN, "closed"),
    ("unanswered", says(EHLO), LOGIN, "timeout"),
    ("challenge without end", says(EHLO, *[b"334 \r\n"] * 9), LOGIN, "mechanism"),
    ("challenge that is no base64", says(EHLO, b"334 *?\r\n"), LOGIN, "mechanism"),
]


@pytest.mark.parametrize(
    ("script", "transport", "kind"), [c[1:] for c in AUTH_FAULTS], ids=[c[0] for c in AUTH_FAULTS]
)
async def test_an_auth_fault_ends_at_auth(script: Script, transport: Transport, kind: str) -> None:
    report = await run(script, replace(transport, security=Security.PLAINTEXT), "hunter2hunter2")
    assert report.failed is not None
    assert report.failure is not None
    assert (report.failed.stage, report.failure.kind) == ("auth", kind), report.failure


async def test_the_error_challenge_of_xoauth2_is_shown_decoded() -> None:
    challenge = b"334 eyJzdGF0dXMiOiI0MDAiLCJzY29wZSI6Im1haWwifQ==\r\n"
    script = says(b"250-h\r\n250 AUTH XOAUTH2\r\n", challenge, b"535 5.7.8 no\r\n")
    wanted = replace(
        LOGIN, security=Security.PLAINTEXT, auth=Auth(user="me@example.org", mechanism="XOAUTH2")
    )
    report = await run(script, wanted, "ya29.token")
    assert report.failure is not None
    assert '"status":"400"' in report.failure.params["challenge"].replace(" ", "")
    assert any("status" in line.text for line in report.lines if line.direction == "*")


async def test_an_envelope_is_asked_about_and_reset() -> None:
    script = says(
        b"250 here\r\n",
        b"250 sender ok\r\n",
        b"250 ok\r\n",
        b"550 5.1.1 nobody\r\n",
        b"250 reset\r\n",
        b"221 bye\r\n",
    )
    envelope = Envelope("a@example.org", ("b@example.org", "c@bücher.example"))
    report = await run(script, envelope=envelope)
    sent = [line.text for line in report.lines if line.direction == "C"]
    assert sent[1:] == [
        "MAIL FROM:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "RCPT TO:<c@xn--bcher-kva.example>",
        "RSET",
        "QUIT",
    ]
    assert [answer.accepted for answer in report.recipients] == [True, False]
    assert not report.ok
    assert report.as_json()["failed_stage"] == "rcpt"


@pytest.mark.parametrize("address", ["a\r\nb@c", "a b@c", "a@b>\n", "<a@b>", "a\0@b"])
def test_an_address_that_would_break_the_command_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Envelope("me@example.org", (address,))


async def test_lmtp_says_lhlo() -> None:
    lmtp = replace(PLAIN, protocol=Protocol.LMTP)
    report = await run(says(b"250 here\r\n", b"221 bye\r\n"), lmtp)
    assert report.ok
    assert "LHLO tester.example" in [line.text for line in report.lines]


def starttls_silence(peer: Peer) -> None:
    peer.send(b"220 here ESMTP\r\n")
    peer.dialogue(EHLO, b"220 go\r\n")
    peer.start_tls(server_context())
    peer.dialogue(EHLO)
    peer.wait_for_close()


STOPS: dict[str, Script] = {
    "greeting": silent,
    "ehlo": says(),
    "starttls": says(EHLO),
    "tls": says(EHLO, b"220 go\r\n"),
    "auth": starttls_silence,
}


@pytest.mark.parametrize("stage", [*STOPS])
async def test_a_stop_ends_any_stage_at_once(stage: str) -> None:
    """The task, its socket and its sub-tasks are gone, and the observer knows it was a stop."""
    started = asyncio.Event()
    events: list[Event] = []

    def observe(event: Event) -> None:
        events.append(event)
        if getattr(event, "stage", None) == stage:
            started.set()

    with serve(STOPS[stage]) as server:
        transport = replace(LOGIN, port=server.port, timeouts=Timeouts())
        task = asyncio.create_task(verify(transport, Secret("hunter2hunter2"), observer=observe))
        async with asyncio.timeout(5):
            await started.wait()
        task.cancel()
        async with asyncio.timeout(0.5):
            with pytest.raises(asyncio.CancelledError):
                await task
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped


async def test_the_gate_holds_each_stage_back() -> None:
    passed: list[Stage] = []

    async def gate(stage: Stage) -> None:
        passed.append(stage)

    report = await run(says(b"250 here\r\n", b"221 bye\r\n"), gate=gate)
    assert passed == [s.stage for s in report.stages if s.status is not Status.SKIPPED]


async def test_a_setting_that_cannot_work_is_refused_before_a_socket_opens() -> None:
    report = await verify(Transport(host="bad host name"))
    assert report.failure is not None
    assert report.failure.kind == "settings"
    assert [stage.stage for stage in report.stages] == [Stage.DNS]
