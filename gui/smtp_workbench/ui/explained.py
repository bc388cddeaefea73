"""What a pasted error means, and what else it could be; it takes a moment: call it off the loop."""

from dataclasses import dataclass

from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.explain import (
    UNKNOWN,
    Context,
    explain,
    explain_and_mark,
    meaning,
)
from smtp_workbench.diagnosis.reading import tells_of_trouble


@dataclass(frozen=True, slots=True)
class Explained:
    """How a text was understood."""

    diagnosis: Diagnosis
    also: tuple[Diagnosis, ...]
    """What else it could be, the likelier first."""
    span: tuple[int, int] | None
    """Where the decisive part stands in the text: offsets in characters."""

    @property
    def known(self) -> bool:
        """Whether anything fits."""
        return self.diagnosis.cause != UNKNOWN


def understand(text: str, context: Context) -> Explained:
    """Return what *text* means."""
    diagnosis, span = explain_and_mark(text, context)
    also = tuple(meaning(cause, diagnosis.evidence, context) for cause in diagnosis.also)
    return Explained(diagnosis, also, span)


def is_error(text: str) -> bool:
    """Whether *text* is an error that is known; anything else on a clipboard is private."""
    return tells_of_trouble(text) and explain(text).cause != UNKNOWN
