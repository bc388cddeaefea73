"""The handshake over real sockets: what it says of good servers and of every bad one."""

import asyncio
import ssl
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from smtp_workbench.net.certificate import Distrust, TlsFacts
from smtp_workbench.net.errors import NetKind, TlsError
from smtp_workbench.net.tls import alert_in, start_tls
from smtp_workbench.settings.transport import Tls, TlsVersion, Trust
from support.certificates import (
    Issued,
    authority,
    context_of,
    issue,
    server_context,
    weak_rsa,
    write,
)
from support.scripted import Peer, Script, serve

HERE = ("localhost", "127.0.0.1")
DEFAULT = Tls()
DATA = Path(__file__).parent.parent / "data"
"""The pair there was made with `openssl x509 -sha1`, which today's libraries refuse to sign."""


class Quiet(asyncio.Protocol):
    """Remembers how the connection ended."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What comes first is for TLS. Python before 3.11.3 begins to read after this call.
        asyncio.get_running_loop().call_soon(transport.pause_reading)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(exc)


async def handshake(
    script: Script, settings: Tls, host: str = "localhost", limit: float = 2.0
) -> TlsFacts:
    """Return the facts; the connection is closed again."""
    loop = asyncio.get_running_loop()
    with serve(script) as server:
        transport, protocol = await loop.create_connection(Quiet, "127.0.0.1", server.port)
        stream, facts = await start_tls(
            transport, protocol, settings=settings, host=host, limit=limit
        )
        stream.abort()
        await protocol.lost
        return facts


async def refused(script: Script, settings: Tls = DEFAULT, **more: object) -> TlsError:
    with pytest.raises(TlsError) as caught:
        await handshake(script, settings, **more)  # type: ignore[arg-type]
    return caught.value


def serving(context: ssl.SSLContext) -> Script:
    def script(peer: Peer) -> None:
        peer.start_tls(context)
        peer.wait_for_close()

    return script


@pytest.fixture
def root() -> Issued:
    return issue("Root", authority=True)


@pytest.fixture
def trusting(root: Issued, tmp_path: Path) -> Tls:
    return Tls(trust=Trust.CA_FILE, ca_file=write(tmp_path / "ca.pem", root))


async def test_a_trusted_chain_has_no_reasons(root: Issued, trusting: Tls) -> None:
    facts = await handshake(serving(context_of(issue("s", root, names=HERE))), trusting)
    assert facts.trusted
    assert facts.reasons == ()
    assert facts.reason is None
    assert facts.protocol == "TLSv1.3"
    assert facts.cipher
    assert facts.leaf is not None
    assert facts.leaf.names == HERE
    assert facts.leaf.key == "EC 256"


async def test_an_address_is_found_among_the_names(root: Issued, trusting: Tls) -> None:
    script = serving(context_of(issue("s", root, names=HERE)))
    assert (await handshake(script, trusting, host="127.0.0.1")).trusted


async def test_trustme_and_an_intermediate_work_too(tmp_path: Path) -> None:
    ca = authority().create_child_ca()
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings = Tls(trust=Trust.CA_FILE, ca_file=str(tmp_path / "ca.pem"))
    facts = await handshake(serving(server_context(ca=ca)), settings)
    assert facts.trusted
    assert len(facts.chain) == 2


def leaf_only_of_private_ca(root: Issued) -> ssl.SSLContext:
    del root
    return context_of(issue("s", issue("Other root", authority=True), names=HERE))


def with_unknown_root(root: Issued) -> ssl.SSLContext:
    del root
    other = issue("Other root", authority=True)
    return context_of(issue("s", other, names=HERE), other)


def without_intermediate(root: Issued) -> ssl.SSLContext:
    middle = issue("Issuing CA", root, authority=True)
    return context_of(issue("s", middle, names=HERE))


def without_public_intermediate(root: Issued) -> ssl.SSLContext:
    middle = issue("E7", root, authority=True)
    return context_of(issue("s", middle, names=HERE, issuer_url="http://e7.example/"))


TROUBLES: list[tuple[Callable[[Issued], ssl.SSLContext], tuple[Distrust, ...]]] = [
    (lambda root: context_of(issue("s", names=HERE)), (Distrust.SELF_SIGNED,)),
    (leaf_only_of_private_ca, (Distrust.UNTRUSTED_CA,)),
    (with_unknown_root, (Distrust.UNTRUSTED_CA,)),
    (without_intermediate, (Distrust.MISSING_INTERMEDIATE,)),
    (without_public_intermediate, (Distrust.MISSING_INTERMEDIATE,)),
    (
        lambda root: context_of(issue("s", root, names=HERE, valid=(-20, -1))),
        (Distrust.EXPIRED,),
    ),
    (
        lambda root: context_of(issue("s", root, names=HERE, valid=(2, 20))),
        (Distrust.NOT_YET_VALID,),
    ),
    (
        lambda root: context_of(issue("s", root, names=("mail.example.org",))),
        (Distrust.HOSTNAME_MISMATCH,),
    ),
    (
        lambda root: context_of(
            issue("s", root, names=HERE, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
        ),
        (Distrust.WRONG_PURPOSE,),
    ),
    (
        lambda root: context_of(issue("s", root, names=HERE, key=weak_rsa()), seclevel=0),
        (Distrust.WEAK_KEY,),
    ),
    (
        lambda root: context_of(issue("s", names=("mail.example.org",), valid=(-20, -1))),
        (Distrust.SELF_SIGNED, Distrust.EXPIRED, Distrust.HOSTNAME_MISMATCH),
    ),
]


@pytest.mark.parametrize(("make", "reasons"), TROUBLES, ids=[str(case[1]) for case in TROUBLES])
async def test_every_reason_is_named_and_the_chain_is_shown(
    make: Callable[[Issued], ssl.SSLContext],
    reasons: tuple[Distrust, ...],
    root: Issued,
    trusting: Tls,
) -> None:
    error = await refused(serving(make(root)), trusting)
    assert error.kind is NetKind.TLS_UNTRUSTED
    assert error.facts is not None
    assert error.facts.reasons == reasons
    assert not error.facts.trusted
    assert error.facts.reason
    assert error.facts.chain


async def test_a_weak_signature_is_named() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.load_cert_chain(DATA / "sha1-server.pem")
    trusting = Tls(trust=Trust.CA_FILE, ca_file=str(DATA / "sha1-root.pem"))
    error = await refused(serving(context), trusting)
    assert error.facts is not None
    assert error.facts.reasons == (Distrust.WEAK_SIGNATURE,)


async def test_the_same_reasons_are_told_when_anything_is_accepted(root: Issued) -> None:
    flawed = context_of(issue("s", names=("mail.example.org",), valid=(-20, -1)))
    facts = await handshake(serving(flawed), Tls(trust=Trust.NONE))
    assert not facts.trusted
    assert facts.reasons == (Distrust.SELF_SIGNED, Distrust.EXPIRED, Distrust.HOSTNAME_MISMATCH)


async def test_a_mismatch_names_the_names_it_has(root: Issued, trusting: Tls) -> None:
    script = serving(context_of(issue("s", root, names=("mail.example.org",))))
    error = await refused(script, trusting)
    assert "mail.example.org" in error.evidence
    named = replace(trusting, server_name="mail.example.org")
    assert (await handshake(script, named)).trusted


async def test_a_wildcard_covers_one_label(root: Issued, trusting: Tls) -> None:
    script = serving(context_of(issue("s", root, names=("*.example.org",))))
    assert (await handshake(script, replace(trusting, server_name="a.example.org"))).trusted
    error = await refused(script, replace(trusting, server_name="a.b.example.org"))
    assert error.facts is not None
    assert error.facts.reasons == (Distrust.HOSTNAME_MISMATCH,)


async def test_a_pinned_certificate_is_trusted_and_another_is_not(root: Issued) -> None:
    leaf = issue("s", names=("elsewhere.example",))
    script = serving(context_of(leaf))
    facts = await handshake(script, Tls(trust=Trust.NONE))
    assert facts.leaf is not None
    colons = ":".join(facts.leaf.sha256[i : i + 2] for i in range(0, 64, 2)).upper()
    assert await handshake(script, Tls(trust=Trust.FINGERPRINT, fingerprint=colons))
    error = await refused(script, Tls(trust=Trust.FINGERPRINT, fingerprint="00" * 32))
    assert error.kind is NetKind.TLS_FINGERPRINT
    assert error.params["found"] == facts.leaf.sha256


def plaintext(peer: Peer) -> None:
    peer.send(b"220 mail.example ESMTP\r\n")
    peer.wait_for_close()


def plaintext_in_pieces(peer: Peer) -> None:
    peer.sock.recv(1)
    for piece in (b"2", b"20 mail.", b"example ESMTP\r\n"):
        peer.send(piece)
    peer.wait_for_close()


@pytest.mark.parametrize("script", [plaintext, plaintext_in_pieces])
async def test_what_a_plaintext_peer_says_is_quoted(script: Script) -> None:
    error = await refused(script)
    assert error.kind is NetKind.TLS_PLAINTEXT_PEER
    assert error.params["said"] == "220 mail.example ESMTP"


def hang_up(peer: Peer) -> None:
    peer.sock.recv(4096)


def reset(peer: Peer) -> None:
    peer.sock.recv(1)
    peer.reset()


def silence(peer: Peer) -> None:
    peer.wait_for_close()


def alert(number: int) -> Script:
    def script(peer: Peer) -> None:
        peer.sock.recv(4096)
        peer.send(bytes([21, 3, 3, 0, 2, 2, number]))
        peer.wait_for_close()

    return script


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (hang_up, NetKind.TLS_CLOSED),
        (reset, NetKind.TLS_RESET),
        (silence, NetKind.TLS_TIMEOUT),
        (alert(70), NetKind.TLS_ALERT),
    ],
)
async def test_a_handshake_that_ends_early_says_how(script: Script, kind: NetKind) -> None:
    assert (await refused(script, limit=0.3)).kind is kind


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (40, "handshake_failure"),
        (70, "protocol_version"),
        (80, "internal_error"),
        (112, "unrecognized_name"),
        (71, "insufficient_security"),
        (49, "access_denied"),
    ],
)
async def test_alerts_go_by_their_names(number: int, name: str) -> None:
    assert (await refused(alert(number))).params["alert"] == name


def old_server(root: Issued) -> ssl.SSLContext:
    context = context_of(issue("s", root, names=HERE), seclevel=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


async def test_old_tls_is_refused_and_can_be_allowed(root: Issued, trusting: Tls) -> None:
    script = serving(old_server(root))
    error = await refused(script, trusting)
    assert (error.kind, error.params["alert"]) == (NetKind.TLS_ALERT, "protocol_version")
    lowered = replace(trusting, minimum_version=TlsVersion.TLS_1_0)
    assert (await handshake(script, lowered)).protocol == "TLSv1.1"


async def test_no_cipher_in_common(root: Issued, trusting: Tls) -> None:
    context = context_of(issue("s", root, names=HERE))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    error = await refused(
        serving(context), replace(trusting, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
    )
    assert (error.kind, error.params["alert"]) == (NetKind.TLS_ALERT, "handshake_failure")


def client_wanted(root: Issued, tmp_path: Path) -> ssl.SSLContext:
    context = context_of(issue("s", root, names=HERE))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(write(tmp_path / "clients.pem", root))
    return context


async def test_a_client_certificate_is_shown(root: Issued, trusting: Tls, tmp_path: Path) -> None:
    client = issue("me", root, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    (tmp_path / "me.pem").write_bytes(client.pem + client.key_pem)
    script = serving(client_wanted(root, tmp_path))
    settings = replace(trusting, client_certificate=str(tmp_path / "me.pem"))
    assert (await handshake(script, settings)).trusted


async def test_a_missing_client_certificate_is_a_late_alert(
    root: Issued, trusting: Tls, tmp_path: Path
) -> None:
    with serve(serving(client_wanted(root, tmp_path))) as server:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Quiet, "127.0.0.1", server.port)
        await start_tls(transport, protocol, settings=trusting, host="localhost", limit=2)
        assert alert_in(await protocol.lost) == "certificate_required"


@pytest.mark.parametrize(
    ("field", "settings"),
    [
        ("tls.ciphers", Tls(ciphers="NO-SUCH-CIPHER")),
        ("tls.ca_file", Tls(trust=Trust.CA_FILE, ca_file="/no/such/file")),
        ("tls.client_certificate", Tls(client_certificate="/no/such/file")),
    ],
)
async def test_our_own_settings_are_named(field: str, settings: Tls) -> None:
    error = await refused(silence, settings)
    assert (error.kind, error.params["field"]) == (NetKind.TLS_SETTINGS, field)


async def test_cancelling_leaves_nothing_open() -> None:
    with serve(silence) as server:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Quiet, "127.0.0.1", server.port)
        task = asyncio.create_task(
            start_tls(transport, protocol, settings=Tls(), host="localhost", limit=30)
        )
        await asyncio.to_thread(server.accepted.wait, 5)
        task.cancel()
        async with asyncio.timeout(1):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert transport.is_closing()
