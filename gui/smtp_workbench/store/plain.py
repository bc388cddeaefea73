"""A transport as plain JSON values: only what differs from the defaults, in nested objects.

Reading is strict, so that a file edited by hand tells its mistakes instead of losing them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Final

from smtp_workbench.settings.change import Change, value_of
from smtp_workbench.settings.secret import split_password
from smtp_workbench.settings.transport import Transport

_PLAIN: Final = Transport()


def paths() -> Iterator[str]:
    """Yield the dotted path of every field of a transport."""
    for field in fields(Transport):
        group = getattr(_PLAIN, field.name)
        if is_dataclass(group):
            yield from (f"{field.name}.{inner.name}" for inner in fields(group))
        else:
            yield field.name


def to_plain(transport: Transport) -> dict[str, Any]:
    """Return the fields that differ from the defaults. A password in the proxy's URL is cut."""
    plain: dict[str, Any] = {}
    for path in paths():
        value = value_of(transport, path)
        if value == value_of(_PLAIN, path):
            continue
        if path == "proxy":
            value = _without_password(str(value))
        group, _, name = path.rpartition(".")
        place = plain.setdefault(group, {}) if group else plain
        place[name] = value.value if isinstance(value, Enum) else value
    return plain


def from_plain(plain: object) -> Transport:
    """Return the transport. Raises ValueError naming the field that is off."""
    if not isinstance(plain, Mapping):
        raise ValueError("the settings are not an object")  # noqa: TRY004  # of a file, not a call
    found: dict[str, object] = {}
    for name, value in plain.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": item for inner, item in value.items()}
        else:
            found[str(name)] = value
    known = set(paths())
    strange = sorted(set(found) - known)
    if strange:
        raise ValueError(f"{strange[0]}: there is no such setting")
    return Change({path: _typed(path, value) for path, value in found.items()}).apply(_PLAIN)


def _typed(path: str, value: object) -> object:
    default = value_of(_PLAIN, path)
    if path == "port":
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
    elif isinstance(default, Enum):
        try:
            return type(default)(value)
        except ValueError:
            allowed = ", ".join(str(item.value) for item in type(default))
            raise ValueError(f"{path}: {value!r} is none of {allowed}") from None
    elif isinstance(default, float):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif type(value) is type(default):
        return value
    raise ValueError(f"{path}: {value!r} is not what belongs there")


def _without_password(url: str) -> str:
    try:
        return split_password(url)[0]
    except ValueError:
        return ""  # what can't be read may hold one anywhere
