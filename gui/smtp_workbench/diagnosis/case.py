"""What is known of a failure: the one thing that rules look at, and what is told with a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """One failure. What is not known is None or empty, and no condition on it holds."""

    text: str
    stage: str | None = None
    kind: str | None = None
    codes: frozenset[int] = frozenset()
    """Reply codes that refuse, 400 to 599."""
    enhanced: frozenset[str] = frozenset()
    port: int | None = None
    security: str | None = None
    """A value of `Security`; `none` is taken for plaintext."""
    provider: str | None = None
    """The id of a preset."""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What the asker knows besides the text."""

    port: int | None = None
    security: str | None = None
    stage: str | None = None
    host: str | None = None
    provider: str | None = None
