"""What the parts of a text are in each syntax: comments, strings, numbers, words of the language.

Quiet help for the eye and no parser: a line is looked at alone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_HASH: Final = r"(?:^|(?<=\s))#.*"
_SLASHES: Final = r"(?<!:)//.*|/\*.*?\*/"
_STRINGS: Final = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'"
_DOUBLED: Final = r'"(?:\\.|[^"\\])*"|' + r"'(?:''|[^'])*'"
_NUMBER: Final = r"(?<![\w.:-])-?\d+(?:\.\d+)?(?![\w.:-])"
_KEY: Final = r"^\s*(?:- )?(?:export )?[\w.\[\]'-]+(?=\s*[:=](?:\s|$))|^[\w.\[\]-]+(?=[:=])"
_TRUTH: Final = r"\b(?:true|false|null|yes|no|True|False|None|nil)\b"


def _words(words: str) -> str:
    return rf"\b(?:{'|'.join(words.split())})\b|{_TRUTH}"


_SETTINGS: Final = {
    "comment": r"^\s*[#;].*|(?<=\s)#.*",
    "string": _DOUBLED,
    "keyword": rf"^\s*\[[^\]]*\]\s*$|{_KEY}|{_TRUTH}",
    "number": _NUMBER,
}


def _code(comment: str, words: str, strings: str = _STRINGS) -> dict[str, str]:
    return {"comment": comment, "string": strings, "keyword": _words(words), "number": _NUMBER}


_SYNTAXES: Final[dict[str, dict[str, str]]] = {
    "js": _code(
        _SLASHES, "const let var new await async function return import export from require"
    ),
    "json": {"string": _STRINGS, "keyword": _TRUTH, "number": _NUMBER},
    "python": _code(
        _HASH, "import from as with async await def return if else for in not and or print"
    ),
    "php": _code(
        rf"{_SLASHES}|{_HASH}", r"use new require define return true false array function <\?php"
    ),
    "go": _code(
        _SLASHES,
        "package import func return if err nil var const defer type",
        rf"{_STRINGS}|`[^`]*`",
    ),
    "java": _code(_SLASHES, "import new public static final class return void"),
    "csharp": _code(_SLASHES, "using var new await async return public static class void"),
    "ruby": _code(_HASH, "require do end def if unless nil then self begin rescue"),
    "elixir": _code(_HASH, "import config do end fn use def defmodule"),
    "shell": _code(_HASH, "export if then fi do done for in"),
    "powershell": _code(_HASH, "param function if else return"),
    "yaml": _SETTINGS,
    "ini": {**_SETTINGS, "comment": r"^\s*[#;!].*", "string": r'"(?:\\.|[^"\\])*"'},
    "dotenv": _SETTINGS,
    "xml": {
        "comment": r"<!--.*?-->",
        "string": r'"[^"]*"|' + r"'[^']*'",
        "keyword": r"</?[\w:.-]+|/?>|<\?xml|\?>",
    },
}


@lru_cache
def _pattern(syntax: str) -> "re.Pattern[str] | None":
    kinds = _SYNTAXES.get(syntax)
    if kinds is None:
        return None
    return re.compile("|".join(f"(?P<{kind}>{found})" for kind, found in kinds.items()))


def parts(line: str, syntax: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, length and kind of what stands out in *line*.

    Kinds are `comment`, `string`, `keyword` and `number`; an unknown *syntax* has none.
    """
    pattern = _pattern(syntax)
    if pattern is None:
        return
    for match in pattern.finditer(line):
        if match.lastgroup and match.end() > match.start():
            yield match.start(), match.end() - match.start(), match.lastgroup
