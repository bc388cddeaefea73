"""JSON and YAML as mappings, read without running anything or following anything far."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

_MOST: Final = 2000
"""Values that are looked at: YAML's aliases can make few lines mean endlessly many."""


def of_json(text: str) -> object:
    """Return what *text* says. Raises ValueError with a sentence where it is not JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is not JSON that can be read: it is nested too deep") from None
    except ValueError as error:
        # JSON's own messages say what was expected, never what stands there.
        raise ValueError(f"it is not JSON: {error}") from None


def of_yaml(text: str) -> list[object]:
    """Return the documents in *text*. Raises ValueError with a sentence where it is not YAML."""
    try:
        return list(yaml.safe_load_all(text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f": line {line + 1} can't be read"
        raise ValueError(f"it is not YAML{where}") from None


class _Dumper(yaml.SafeDumper):
    """Writes texts with line ends of any kind as double-quoted ones, with escapes for them."""

    def text(self, value: str) -> yaml.ScalarNode:
        style = None if value.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _Dumper.text)


def as_yaml(value: object) -> str:
    """Return *value* as YAML, in its order, one line a setting."""
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000))


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield *value* and all that is in it as far as they are mappings, the outer ones first."""
    waiting, seen = [value], set[int]()
    while waiting and len(seen) < _MOST:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        if isinstance(item, Mapping):
            seen.add(id(item))
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            seen.add(id(item))
            waiting.extend(item)


def path_in(value: object, *names: str) -> object:
    """Return what stands under *names* in nested mappings; None if there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
