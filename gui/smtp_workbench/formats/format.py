"""What a format is: a name, where it belongs, a way out and perhaps a way back in."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport


class Group(StrEnum):
    """Under which heading a format stands."""

    CODE = "code"
    FRAMEWORK = "framework"
    SERVICE = "service"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export."""

    name: str
    """As its program expects it, such as `sasl_passwd`."""
    text: str


@dataclass(frozen=True, slots=True)
class Export:
    """Settings in the form that another program wants."""

    files: tuple[File, ...]
    """The main one first."""
    left_out: tuple[str, ...] = ()
    """What the target can't express, each as a short noun: `pinned fingerprint`."""
    assumed: tuple[str, ...] = ()
    """What had to be decided for the target, each as a sentence."""

    @property
    def text(self) -> str:
        """All of it, files after the first under a comment line with their name."""
        first, *others = self.files
        return first.text + "".join(f"\n# {file.name}\n{file.text}" for file in others)


@dataclass(frozen=True, slots=True)
class Import:
    """What a text says about a server."""

    change: Change
    """A secret that was found is in it, and nowhere else."""
    ignored: tuple[str, ...] = ()
    """What stands there and means nothing here, each as it was written: `pool_name`."""
    notes: tuple[str, ...] = ()
    """What had to be decided, each as a sentence."""


@dataclass(frozen=True, slots=True)
class Format:
    """One form that settings can have elsewhere."""

    id: str
    title: str
    group: Group
    suffix: str
    """Of a file in this format, with its dot."""
    syntax: str
    """Which colours its text is shown in: js, json, python, php, go, java, csharp, ruby, yaml, ini,
    dotenv, xml, shell, elixir, powershell or plain."""
    write: Callable[[Transport, Secret | None], Export]
    """With a secret it stands in the text; without one a placeholder in the target's own idiom.

    Raises ValueError with one sentence where a value has a character that the target can't hold.
    """
    read: Callable[[str], Import] | None = None
    """Raises ValueError with one sentence where the text is not in this format or broken."""
    resemblance: Callable[[str], float] | None = None
    """How much a text looks like this format, 0 to 1; goes with `read`."""
