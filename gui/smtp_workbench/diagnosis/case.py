"""What is known of a failure: the one thing that rules look at."""

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
