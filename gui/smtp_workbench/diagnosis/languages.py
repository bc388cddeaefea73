"""What systems and programs say in other languages, told in the English that the rules read."""

from functools import cache
from typing import Final

from smtp_workbench.resource import read_toml

LOCALISED: Final = "diagnosis/localised.toml"


@cache
def phrases() -> dict[str, str]:
    """Return the known phrases in small letters, each with what it says in English."""
    entries = read_toml(LOCALISED)["phrase"]
    return {said.lower(): entry["english"] for entry in entries for said in entry["said"]}


def spoken_in(text: str) -> dict[str, str]:
    """Return those of the known phrases that *text* has anywhere."""
    small = " ".join(text.lower().replace("\u2019", "'").split())
    return {said: english for said, english in phrases().items() if said in small}


def translated(line: str, spoken: dict[str, str]) -> str:
    """Return *line* with the English of each phrase of *spoken* that it has put behind it."""
    if not spoken:
        return line
    small = line.lower().replace("\u2019", "'")
    found = {english: None for said, english in spoken.items() if said in small}
    return " = ".join([line, *found])
