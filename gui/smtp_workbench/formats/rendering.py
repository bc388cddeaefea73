"""Nested settings as source text: JavaScript objects, PHP arrays, Ruby hashes, Elixir lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from smtp_workbench.formats import quoting


@dataclass(frozen=True, slots=True)
class Code:
    """Source text that is written as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Style:
    """How a language writes nested settings."""

    brackets: tuple[str, str]
    pair: Callable[[str], str]
    """From a key to what stands before its value."""
    quote: Callable[[str], str]
    indent: str = "  "


def _plain(key: str) -> str:
    return f"{key}: "


JAVASCRIPT: Final = Style(("{", "}"), _plain, quoting.javascript)
RUBY: Final = Style(("{", "}"), _plain, quoting.ruby)
ELIXIR: Final = Style(("[", "]"), _plain, quoting.elixir)
PHP: Final = Style(("[", "]"), lambda key: f"{quoting.php(key)} => ", quoting.php, "    ")


def render(value: object, style: Style, depth: int = 0) -> str:
    """Return *value* as a literal: a text, number, boolean, mapping, sequence or `Code`."""
    match value:
        case Code(text):
            return text
        case bool():
            return "true" if value else "false"
        case str():
            return style.quote(value)
        case Mapping():
            return _block([style.pair(key) + render(item, style, depth + 1)
                           for key, item in value.items()], style, depth)  # fmt: skip
        case list() | tuple():
            return f"[{', '.join(render(item, style, depth) for item in value)}]"
    return str(value)


def _block(items: list[str], style: Style, depth: int) -> str:
    opener, closer = style.brackets
    margin = style.indent * depth
    # Elixir alone takes no comma after the last.
    last = "" if style is ELIXIR else ","
    lines = f",\n{margin}{style.indent}".join(items)
    return f"{opener}\n{margin}{style.indent}{lines}{last}\n{margin}{closer}"
