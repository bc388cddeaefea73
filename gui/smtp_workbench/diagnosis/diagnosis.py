"""The nouns of this room: what a diagnosis says."""

from dataclasses import dataclass
from typing import Final

from smtp_workbench.settings.change import Fix

SURE: Final = 0.9
"""The confidence from which there is hardly a doubt."""
LIKELY: Final = 0.6
"""The confidence below which it is a guess."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a failure means and what to do about it."""

    cause: str
    """A label of the vocabulary: a key of `catalogue.causes`."""
    title: str
    explanation: str
    """For a person, to be read aloud."""
    evidence: str
    """The decisive text, as it was seen."""
    fixes: tuple[Fix, ...] = ()
    confidence: float = 0.0
    """From 0 (a guess) to 1 (the text can mean nothing else)."""
    also: tuple[str, ...] = ()
    """Labels of other causes that would fit, the likelier first."""

    def as_json(self) -> dict[str, object]:
        """Return the `diagnosis` object of CLI.md."""
        return {
            "cause": self.cause,
            "title": self.title,
            "explanation": self.explanation,
            "evidence": self.evidence,
            "fixes": [fix.as_json() for fix in self.fixes],
            "confidence": self.confidence,
            "also": list(self.also),
        }
