"""A draft as plain JSON values: only what differs from the defaults.

Reading is strict, so that a mistake is told with the field it is in.
"""

import base64
import binascii
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from smtp_workbench.message.draft import Draft

_OPTIONAL: Final = (Union, types.UnionType)


def _as_base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is not base64") from None


def to_plain(draft: Draft, keep: Callable[[bytes], str] = _as_base64) -> dict[str, Any]:
    """Return the fields of *draft* that differ from the defaults.

    *keep* puts octets somewhere and returns the text that stands for them.
    """
    return _plain_object(draft, keep)


def from_plain(plain: object, fetch: Callable[[str], bytes] = _from_base64) -> Draft:
    """Return the draft; *fetch* is the reverse of `keep` and may raise ValueError.

    Raises ValueError naming the field that is off, such as `attachments[1].data`.
    """
    draft = _Reader(fetch).instance("", Draft, plain)
    assert isinstance(draft, Draft)  # noqa: S101  # what `instance` was asked for
    return draft


def _plain_object(thing: Any, keep: Callable[[bytes], str]) -> dict[str, Any]:
    return {
        field.name: _plain(value, keep)
        for field in fields(thing)
        if (value := getattr(thing, field.name)) != _default(field)
    }


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default  # MISSING, which nothing equals, where a value must be given


def _plain(value: object, keep: Callable[[bytes], str]) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item, keep) for item in value]
    if isinstance(value, bytes):
        return keep(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return _plain_object(value, keep) if is_dataclass(value) else value


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


class _Reader:
    """Takes JSON values for what the annotations of the dataclasses say."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch

    def instance(self, path: str, kind: Any, value: object) -> object:
        """Return the dataclass *kind* that stands at *path*."""
        if not isinstance(value, Mapping):
            raise _off(path, "it is not an object")
        known, place = _types(kind), f"{path}." if path else ""
        for name in value:
            if name not in known:
                raise _off(f"{place}{name}", "there is no such field")
        given = {
            name: self.value(f"{place}{name}", known[name], item) for name, item in value.items()
        }
        for field in fields(kind):
            if field.name not in given and _default(field) is MISSING:
                raise _off(f"{place}{field.name}", "it is missing")
        return kind(**given)

    def value(self, path: str, kind: Any, value: object) -> object:
        """Return what the type *kind* makes of *value*."""
        if get_origin(kind) in _OPTIONAL:
            if value is None:
                return None
            (kind,) = (each for each in get_args(kind) if each is not types.NoneType)
        if get_origin(kind) is tuple:
            return self._tuple(path, get_args(kind), value)
        if is_dataclass(kind):
            return self.instance(path, kind, value)
        return self._single(path, kind, value)

    def _tuple(self, path: str, kinds: tuple[Any, ...], value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise _off(path, "it is not a list")
        if kinds[-1] is Ellipsis:
            kinds = (kinds[0],) * len(value)
        elif len(value) != len(kinds):
            raise _off(path, f"it has {len(value)} values instead of {len(kinds)}")
        pairs = enumerate(zip(kinds, value, strict=True))
        return tuple(self.value(f"{path}[{number}]", kind, item) for number, (kind, item) in pairs)

    def _single(self, path: str, kind: type, value: object) -> object:
        try:
            if issubclass(kind, Enum):
                return kind(value)
            if isinstance(value, str) and kind is datetime:
                return datetime.fromisoformat(value)
            if isinstance(value, str) and kind is bytes:
                return self._fetch(value)
        except ValueError as error:
            raise _off(path, str(error)) from None
        if type(value) is kind:
            return value
        raise _off(path, f"{value!r} is not what belongs there")


def _off(path: str, why: str) -> ValueError:
    return ValueError(f"{path}: {why}" if path else f"the draft: {why}")
