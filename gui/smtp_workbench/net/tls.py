"""The TLS handshake over an open connection, for implicit TLS and after STARTTLS alike.

Whatever happens, the caller learns as much as the handshake showed: the chain also where it was
refused, the alert by its name, and what a peer that speaks no TLS said instead.
"""

import asyncio
import re
import ssl
from typing import Any, Final

from smtp_workbench.net.certificate import Distrust, TlsFacts
from smtp_workbench.net.chain import certificate_of, distrust, weaknesses
from smtp_workbench.net.context import context_for, is_ready, known_roots, seen
from smtp_workbench.net.errors import NetKind, TlsError
from smtp_workbench.net.resolve import ascii_name
from smtp_workbench.settings.transport import Tls, Trust

_ALERT: Final = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?([A-Z_]+)")
"""OpenSSL's reason for an alert that came; the alerts of RFC 6066 lack the word."""
_RECORD: Final = re.compile(rb"[\x14-\x18](?:\Z|\x03(?:\Z|[\x00-\x04]))")
"""How a TLS record starts (RFC 8446, section 5.1), as far as it has come."""
_KEPT: Final = 512
"""Octets of the peer's first words that are kept."""
_LINE_END: Final = 0.05
"""Seconds to wait for the rest of a first line that is no TLS."""
_KINDS: Final = (
    (NetKind.TLS_UNTRUSTED, re.compile("CERTIFICATE_VERIFY_FAILED")),
    (NetKind.TLS_WEAK, re.compile("KEY_TOO_SMALL|MD_TOO_WEAK|DH_KEY|BAD_DH|WRONG_SIGNATURE_TYPE")),
    (NetKind.TLS_VERSION, re.compile("UNSUPPORTED_PROTOCOL|WRONG_SSL_VERSION|INAPPROPRIATE_FALL")),
    (NetKind.TLS_NO_CIPHER, re.compile("NO_SHARED_CIPHER|NO_CIPHERS|WRONG_CIPHER|WRONG_CURVE")),
    (NetKind.TLS_CLOSED, re.compile("UNEXPECTED_EOF")),
)
_WEAK: Final = (("dh", "DH"), ("key", "KEY"), ("signature", "MD|SIGNATURE"))
_REASON_OF_CODE: Final = {
    9: Distrust.NOT_YET_VALID,
    10: Distrust.EXPIRED,
    18: Distrust.SELF_SIGNED,
    19: Distrust.UNTRUSTED_CA,
    20: Distrust.UNTRUSTED_CA,
    21: Distrust.UNTRUSTED_CA,
    23: Distrust.REVOKED,
    3: Distrust.REVOCATION_UNKNOWN,
    26: Distrust.WRONG_PURPOSE,
    62: Distrust.HOSTNAME_MISMATCH,
    64: Distrust.HOSTNAME_MISMATCH,
    66: Distrust.WEAK_KEY,
    67: Distrust.WEAK_KEY,
    68: Distrust.WEAK_SIGNATURE,
}
"""X509_V_ERR_… of OpenSSL, for what only OpenSSL saw."""


async def start_tls(
    transport: asyncio.Transport,
    protocol: asyncio.Protocol,
    *,
    settings: Tls,
    host: str,
    limit: float,
) -> tuple[asyncio.Transport, TlsFacts]:
    """Do the handshake and return the encrypted transport under *protocol*, with the facts.

    *limit* is in seconds. Raises TlsError; the connection is gone then, and so it is when the
    caller is cancelled.
    """
    name = _tls_name(settings.server_name or host)
    recorder = _Recorder()
    try:
        async with asyncio.timeout(limit):
            context = await _context(settings)
            stream = await _upgrade(transport, protocol, context, name, recorder)
            # The TLS object belongs to the loop's thread: OpenSSL crashes when two use it at once.
            shown = seen(stream.get_extra_info("ssl_object"))
            if settings.trust in (Trust.SYSTEM, Trust.CA_FILE):
                facts = _told(*shown, settings, name, verified=True)
            else:
                facts = await asyncio.to_thread(_told, *shown, settings, name)
    except TimeoutError:
        await _hang_up(transport, recorder)
        evidence = f"the handshake did not end within {limit:g} s"
        raise TlsError(NetKind.TLS_TIMEOUT, evidence) from None
    except (OSError, ssl.CertificateError) as error:
        await _hang_up(transport, recorder)
        raise await asyncio.to_thread(_failure, error, recorder, settings, name) from error
    except BaseException:
        await _hang_up(transport, recorder)
        raise
    if settings.trust is Trust.FINGERPRINT:
        try:
            _check_pin(settings, facts)
        except TlsError:
            await _hang_up(transport, recorder)
            raise
    return stream, facts


async def _context(settings: Tls) -> ssl.SSLContext:
    if is_ready(settings):
        return context_for(settings)
    return await asyncio.to_thread(context_for, settings)


async def _upgrade(
    transport: asyncio.Transport,
    protocol: asyncio.Protocol,
    context: ssl.SSLContext,
    name: str,
    recorder: "_Recorder",
) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    task = loop.create_task(
        loop.start_tls(transport, protocol, context, server_hostname=name), name="TLS handshake"
    )
    try:
        # In its first step the task puts its own protocol on the paused transport; reading begins
        # only after it has waited, so nothing gets past the recorder.
        await asyncio.sleep(0)
        inner = transport.get_protocol()
        if isinstance(inner, asyncio.BufferedProtocol):
            recorder.inner = inner
            transport.set_protocol(recorder)
        either: set[asyncio.Future[Any]] = {task, recorder.alien}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if recorder.alien.done():
            await recorder.first_line()
            raise ConnectionError("the peer speaks no TLS")  # noqa: TRY301  # ends it like others
        stream = await task
    except BaseException:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
    finally:
        recorder.alien.cancel()
    if recorder.inner is not None:
        transport.set_protocol(recorder.inner)
    if stream is None:
        raise ConnectionResetError("the connection was lost")
    return stream


def alert_in(error: BaseException | None) -> str | None:
    """Return the name (RFC 8446, appendix B.2) of the TLS alert that *error* tells of, if any.

    With TLS 1.3 a server refuses a client's certificate after the handshake, so that the alert
    comes where a reply was expected.
    """
    if not isinstance(error, ssl.SSLError):
        return None
    match = _ALERT.fullmatch(error.reason or "")
    return match[1].lower() if match else None


class _Recorder(asyncio.BufferedProtocol):
    """Stands between a transport and its TLS, and keeps the first octets that come."""

    def __init__(self) -> None:
        self.inner: asyncio.BufferedProtocol | None = None
        self.said = b""
        self.alien: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the peer has said something that is no TLS; OpenSSL then gets none of it."""
        self.ended = asyncio.Event()
        self.closed = asyncio.Event()
        self.reset = False
        self._buffer: memoryview | None = None
        self._more = asyncio.Event()

    @property
    def _tls(self) -> asyncio.BufferedProtocol:
        if self.inner is None:
            raise RuntimeError("no TLS behind the recorder")
        return self.inner

    def get_buffer(self, sizehint: int) -> memoryview:
        self._buffer = memoryview(self._tls.get_buffer(sizehint))
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._buffer is not None and len(self.said) < _KEPT:
            self.said += bytes(self._buffer[: min(nbytes, _KEPT)])
            self._more.set()
        if not self.plaintext:
            self._tls.buffer_updated(nbytes)
        elif not self.alien.done():
            self.alien.set_result(None)

    def eof_received(self) -> bool | None:
        self.ended.set()
        self._more.set()
        return self._tls.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        # asyncio reports an end of stream in the middle of a handshake as a reset too.
        self.reset = exc is not None and not self.ended.is_set()
        self.closed.set()
        self.ended.set()
        self._more.set()
        self._tls.connection_lost(exc)

    def pause_writing(self) -> None:
        self._tls.pause_writing()

    def resume_writing(self) -> None:
        self._tls.resume_writing()

    @property
    def plaintext(self) -> bool:
        """Whether the peer said something that is no TLS."""
        return bool(self.said) and not _RECORD.match(self.said)

    async def first_line(self) -> None:
        """Wait a moment for the rest of a first line in plaintext."""
        try:
            async with asyncio.timeout(_LINE_END):
                while self.plaintext and b"\n" not in self.said and not self.ended.is_set():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return


async def _hang_up(transport: asyncio.Transport, recorder: _Recorder) -> None:
    transport.abort()
    if transport.get_protocol() is recorder:
        await recorder.closed.wait()
    else:
        await asyncio.sleep(0)  # the socket closes in the loop's next turn


def _tls_name(host: str) -> str:
    bare = host.removeprefix("[").removesuffix("]")
    return bare if ":" in bare else ascii_name(bare)


def _told(
    chain: list[bytes],
    protocol: str,
    cipher: str,
    settings: Tls,
    name: str,
    *,
    verified: bool = False,
    code: int | None = None,
) -> TlsFacts:
    """Return the facts; *verified* and *code* are OpenSSL's verdict, which goes before ours."""
    reasons = weaknesses(chain) if verified else distrust(chain, name, known_roots(settings))
    if code is not None:
        reasons = _agreeing(reasons, code)
    return TlsFacts(
        protocol=protocol,
        cipher=cipher,
        server_name=name,
        chain=tuple(certificate_of(der) for der in chain),
        trusted=verified or not reasons,
        reasons=tuple(dict.fromkeys(reason for reason, _ in reasons)),
        reason="; ".join(dict.fromkeys(text for _, text in reasons)) or None,
    )


def _agreeing(reasons: list[tuple[Distrust, str]], code: int) -> list[tuple[Distrust, str]]:
    """Return *reasons* with OpenSSL's own among them."""
    wanted = _REASON_OF_CODE.get(code, Distrust.OTHER)
    trust = {Distrust.UNTRUSTED_CA, Distrust.MISSING_INTERMEDIATE, Distrust.SELF_SIGNED}
    trust.add(Distrust.CA_BUNDLE_MISSING)
    if any(reason is wanted or {reason, wanted} <= trust for reason, _ in reasons):
        return reasons
    return [(wanted, f"OpenSSL's verification error {code}"), *reasons]


def _failure(error: Exception, recorder: _Recorder, settings: Tls, name: str) -> TlsError:
    """Return what *error*, raised by a handshake, tells."""
    if isinstance(error, TlsError):
        return error
    if recorder.plaintext:
        said = recorder.said.splitlines()[0].decode("ascii", "backslashreplace")
        text = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in said)
        return TlsError(NetKind.TLS_PLAINTEXT_PEER, f"instead of TLS: {text}", {"said": text})
    if isinstance(error, ssl.SSLCertVerificationError):
        chain, protocol, cipher = getattr(error, "seen", ([], "", ""))
        code = error.verify_code
        facts = _told(chain, protocol, cipher, settings, name, code=code)
        return TlsError(NetKind.TLS_UNTRUSTED, facts.reason or str(error), None, facts)
    if isinstance(error, ssl.SSLError):
        return _of_openssl(error, name)
    if not isinstance(error, ConnectionError):
        return TlsError(NetKind.TLS_OTHER, str(error))
    kind, word = (NetKind.TLS_CLOSED, "closed")
    if recorder.reset:
        kind, word = (NetKind.TLS_RESET, "reset")
    return TlsError(kind, f"connection {word} during the handshake")


def _of_openssl(error: ssl.SSLError, name: str) -> TlsError:
    reason = error.reason or str(error)
    evidence = reason.replace("_", " ").lower()
    alert = alert_in(error)
    if alert is not None:
        return TlsError(NetKind.TLS_ALERT, f"TLS alert: {evidence}", {"alert": alert})
    kind = next((kind for kind, pattern in _KINDS if pattern.search(reason)), NetKind.TLS_OTHER)
    params = {}
    if kind is NetKind.TLS_WEAK:
        params["weak"] = next((word for word, part in _WEAK if re.search(part, reason)), "key")
    chain, protocol, cipher = getattr(error, "seen", ([], "", ""))
    facts = TlsFacts(
        protocol, cipher, name, tuple(certificate_of(der) for der in chain), trusted=False
    )
    return TlsError(kind, evidence, params, facts if chain else None)


def _check_pin(settings: Tls, facts: TlsFacts) -> None:
    pinned = settings.fingerprint.replace(":", "").replace(" ", "").lower()
    found = facts.leaf.sha256 if facts.leaf else "none"
    if found != pinned:
        evidence = f"the certificate's SHA-256 is {found}, not {pinned}"
        params = {"found": found, "pinned": pinned}
        raise TlsError(NetKind.TLS_FINGERPRINT, evidence, params, facts)
