"""A report as plain JSON values, and back.

Its events are safe (`smtp.events`), so all of it may be kept; very long runs are shortened. What a
field holds follows from its annotation, so a field that is added to the report later is kept too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

from smtp_workbench.smtp.events import Line
from smtp_workbench.smtp.report import Report

MOST_LINES: Final = 5_000
"""Lines of traffic that are kept of one run; of a longer one the first and the last ones."""

T = TypeVar("T")


def to_plain(report: Report) -> dict[str, Any]:
    """Return *report* as values that JSON can hold."""
    tally = report.tally
    if tally is not None:
        tally = replace(tally, seconds=_some(tally.seconds), moments=_some(tally.moments))
    plain: dict[str, Any] = _plain(replace(report, lines=_shortened(report.lines), tally=tally))
    return plain


def from_plain(plain: object) -> Report:
    """Return the report. Raises ValueError naming what is off."""
    report: Report = _read(Report, plain, "report")
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


def _read(kind: Any, plain: Any, path: str) -> Any:
    """Return *plain* as a value of *kind*, an annotation."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:  # X | None is the only one
        (some,) = (item for item in inner if item is not NoneType)
        return None if plain is None else _read(some, plain, path)
    if origin in (list, tuple):
        items = _checked(list, plain, path)
        return origin(_read(inner[0], item, f"{path}[{at}]") for at, item in enumerate(items))
    if origin is not None:  # a mapping
        key, item = inner if len(inner) == 2 else (inner[0], int)
        found = {
            _read(key, name, path): _read(item, value, f"{path}.{name}")
            for name, value in _checked(dict, plain, path).items()
        }
        return Counter(found) if origin is Counter else found
    if is_dataclass(kind):
        return _read_fields(kind, _checked(dict, plain, path), path)
    return _read_value(kind, plain, path)


def _read_fields(kind: Any, plain: Mapping[str, Any], path: str) -> Any:
    hints = _hints(kind)
    found = {}
    for item in fields(kind):
        if item.name in plain:
            found[item.name] = _read(hints[item.name], plain[item.name], f"{path}.{item.name}")
        elif item.default is MISSING and item.default_factory is MISSING:
            raise ValueError(f"{path}.{item.name}: it is missing")
    return kind(**found)


def _read_value(kind: Any, plain: Any, path: str) -> Any:
    if kind is float and type(plain) is int:
        return float(plain)
    if kind is not datetime and not issubclass(kind, Enum):
        return _checked(kind, plain, path)
    text = _checked(str, plain, path)
    try:
        return datetime.fromisoformat(text) if kind is datetime else kind(text)
    except ValueError:
        raise ValueError(f"{path}: {text!r} is not what belongs there") from None


def _checked(kind: type[T], plain: Any, path: str) -> T:
    if type(plain) is not kind:
        raise ValueError(f"{path}: {plain!r} is not what belongs there")
    return plain


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
