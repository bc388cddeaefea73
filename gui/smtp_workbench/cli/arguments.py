"""The words of the command line: which commands and options there are, and who answers them."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from smtp_workbench import __version__
from smtp_workbench.cli import (
    deliverability,
    detect,
    discover,
    explain,
    export,
    formats,
    importing,
    profiles,
    providers,
    sandbox,
    send,
    verify,
)
from smtp_workbench.cli.errors import CallError

_COMMANDS: Final = {
    "verify": verify,
    "send": send,
    "explain": explain,
    "discover": discover,
    "detect": detect,
    "deliverability": deliverability,
    "export": export,
    "import": importing,  # a module can't have the word's name
    "formats": formats,
    "providers": providers,
    "profiles": profiles,
    "sandbox": sandbox,
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as scripts and people expect."""

    def error(self, message: str) -> NoReturn:
        raise CallError(message)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = _Parser(
        prog="smtp-workbench",
        description="Find out why mail settings fail. Without arguments it opens the window.",
    )
    top.add_argument("--version", action="version", version=f"SMTP Workbench {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name, command in _COMMANDS.items():
        summary = (command.__doc__ or "").partition("\n")[0]
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(answer=command.answer)
        command.add_arguments(added)
    return top


def run(arguments: Sequence[str]) -> int:
    """Answer one call and return the exit status: 0, 1, 2 or 130, as in `--help`."""
    try:
        options = parser().parse_args(arguments)
        status: int = options.answer(options)
    except CallError as error:
        print(f"smtp-workbench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output is gone, as with `| head`; nobody is left to tell.
        sys.stderr.close()
        return 1
    return status
