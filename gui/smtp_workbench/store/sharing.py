"""Profiles to hand on: a file that people can read, or with passwords, one encrypted as a whole.

What belongs to this machine stays here: how the last run went, and the files that settings name.
"""

import json
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Never

from smtp_workbench.settings.secret import Secret
from smtp_workbench.store.profiles import Profile, plain_of, profile_of
from smtp_workbench.store.sealed import is_sealed, seal, unseal

SUFFIX: Final = ".smtp-profiles.json"
SEALED_SUFFIX: Final = ".smtp-profiles.age"
LONGEST: Final = 10_000_000
"""Octets; a profile has some hundreds."""

Secrets = Mapping[str, tuple[Secret | None, Secret | None]]
"""By the id of a profile: its password and its proxy's."""

_SCHEMA: Final = 1
_FORMAT: Final = "SMTP Workbench profiles"
_BEGINNING: Final = 1000
"""Octets in which the name of the format stands."""
_PASSWORDS: Final = ("password", "proxy_password")
_TEXTS: Final = ("name", "preset", "mail_from", *_PASSWORDS)
_FIELDS: Final = {*_TEXTS, "rcpt_to", "transport"}


@dataclass(frozen=True, slots=True)
class Shared:
    """What a file brought. The profiles have new ids."""

    profiles: tuple[Profile, ...]
    secrets: Secrets = field(default_factory=dict)
    troubles: tuple[str, ...] = ()
    """A sentence for each thing that a profile needs and the file can't hold."""


def share(
    profiles: Sequence[Profile], secrets: Secrets | None = None, passphrase: Secret | None = None
) -> bytes:
    """Return *profiles* as the octets of a file, with *secrets* encrypted by *passphrase*.

    Encrypting takes a second or two. Raises ValueError if there are secrets and no passphrase.
    """
    if secrets is not None and not passphrase:
        raise ValueError("passwords are shared under a passphrase only")
    entries = [_plain(profile, (secrets or {}).get(profile.id)) for profile in profiles]
    whole = {"format": _FORMAT, "schema": _SCHEMA, "profiles": entries}
    octets = (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode()
    return seal(octets, passphrase) if passphrase else octets


def is_shared(octets: bytes) -> bool:
    """Return whether a file that begins with *octets* looks like one of `share`."""
    return is_sealed(octets) or f'"{_FORMAT}"'.encode() in octets[:_BEGINNING]


def read(octets: bytes, passphrase: Secret | None = None) -> Shared:
    """Return what `share` wrote; an encrypted file that was decrypted by hand is read as well.

    Raises ValueError with a sentence that names the field that is off.
    """
    if len(octets) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} octets; profiles are not")
    if is_sealed(octets):
        if not passphrase:
            raise ValueError("it is encrypted, and the passphrase is missing")
        octets = unseal(octets, passphrase)
    profiles: list[Profile] = []
    secrets: dict[str, tuple[Secret | None, Secret | None]] = {}
    for number, entry in enumerate(_entries(octets), 1):
        profile = _profile(entry, number)
        password, proxy_password = (
            Secret(entry[name]) if name in entry else None for name in _PASSWORDS
        )
        profiles.append(profile)
        if password is not None or proxy_password is not None:
            secrets[profile.id] = password, proxy_password
    troubles = [trouble for profile in profiles for trouble in _troubles(profile)]
    return Shared(tuple(profiles), secrets, tuple(troubles))


def _plain(
    profile: Profile, secrets: tuple[Secret | None, Secret | None] | None
) -> dict[str, object]:
    plain = plain_of(replace(profile, last=None))
    del plain["id"]
    for name, secret in zip(_PASSWORDS, secrets or (), strict=False):
        if secret:
            plain[name] = secret.reveal()
    return plain


def _entries(octets: bytes) -> list[Any]:
    try:
        content = json.loads(octets.decode("utf-8-sig"), parse_constant=_refuse)
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    except UnicodeEncodeError:
        raise ValueError("it holds half a character") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError(f"format: it does not say {_FORMAT!r}")
    schema = content.get("schema")
    if type(schema) is not int or schema < 1:
        raise ValueError(f"schema: {schema!r} is not the number of a form")
    if schema > _SCHEMA:
        raise ValueError(
            f"schema: a newer SMTP Workbench wrote it in form {schema}; this one reads {_SCHEMA}"
        )
    if not isinstance(content.get("profiles"), list):
        raise ValueError("profiles: it is not a list")  # noqa: TRY004  # of a file, not of a call
    return list(content["profiles"])


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not a number")


def _profile(entry: object, number: int) -> Profile:
    """Return the profile of the *number*th entry, counted from 1. Raises ValueError."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"profile {number} is not an object")  # noqa: TRY004  # of a file
    name = _shown(entry["name"]) if isinstance(entry.get("name"), str) else ""
    if not name:
        raise ValueError(f"profile {number}: name: it is missing")
    strange = sorted(set(entry) - _FIELDS)
    if strange:
        raise ValueError(f"profile {name!r}: {strange[0]}: there is no such field")
    for text in _TEXTS:
        if not isinstance(entry.get(text, ""), str):
            raise ValueError(  # noqa: TRY004  # of a file
                f"profile {name!r}: {text}: it is not text"
            )
    recipients = entry.get("rcpt_to", [])
    if not isinstance(recipients, list) or not all(isinstance(item, str) for item in recipients):
        raise ValueError(f"profile {name!r}: rcpt_to: it is not a list of texts")
    try:
        return profile_of({"transport": {}, **entry, "name": name, "id": uuid.uuid4().hex})
    except OverflowError:
        raise ValueError(f"profile {name!r}: a number in it is too large") from None


def _shown(name: str) -> str:
    """Return *name* without what would move a terminal's cursor or break a line."""
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in name).strip()


def _troubles(profile: Profile) -> list[str]:
    # Whether they are here is not asked: the path is a stranger's, and may lead over the network.
    tls = profile.transport.tls
    files = dict.fromkeys((tls.ca_file, tls.client_certificate, tls.client_key))
    return [
        f"“{profile.name}” needs the file {path}, which did not come." for path in files if path
    ]
