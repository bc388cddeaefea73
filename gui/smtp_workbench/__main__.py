"""The program's one entry: with arguments the command line, without any the window."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given:
        from smtp_workbench.cli.arguments import run  # noqa: PLC0415  # each starts without the other

        return run(given)
    from smtp_workbench.ui.start import run as open_window  # noqa: PLC0415

    return open_window()


if __name__ == "__main__":
    sys.exit(main())
