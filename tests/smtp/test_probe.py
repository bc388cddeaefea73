"""Detection over real sockets: what it finds is what the servers are."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import pytest

from smtp_workbench.net.certificate import Distrust
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Family, Security, Tls, Transport, Trust
from smtp_workbench.smtp.candidate import Candidate, Guess, limits
from smtp_workbench.smtp.events import Kind, Stage
from smtp_workbench.smtp.guesses import of_host
from smtp_workbench.smtp.probe import probe
from smtp_workbench.smtp.ranking import best, rank
from smtp_workbench.smtp.turns import AT_ONCE
from smtp_workbench.smtp.verify import verify
from support.certificates import authority, context_of, issue
from support.leaks import find_leak
from support.mail_ports import Crowd, MailPort, dropping, http, refusing, serving, silent
from support.proxies import Proxy, running
from support.scripted import Peer, serve

IMPLICIT, STARTTLS, PLAINTEXT = Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT
HOST = "127.0.0.1"
PASSWORD = "correct-h0rse-battery"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Transport:
    """What trusts the tests' authority, with limits that a test can wait for."""
    pem = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority().cert_pem.write_to_path(str(pem))
    return Transport(
        tls=Tls(trust=Trust.CA_FILE, ca_file=str(pem)),
        timeouts=limits(2),
        ehlo_name="tester.example",
    )


async def found(
    ports: dict[int, Security | None], base: Transport, host: str = HOST
) -> dict[tuple[int, Security], Candidate]:
    async with asyncio.timeout(30):
        tried = await probe(of_host(host, ports), base)
    return {(item.port, item.security): item for item in tried}


def outcome(candidates: dict[tuple[int, Security], Candidate]) -> dict[Security, bool]:
    return {security: item.ok for (_, security), item in candidates.items()}


@pytest.mark.parametrize("expected", [IMPLICIT, STARTTLS, None])
async def test_implicit_tls_is_found_whatever_was_expected(
    base: Transport, expected: Security | None
) -> None:
    with serve(MailPort(implicit=True)) as server:
        candidates = await found({server.port: expected}, base)
    assert candidates[server.port, IMPLICIT].ok
    assert candidates[server.port, IMPLICIT].auth == ("PLAIN", "LOGIN")
    assert {security for security, ok in outcome(candidates).items() if ok} == {IMPLICIT}


@pytest.mark.parametrize("expected", [IMPLICIT, STARTTLS, None])
async def test_starttls_is_found_whatever_was_expected(
    base: Transport, expected: Security | None
) -> None:
    with serve(MailPort()) as server:
        candidates = await found({server.port: expected}, base)
    assert candidates[server.port, STARTTLS].ok
    assert candidates[server.port, STARTTLS].auth == ("PLAIN", "LOGIN")
    assert {security for security, ok in outcome(candidates).items() if ok} == {STARTTLS, PLAINTEXT}


async def test_one_conversation_shows_what_is_offered_with_and_without_tls(
    base: Transport,
) -> None:
    port = MailPort(auth_before_tls=False)
    with serve(port) as server:
        candidates = await found({server.port: STARTTLS}, base)
        assert len(server.peers) == 1
    assert candidates[server.port, STARTTLS].auth == ("PLAIN", "LOGIN")
    assert candidates[server.port, PLAINTEXT].auth == ()


async def test_a_server_without_starttls_works_in_plaintext_only(base: Transport) -> None:
    with serve(MailPort(starttls=False, auth_before_tls=True)) as server:
        candidates = await found({server.port: STARTTLS}, base)
    assert outcome(candidates) == {STARTTLS: False, PLAINTEXT: True}
    failure = candidates[server.port, STARTTLS].report.failure
    assert failure is not None
    assert failure.kind == Kind.STARTTLS_NOT_OFFERED
    assert candidates[server.port, PLAINTEXT].auth == ("PLAIN", "LOGIN")


async def test_facts_are_those_of_a_verify(base: Transport) -> None:
    with serving(MailPort(), MailPort(implicit=True)) as (upgraded, implicit):
        candidates = await found({upgraded.port: STARTTLS, implicit.port: IMPLICIT}, base)
        for item in candidates.values():
            if item.security is PLAINTEXT:
                continue
            there = await verify(replace(base, host=HOST, port=item.port, security=item.security))
            assert [(stage.stage, stage.status) for stage in item.report.stages] == [
                (stage.stage, stage.status) for stage in there.stages
            ]
            assert item.report.extensions == there.extensions
            assert item.report.tls == there.tls


async def test_an_untrusted_certificate_is_told_and_what_is_behind_it(base: Transport) -> None:
    own = context_of(issue("localhost", names=("localhost", HOST)))
    with serving(MailPort(implicit=True, context=own), MailPort(context=own)) as servers:
        candidates = await found({servers[0].port: IMPLICIT, servers[1].port: STARTTLS}, base)
    for place, security in ((servers[0].port, IMPLICIT), (servers[1].port, STARTTLS)):
        item = candidates[place, security]
        assert not item.ok
        assert item.answers
        assert item.auth == ("PLAIN", "LOGIN")
        assert item.report.tls is not None
        assert item.report.tls.reasons == (Distrust.SELF_SIGNED,)


async def test_something_else_behind_tls_is_no_mail_server(base: Transport) -> None:
    own = context_of(issue("localhost", names=("localhost", HOST)))

    def web(peer: Peer) -> None:
        peer.start_tls(own)
        peer.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")

    with serve(web) as server:
        candidates = await found({server.port: IMPLICIT}, base)
    assert not candidates[server.port, IMPLICIT].answers
    assert best(rank(candidates.values())) is None


@pytest.mark.parametrize("expected", [IMPLICIT, STARTTLS, None])
async def test_a_web_server_is_no_mail_server(base: Transport, expected: Security | None) -> None:
    with serve(http) as server:
        candidates = await found({server.port: expected}, base)
    assert not any(item.answers for item in candidates.values())


@pytest.mark.parametrize("expected", [IMPLICIT, STARTTLS, None])
async def test_a_port_that_refuses_is_told_once(base: Transport, expected: Security | None) -> None:
    with refusing() as port:
        candidates = await found({port: expected}, base)
    assert len(candidates) == 1
    assert next(iter(candidates.values())).report.failed_stage is Stage.CONNECT


async def test_a_name_that_does_not_exist_is_told_once(base: Transport) -> None:
    candidates = await found({465: IMPLICIT, 587: STARTTLS}, base, "nowhere.invalid")
    (item,) = candidates.values()
    assert item.report.failed_stage is Stage.DNS


async def test_all_kinds_at_once_and_the_best_is_the_trusted_one_with_a_log_in(
    base: Transport,
) -> None:
    own = context_of(issue("localhost", names=("localhost", HOST)))
    scripts = (
        MailPort(implicit=True),
        MailPort(),
        MailPort(auth=""),
        MailPort(starttls=False, auth_before_tls=True),
        MailPort(implicit=True, context=own),
        http,
    )
    with refusing() as closed, serving(*scripts) as servers:
        names = ("implicit", "starttls", "relay", "plaintext", "own", "web")
        ports = dict(zip(names, (server.port for server in servers), strict=True))
        candidates = await found({**dict.fromkeys(ports.values()), closed: None}, base)
    ranked = [(item.candidate.port, item.candidate.security) for item in rank(candidates.values())]
    assert ranked[:3] == [
        (ports["implicit"], IMPLICIT),
        (ports["starttls"], STARTTLS),
        (ports["relay"], STARTTLS),
    ]
    assert ranked[3] == (ports["own"], IMPLICIT)
    assert {security for _, security in ranked[4:7]} == {PLAINTEXT}
    assert not any(candidates[place].answers for place in ranked[7:])


async def test_each_address_family_is_tried(base: Transport) -> None:
    with serve(MailPort(implicit=True)) as server:

        async def both(_name: str, _family: Family) -> Sequence[str]:
            return ("::1", "127.0.0.1")

        tried = await probe([Guess("localhost", server.port, IMPLICIT)], base, resolver=both)
    assert {item.family: item.ok for item in tried} == {Family.IPV4: True, Family.IPV6: False}
    (ranked,) = rank(tried)
    assert ranked.candidate.family is Family.IPV4
    assert "family_fails" in [notice.label for notice in ranked.reasons]


async def test_one_log_in_on_the_best_encrypted_settings_and_nothing_in_plaintext(
    base: Transport,
) -> None:
    scripts = [
        MailPort(implicit=True),
        MailPort(auth_before_tls=True),
        MailPort(starttls=False, auth_before_tls=True),
    ]
    seen: list[Candidate] = []
    with serving(*scripts) as servers:
        ports = dict.fromkeys(server.port for server in servers)
        tried = await probe(
            of_host(HOST, ports),
            replace(base, auth=Auth(user="me")),
            Secret(PASSWORD),
            observer=seen.append,
        )
    said = [(place, *line) for place, each in enumerate(scripts) for line in each.commands]
    attempts = [(place, tls) for place, tls, line in said if line.upper().startswith("AUTH")]
    assert attempts == [(0, True)]
    for _, tls, line in said:
        assert tls or find_leak(line, PASSWORD) is None
    (chosen,) = [item for item in tried if item.login is not None]
    assert chosen.port == servers[0].port
    assert not chosen.ok
    assert best(rank(tried)) is not None
    assert rank(tried)[0].candidate == chosen
    assert "login_refused" in [notice.label for notice in rank(tried)[0].reasons]
    assert find_leak(repr(seen), PASSWORD) is None


@pytest.mark.parametrize("trusted", [True, False])
async def test_no_log_in_where_nothing_is_safe(base: Transport, *, trusted: bool) -> None:
    own = context_of(issue("localhost", names=("localhost", HOST)))
    port = (
        MailPort(starttls=False, auth_before_tls=True)
        if trusted
        else MailPort(auth_before_tls=True, context=own)
    )
    with serve(port) as server:
        await probe(
            of_host(HOST, {server.port: None}),
            replace(base, auth=Auth(user="me")),
            Secret(PASSWORD),
        )
    assert not any(line.upper().startswith("AUTH") for _, line in port.commands)


async def test_a_log_in_that_is_accepted_is_told(base: Transport) -> None:
    with serve(MailPort(password_accepted=True)) as server:
        tried = await probe(
            of_host(HOST, {server.port: STARTTLS}),
            replace(base, auth=Auth(user="me")),
            Secret(PASSWORD),
        )
    assert tried[0].ok
    assert "login_accepted" in [notice.label for notice in rank(tried)[0].reasons]


async def test_never_more_connections_at_once_than_are_polite(base: Transport) -> None:
    crowd, together, port = Crowd(), threading.Semaphore(0), MailPort()

    def slow(peer: Peer) -> None:
        # Everybody who may come at once is there before the first is answered.
        if crowd.most < AT_ONCE:
            together.acquire(timeout=10)
        together.release()
        port(peer)

    with serving(*[crowd.counting(slow)] * 12) as servers:
        ports = dict.fromkeys([server.port for server in servers], STARTTLS)
        candidates = await found(ports, base)
        names = await probe((*of_host(HOST, ports), *of_host("localhost", ports)), base)
    assert sum(item.ok for item in candidates.values()) == 24
    assert sum(item.ok and item.encrypted for item in names) >= 24
    assert crowd.most == AT_ONCE


async def test_ports_that_drop_packets_hold_up_nobody(base: Transport) -> None:
    order: list[int] = []
    with ExitStack() as stack, serve(MailPort()) as server:
        dropped = [stack.enter_context(dropping()) for _ in range(AT_ONCE + 1)]
        ports = {**dict.fromkeys(dropped, STARTTLS), server.port: STARTTLS}
        async with asyncio.timeout(20):
            tried = await probe(
                of_host(HOST, ports), base, observer=lambda item: order.append(item.port)
            )
    assert order[0] == server.port
    failures = {item.port: item.report.failure for item in tried if not item.ok}
    assert {failure.kind for failure in failures.values() if failure} == {"timeout"}
    assert set(failures) == set(dropped)


async def test_stopping_ends_everything_at_once(base: Transport) -> None:
    came, went = threading.Semaphore(0), threading.Semaphore(0)

    def patient(peer: Peer) -> None:
        came.release()
        silent(peer)
        went.release()

    with serving(*[patient] * 8) as servers:
        ports = dict.fromkeys([server.port for server in servers])
        task = asyncio.create_task(probe(of_host(HOST, ports), replace(base, timeouts=limits(60))))
        for _ in range(AT_ONCE):
            assert await asyncio.to_thread(came.acquire, timeout=10)
        async with asyncio.timeout(2):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        for _ in range(AT_ONCE):
            assert await asyncio.to_thread(went.acquire, timeout=10)
        assert sum(len(server.peers) for server in servers) == AT_ONCE


async def test_a_published_guess_keeps_its_source_where_it_is_right(base: Transport) -> None:
    with serving(MailPort(implicit=True), MailPort()) as (right, wrong):
        tried = await probe(
            [
                Guess(HOST, right.port, IMPLICIT, "autoconfig"),
                Guess(HOST, wrong.port, IMPLICIT, "SRV"),
                Guess(HOST, wrong.port, STARTTLS),
            ],
            base,
        )
    sources = {(item.port, item.security): item.source for item in tried}
    assert sources == {
        (right.port, IMPLICIT): "autoconfig",
        (wrong.port, IMPLICIT): "SRV",
        (wrong.port, STARTTLS): "detect",
        (wrong.port, PLAINTEXT): "detect",
    }


async def test_a_proxy_is_passed_and_looks_the_name_up(base: Transport) -> None:
    with serve(MailPort(implicit=True)) as server:
        async with running(Proxy("socks5", (HOST, server.port))) as proxy:
            tried = await probe(
                of_host("smtp.behind.example", {465: IMPLICIT}),
                replace(base, proxy=proxy.url, tls=replace(base.tls, server_name="localhost")),
            )
        assert proxy.asked == [("smtp.behind.example", 465)]
    (item,) = tried
    assert item.ok
    assert item.family is Family.ANY
