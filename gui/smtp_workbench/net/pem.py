"""Reads the files that settings name, off the event loop, for `settings.checks` to judge."""

import asyncio
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from smtp_workbench.net.context import stamp
from smtp_workbench.settings.files import FileFacts, FileTrouble
from smtp_workbench.settings.transport import Transport, Trust

_read_before: dict[tuple[object, ...], dict[str, FileFacts]] = {}
"""The last answer, good until a file changes: the form asks at every keystroke."""


async def read_facts(transport: Transport) -> dict[str, FileFacts]:
    """Return facts about the files that *transport* names, by field; see `facts_of`."""
    tls = transport.tls
    names = (tls.ca_file, tls.client_certificate, tls.client_key)
    if not any(names):
        return {}
    key = (tls, *(stamp(name) for name in names))
    if key not in _read_before:
        facts = await asyncio.to_thread(facts_of, transport)
        _read_before.clear()
        _read_before[key] = facts
    return dict(_read_before[key])


def facts_of(transport: Transport) -> dict[str, FileFacts]:
    """Read the files; one that can't be read is a fact too, never an error."""
    tls, found = transport.tls, {}
    if tls.ca_file and tls.trust is Trust.CA_FILE:
        found["tls.ca_file"] = _certificates(tls.ca_file)
    if tls.client_certificate:
        found["tls.client_certificate"] = _certificates(tls.client_certificate)
    if tls.client_key:
        found["tls.client_key"] = _key(tls.client_key, tls.client_certificate)
    elif tls.client_certificate and not found["tls.client_certificate"].trouble:
        key = _key(tls.client_certificate, tls.client_certificate)
        if key.trouble is not None:
            found["tls.client_key"] = key
    return found


def _read(path: str) -> bytes | FileFacts:
    try:
        return Path(path).expanduser().read_bytes()
    except FileNotFoundError:
        return FileFacts(path, FileTrouble.MISSING)
    except (OSError, ValueError) as error:
        return FileFacts(path, FileTrouble.UNREADABLE, getattr(error, "strerror", "") or "")


def _certificates(path: str) -> FileFacts:
    content = _read(path)
    if isinstance(content, FileFacts):
        return content
    try:
        first = x509.load_pem_x509_certificates(content)[0]
    except ValueError as error:
        if b"PRIVATE KEY-----" in content:
            return FileFacts(path, FileTrouble.WRONG_CONTENT, "it holds a key, no certificate")
        return FileFacts(path, FileTrouble.NOT_PEM, str(error))
    return FileFacts(
        path, not_before=first.not_valid_before_utc, not_after=first.not_valid_after_utc
    )


def _key(path: str, certificate_path: str) -> FileFacts:
    content = _read(path)
    if isinstance(content, FileFacts):
        return content
    if b"PRIVATE KEY-----" not in content:
        trouble = FileTrouble.NOT_PEM
        if b"CERTIFICATE-----" in content:
            trouble = FileTrouble.WRONG_CONTENT
        return FileFacts(path, trouble, "it holds no private key")
    try:
        key = load_pem_private_key(content, None)
    except TypeError:
        return FileFacts(path, FileTrouble.ENCRYPTED)
    except (ValueError, UnsupportedAlgorithm):
        return FileFacts(path, FileTrouble.NOT_PEM, "its private key can't be read")
    return FileFacts(path, matches=_matches(key, certificate_path))


def _matches(key: PrivateKeyTypes, certificate_path: str) -> bool | None:
    content = _read(certificate_path) if certificate_path else None
    if not isinstance(content, bytes):
        return None
    try:
        public = x509.load_pem_x509_certificates(content)[0].public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form) == public.public_bytes(*form)
