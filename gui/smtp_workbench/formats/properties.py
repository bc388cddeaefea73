"""Java's `.properties` files, as text and as a mapping."""

from collections.abc import Mapping

import javaproperties


def lines(properties: Mapping[str, str]) -> str:
    """Return a file in ASCII, as `Properties.load` reads it in every version of Java."""
    return "".join(
        javaproperties.join_key_value(name, value) + "\n" for name, value in properties.items()
    )


def parse(text: str) -> dict[str, str]:
    """Return the properties of *text*. Raises ValueError for a broken escape."""
    try:
        return javaproperties.loads(text)
    except javaproperties.InvalidUEscapeError as error:
        raise ValueError(f"it has an escape that can't be read: {error.escape}") from None
