"""List the profiles that the window has saved; `profiles export` and `profiles import` share them.

A file that is exported here holds no password. Of an encrypted file that the window wrote,
`profiles import` keeps all but the passwords.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from platformdirs import user_config_path

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.keyring import keep_secret
from smtp_workbench.cli.paint import BOLD, painter
from smtp_workbench.settings import url
from smtp_workbench.settings.presets import by_host
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport
from smtp_workbench.store.profiles import Profile, Profiles, free_name
from smtp_workbench.store.secrets import names_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `profiles`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    words = parser.add_subparsers(metavar="[WORD]", help="none lists the profiles")
    summary = "Write profiles into a file to hand on, without passwords."
    out = words.add_parser("export", help=summary, description=summary)
    out.add_argument("file", metavar="FILE", help="- writes to standard output")
    out.add_argument("names", metavar="NAME", nargs="*", help="all profiles if none is named")
    out.set_defaults(answer=_export)
    summary = "Take the profiles of a file, each under a name that is free."
    into = words.add_parser("import", help=summary, description=summary)
    into.add_argument("file", metavar="FILE", help="- reads standard input")
    into.add_argument(
        "--passphrase-env", metavar="VAR", help="the variable with the passphrase of the file"
    )
    into.set_defaults(answer=_import)


def answer(options: argparse.Namespace) -> int:
    """Print the profiles, without secrets; return 0, also when there are none."""
    found = saved()
    if options.json:
        print(json.dumps({"profiles": [_as_json(item) for item in found]}, ensure_ascii=False))
    else:
        for profile in found:
            print(f"{painter()(profile.name, BOLD)}  {url.write(profile.transport)}")
        if not found:
            print("smtp-workbench: no profile is saved yet", file=sys.stderr)
    return 0


def keep(
    name: str, transport: Transport, secrets: tuple[Secret | None, Secret | None]
) -> tuple[str, list[str]]:
    """Save *transport* as a new profile called *name*, its secret and its proxy's in the keyring.

    Return what became of the secrets, empty without any, and a sentence for each trouble.

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
    pairs = zip(names_of(made.id), secrets, strict=True)
    said = [keep_secret(place, secret) for place, secret in pairs if secret]
    return said[-1] if said else "", troubles


def _export(options: argparse.Namespace) -> int:
    """Write the profiles; return 0. Raises CallError."""
    from smtp_workbench.store.sharing import share  # noqa: PLC0415  # the list needs it not

    profiles = saved()
    missing = [name for name in options.names if name not in {item.name for item in profiles}]
    if missing:
        raise CallError(f"there is no profile {missing[0]!r}")
    octets = share([item for item in profiles if not options.names or item.name in options.names])
    try:
        if options.file == "-":
            sys.stdout.buffer.write(octets)
        else:
            Path(options.file).write_bytes(octets)  # which may be a pipe
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CallError(f"{options.file}: {error.strerror or error}") from None
    return 0


def _import(options: argparse.Namespace) -> int:
    """Add the profiles of a file and print their names; return 0, or 1 if it can't be read.

    Raises CallError.
    """
    from smtp_workbench.store.sharing import read  # noqa: PLC0415  # as above

    variable = options.passphrase_env
    if variable is not None and not os.environ.get(variable):
        raise CallError(f"--passphrase-env: the variable {variable} is not set")
    passphrase = Secret(os.environ[variable]) if variable else None
    try:
        octets = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        shared = read(octets, passphrase)
    except OSError as error:
        raise CallError(f"{options.file}: {error.strerror or error}") from None
    except ValueError as error:
        print(f"smtp-workbench: {options.file} was not read: {error}", file=sys.stderr)
        return 1
    names, troubles = _add(shared.profiles)
    if shared.secrets:
        troubles = [*troubles, "The passwords in the file are not kept."]
    for trouble in (*troubles, *shared.troubles):
        print(f"smtp-workbench: {trouble}", file=sys.stderr)
    for name in names:
        print(name)
    return 0


def _add(profiles: Sequence[Profile]) -> tuple[list[str], list[str]]:
    """Save *profiles*; return the names they got, and a sentence for each trouble."""
    store = Profiles(_folder())
    try:
        kept, troubles = store.load()
        before = len(kept)
        for profile in profiles:
            taken = {item.name for item in kept}
            kept.append(replace(profile, name=free_name(profile.name, taken)))
        store.save(kept)
    except OSError as error:
        raise CallError(f"the profiles can't be written: {error.strerror or error}") from None
    finally:
        store.close()
    return [item.name for item in kept[before:]], troubles


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
