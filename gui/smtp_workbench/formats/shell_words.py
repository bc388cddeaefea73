"""A command line as words, read as a POSIX shell would but without running anything.

A word is a text, a `Variable`, `Opaque` for what the shell would compute, or a tuple of such pieces
where they touch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from smtp_workbench.formats.values import Opaque, Variable

Piece = str | Variable | Opaque
Word = Piece | tuple[Piece, ...]

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_PIECE: Final = re.compile(
    rf"""(?P<join>\\\r?\n)
    |(?P<end>\|\|?|&&?|;|\r?\n)
    |(?P<blank>[ \t]+)
    |'(?P<single>[^']*)'
    |"(?P<double>(?:\\.|[^"\\])*)"
    |\\(?P<escaped>.)
    |\$(?P<name>{_NAME})
    |\$\{{(?P<braced>{_NAME})(?::?-(?P<default>[^{{}}'"]*))?\}}
    |(?P<computed>\$\([^()]*\)|`[^`]*`|<<-?|<\(|[<>()])
    |(?P<bare>[^\s'"\\$`|&;<>()]+|\$)
    |(?P<broken>.)""",
    re.VERBOSE | re.DOTALL,
)
_INNER: Final = re.compile(
    rf"""\\(?P<escaped>["\\$`])
    |\\(?P<join>\n)
    |\$(?P<name>{_NAME})
    |\$\{{(?P<braced>{_NAME})(?::?-(?P<default>[^{{}}"]*))?\}}
    |(?P<computed>\$\([^()]*\)|`[^`]*`)
    |(?P<bare>.)""",
    re.VERBOSE | re.DOTALL,
)


def commands(text: str) -> list[list[Word]]:
    """Return the words of each command in *text*, those of a pipeline one by one.

    Raises ValueError with a sentence where a quote is not closed.
    """
    found: list[list[Word]] = [[]]
    word: list[Piece] | None = None
    at = 0
    while at < len(text):
        if word is None and text[at] == "#":
            at = (text.find("\n", at) + 1 or len(text) + 1) - 1
            continue
        match = _PIECE.match(text, at)
        assert match is not None  # noqa: S101  # `broken` takes anything
        at = match.end()
        kind = match.lastgroup if match.lastgroup != "default" else "braced"
        if kind == "broken":
            raise ValueError("a quote is opened and not closed in it")
        if kind in ("blank", "end"):
            found[-1] += [_joined(word)] if word is not None else []
            word = None
            if kind == "end":
                found.append([])
        elif kind != "join":
            word = [] if word is None else word
            word += _pieces(match, str(kind))
    found[-1] += [_joined(word)] if word is not None else []
    return [words for words in found if words]


def _pieces(match: re.Match[str], kind: str) -> list[Piece]:
    if kind in ("name", "braced"):
        groups = match.groupdict()
        return [Variable(match[kind], groups.get("default") or None)]
    if kind == "computed":
        return [Opaque(match[kind])]
    if kind == "double":
        pieces: list[Piece] = [""]
        for inner in _INNER.finditer(match["double"]):
            name = inner.lastgroup if inner.lastgroup != "default" else "braced"
            pieces += [] if name == "join" else _pieces(inner, str(name))
        return pieces
    return [match[kind]]


def _joined(pieces: Sequence[Piece]) -> Word:
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    solid = [piece for piece in joined if piece != ""]
    if not solid:
        return ""
    return solid[0] if len(solid) == 1 else tuple(solid)


def plain(word: Word) -> str:
    """Return *word* as text, a variable as `${NAME}`."""
    if isinstance(word, tuple):
        return "".join(map(plain, word))
    if isinstance(word, Variable):
        return f"${{{word.name}}}"
    return word.text if isinstance(word, Opaque) else word


def command_named(text: str, *names: str) -> tuple[dict[str, Word], list[Word], list[list[Word]]]:
    """Return what is said of the first command called one of *names*.

    That is the variables set for it, its arguments, and the commands before it. Raises ValueError
    with a sentence if there is none.
    """
    earlier: list[list[Word]] = []
    for words in commands(text):
        variables: dict[str, Word] = {}
        for index, word in enumerate(words):
            name, value = _assignment(word)
            if name:
                variables[name] = value
            elif re.split(r"[/\\]", plain(word))[-1].removesuffix(".exe") in names:
                return variables, words[index + 1 :], earlier
            elif plain(word) not in ("sudo", "env", "exec", "time", "$", "%", "#", "export"):
                break
        earlier.append(words)
    raise ValueError(f"there is no command {names[0]} in it")


def _assignment(word: Word) -> tuple[str, Word]:
    first, *rest = word if isinstance(word, tuple) else (word,)
    match = re.match(rf"({_NAME})=(.*)", first, re.DOTALL) if isinstance(first, str) else None
    if match is None:
        return "", ""
    return match[1], _joined([match[2], *rest])


def options(
    words: Sequence[Word], flags: Mapping[str, str], valued: Mapping[str, str]
) -> Iterator[tuple[str, Word | None]]:
    """Yield the options in *words* by the names that *flags* and *valued* give them.

    Other options go by their own; they take the next word if that is none. What is no option has
    an empty name.
    """
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        name = plain(word)
        following = words[index] if index < len(words) else None
        head, equals, _ = name.partition("=")
        if name in flags:
            yield flags[name], None
        elif name in valued:
            index += 1
            yield valued[name], following if following is not None else ""
        elif equals and head in valued:
            yield valued[head], _after(word, len(head) + 1)
        elif name.startswith("-") and len(name) > 1:
            own = following is not None and not plain(following).startswith("-")
            index += own
            yield name, following if own else None
        else:
            yield "", word


def _after(word: Word, length: int) -> Word:
    """Return *word* without its first *length* characters, which are plain text."""
    first, *rest = word if isinstance(word, tuple) else (word,)
    return _joined([first[length:] if isinstance(first, str) else first, *rest])
