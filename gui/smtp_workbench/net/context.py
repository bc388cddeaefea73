"""The TLS context that settings ask for, and the roots behind it.

On Linux the contexts are plain ones with the system's roots from where truststore finds them, so
that they can be kept from run to run; on Windows and macOS truststore asks the system itself.
"""

import ssl
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import truststore
from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from smtp_workbench.net.errors import NetKind, TlsError
from smtp_workbench.settings.transport import Tls, TlsVersion, Trust

_VERSIONS: Final = {
    TlsVersion.TLS_1_0: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS_1_1: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}
_OLD: Final = (TlsVersion.TLS_1_0, TlsVersion.TLS_1_1)
_KEPT: Final = 64
_contexts: dict[tuple[Tls, tuple[object, ...]], ssl.SSLContext] = {}
_filtering: Final = threading.Lock()
_ASKS_SYSTEM: Final = sys.platform in ("win32", "darwin")


def context_for(settings: Tls) -> ssl.SSLContext:
    """Return a client context. Raises TlsError of kind `TLS_SETTINGS` that names the field.

    The first one for *settings* reads files and takes up to 30 ms: `is_ready` tells whether it has
    been made, else call this off the event loop.
    """
    context = _contexts.get((settings, _stamps(settings)))
    if context is None:
        context = _build(settings)
        if len(_contexts) >= _KEPT:
            _contexts.clear()
        _contexts[settings, _stamps(settings)] = context
    return context


def is_ready(settings: Tls) -> bool:
    """Whether `context_for` has the context at hand."""
    return (settings, _stamps(settings)) in _contexts


def _stamps(settings: Tls) -> tuple[object, ...]:
    """Return what changes when one of the files that *settings* name does."""
    names = (settings.ca_file, settings.client_certificate, settings.client_key)
    return tuple(stamp(name) for name in names)


def stamp(name: str) -> tuple[int, int] | None:
    """Return what changes when the file *name* does; None where there is none."""
    try:
        status = Path(name).stat() if name else None
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size) if status else None


def _build(settings: Tls) -> ssl.SSLContext:
    context, inner = _trusting(settings)
    inner.sslobject_class = _keeping_chain(inner.sslobject_class)
    with _ignoring(DeprecationWarning):  # whoever asks for it knows
        context.minimum_version = _VERSIONS[settings.minimum_version]
    ciphers = settings.ciphers or ("DEFAULT" if settings.minimum_version in _OLD else "")
    if settings.minimum_version in _OLD:
        # OpenSSL's level 1 has no signature that TLS 1.0 and 1.1 could use.
        ciphers += ":@SECLEVEL=0"
    if ciphers:
        _apply("tls.ciphers", lambda: context.set_ciphers(ciphers))
    if settings.client_certificate:
        _apply(
            "tls.client_certificate",
            lambda: context.load_cert_chain(
                settings.client_certificate,
                settings.client_key or None,
                # Without it OpenSSL would ask on the terminal.
                password=lambda: b"",
            ),
        )
    return context


def _trusting(settings: Tls) -> tuple[ssl.SSLContext, Any]:
    """Return a context that trusts as wanted, and the one that makes its TLS objects."""
    if settings.trust is Trust.SYSTEM and _ASKS_SYSTEM:
        outer = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return outer, outer._ctx  # where truststore keeps the context it wraps
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    match settings.trust:
        case Trust.SYSTEM:
            load_system_roots(context)
        case Trust.CA_FILE:
            _apply("tls.ca_file", lambda: context.load_verify_locations(settings.ca_file))
        case Trust.FINGERPRINT | Trust.NONE:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    return context, context


def load_system_roots(context: ssl.SSLContext) -> None:
    """Load what this Linux trusts, from where truststore finds it."""
    from truststore._openssl import _configure_context  # noqa: PLC0415  # Linux only

    with _configure_context(context):
        pass


def known_roots(settings: Tls) -> tuple[x509.Certificate, ...]:
    """Return the roots that *settings* trust, or the system's where they trust none by name."""
    if settings.trust is Trust.CA_FILE:
        try:
            return tuple(_readable(Path(settings.ca_file).read_bytes()))
        except OSError:
            return ()
    return _system_roots()


@lru_cache(maxsize=1)
def _system_roots() -> tuple[x509.Certificate, ...]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if _ASKS_SYSTEM:
        context.load_default_certs()
    else:
        load_system_roots(context)
    ders = set(context.get_ca_certs(binary_form=True))
    # OpenSSL reads a folder of roots only when it needs one, so they may not be loaded yet.
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if not ders and bundle.is_file():
        return tuple(_readable(bundle.read_bytes()))
    return tuple(_readable("".join(map(ssl.DER_cert_to_PEM_cert, ders)).encode()))


def _readable(pem: bytes) -> list[x509.Certificate]:
    # Some systems ship roots with a serial number of zero; that is theirs to mend.
    with _ignoring(CryptographyDeprecationWarning):
        try:
            return x509.load_pem_x509_certificates(pem)
        except ValueError:
            return []


@contextmanager
def _ignoring(kind: type[Warning]) -> Iterator[None]:
    """Ignore warnings of *kind*, in one thread at a time: Python keeps one list for all of them."""
    with _filtering, warnings.catch_warnings():
        warnings.simplefilter("ignore", kind)
        yield


def _apply(field: str, step: Callable[[], None]) -> None:
    try:
        step()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        evidence = f"{field}: {str(why).replace('_', ' ').lower()}"
        raise TlsError(NetKind.TLS_SETTINGS, evidence, {"field": field}) from None


def _keeping_chain(base: type[ssl.SSLObject]) -> type[ssl.SSLObject]:
    """Return a class whose handshake leaves what it saw of the server on its error."""

    class KeepingChain(base):  # type: ignore[misc,valid-type]  # a class made at run time
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLWantReadError:
                raise
            except ssl.SSLError as error:
                error.seen = seen(self)  # type: ignore[attr-defined]  # read by `tls`
                raise

    return KeepingChain


def seen(tls: Any) -> tuple[list[bytes], str, str]:
    """Return what *tls*, an SSLObject, knows: chain as DER, protocol, cipher."""
    cipher = tls.cipher()
    return _chain(tls), tls.version() or "", cipher[0] if cipher else ""


def _chain(tls: Any) -> list[bytes]:
    if sys.version_info >= (3, 13):
        return list(tls.get_unverified_chain() or ())
    # Public from 3.13 on; before, the same method sits on the object inside.
    import _ssl  # noqa: PLC0415

    try:
        chain = tls._sslobj.get_unverified_chain() or ()
    except ValueError:  # no handshake at all yet
        return []
    return [certificate.public_bytes(_ssl.ENCODING_DER) for certificate in chain]
