"""Environment files (`.env`), as vlucas/phpdotenv, Symfony and Docker's cousins read them."""

import re
from collections.abc import Mapping
from typing import Final

from smtp_workbench.formats.quoting import dotenv
from smtp_workbench.formats.values import Opaque, Variable

_LINE: Final = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*
    (?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\n]*?))[ \t]*(?:(?<=[ \t"'=])\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def parse(text: str) -> dict[str, object]:
    """Return the variables of *text*, the last of a name: a text, `Variable` or `Opaque`.

    Double quotes take escapes and, as no quotes do, references `${NAME}`; single quotes neither.
    A `#` after a blank begins a comment where there are no quotes.
    """
    found: dict[str, object] = {}
    for name, double, single, bare in _LINE.findall(text.replace("\r\n", "\n")):
        if single:
            found[name] = single
        elif double:
            found[name] = _referring(double) or _ESCAPE.sub(_unescaped, double)
        else:
            found[name] = _referring(bare) or bare
    return found


def _referring(text: str) -> object:
    """Return what a text with references in it stands for; None if it has none."""
    whole = _REFERENCE.fullmatch(text)
    if whole:
        return Variable(whole[1])
    return Opaque(text) if re.search(r"(?<!\\)\$\{[A-Za-z_]", text) else None


def _unescaped(match: re.Match[str]) -> str:
    return _LETTERS.get(match[1], match[1])


def lines(variables: Mapping[str, str]) -> str:
    """Return a file that sets *variables*, each value quoted."""
    return "".join(f"{name}={dotenv(value)}\n" for name, value in variables.items())
