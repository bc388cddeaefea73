"""List the mail services whose settings are known."""

import argparse
import json
import sys

from smtp_workbench.cli.paint import BOLD, QUIET, painter, wrapped
from smtp_workbench.settings.presets import Preset, all_presets, search


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `providers`."""
    parser.add_argument("words", metavar="WORD", nargs="*", help="only those that have these words")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Print the providers; return 1 when none fits the words."""
    found = search(" ".join(options.words)) if options.words else all_presets()
    if options.json:
        print(json.dumps({"providers": [preset.as_json() for preset in found]}, ensure_ascii=False))
    else:
        for preset in found:
            _print(preset)
        if not found:
            words = " ".join(options.words)
            print(f"smtp-workbench: no provider is known by {words!r}", file=sys.stderr)
    return 0 if found else 1


def _print(preset: Preset) -> None:
    paint = painter()
    transport = preset.transport()
    where = f"{transport.host}:{transport.effective_port} {transport.security.value}"
    print(f"{paint(preset.id, BOLD):<24} {preset.name} · {where}")
    for hint in (preset.user.hint, preset.password.hint):
        if hint:
            print(paint(wrapped(hint, " " * 4), QUIET))
