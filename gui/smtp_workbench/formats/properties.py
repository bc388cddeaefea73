"""Java's `.properties` files, as text and as a mapping."""

from collections.abc import Mapping
from typing import Final

import javaproperties

_MOST_CONTINUED: Final = 1000
"""Lines that go on in the next; each costs the library the length of all before it."""


def lines(properties: Mapping[str, str]) -> str:
    """Return a file in ASCII, as `Properties.load` reads it in every version of Java."""
    return "".join(
        javaproperties.join_key_value(name, value) + "\n" for name, value in properties.items()
    )


def parse(text: str) -> dict[str, str]:
    """Return the properties of *text*. Raises ValueError for a broken escape."""
    if text.count("\\\n") + text.count("\\\r") > _MOST_CONTINUED:
        raise ValueError(f"more than {_MOST_CONTINUED:,} of its lines go on in the next")
    try:
        return javaproperties.loads(text)
    except javaproperties.InvalidUEscapeError as error:
        raise ValueError(f"it has an escape that can't be read: {error.escape}") from None
