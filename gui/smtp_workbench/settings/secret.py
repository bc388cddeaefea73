"""A value that must not be seen: it shows bullets wherever it is printed.

Typed as `${NAME}` it is a reference to an environment variable and no secret: it is kept, shown and
exported as it is, and looked up when it is used.
"""

import os
import re
from collections.abc import Mapping
from typing import Final, Never
from urllib.parse import unquote, urlsplit

BULLETS: Final = "••••••••"
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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

    @property
    def reference(self) -> str:
        """The name of the environment variable that it stands for; empty: it is the secret."""
        found = _REFERENCE.fullmatch(self.__text)
        return found[1] if found else ""

    def resolved(self, environment: Mapping[str, str] | None = None) -> "Secret":
        """Return what a reference stands for, for one use; the secret itself where it is none.

        Raises ValueError naming the variable that is not set.
        """
        if not self.reference:
            return self
        value = (os.environ if environment is None else environment).get(self.reference)
        if not value:
            raise ValueError(f"the environment variable {self.reference} is not set")
        return Secret(value)

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __str__(self) -> str:
        return self.__text if self.reference else BULLETS

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __reduce__(self) -> Never:
        raise TypeError("a secret is not written anywhere")


def split_password(text: str) -> tuple[str, Secret | None]:
    """Return the URL *text* without its password, and the password. Raises ValueError."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("that is not a URL") from None
    if parts.password is None:
        return text, None
    login, _, place = parts.netloc.rpartition("@")
    netloc = f"{login.partition(':')[0]}@{place}"
    return parts._replace(netloc=netloc).geturl(), Secret(unquote(parts.password))
