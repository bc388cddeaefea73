"""Recognise settings of another program and print what they say.

Nothing in the text is run. `--save` keeps a profile of it, its password in the keyring.

The formats are imported when they are needed: a tenth of a second that others do without.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.export import format_of
from smtp_workbench.cli.paint import BOLD, QUIET, painter
from smtp_workbench.cli.profiles import keep
from smtp_workbench.cli.table import print_findings
from smtp_workbench.formats.format import Format, Import
from smtp_workbench.net.pem import read_facts
from smtp_workbench.settings.change import Finding
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.transport import TESTING, Transport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `import`."""
    parser.add_argument("file", metavar="FILE", help="- reads standard input")
    parser.add_argument(
        "--format", metavar="ID", help="take it for this one of `formats`", dest="format_id"
    )
    parser.add_argument(
        "--save", metavar="NAME", help="keep a profile, the password in the keyring"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


@dataclass(frozen=True, slots=True)
class _Read:
    """How a text was understood."""

    format: Format
    found: Import
    also: tuple[Format, ...]
    """What else it looks like, the likeliest first."""

    @property
    def transport(self) -> Transport:
        """The settings, with the limits of a new profile where the text says none."""
        return self.found.change.apply(Transport(timeouts=TESTING))


def answer(options: argparse.Namespace) -> int:
    """Import and print; return 0, or 1 if the text is in no known format or broken."""
    text = _text(options.file)
    try:
        read = _read(text, options.format_id)
    except ValueError as error:
        return _refuse(str(error), as_json=options.json)
    secret = read.found.change.secret
    files = asyncio.run(read_facts(read.transport))
    findings = check(read.transport, secret=secret, files=files)
    kept = ""
    if options.save:
        secrets = secret, read.found.change.proxy_secret
        kept, troubles = keep(options.save, read.transport, secrets)
        for trouble in troubles:
            print(f"smtp-workbench: {trouble}", file=sys.stderr)
    if options.json:
        print(json.dumps(_as_json(read, findings, options.save, kept), ensure_ascii=False))
    else:
        _print(read, findings, options.save, kept)
    return 0


def _text(name: str) -> str:
    """Return the text of the file *name*. Raises CallError."""
    from smtp_workbench.formats.registry import LONGEST  # noqa: PLC0415  # see above

    try:
        octets = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CallError(f"{name}: {error.strerror}") from None
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CallError(f"{name} is not text in UTF-8") from None
    if len(text) > LONGEST:
        raise CallError(f"{name} is longer than {LONGEST} characters; settings are not")
    return text


def _read(text: str, format_id: str | None) -> _Read:
    """Return how *text* is understood. Raises ValueError that says why it is not."""
    from smtp_workbench.formats.registry import recognise  # noqa: PLC0415  # see above

    candidates = [item for item, _ in recognise(text)]
    if format_id is not None:
        chosen = format_of(format_id)
        if chosen.read is None:
            raise CallError(f"{chosen.title} can only be exported")
        candidates = [chosen, *(item for item in candidates if item is not chosen)]
    if not candidates:
        raise ValueError("no format is known that the text is in")
    tried = candidates[:1] if format_id else candidates
    refusal = ""
    for item in tried:
        assert item.read  # noqa: S101  # what resembles can be read
        try:
            found = item.read(text)
        except ValueError as error:
            refusal = refusal or f"{item.title}: {error}"
            continue
        return _Read(item, found, tuple(other for other in candidates if other is not item))
    raise ValueError(refusal)


def _refuse(sentence: str, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"format": None, "error": sentence}, ensure_ascii=False))
    else:
        print(f"smtp-workbench: {sentence}", file=sys.stderr)
    return 1


def _as_json(
    read: _Read, findings: Sequence[Finding], saved: str | None, kept: str
) -> dict[str, object]:
    return {
        "format": read.format.id,
        "also": [item.id for item in read.also],
        "changes": read.found.change.as_json(),
        "ignored": list(read.found.ignored),
        "notes": [*read.found.notes, *filter(None, [kept])],
        "findings": [finding.as_json() for finding in findings],
        "saved": saved,
    }


def _print(read: _Read, findings: Sequence[Finding], saved: str | None, kept: str) -> None:
    paint = painter()
    also = f" (or {', '.join(item.id for item in read.also)})" if read.also else ""
    print(f"{paint(read.format.title, BOLD)}{paint(also, QUIET)}\n")
    for field, value in read.found.change.as_json().items():
        print(f"  {field:<22} {value}")
    if read.found.ignored:
        print(f"\nignored: {', '.join(read.found.ignored)}")
    for note in read.found.notes:
        print(f"\n{note}")
    print_findings(findings, paint)
    if saved:
        print(f"\nSaved as {saved}. {kept}".rstrip())
