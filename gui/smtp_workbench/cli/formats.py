"""List the formats that settings can be exported to and imported from.

The formats are imported when they are needed: a tenth of a second that others do without.
"""

import argparse
import json

from smtp_workbench.cli.paint import BOLD, QUIET, painter
from smtp_workbench.formats.format import Format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `formats`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def answer(options: argparse.Namespace) -> int:
    """Print the formats in the order of the window; return 0."""
    from smtp_workbench.formats.registry import FORMATS  # noqa: PLC0415  # see above

    if options.json:
        print(json.dumps({"formats": [as_json(item) for item in FORMATS]}, ensure_ascii=False))
        return 0
    paint = painter()
    group = None
    for item in FORMATS:
        if item.group is not group:
            group = item.group
            print(paint(group.value, QUIET))
        only = "" if item.read else paint(" (export only)", QUIET)
        print(f"  {paint(item.id, BOLD)}  {item.title}{only}")
    return 0


def as_json(item: Format) -> dict[str, object]:
    """Return what is told of one format."""
    return {
        "id": item.id,
        "title": item.title,
        "group": item.group.value,
        "imports": item.read is not None,
    }
