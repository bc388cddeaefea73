"""What the sandbox was sent: kept in memory, bounded, gone with the program."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final

MAX_MESSAGES: Final = 1000
MAX_OCTETS: Final = 256 * 1024 * 1024
"""Of all messages together; the oldest go first, the newest always stays."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message with its envelope and how it came."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    """Octet for octet as received, without the dots of RFC 5321, section 4.5.2."""
    options: tuple[str, ...] = ()
    """Parameters of MAIL."""
    recipient_options: tuple[tuple[str, ...], ...] = ()
    """Parameters of each RCPT, in the order of `recipients`."""
    user: str | None = None
    """Who had logged in."""
    greeting: str = "EHLO"
    """The verb with which the client introduced itself: EHLO, HELO or LHLO."""
    ehlo_name: str = ""
    tls: str = ""
    """Protocol and cipher; empty on plaintext."""
    peer: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def size(self) -> int:
        """Octets of the content."""
        return len(self.content)


class Inbox:
    """The messages, the oldest first."""

    def __init__(self, *, max_messages: int = MAX_MESSAGES, max_octets: int = MAX_OCTETS) -> None:
        self._max_messages = max_messages
        self._max_octets = max_octets
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._octets = 0
        self._ids = count(1)
        self._subscribers: list[Callable[[Message], None]] = []

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._messages.values()))

    def next_id(self) -> int:
        """Return the number for the next message; none is used twice."""
        return next(self._ids)

    def add(self, message: Message) -> None:
        """Keep *message* and tell the subscribers."""
        self._messages[message.id] = message
        self._octets += message.size
        while len(self) > 1 and (len(self) > self._max_messages or self._octets > self._max_octets):
            self._octets -= self._messages.popitem(last=False)[1].size
        for subscriber in tuple(self._subscribers):
            subscriber(message)

    def subscribe(self, subscriber: Callable[[Message], None]) -> Callable[[], None]:
        """Call *subscriber* for each new message; return a function that ends it."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def delete(self, message_id: int) -> None:
        """Forget one message. Raises KeyError if it is not there."""
        self._octets -= self._messages.pop(message_id).size

    def clear(self) -> None:
        """Forget all messages."""
        self._messages.clear()
        self._octets = 0
