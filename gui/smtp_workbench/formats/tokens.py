"""Source text of C-like languages as tokens: names, strings, numbers, signs; comments are gone.

Enough to read settings out of a snippet without running it, and no more. A string in which the
language would compute something (`${…}`, `#{…}`) is marked, as its value isn't known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a token is."""

    NAME = 1
    STRING = 2
    NUMBER = 3
    SIGN = 4
    END = 5


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source, from *start* up to *end*, on line *line*."""

    kind: Kind
    text: str
    """A string's value; else as it is written."""
    start: int
    end: int
    line: int
    computed: bool = False
    """The string's value depends on the program."""


@dataclass(frozen=True, slots=True)
class Quotes:
    """One kind of string literal."""

    opener: str
    closer: str
    escapes: str = ""
    """`all`: the usual ones; `quote`: only of the closer and of the backslash; empty: none."""
    computes: str = ""
    """A pattern for what the language would replace."""
    keeps_unknown: bool = False
    """A backslash before anything else stays, as in PHP."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a language is written."""

    comments: tuple[str, ...]
    """What begins a comment up to the line's end."""
    quotes: tuple[Quotes, ...]
    """The longer openers first."""
    members: tuple[str, ...] = (".",)
    """What stands between a thing and its part."""
    names: str = r"[^\W\d]\w*(?:[!?](?=\())?"
    commands: bool = False
    """A call may do without parentheses."""
    composites: bool = False
    """A type before braces makes a value."""


_ALL: Final = "all"
_RUBY: Final = r"#\{"
JAVASCRIPT: Final = Dialect(
    ("//",),
    (Quotes("'", "'", _ALL), Quotes('"', '"', _ALL), Quotes("`", "`", _ALL, r"\$\{")),
    (".", "?."),
    r"[^\W\d][\w$]*|\$[\w$]*",
)
PHP: Final = Dialect(
    ("//", "#"),
    (
        Quotes("'", "'", "quote", keeps_unknown=True),
        Quotes('"', '"', _ALL, r"\$[^\W\d]|\$\{|\{\$", keeps_unknown=True),
    ),
    ("->", "::", "?->"),
    r"\$?\\?[^\W\d][\w\\]*",
)
GO: Final = Dialect(("//",), (Quotes('"', '"', _ALL), Quotes("`", "`")), composites=True)
CSHARP: Final = Dialect(
    ("//",),
    (
        Quotes('$"', '"', _ALL, r"\{"),
        Quotes('@"', '"', "doubled"),
        Quotes('"', '"', _ALL),
        Quotes("'", "'", _ALL),
    ),
    composites=True,
)
RUBY: Final = Dialect(
    ("#",),
    (Quotes("'", "'", "quote", keeps_unknown=True), Quotes('"', '"', _ALL, _RUBY)),
    (".", "::", "&."),
    commands=True,
)
ELIXIR: Final = Dialect(
    ("#",), (Quotes('"', '"', _ALL, _RUBY), Quotes("'", "'", _ALL, _RUBY)), commands=True
)

_PLAIN_ESCAPES: Final = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b",
    "0": "\0", "\n": "",
}  # fmt: skip
_CODE_ESCAPE: Final = re.compile(
    r"u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,2})"
)
_NUMBER: Final = re.compile(r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_SIGNS: Final = re.compile(r"=>|->|\?->|::|:=|===?|\?\.|&\.|\?\?|\|\||\?:|<>|\.\.\.|!=|.", re.S)


def tokens(text: str, dialect: Dialect) -> list[Token]:
    """Return the tokens of *text*, the last one of kind END.

    Raises ValueError if a string or a comment has no end.
    """
    return list(_scan(text, dialect))


def _scan(text: str, dialect: Dialect) -> Iterator[Token]:
    name = re.compile(dialect.names)
    at, line = 0, 1
    while at < len(text):
        if text[at].isspace():
            line += text[at] == "\n"
            at += 1
            continue
        if (end := _comment_end(text, at, dialect)) is not None:
            line += text.count("\n", at, end)
            at = end
            continue
        token = _string(text, at, line, dialect)
        if token is None:
            for kind, pattern in (
                (Kind.NAME, name), (Kind.NUMBER, _NUMBER), (Kind.SIGN, _SIGNS),
            ):  # fmt: skip
                if match := pattern.match(text, at):
                    token = Token(kind, match[0], at, match.end(), line)
                    break
        assert token is not None  # noqa: S101  # the last pattern takes any character
        yield token
        line += text.count("\n", at, token.end)
        at = token.end
    yield Token(Kind.END, "", at, at, line)


def _comment_end(text: str, at: int, dialect: Dialect) -> int | None:
    if any(text.startswith(sign, at) for sign in dialect.comments):
        end = text.find("\n", at)
        return len(text) if end < 0 else end
    if "//" in dialect.comments and text.startswith("/*", at):
        end = text.find("*/", at + 2)
        if end < 0:
            raise ValueError("a comment in it has no end")
        return end + 2
    return None


def _string(text: str, at: int, line: int, dialect: Dialect) -> Token | None:
    quotes = next((item for item in dialect.quotes if text.startswith(item.opener, at)), None)
    if quotes is None:
        return None
    found: list[str] = []
    computed = False
    place = at + len(quotes.opener)
    while not text.startswith(quotes.closer, place):
        if place >= len(text):
            raise ValueError(f"a string in line {line} has no end")
        if quotes.computes and re.compile(quotes.computes).match(text, place):
            computed = True
        if text[place] == "\\" and quotes.escapes in ("all", "quote"):
            piece, place = _escape(text, place + 1, quotes)
        else:
            piece, place = text[place], place + 1
        found.append(piece)
        if quotes.escapes == "doubled" and text.startswith('""', place):
            found.append('"')
            place += 2
    return Token(
        Kind.STRING, _paired("".join(found)), at, place + len(quotes.closer), line, computed
    )


def _escape(text: str, at: int, quotes: Quotes) -> tuple[str, int]:
    """Return what the escape whose backslash is before *at* stands for, and where it ends."""
    sign = text[at : at + 1]
    if sign in (quotes.closer, "\\"):
        return sign, at + 1
    if quotes.escapes == "quote":
        return "\\" + sign, at + 1
    if code := _CODE_ESCAPE.match(text, at):
        number = int(next(group for group in code.groups() if group), 16)
        if number > 0x10FFFF:
            raise ValueError("a string in it has a character that does not exist")
        return chr(number), code.end()
    if sign in _PLAIN_ESCAPES:
        return _PLAIN_ESCAPES[sign], at + 1
    if quotes.keeps_unknown and sign != "$":
        return "\\" + sign, at + 1
    return sign, at + 1


def _paired(text: str) -> str:
    """Join the halves of characters that were written as two escapes of UTF-16."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
