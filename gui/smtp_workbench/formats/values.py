"""What a snippet gives a name or a call: plain values, and what stands in for unknown ones.

A plain value is a text, number, boolean, None, list or dictionary of Python's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_ENVIRONMENT: Final = ("ENV", "$_ENV", "$_SERVER", "process.env", "os.environ")
_GETTERS: Final = (
    "getenv", "env", "Getenv", "LookupEnv", "GetEnvironmentVariable", "get_env", "fetch_env!",
    "ENV.fetch",
)  # fmt: skip
CONVERSIONS: Final = (
    "Number", "parseInt", "String", "Integer", "int.Parse", "String.to_integer", "to_i", "to_s",
    "intval", "Convert.ToInt32",
)  # fmt: skip
"""What turns a text into another type and is of no matter here."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that comes from the environment."""

    name: str
    default: object = None
    """What stands in for it, None if nothing does."""


@dataclass(frozen=True, slots=True)
class Name:
    """A constant, symbol or variable, its parts joined by dots."""

    path: str

    @property
    def last(self) -> str:
        """The part after the last dot."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Call:
    """A call, or a type with its fields in braces."""

    path: str
    arguments: tuple[object, ...] = ()
    named: Mapping[str, object] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The part of the path after the last dot."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Source text whose value isn't known."""

    text: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value that is given to a name."""

    path: str
    value: object

    @property
    def last(self) -> str:
        """The part of the path after the last dot."""
        return self.path.rpartition(".")[2]


def calls(found: object) -> Iterator[Call]:
    """Yield every call in *found*, a value, a statement or a list of them, the outer ones first."""
    match found:
        case Call(arguments=arguments, named=named):
            yield found
            yield from calls([*arguments, *named.values()])
        case Assignment(value=value):
            yield from calls(value)
        case dict():
            yield from calls(list(found.values()))
        case list():
            for item in found:
                yield from calls(item)
        case _:
            return


def indexed(path: str, arguments: list[object]) -> object:
    """Return what an index into *path* gives; a list of Go's or C#'s types looks like one too."""
    first = arguments[0] if arguments else None
    known = path in _ENVIRONMENT and isinstance(first, str)
    return Variable(str(first)) if known else Opaque(f"{path}[…]")


def called(path: str, arguments: list[object], named: dict[str, object]) -> object:
    """Return what a call gives, as far as that is known without running it."""
    first = arguments[0] if arguments else None
    if path == "array":  # of PHP, before it had brackets
        return named or arguments
    if isinstance(first, str) and {path, path.rpartition(".")[2]} & {*_GETTERS}:
        return Variable(first, arguments[1] if len(arguments) > 1 else None)
    if isinstance(first, Variable) and path in CONVERSIONS:
        return first
    return Call(path, tuple(arguments), named)
