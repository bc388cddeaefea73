"""A report as plain JSON values, and back.

Its events are safe (`smtp.events`), so all of it may be kept; very long runs are shortened. What a
field holds follows from its annotation, so a field that is added to the report later is kept too.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache, partial
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from smtp_workbench.smtp.events import Line
from smtp_workbench.smtp.report import Report

MOST_LINES: Final = 5_000
"""Lines of traffic that are kept of one run; of a longer one the first and the last ones."""


def to_plain(report: Report) -> dict[str, Any]:
    """Return *report* as values that JSON can hold."""
    tally = report.tally
    if tally is not None:
        tally = replace(tally, seconds=_some(tally.seconds), moments=_some(tally.moments))
    plain: dict[str, Any] = _plain(replace(report, lines=_shortened(report.lines), tally=tally))
    return plain


def from_plain(plain: object) -> Report:
    """Return the report. Raises ValueError naming what is off."""
    report: Report = _reader(Report)(plain)
    return report


def _shortened(lines: list[Line]) -> list[Line]:
    left_out = len(lines) - MOST_LINES
    if left_out <= 0:
        return lines
    head, tail = lines[: MOST_LINES // 2], lines[-MOST_LINES // 2 :]
    note = f"{left_out} lines of the traffic were not kept"
    return [*head, Line(head[-1].t, "*", tls=False, text=note), *tail]


def _some(times: list[float]) -> list[float]:
    return times[:: 1 + len(times) // MOST_LINES]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


Reader = Callable[[Any], Any]
"""Returns what a plain value stands for. Raises `_OffError`."""


class _OffError(ValueError):
    """Something is not what belongs there; the path grows on the way up."""

    def __init__(self, plain: Any) -> None:
        super().__init__(plain)
        self.path, self._plain = "", plain

    def __str__(self) -> str:
        return f"report{self.path}: {self._plain!r} is not what belongs there"

    def below(self, step: str) -> "_OffError":
        self.path = step + self.path
        return self


@lru_cache
def _reader(kind: Any) -> Reader:
    """Return what reads a value of *kind*, an annotation; made once, for runs have many lines."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:  # X | None is the only one
        (some,) = (_reader(item) for item in inner if item is not NoneType)
        return lambda plain: None if plain is None else some(plain)
    if origin in (list, tuple):
        return partial(_read_list, origin, _reader(inner[0]))
    if origin is not None:  # a Counter names no type for what it counts
        make, value = (Counter, int) if origin is Counter else (dict, inner[1])
        return partial(_read_mapping, make, _reader(inner[0]), _reader(value))
    if is_dataclass(kind):
        return _reader_of_fields(kind)
    if kind is datetime or issubclass(kind, Enum):
        return partial(_read_text, datetime.fromisoformat if kind is datetime else kind)
    return partial(_checked, (int, float) if kind is float else (kind,))


def _reader_of_fields(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = [(item.name, _reader(hints[item.name])) for item in fields(kind)]
    needed = {
        item.name
        for item in fields(kind)
        if item.default is MISSING and item.default_factory is MISSING
    }

    def read(plain: Any) -> Any:
        _checked((dict,), plain)
        found = {}
        for name, reader in readers:
            if name in plain or name in needed:
                try:
                    found[name] = reader(plain.get(name))
                except _OffError as error:
                    raise error.below(f".{name}") from None
        return kind(**found)

    return read


def _read_list(make: Callable[[list[Any]], Any], reader: Reader, plain: Any) -> Any:
    found: list[Any] = []
    try:
        for item in _checked((list,), plain):
            found.append(reader(item))  # noqa: PERF401  # its length tells where an error is
    except _OffError as error:
        raise error.below(f"[{len(found)}]") if type(plain) is list else error from None
    return make(found)


def _read_mapping(make: Callable[[Any], Any], key: Reader, value: Reader, plain: Any) -> Any:
    found = {}
    for name, item in _checked((dict,), plain).items():
        try:
            found[key(name)] = value(item)
        except _OffError as error:
            raise error.below(f".{name}") from None
    return make(found)


def _read_text(make: Callable[[str], Any], plain: Any) -> Any:
    try:
        return make(_checked((str,), plain))
    except ValueError:
        raise _OffError(plain) from None


def _checked(kinds: tuple[type, ...], plain: Any) -> Any:
    if type(plain) not in kinds:
        raise _OffError(plain)
    return plain
