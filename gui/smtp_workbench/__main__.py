"""The program's one entry: with arguments the command line, without any the window."""

import sys
from collections.abc import Sequence

from smtp_workbench.cli.arguments import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        given = ["verify", "sandbox"]
    return run(given)


if __name__ == "__main__":
    sys.exit(main())
