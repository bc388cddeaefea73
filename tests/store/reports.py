"""Generated reports: anything that the fields of one can hold."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from smtp_workbench.smtp.report import Report

_PLAIN = {
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(st.characters(), max_size=12),  # with halves of characters
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def reports() -> st.SearchStrategy[Report]:
    """Return any report, whether a run could come to it or not."""
    return _of(Report)


def _of(kind: Any) -> st.SearchStrategy[Any]:
    inner = [item for item in get_args(kind) if item not in (NoneType, Ellipsis)]
    if NoneType in get_args(kind):
        return st.none() | st.deferred(lambda: _of(inner[0]))
    match get_origin(kind):
        case origin if origin in (list, tuple):
            return st.lists(_of(inner[0]), max_size=2).map(origin)
        case origin if origin is Counter:
            return st.dictionaries(_of(inner[0]), st.integers(0, 9), max_size=2).map(Counter)
        case origin if origin is Mapping:
            return st.dictionaries(_of(inner[0]), _of(inner[1]), max_size=2)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{item.name: _of(hints[item.name]) for item in fields(kind)})
    return _PLAIN.get(kind, st.from_type(kind))
