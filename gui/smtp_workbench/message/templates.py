"""Messages that test something, as data in `resources/templates/`."""

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from smtp_workbench.message.draft import Attachment, Draft, Invitation, TransferEncoding
from smtp_workbench.resource import list_files, read_toml

_SEED: Final = 5321
"""Makes the random octets the same each time."""


@dataclass(frozen=True, slots=True)
class Template:
    """The content of a message, and what it is good for."""

    id: str
    title: str
    purpose: str
    """One sentence."""
    subject: str
    text: str
    html: str = ""
    encoding: TransferEncoding = TransferEncoding.AUTO
    attachments: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    invitation: Mapping[str, Any] | None = field(default=None, repr=False)


@cache
def all_templates() -> tuple[Template, ...]:
    """Return every template in the order of a menu. Raises TypeError for an unknown key there."""
    return tuple(_template(read_toml(name)) for name in list_files("templates", ".toml"))


def by_id(template_id: str) -> Template | None:
    """Return the template with this id."""
    return next((each for each in all_templates() if each.id == template_id), None)


def apply(template: Template, draft: Draft, now: datetime | None = None) -> Draft:
    """Return *draft* with the content of *template*; addresses and delivery stay as they are.

    *now* has a time zone, in which a meeting is. Large files take up to 30 ms to make.
    """
    now = now or datetime.now().astimezone()
    meeting = template.invitation
    return replace(
        draft,
        subject=template.subject,
        text=template.text,
        html=template.html,
        derive_text=True,
        attachments=tuple(_attachment(each) for each in template.attachments),
        invitation=None if meeting is None else _invitation(meeting, now),
        charset="utf-8",
        encoding=template.encoding,
        untouched="",
    )


def _template(entry: Mapping[str, Any]) -> Template:
    given = dict(entry)
    encoding = TransferEncoding(given.pop("encoding", TransferEncoding.AUTO))
    attachments = tuple(given.pop("attachments", ()))
    return Template(**given, encoding=encoding, attachments=attachments)


def _attachment(entry: Mapping[str, Any]) -> Attachment:
    given = dict(entry)
    if "random_octets" in given:
        data = random.Random(_SEED).randbytes(given.pop("random_octets"))  # noqa: S311
    elif "base64" in given:
        data = base64.b64decode(given.pop("base64"))
    elif "pieces" in given:
        data = "".join(given.pop("pieces")).encode()
    else:
        data = str(given.pop("text")).encode()
    return Attachment(**given, data=data)


def _invitation(entry: Mapping[str, Any], now: datetime) -> Invitation:
    given = dict(entry)
    day = (now + timedelta(days=given.pop("days_ahead"))).date()
    starts = datetime.combine(day, given.pop("at"), now.tzinfo)
    ends = starts + timedelta(minutes=given.pop("minutes"))
    return Invitation(**given, starts=starts, ends=ends)
