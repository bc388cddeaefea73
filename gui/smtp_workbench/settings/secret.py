"""A value that must not be seen: it shows bullets wherever it is printed."""

from typing import Final, Never

BULLETS: Final = "••••••••"


class Secret:
    """A password or token. Only `reveal` gives the text out.

    It compares by value, is false when empty and refuses to be pickled, so that it can't reach a
    file by way of a generic serializer.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself, for an AUTH exchange or an export whose user asked for it."""
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({BULLETS})"

    def __str__(self) -> str:
        return BULLETS

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __reduce__(self) -> Never:
        raise TypeError("a secret is not written anywhere")
