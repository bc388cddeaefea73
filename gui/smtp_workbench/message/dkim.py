"""A signature by the author's domain (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed.

dkimpy makes headers and body canonical and checks the signature afterwards. It takes the whole
message at once and computes RSA in Python; so the body is hashed here, piece by piece, and the
signature itself comes from `cryptography`, in a twentieth of the time.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import idna
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from smtp_workbench.message.draft import Dkim, DraftError

_NAME: Final = b"DKIM-Signature"
_LABELS: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_SHORTEST_RSA: Final = 1024
"""Bits; receivers don't look at less (RFC 8301, section 3.2)."""
_LINE: Final = 72


@dataclass(frozen=True)
class _Key:
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def kind(self) -> str:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @cached_property
    def record(self) -> str:
        """What the DNS says of it (RFC 6376, section 3.6.1; RFC 8463, section 4)."""
        form = serialization.PublicFormat
        public = self.private.public_key()
        if self.kind == "rsa":
            octets = public.public_bytes(serialization.Encoding.DER, form.SubjectPublicKeyInfo)
        else:
            octets = public.public_bytes(serialization.Encoding.Raw, form.Raw)
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(octets).decode()}"

    def sign(self, digest: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(digest, PKCS1v15(), Prehashed(hashes.SHA256()))
        return self.private.sign(digest)


def dns_record(key_file: str) -> str:
    """Return the TXT record for the private key in *key_file*, which tells the public one.

    It belongs at `SELECTOR._domainkey.DOMAIN`. Raises DraftError on `dkim.key_file`.
    """
    return _read(key_file).record


def sign(said: Dkim, head: bytes, body: Iterable[bytes], now: int) -> bytes:
    """Return the header field that signs *head*, lines with CRLF, and *body*.

    *now* is in seconds since 1970. Raises DraftError on a field of `dkim`, and what *body* does.
    """
    key = _read(said.key_file)
    tags = {
        "v": "1",
        "a": f"{key.kind}-sha256",
        "c": "relaxed/relaxed",
        "d": _domain(said.domain),
        "s": _selector(said.selector),
        "t": str(now),
        "h": " : ".join(_signed_fields(head, said.skip)),
        "bh": base64.b64encode(_body_hash(body)).decode(),
    }
    field_ = _signed(key, tags, head)
    if not _verifies(key, tags["bh"], field_ + head):
        raise DraftError("dkim.key_file", "The signature made with the DKIM key does not verify.")
    return field_


def _read(key_file: str) -> _Key:
    if not key_file:
        raise DraftError("dkim.key_file", "A DKIM signature needs a file with the private key.")
    name = Path(key_file).name
    try:
        return _parsed(Path(key_file).read_bytes())
    except OSError as error:
        trouble = f"can't be read: {error.strerror}"
    except TypeError:
        trouble = "is locked by a passphrase; save it without one to sign with it"
    except (ValueError, UnsupportedAlgorithm) as error:
        trouble = str(error) if isinstance(error, _KeyError) else "holds no private key in PEM form"
    raise DraftError("dkim.key_file", f"The DKIM key file {name} {trouble}.")


class _KeyError(ValueError):
    """A key that can't sign."""


@lru_cache(maxsize=8)
def _parsed(pem: bytes) -> _Key:
    private = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise _KeyError("holds neither an RSA nor an Ed25519 key")
    if isinstance(private, RSAPrivateKey) and private.key_size < _SHORTEST_RSA:
        raise _KeyError(f"has {private.key_size} bits; receivers want {_SHORTEST_RSA} or more")
    return _Key(private)


def _domain(domain: str) -> str:
    try:
        name = idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain.lower()
    except idna.IDNAError:
        name = ""
    if not _LABELS.fullmatch(name):
        raise DraftError("dkim.domain", f"{domain!r} is not a domain that can sign.")
    return name


def _selector(selector: str) -> str:
    if not _LABELS.fullmatch(selector.lower()):
        raise DraftError("dkim.selector", f"{selector!r} is not a selector, a name such as mail1.")
    return selector


def _signed_fields(head: bytes, skip: tuple[str, ...]) -> list[str]:
    from dkim import DKIM  # noqa: PLC0415  # 90 ms that only signed messages need

    skipped = {name.lower() for name in skip}
    if "from" in skipped:
        raise DraftError("dkim.skip", "From has to be signed (RFC 6376, section 5.4).")
    signer = DKIM(head + b"\r\n")
    # RFC 8058, section 4, asks for it.
    signer.should_sign |= {b"list-unsubscribe-post"}
    names = [name.decode().lower() for name in signer.default_sign_headers()]
    return [name for name in names if name not in skipped]


def _signed(key: _Key, tags: dict[str, str], head: bytes) -> bytes:
    """Return the whole header field. The signature covers it as far as its own `b=`."""
    from dkim import DKIM, fold, hash_headers  # noqa: PLC0415
    from dkim.canonicalization import Relaxed  # noqa: PLC0415

    before = "; ".join(f"{name}={value}" for name, value in tags.items()) + "; b="
    folded = b" " + fold(before.encode(), namelen=len(_NAME) + 2)
    digest = hashlib.sha256()
    headers = Relaxed.canonicalize_headers(DKIM(head + b"\r\n").headers)
    names = [name.encode() for name in tags["h"].split(" : ")]
    hash_headers(digest, Relaxed, headers, names, (_NAME, folded + b"\r\n"), {})
    signature = base64.b64encode(key.sign(digest.digest()))
    lines = [signature[start : start + _LINE] for start in range(0, len(signature), _LINE)]
    return _NAME + b":" + b"\r\n ".join([folded, *lines]) + b"\r\n"


def _verifies(key: _Key, body_hash: str, head: bytes) -> bool:
    """Whether dkimpy, given the public key, agrees; the body is not read again for it."""
    from dkim import DKIM, DKIMException  # noqa: PLC0415

    verifier = DKIM(head + b"\r\n")
    try:
        tags, names, fields = verifier.verify_headerprep()
        if tags.pop(b"bh").decode() != body_hash:
            return False
        return bool(verifier.verify_sig(tags, names, fields[0], lambda *_, **__: key.record))
    except DKIMException:
        return False


def _body_hash(body: Iterable[bytes]) -> bytes:
    """Return the hash of the relaxed form of *body* (RFC 6376, section 3.4.4)."""
    digest = hashlib.sha256()
    line_ends = 0
    """Of those that are hashed only if something follows them."""
    for lines in _whole_lines(body):
        form = _relaxed(lines)
        core = form.rstrip(b"\r\n")
        if core:
            digest.update(b"\r\n" * line_ends + core)
            line_ends = 0
        line_ends += (len(form) - len(core)) // 2
    if digest.digest() != hashlib.sha256().digest():
        digest.update(b"\r\n")
    return digest.digest()


def _whole_lines(body: Iterable[bytes]) -> Iterable[bytes]:
    rest = b""
    for chunk in body:
        octets = rest + chunk
        end = octets.rfind(b"\r\n") + 2 if b"\r\n" in octets else 0
        yield octets[:end]
        rest = octets[end:]
    yield rest


def _relaxed(lines: bytes) -> bytes:
    from dkim.canonicalization import (  # noqa: PLC0415
        compress_whitespace,
        strip_trailing_whitespace,
    )

    if b" " not in lines and b"\t" not in lines:
        return lines
    return bytes(strip_trailing_whitespace(compress_whitespace(lines)))
