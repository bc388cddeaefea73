"""From a draft to the octets that go over the wire."""

from dataclasses import dataclass

from smtp_workbench.message.content import Content
from smtp_workbench.message.draft import Draft
from smtp_workbench.message.occasion import Occasion


class DraftError(ValueError):
    """A draft that no octets can be made of; `field` names the part of it, as in `Draft`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message that is ready to be sent, with its envelope (RFC 5321, section 2.3.1)."""

    sender: str
    """The address for MAIL, without name and brackets; empty: the null sender."""
    recipients: tuple[str, ...]
    """The addresses for RCPT, each once."""
    content: Content
    smtputf8: bool = False
    """Whether header fields or addresses need SMTPUTF8 (RFC 6531)."""
    eight_bit: bool = False
    """Whether there are octets over 127 in it."""
    message_id: str = ""
    """With its angle brackets; empty where the message has none."""


def build(draft: Draft, occasion: Occasion) -> Parcel:
    """Return the message of *draft* for *occasion*.

    It reads the small files and looks at the size of the large ones. Raises DraftError with one
    sentence for a person, also for a file that can't be read.
    """
    raise DraftError("text", "nothing is built here so far")
