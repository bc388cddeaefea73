"""Who a draft is from and to: in its header fields, and in its envelope (RFC 5321, section 2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass

from smtp_workbench.message.addresses import Address, is_sendable, parse_list, unique
from smtp_workbench.message.draft import Draft, DraftError


@dataclass(frozen=True, slots=True)
class People:
    """The addresses of a draft, read."""

    author: list[Address]
    sender: list[Address]
    reply_to: list[Address]
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]

    @property
    def need_smtputf8(self) -> bool:
        """Whether a header field has an address that is not ASCII even with its domain encoded."""
        shown = (*self.author, *self.sender, *self.reply_to, *self.to, *self.cc)
        return any(address.needs_smtputf8 for address in shown)


def people_of(draft: Draft) -> People:
    """Return the addresses of *draft*. Raises DraftError for one that no octets can be made of."""
    return People(
        author=_read("author", [draft.author]),
        sender=_read("sender", [draft.sender]),
        reply_to=_read("reply_to", draft.reply_to),
        to=_read("to", draft.to),
        cc=_read("cc", draft.cc),
        bcc=_read("bcc", draft.bcc),
    )


def envelope_of(draft: Draft, people: People) -> tuple[str, tuple[str, ...]]:
    """Return the address for MAIL and those for RCPT, each once. Raises DraftError."""
    return sender_of(draft, people), _recipients(draft, people)


def sender_of(draft: Draft, people: People) -> str:
    """Return the address for MAIL; empty: the null sender. Raises DraftError."""
    if draft.envelope_from is not None:
        given = _read("envelope_from", [draft.envelope_from.strip().removesuffix("<>")])
        return _wire(given[0]) if given else ""
    if not (senders := people.sender or people.author):
        raise DraftError("author", "There is nobody the message is from.")
    return _wire(senders[0])


def _recipients(draft: Draft, people: People) -> tuple[str, ...]:
    if draft.envelope_to is not None:
        recipients = _read("envelope_to", draft.envelope_to)
    else:
        recipients = [*people.to, *people.cc, *people.bcc]
    if not recipients:
        field = "to" if draft.envelope_to is None else "envelope_to"
        raise DraftError(field, "There is nobody the message is for.")
    return tuple(_wire(address) for address in unique(recipients))


def _read(field: str, texts: Iterable[str]) -> list[Address]:
    found = []
    for text in texts:
        if any(mark in text for mark in "\r\n\0"):
            raise DraftError(field, f"The address {text!r} has a line break or NUL in it.")
        try:
            addresses = parse_list(text)
            sendable = [_wire(address) for address in addresses if is_sendable(address.spec)]
        except ValueError as error:
            raise DraftError(field, str(error)) from None
        if len(sendable) < len(addresses):
            raise DraftError(field, f"{text!r} is no address.")
        found += addresses
    return unique(found)


def _wire(address: Address) -> str:
    """Return *address* as MAIL and RCPT have it. Raises ValueError if its domain can't be."""
    encoded = address.wire
    return address.spec if address.needs_smtputf8 else encoded
