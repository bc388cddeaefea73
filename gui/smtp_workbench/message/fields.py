"""The header fields of a message, in order (RFC 5322, section 3.6)."""

import re
from collections.abc import Iterator, Mapping
from email.utils import format_datetime, parsedate_tz
from typing import Final

from smtp_workbench.message import headers
from smtp_workbench.message.draft import Draft, DraftError, Priority
from smtp_workbench.message.envelope import People
from smtp_workbench.message.occasion import Occasion
from smtp_workbench.message.variables import expand

_NAME: Final = re.compile(r"[!-9;-~]{1,70}")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")
_URL: Final = re.compile(r"(https?|mailto):[!-;=?-~]{1,900}", re.IGNORECASE)
_DATE: Final = re.compile(r"[ -~]{1,100}")
_OWN: Final = {
    "from": "From",
    "sender": "Sender",
    "reply-to": "Reply-To",
    "to": "To",
    "cc": "Cc",
    "bcc": "Bcc",
    "subject": "Subject",
    "date": "Date",
    "message-id": "Message-ID",
    "in-reply-to": "In-Reply-To",
    "references": "References",
}
"""Fields that a draft has a place for."""
_ONCE: Final = (
    *("list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post", "list-subscribe"),
    *("list-post", "list-owner", "list-archive", "x-priority", "importance", "priority"),
)
"""More fields that come once only (RFC 2369, section 3.4; RFC 2919, section 2)."""
_PRIORITIES: Final = {
    Priority.HIGH: ("1 (Highest)", "high", "urgent"),
    Priority.NORMAL: ("3 (Normal)", "normal", "normal"),
    Priority.LOW: ("5 (Lowest)", "low", "non-urgent"),
}


class Fields:
    """The names and folded values of the header fields of one message."""

    def __init__(
        self, draft: Draft, people: People, values: Mapping[str, str], occasion: Occasion
    ) -> None:
        self._draft, self._people = draft, people
        self._values, self._occasion = values, occasion
        self._raw = people.need_smtputf8
        self.message_id = self._identity()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield them. Raises DraftError for what can't stand in one."""
        known = set()
        for name, value in self._generated():
            known.add(name.lower())
            yield name, value
        for name, value in self._draft.headers:
            _refuse(name, known)
            known.add(name.lower())
            yield name, self._text(name, value, "headers")

    def _generated(self) -> Iterator[tuple[str, str]]:
        draft, people = self._draft, self._people
        yield "Date", self._date()
        if len(people.author) > 1 and not people.sender:
            message = "With several authors a message needs a Sender (RFC 5322, section 3.6.2)."
            raise DraftError("sender", message)
        for name, addresses in (
            ("From", people.author),
            ("Sender", people.sender),
            ("Reply-To", people.reply_to),
            ("To", people.to),
            ("Cc", people.cc),
        ):
            if addresses:
                yield name, headers.mailboxes(name, addresses, raw=self._raw)
        if self._values["subject"]:
            yield "Subject", self._text("Subject", draft.subject, "subject")
        yield "Message-ID", headers.tokens("Message-ID", [self.message_id])
        yield from self._thread()
        yield from self._unsubscribe()
        if draft.priority in _PRIORITIES:
            names = ("X-Priority", "Importance", "Priority")
            for name, word in zip(names, _PRIORITIES[draft.priority], strict=True):
                yield name, f" {word}"

    def _text(self, name: str, value: str, field: str) -> str:
        expanded = self._values["subject"] if field == "subject" else self._expanded(value)
        if re.search(r"[\r\n\0\ud800-\udfff]", expanded):
            raise DraftError(field, f"{name} has a line break or NUL in it: {expanded!r}")
        return headers.text(name, expanded, raw=self._raw)

    def _expanded(self, value: str) -> str:
        return expand(value, self._values)

    def _identity(self) -> str:
        given = self._expanded(self._draft.message_id).strip()
        if given:
            return _message_id(given, "message_id")
        author = (self._people.author or self._people.sender)[:1]
        domain = author[0].wire.rpartition("@")[2] if author else ""
        return f"<{self._occasion.random}@{domain or 'localhost'}>"

    def _date(self) -> str:
        given = self._expanded(self._draft.date).strip()
        if not given:
            return f" {format_datetime(self._occasion.now)}"
        if not _DATE.fullmatch(given) or parsedate_tz(given) is None:
            example = format_datetime(self._occasion.now)
            raise DraftError("date", f"{given!r} is not a date such as {example}.")
        return f" {given}"

    def _thread(self) -> Iterator[tuple[str, str]]:
        answered = self._expanded(self._draft.in_reply_to)
        references = self._expanded(self._draft.references) or answered
        for name, field, value in (
            ("In-Reply-To", "in_reply_to", answered),
            ("References", "references", references),
        ):
            if words := value.split():
                yield name, headers.tokens(name, [_message_id(word, field) for word in words])

    def _unsubscribe(self) -> Iterator[tuple[str, str]]:
        given = self._expanded(self._draft.list_unsubscribe)
        urls = [word.strip("<>") for word in re.split(r"[\s,]+(?=<|\w+:|\Z)", given.strip())]
        urls = [url for url in urls if url]
        for url in urls:
            if not _URL.fullmatch(url):
                message = f"{url!r} is not an https: or mailto: URL in ASCII."
                raise DraftError("list_unsubscribe", message)
        if urls:
            name = "List-Unsubscribe"
            yield name, headers.tokens(name, [f"<{url}>" for url in urls], ",")
        if self._draft.one_click:
            if not any(url.lower().startswith("https:") for url in urls):
                message = "One-click unsubscribing needs an https: URL in List-Unsubscribe."
                raise DraftError("one_click", message)
            yield "List-Unsubscribe-Post", " List-Unsubscribe=One-Click"


def _message_id(text: str, field: str) -> str:
    identity = f"<{text.removeprefix('<').removesuffix('>')}>"
    if not _MESSAGE_ID.fullmatch(identity):
        raise DraftError(field, f"{text!r} is not a Message-ID: plain ASCII without blanks.")
    return identity


def _refuse(name: str, known: set[str]) -> None:
    """Raise DraftError for a header field that the user can't add."""
    lowered = name.lower()
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name of a header field (RFC 5322, section 2.2)."
        raise DraftError("headers", message)
    if lowered in _OWN:
        raise DraftError("headers", f"{_OWN[lowered]} has a field of its own: write it there.")
    if lowered == "mime-version" or lowered.startswith("content-"):
        raise DraftError("headers", f"{name} is made from the parts of the message.")
    if lowered in _ONCE and lowered in known:
        raise DraftError("headers", f"{name} may be in a message once only.")
