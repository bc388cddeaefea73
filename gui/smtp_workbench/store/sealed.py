"""Octets encrypted by a passphrase, in the age format (age-encryption.org/v1).

The key is made by scrypt, which is meant to take a second or more, and `pyrage` lets no other
thread run meanwhile. So it works in a process of its own: a window that waits in a thread stays
alive.
"""

from collections.abc import Callable
from typing import Final

from smtp_workbench.settings.secret import Secret

_BEGINNINGS: Final = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
"""Of the binary form, and of the one in ASCII that `age --armor` writes."""


def is_sealed(octets: bytes) -> bool:
    """Return whether *octets* begin as an age file does."""
    return octets.startswith(_BEGINNINGS)


def seal(octets: bytes, passphrase: Secret) -> bytes:
    """Return *octets* encrypted. Takes a second or two. Raises ValueError."""
    if not passphrase:
        raise ValueError("the passphrase is empty")
    return _apart(_encrypt, octets, passphrase)


def unseal(octets: bytes, passphrase: Secret) -> bytes:
    """Return what was encrypted. Takes a second or two.

    Raises ValueError where the passphrase is wrong or the file broken; the format can't tell these
    apart before the passphrase is right.
    """
    return _apart(_decrypt, octets, passphrase)


def _apart(work: Callable[[bytes, str], bytes], octets: bytes, passphrase: Secret) -> bytes:
    from concurrent.futures.process import (  # noqa: PLC0415  # few calls need it
        BrokenProcessPool,
        ProcessPoolExecutor,
    )
    from multiprocessing import get_context  # noqa: PLC0415

    # Spawned, as a fork of a program with threads may hang.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(work, octets, passphrase.reveal()).result()
        except BrokenProcessPool:
            raise ValueError("the process that encrypts and decrypts has died") from None


def _encrypt(octets: bytes, passphrase: str) -> bytes:
    from pyrage import passphrase as age  # noqa: PLC0415  # only the other process needs it

    return bytes(age.encrypt(octets, passphrase))


def _decrypt(octets: bytes, passphrase: str) -> bytes:
    from pyrage import DecryptError  # noqa: PLC0415  # as above
    from pyrage import passphrase as age  # noqa: PLC0415

    try:
        return bytes(age.decrypt(octets, passphrase))
    except DecryptError:
        raise ValueError("the passphrase is wrong, or the file is damaged") from None
