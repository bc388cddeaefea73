"""List the profiles that the window has saved, and save more."""

import argparse
import json
import uuid
from pathlib import Path

from platformdirs import user_config_path

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.keyring import keep_secret
from smtp_workbench.cli.paint import BOLD, painter
from smtp_workbench.settings import url
from smtp_workbench.settings.presets import by_host
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.profiles import Profile, Profiles
from smtp_workbench.store.secrets import names_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `profiles`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Print the profiles, without secrets; return 0, also when there are none."""
    found = saved()
    if options.json:
        print(json.dumps({"profiles": [_as_json(item) for item in found]}, ensure_ascii=False))
    else:
        for profile in found:
            print(f"{painter()(profile.name, BOLD)}  {url.write(profile.transport)}")
    return 0


def keep(name: str, transport: Transport, secret: Secret | None) -> tuple[str, list[str]]:
    """Save *transport* as a new profile called *name*, and *secret* in the keyring.

    Return what became of the secret, empty without one, and a sentence for each trouble.

    Raises CallError if it can't be saved or there is one of that name.
    """
    store = Profiles(_folder())
    try:
        profiles, troubles = store.load()
        if not name.strip():
            raise CallError("--save takes a name")
        if any(item.name == name for item in profiles):
            raise CallError(f"--save: there is a profile {name!r} already")
        preset = by_host(transport.host)
        made = Profile(uuid.uuid4().hex, name, transport, preset.id if preset else "")
        store.save([*profiles, made])
    except OSError as error:
        raise CallError(f"--save: {error.strerror or error}") from None
    finally:
        store.close()
    return keep_secret(names_of(made.id)[0], secret) if secret else "", troubles


def _folder() -> Path:
    return user_config_path("smtp-workbench", appauthor=False)


def saved() -> list[Profile]:
    """Return the saved profiles. Raises CallError if their file can't be read."""
    try:
        return Profiles(_folder()).peek()
    except ValueError as error:
        raise CallError(f"the profiles can't be read: {error}") from None


def _as_json(profile: Profile) -> dict[str, object]:
    last = profile.last
    return {
        "name": profile.name,
        "url": url.write(profile.transport),
        "last": {"at": last.at.isoformat(), "ok": last.ok, "cause": last.cause} if last else None,
    }
