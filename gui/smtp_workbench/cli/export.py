"""Write settings in the form that another program wants.

What the form can't express is told on standard error, so that the output can go into a file.

The formats are imported when they are needed: a tenth of a second that others do without.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from smtp_workbench.cli import target
from smtp_workbench.cli.errors import CallError
from smtp_workbench.formats.format import Export, Format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    target.add_arguments(parser)
    parser.add_argument(
        "--format", metavar="ID", required=True, help="one that `formats` lists", dest="format_id"
    )
    parser.add_argument(
        "--include-secret",
        action="store_true",
        help="write the password itself where a placeholder would stand",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write it there; its other files go beside it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Export and print or write; return 0. Raises CallError, also where the form can't hold it."""
    wanted = format_of(options.format_id)
    if options.target == "sandbox":
        raise CallError("the sandbox of a command ends with it; there is nothing to export")
    settings = target.read(options, asks=options.include_secret)
    secret = settings.secret if options.include_secret else None
    try:
        export = wanted.write(settings.transport, secret)
    except ValueError as error:
        raise CallError(f"{wanted.title}: {error}") from None
    written = _written(export, Path(options.output)) if options.output else []
    if options.json:
        print(json.dumps(_as_json(wanted, export, written), ensure_ascii=False))
        return 0
    if not written:
        print(export.text, end="")
    for path in written:
        print(f"written: {path}", file=sys.stderr)
    if export.left_out:
        print(f"left out: {', '.join(export.left_out)}", file=sys.stderr)
    for sentence in export.assumed:
        print(f"assumed: {sentence}", file=sys.stderr)
    return 0


def format_of(format_id: str) -> Format:
    """Return the format with this id. Raises CallError."""
    from smtp_workbench.formats.registry import by_id  # noqa: PLC0415  # see above

    found = by_id(format_id)
    if found is None:
        raise CallError(f"no format {format_id!r}; `smtp-workbench formats` lists them")
    return found


def _written(export: Export, path: Path) -> list[str]:
    """Write the main file to *path* and the others beside it; return the paths."""
    first, *others = export.files
    places = [path, *(path.with_name(file.name) for file in others)]
    if len(set(places)) < len(places):
        raise CallError(f"--output: {path.name} is the name of another file of this export")
    for place, file in zip(places, (first, *others), strict=True):
        try:
            # It may hold a password, so nobody else gets to read it.
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(file.text)
        except OSError as error:
            raise CallError(f"--output: {place}: {error.strerror}") from None
    return list(map(str, places))


def _as_json(wanted: Format, export: Export, written: list[str]) -> dict[str, object]:
    return {
        "format": wanted.id,
        "text": export.text,
        "files": [{"name": file.name, "text": file.text} for file in export.files],
        "left_out": list(export.left_out),
        "assumed": list(export.assumed),
        "written": written,
    }
