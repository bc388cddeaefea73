"""From an `.eml` file to a draft that can be edited.

The way back is `build(draft, occasion).content`. To send a file as it is, give it to
`Draft.untouched` instead.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any, Final

from smtp_workbench.message.addresses import Address, parse_list
from smtp_workbench.message.draft import Attachment, Draft, Priority
from smtp_workbench.message.invitation import invitation_of
from smtp_workbench.message.reading import Letter, Part, decoded, read

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
_ADDRESSES: Final = ("from", "sender", "to", "cc", "bcc", "reply-to")
_TEXTS: Final = {"subject": "subject", "in-reply-to": "in_reply_to", "references": "references"}
_IDENTITY: Final = {"message-id": "message_id", "date": "date"}
_PRIORITY: Final = ("x-priority", "importance", "priority", "x-msmail-priority")
_UNSUBSCRIBE: Final = ("list-unsubscribe", "list-unsubscribe-post")
_TRACE: Final = re.compile(
    r"received|return-path|delivered-to|x-original-to|envelope-to|received-spf|"
    r"authentication-results|x-received|resent-.*|x-spam-.*",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"dkim-signature|domainkey-signature|arc-.*", re.IGNORECASE)
_SIGNED_PART: Final = re.compile(r"application/(pgp|(x-)?pkcs7)-signature", re.IGNORECASE)
_ENCRYPTED_PART: Final = re.compile(r"application/(pgp-encrypted|(x-)?pkcs7-mime)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft made of something else."""

    draft: Draft
    left_out: tuple[str, ...] = ()
    """A sentence for each thing that the draft does not have."""
    files: tuple[str, ...] = ()
    """Files of this machine that were left out because they may not be read."""


def draft_of(octets: bytes, *, keep_identity: bool = False) -> Imported:
    """Return the message of *octets* as a draft, whatever they are.

    *keep_identity* keeps Message-ID and Date; without it the draft is a message of its own. Texts
    are encoded anew. What can't be taken over is told in `left_out`.
    """
    letter = read(octets)
    taken = _Taken(letter, keep_identity=keep_identity)
    left_out = dict.fromkeys((*taken.left_out, *letter.defects))
    return Imported(Draft(**taken.fields), tuple(left_out))


class _Taken:
    """Collects the fields of a draft, and what they don't take."""

    def __init__(self, letter: Letter, *, keep_identity: bool) -> None:
        self.fields: dict[str, Any] = {}
        self.left_out: list[str] = []
        self._calendar: bytes | None = None
        """The invitation as it came, which most programs attach a second time."""
        self._addresses(letter.raw_headers)
        self._headers(letter, _TEXTS | _IDENTITY if keep_identity else _TEXTS)
        self._body(letter)

    def _addresses(self, raw_headers: str) -> None:
        message = HeaderParser().parsestr(raw_headers)
        found = {name: mailboxes(map(str, message.get_all(name, []))) for name in _ADDRESSES}
        self.fields["author"] = ", ".join(found["from"])
        self.fields["sender"] = ", ".join(found["sender"])
        for name in ("to", "cc", "bcc", "reply-to"):
            self.fields[name.replace("-", "_")] = found[name]

    def _headers(self, letter: Letter, texts: dict[str, str]) -> None:
        others, traces, signatures = [], [], []
        for name, value in ((name, _clean(value)) for name, value in letter.headers):
            known = name.lower()
            if known in texts:
                self.fields[texts[known]] = value
            elif known in _PRIORITY:
                self.fields["priority"] = _priority(value)
            elif known == "list-unsubscribe":
                self.fields["list_unsubscribe"] = " ".join(re.findall(r"<([^>\s]+)>", value))
            elif known == "list-unsubscribe-post":
                self.fields["one_click"] = value.lower() == "list-unsubscribe=one-click"
            elif _TRACE.fullmatch(name):
                traces.append(name)
            elif _SIGNATURE.fullmatch(name):
                signatures.append(name)
            elif not _is_remade(known):
                others.append((name, value))
        self.fields["headers"] = tuple(others)
        self._leave(traces, "what tells of an earlier delivery")
        self._leave(signatures, "a signature, which would not hold for another message")

    def _leave(self, names: list[str], why: str) -> None:
        if names:
            self.left_out.append(f"{', '.join(dict.fromkeys(names))}: {why}.")

    def _body(self, letter: Letter) -> None:
        self.fields["text"] = letter.text
        self.fields["html"] = letter.html
        self.fields["derive_text"] = bool(letter.text) or not letter.html
        attachments = []
        for part in letter.parts:
            if _SIGNED_PART.fullmatch(part.content_type):
                self._leave([part.name or part.content_type], "a signature of the text before")
            elif part.octets != self._calendar and not self._is_invitation(part):
                attachments.append(attachment_of(part, letter.html))
            if _ENCRYPTED_PART.fullmatch(part.content_type):
                self.left_out.append("It is encrypted; it can be read only if it is sent as it is.")
        self.fields["attachments"] = tuple(attachments)

    def _is_invitation(self, part: Part) -> bool:
        if part.content_type != "text/calendar" or "invitation" in self.fields:
            return False
        if part.disposition == "attachment":
            return False
        invitation = invitation_of(part.octets)
        if invitation is None:
            self.left_out.append("The invitation can't be edited here; it is an attachment now.")
            return False
        self.fields["invitation"] = invitation
        self._calendar = part.octets
        return True


def attachment_of(part: Part, html: str) -> Attachment:
    """Return *part* as an attachment; it is inline if *html* refers to it."""
    is_shown = bool(part.content_id) and (
        f"cid:{part.content_id}" in html or part.disposition == "inline"
    )
    name = re.split(r"[/\\]", part.name)[-1]
    return Attachment(
        name=_clean(name),
        content_type=_clean(part.content_type),
        data=part.octets,
        content_id=_clean(part.content_id) if is_shown else "",
    )


def mailboxes(values: Iterable[str]) -> tuple[str, ...]:
    """Return the addresses in the header fields with *values*, each as it stands in a draft.

    Names are decoded last: before, a comma in one could not be told from one between addresses.
    """
    found = [each for value in values for each in parse_list(_clean(_FOLD.sub("", value)))]
    return tuple(mailbox(decoded(each.name), each.spec) for each in found if each.spec)


def mailbox(name: str, spec: str) -> str:
    """Return the address with this name as it stands in a draft."""
    return Address(_clean(name), _clean(spec)).formatted()


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()


def _priority(value: str) -> Priority:
    word = value.lower()
    if word.startswith(("1", "2", "high", "urgent")):
        return Priority.HIGH
    if word.startswith(("4", "5", "low", "non-urgent")):
        return Priority.LOW
    return Priority.NORMAL


def _is_remade(name: str) -> bool:
    """Whether `build` writes this header field by itself."""
    return (
        name in _ADDRESSES
        or name in _IDENTITY
        or name == "mime-version"
        or (name.startswith("content-"))
    )
