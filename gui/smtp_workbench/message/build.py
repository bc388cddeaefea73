"""From a draft to the octets that go over the wire."""

from dataclasses import dataclass
from typing import Final

from smtp_workbench.message import variables
from smtp_workbench.message.body import body_of
from smtp_workbench.message.content import Content, FileChangedError, Piece
from smtp_workbench.message.draft import Draft, DraftError
from smtp_workbench.message.envelope import envelope_of, people_of
from smtp_workbench.message.fields import Fields
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.parts import octets_of
from smtp_workbench.message.untouched import untouched_of

__all__ = ["DraftError", "Parcel", "build"]


_LONG: Final = 256 * 1024
"""Octets; what is longer is not copied any more."""


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

    It reads the small files and looks at the size of the large ones; to sign it, it reads them all.
    Raises DraftError with one sentence for a person, also for a file that can't be read.
    """
    return _as_it_is(draft) if draft.untouched else _composed(draft, occasion)


def _composed(draft: Draft, occasion: Occasion) -> Parcel:
    people = people_of(draft)
    if not people.author:
        raise DraftError("author", "There is nobody the message is from.")
    sender, recipients = envelope_of(draft, people)
    values = variables.values(draft, occasion)
    fields = Fields(draft, people, values, occasion)
    head = "".join(f"{name}:{value}\r\n" for name, value in fields)
    first, others, eight_bit = octets_of(body_of(draft, people, values, occasion))
    first = f"{head}MIME-Version: 1.0\r\n".encode() + first
    if draft.dkim.domain:
        first = _signature(draft, first, others, occasion) + first
    return Parcel(
        sender,
        recipients,
        Content(_joined(first, others)),
        smtputf8=not head.isascii() or _need_smtputf8(sender, *recipients),
        eight_bit=not head.isascii() or eight_bit,
        message_id=fields.message_id,
    )


def _as_it_is(draft: Draft) -> Parcel:
    found = untouched_of(draft)
    sender, recipients = envelope_of(found.draft, people_of(found.draft))
    return Parcel(
        sender,
        recipients,
        found.content,
        smtputf8=found.smtputf8 or _need_smtputf8(sender, *recipients),
        eight_bit=found.eight_bit,
        message_id=found.message_id,
    )


def _need_smtputf8(*addresses: str) -> bool:
    return any(not address.isascii() for address in addresses)


def _signature(draft: Draft, first: bytes, others: list[Piece], occasion: Occasion) -> bytes:
    from smtp_workbench.message.dkim import sign  # noqa: PLC0415  # 20 ms that few messages need

    head, _, start = first.partition(b"\r\n\r\n")
    body = Content((start, *others)).chunks()
    try:
        return sign(draft.dkim, head + b"\r\n", body, int(occasion.now.timestamp()))
    except (OSError, FileChangedError) as error:
        raise DraftError("attachments", f"A file can't be read to sign it: {error}.") from None


def _joined(first: bytes, others: list[Piece]) -> tuple[Piece, ...]:
    """Return the octets with the short pieces in one, so that they are sent in one."""
    pieces: list[Piece] = []
    short = [first]
    for piece in others:
        if isinstance(piece, bytes) and len(piece) < _LONG:
            short.append(piece)
        else:
            pieces += [b"".join(short), piece]
            short = []
    return (*pieces, b"".join(short))
