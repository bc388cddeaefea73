"""Text as a literal of each language, so that any value means itself there.

What can't be printed (line ends, controls, blanks that look like others, marks that turn the
direction) is always written as an escape: it neither ends a line nor hides what stands there.
"""

import re
from collections.abc import Callable
from typing import Final

from smtp_workbench.settings.secret import Secret

PASSWORD_VARIABLE: Final = "SMTP_PASSWORD"
"""The environment variable that stands for a secret that is not written out."""


def variable_of(secret: Secret | None) -> str | None:
    """Return the environment variable to write in place of *secret*; None: write it out.

    A secret that is a reference itself, `${NAME}`, stays one.
    """
    if secret is None:
        return PASSWORD_VARIABLE
    return secret.reference or None


def in_place_of(
    secret: Secret | None, placeholder: Callable[[str], str], quote: Callable[[str], str]
) -> str:
    """Return source text for *secret*: *placeholder* of its variable, or itself quoted."""
    variable = variable_of(secret)
    if variable is not None:
        return placeholder(variable)
    assert secret is not None  # noqa: S101  # else there is a variable
    return quote(secret.reveal())


def _braced(code: int) -> str:
    return f"\\u{{{code:x}}}"


def _wide(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _double(text: str, escape: Callable[[int], str], special: str = "") -> str:
    """Return *text* in double quotes, a backslash before quotes, backslashes and *special*."""

    def piece(character: str) -> str:
        if character in '"\\' + special:
            return "\\" + character
        return character if character.isprintable() else escape(ord(character))

    return f'"{"".join(map(piece, text))}"'


def python(text: str) -> str:
    """Return a Python literal."""
    return _double(text, _wide)


def javascript(text: str) -> str:
    """Return a JavaScript literal (ECMAScript 2015), never a template."""
    return _double(text, _braced)


def go(text: str) -> str:
    """Return a Go literal."""
    return _double(text, _wide)


def csharp(text: str) -> str:
    """Return a C# literal."""
    return _double(text, _wide)


def ruby(text: str) -> str:
    """Return a Ruby literal; its `#` is escaped as `#{`, `#@` and `#$` would be computed."""
    return _double(text, _braced, "#")


def elixir(text: str) -> str:
    """Return an Elixir literal; its `#` is escaped as `#{` would be computed."""
    return _double(text, _braced, "#")


def without_strings(source: str) -> str:
    """Return *source* with its double-quoted literals empty, so that names can be looked for."""
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', source)


def php(text: str) -> str:
    """Return a PHP literal: single quotes, in which `$` means itself, if they can hold it."""
    if text.isprintable():
        inner = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{inner}'"
    return _double(text, _braced, "$")


def dotenv(text: str) -> str:
    """Return a value as vlucas/phpdotenv (Laravel) and Symfony read it: bare if that is safe."""
    if re.fullmatch(r"[A-Za-z0-9_.@:/+-]*", text):
        return text
    escapes = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "\\$"}
    return f'"{"".join(escapes.get(character, character) for character in text)}"'
