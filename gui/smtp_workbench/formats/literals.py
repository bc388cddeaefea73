"""Assignments and calls of a snippet in a C-like language, with the values they give.

Nothing is run. What a value depends on is told apart: an environment variable is a `Variable`,
a constant a `Name`, a call a `Call`, and anything else `Opaque` with its source text.
"""

from collections.abc import Iterator
from typing import Final

from smtp_workbench.formats.tokens import Dialect, Kind, Token, tokens
from smtp_workbench.formats.values import (
    CONVERSIONS,
    Assignment,
    Call,
    Name,
    Opaque,
    Variable,
    called,
    indexed,
)

_CONSTANTS: Final = {
    "true": True, "false": False, "null": None, "nil": None, "undefined": None,
    "TRUE": True, "FALSE": False, "NULL": None,
}  # fmt: skip
_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_OPERATORS: Final = ("||", "??", "?:")
_DEPTH: Final = 50
"""No settings are nested deeper; a hostile text may be."""


def statements(text: str, dialect: Dialect) -> list[Assignment | Call | Name]:
    """Return what *text* assigns, calls and mentions, in its order. Raises ValueError.

    A name that was given a value before stands for it.
    """
    return list(_Reader(text, dialect).statements())


def value_of(text: str, dialect: Dialect) -> object:
    """Return the value that *text* begins with. Raises ValueError."""
    return _Reader(text, dialect).value(inside=False)


class _Reader:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._tokens = tokens(text, dialect)
        self._at = 0
        self._depth = 0
        self._scope: dict[str, object] = {}

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _sees(self, *signs: str) -> bool:
        return self._next.kind is Kind.SIGN and self._next.text in signs

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind is not Kind.END
        return token

    def statements(self) -> Iterator[Assignment | Call | Name]:
        while self._next.kind is not Kind.END:
            if self._next.kind is not Kind.NAME:
                self._take()
                continue
            path = self._path()
            if self._sees("=", ":="):
                self._take()
                value = self.value(inside=False)
                self._scope[path] = value
                yield Assignment(path, value)
            elif self._sees("("):
                yield self._call(path)
            elif self._dialect.commands and self._begins_argument():
                yield self._command(path)
            else:
                yield Name(path)

    def _path(self) -> str:
        parts = [self._take().text]
        while self._sees(*self._dialect.members):
            after = self._tokens[self._at + 1]
            if after.kind is not Kind.NAME:
                break
            self._take()
            parts.append(self._take().text)
        return ".".join(parts)

    def _call(self, path: str) -> Call:
        self._take()
        arguments, named = self._items(")")
        return Call(path, tuple(arguments), named)

    def _begins_argument(self) -> bool:
        before, token = self._tokens[self._at - 1], self._next
        if token.line != before.line or token.start == before.end:
            return False
        if token.kind is Kind.SIGN:
            after = self._tokens[self._at + 1]
            return token.text == ":" and after.kind is Kind.NAME and after.start == token.end
        return token.kind in (Kind.STRING, Kind.NUMBER) or (
            token.kind is Kind.NAME and token.text not in ("do", "end", "if", "unless", "and", "or")
        )

    def _command(self, path: str) -> Call:
        """Read a call without parentheses: as far as commas lead."""
        arguments: list[object] = []
        named: dict[str, object] = {}
        while True:
            self._item(arguments, named, inside=False)
            if not self._sees(","):
                return Call(path, tuple(arguments), named)
            self._take()

    def _items(self, closer: str) -> tuple[list[object], dict[str, object]]:
        """Read up to *closer*: values, and those that have a key."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise ValueError("it is nested too deep")
        arguments: list[object] = []
        named: dict[str, object] = {}
        while not self._sees(closer):
            if self._next.kind is Kind.END or self._sees(")", "]", "}"):
                raise ValueError(f"a {closer} is missing in line {self._next.line}")
            if self._sees(",", ";"):
                self._take()
            else:
                self._item(arguments, named, inside=True)
        self._take()
        self._depth -= 1
        return arguments, named

    def _item(self, arguments: list[object], named: dict[str, object], *, inside: bool) -> None:
        key = self._key()
        value = self.value(inside=inside)
        if key is not None:
            named[key] = value
        elif isinstance(value, Name) and inside and self._dialect.members == (".", "?."):
            named[value.path] = value  # { host }: a key of the same name
            arguments.append(value)
        else:
            arguments.append(value)

    def _key(self) -> str | None:
        """Take `key:`, `"key" =>`, `:key =>`, or in C# `Key =`; None if there is none."""
        start = self._at
        if self._sees(":"):
            self._take()
        token = self._take()
        if token.kind in (Kind.NAME, Kind.STRING, Kind.NUMBER):
            path = token.text
            while token.kind is Kind.NAME and self._sees(".") and self._dialect.composites:
                self._take()
                path = self._take().text
            if self._sees("=>", ":") or (self._sees("=") and self._dialect.composites):
                self._take()
                return path
        self._at = start
        return None

    def value(self, *, inside: bool) -> object:
        """Read a value; *inside* brackets a line's end does not end it."""
        start = self._next
        found = self._primary()
        while not self._ends(inside=inside):
            if self._sees(*_OPERATORS):
                self._take()
                other = self._primary()
                if isinstance(found, Variable):
                    found = Variable(found.name, other)
                    continue
            elif self._sees("*"):
                self._take()
                found = _product(found, self._primary())
                continue
            elif self._sees("!"):  # "not null" of TypeScript and C#
                self._take()
                continue
            elif (
                self._next.text in ("as", "satisfies")
                and self._tokens[self._at + 1].kind is Kind.NAME
            ):
                self._take()
                self._path()
                continue
            elif self._sees(*self._dialect.members) and isinstance(found, Variable | Call):
                self._take()
                path = self._path() if self._next.kind is Kind.NAME else ""
                more = self._call(path) if self._sees("(") else None
                if isinstance(found, Variable) and path in CONVERSIONS:
                    continue
                if isinstance(found, Call) and more is not None:
                    found = Call(path, (found, *more.arguments), more.named)
                    continue
            return self._opaque(start, inside=inside)
        return found

    def _ends(self, *, inside: bool) -> bool:
        token, before = self._next, self._tokens[self._at - 1]
        if token.kind is Kind.END or self._is_end(token):
            return True
        # Within brackets only a comma or a bracket ends a value; outside, a line does too.
        return not inside and token.line != before.line

    def _is_end(self, token: Token) -> bool:
        return token.kind is Kind.SIGN and token.text in (",", ";", ")", "]", "}")

    def _opaque(self, start: Token, *, inside: bool) -> Opaque:
        depth = 0
        while self._next.kind is not Kind.END and (depth or not self._ends(inside=inside)):
            depth += self._sees("(", "[", "{") - self._sees(")", "]", "}")
            self._take()
        return Opaque(self._text[start.start : self._tokens[self._at - 1].end])

    def _primary(self) -> object:
        token = self._next
        if self._is_end(token) or token.kind is Kind.END:
            return None
        if token.kind is Kind.NAME:
            return self._named()
        self._take()
        if token.kind is Kind.NUMBER:
            return _number(token.text)
        if token.kind is Kind.STRING:
            source = self._text[token.start : token.end]
            return Opaque(source) if token.computed else token.text
        return self._signed(token.text)

    def _signed(self, sign: str) -> object:
        """Read the value that *sign*, which was taken, begins."""
        if sign in ("[", "{"):
            arguments, named = self._items(_CLOSERS[sign])
            return named if named or sign == "{" else arguments
        if sign == "(":
            inner, _ = self._items(")")
            return inner[0] if len(inner) == 1 else Opaque("(…)")
        if sign == "-" and self._next.kind is Kind.NUMBER:
            return -_number(self._take().text)
        if sign in (":", "&", "@", "%", "~"):  # symbols, addresses, sigils
            return self._symbol(sign)
        return Opaque(sign)

    def _symbol(self, sign: str) -> object:
        if sign == ":" and self._next.kind in (Kind.NAME, Kind.STRING):
            return Name(self._take().text)
        if sign == "~" and self._next.kind is Kind.NAME:
            self._take()
        return self._primary()

    def _named(self) -> object:
        path = self._path()
        if path in ("new", "await", "async", "const") and self._next.kind is Kind.NAME:
            return self._named()
        if path in _CONSTANTS:
            return _CONSTANTS[path]
        head, _, last = path.rpartition(".")
        if head in ("process.env", "import.meta.env"):
            return Variable(last)
        if self._sees("(") or (path not in self._scope and self._sees("[", "{")):
            return self._applied(path)
        return self._scope.get(path, Name(path))

    def _applied(self, path: str) -> object:
        """Read what follows a name: arguments, an index, or the fields of a type."""
        opener = self._next.text
        if opener == "{" and not self._dialect.composites:
            return Name(path)
        self._take()
        arguments, named = self._items(_CLOSERS[opener])
        if opener == "[":
            return indexed(path, arguments)
        if self._sees("{") and self._dialect.composites:
            self._take()
            more, fields = self._items("}")
            return Call(path, (*arguments, *more), {**named, **fields})
        return called(path, arguments, named)


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    return int(plain) if plain.isdigit() else float(plain)


def _product(left: object, right: object) -> object:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left * right
    return Call("*", (left, right))
