"""The keyring on the command line: read for @PROFILE, written by `import --save`."""

import asyncio
import sys

from smtp_workbench.settings.secret import Secret
from smtp_workbench.store.secrets import MEMORY, KeyringError, Secrets


def kept_secret(name: str) -> Secret | None:
    """Return the secret called *name*; None where there is none, or it can't be read: that is told.

    Must not be called from a running loop.
    """
    try:
        return asyncio.run(_read(name))
    except KeyringError as error:
        print(f"smtp-workbench: the keyring {error}", file=sys.stderr)
        return None


def keep_secret(name: str, secret: Secret) -> str:
    """Put *secret* into the keyring; return the sentence that says whether it is there."""
    try:
        where = asyncio.run(_write(name, secret))
    except KeyringError as error:
        return f"The password is not kept: the keyring {error}."
    if where == MEMORY:
        return "The password is not kept: there is no keyring."
    return f"The password is in the keyring ({where})."


async def _read(name: str) -> Secret | None:
    return await Secrets().read(name)


async def _write(name: str, secret: Secret) -> str:
    secrets = Secrets()
    await secrets.write(name, secret)
    return secrets.where
