"""What systems and programs say in other languages, told in the English that the rules read."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from smtp_workbench.resource import read_toml

_PHRASES: Final = "diagnosis/localised.toml"
_PAIRS: Final = "diagnosis/localised_stems.toml"
LOCALISED: Final = frozenset({_PHRASES, _PAIRS})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sets of word stems: what a line is about, and what happened to it."""

    english: str
    about: tuple[str, ...]
    happened: tuple[str, ...]

    def fits(self, small: str) -> bool:
        """Whether the text, in small letters, has a stem of each."""
        return any(stem in small for stem in self.happened) and any(
            stem in small for stem in self.about
        )


@dataclass(frozen=True, slots=True)
class Spoken:
    """Those phrases and pairs that a text has anywhere: what its lines are asked for."""

    phrases: dict[str, str]
    pairs: tuple[Pair, ...]


@cache
def phrases() -> dict[str, str]:
    """Return the known phrases in small letters, each with what it says in English."""
    entries = read_toml(_PHRASES)["phrase"]
    return {_small(said): entry["english"] for entry in entries for said in entry["said"]}


@cache
def pairs() -> tuple[Pair, ...]:
    """Return the pairs of word stems, the more specific first."""
    return tuple(
        Pair(
            entry["english"],
            tuple(map(_small, entry["about"])),
            tuple(map(_small, entry["happened"])),
        )
        for entry in read_toml(_PAIRS)["pair"]
    )


def spoken_in(text: str) -> Spoken:
    """Return what *text* has of other languages."""
    small = _small(" ".join(text.split()))
    return Spoken(
        {said: english for said, english in phrases().items() if said in small},
        tuple(pair for pair in pairs() if pair.fits(small)),
    )


def translated(line: str, spoken: Spoken) -> str:
    """Return *line* with the English of what is *spoken* in it put behind it."""
    if not spoken.phrases and not spoken.pairs:
        return line
    small = _small(line)
    found = dict.fromkeys(english for said, english in spoken.phrases.items() if said in small)
    if not found:
        guessed = next((pair.english for pair in spoken.pairs if pair.fits(small)), None)
        found = dict.fromkeys([guessed] if guessed else [])
    return " = ".join([line, *found])


def _small(text: str) -> str:
    return text.lower().replace("\u2019", "'").replace("\u0451", "\u0435")  # Russian e with dots
