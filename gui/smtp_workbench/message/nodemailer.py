"""Messages as Nodemailer's JSON, which Courier takes too, to a draft and back. No code is run.

A secret never gets into a draft, a URL is never fetched, and a file is read only where the caller
says that the user agreed.
"""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from smtp_workbench.message.calendar import calendar_of, method_of
from smtp_workbench.message.draft import (
    Attachment,
    Draft,
    DraftError,
    Invitation,
    TransferEncoding,
)
from smtp_workbench.message.eml import Imported
from smtp_workbench.message.encoded import Sources
from smtp_workbench.message.envelope import people_of
from smtp_workbench.message.html_text import text_of
from smtp_workbench.message.node_message import UNKNOWN, Taken, line
from smtp_workbench.message.occasion import Occasion

_WRAPPERS: Final = ("message", "providers", "smtp", "override", "body")
"""What Courier has around the message, from outside in."""
_TEXTS: Final = {
    "author": "from",
    "sender": "sender",
    "reply_to": "replyTo",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "text": "text",
    "html": "html",
    "message_id": "messageId",
    "date": "date",
    "in_reply_to": "inReplyTo",
    "references": "references",
    "priority": "priority",
}


def draft_of(text: str, *, files_allowed: bool = False) -> Imported:
    """Return the message that *text*, JSON, describes: bare or wrapped as Courier has it.

    With *files_allowed* it may name files of this machine; without, the answer's `files` are those
    that it names. Raises ValueError with one sentence for text that is not a message in JSON.
    """
    try:
        content = json.loads(text.removeprefix("\ufeff"), parse_int=_number)
        if not isinstance(content, dict):
            raise ValueError("This is JSON, but not the object that a message is.")  # noqa: TRY004
        message, left_out = _unwrapped(content)
        sources = Sources(files_allowed)
        imported = Taken(sources).message(message)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: {error.msg} in line {error.lineno}.") from None
    except RecursionError:
        raise ValueError("This JSON is nested too deeply.") from None
    files = tuple(dict.fromkeys(sources.refused))
    return Imported(imported.draft, (*left_out, *imported.left_out), files)


def to_json(draft: Draft) -> str:
    """Return *draft* as the JSON that Nodemailer's `sendMail` takes, its files in it as base64.

    Variables stay as they are written. Nodemailer has no charset, no 7bit and 8bit, no BDAT and no
    count; the key of a DKIM signature is not written. Raises OSError for a file that can't be read,
    DraftError for a meeting that can't be written down.
    """
    if draft.untouched:
        message: dict[str, Any] = {"raw": {"path": draft.untouched}}
    else:
        message = _content(draft)
    envelope = _envelope(draft)
    if envelope:
        message["envelope"] = envelope
    dsn = {
        "id": draft.dsn.envelope_id,
        "return": draft.dsn.content.value,
        "notify": list(draft.dsn.notify),
    }
    dkim = {
        "domainName": draft.dkim.domain,
        "keySelector": draft.dkim.selector,
        "skipFields": ":".join(draft.dkim.skip),
    }
    message |= {name: kept for name, it in (("dsn", dsn), ("dkim", dkim)) if (kept := _filled(it))}
    written = json.dumps(message, indent=2, ensure_ascii=False)
    return written.encode("utf-8", "replace").decode()  # without lone surrogates


def _number(digits: str) -> float:
    """Return a number that no message needs exactly; `int` refuses thousands of digits."""
    return int(digits) if len(digits) < 20 else float(digits)


def _unwrapped(content: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    outer, left_out, place = {}, [], ""
    for name in _WRAPPERS:
        inner = content.get(name)
        if not isinstance(inner, dict):
            continue
        for key, value in content.items():
            if key == "to" and name == "providers":
                outer["to"] = value
            elif key != name:
                connection = "it belongs to the connection, not to the message"
                why = connection if key == "config" else UNKNOWN
                left_out.append(f"{place}{line(key)}: {why}.")
        content, place = inner, f"{place}{name}."
    return {**outer, **content}, left_out


def _content(draft: Draft) -> dict[str, Any]:
    message: dict[str, Any] = {}
    for field, name in _TEXTS.items():
        value = getattr(draft, field)
        message[name] = list(value) if isinstance(value, tuple) else str(value)
    if draft.html and not draft.text and draft.derive_text:
        message["text"] = text_of(draft.html)  # as `build` does
    if draft.encoding in (TransferEncoding.QUOTED_PRINTABLE, TransferEncoding.BASE64):
        message["textEncoding"] = draft.encoding.value
    message["headers"] = [{"key": name, "value": value} for name, value in draft.headers]
    if draft.one_click:
        one_click = {"key": "List-Unsubscribe-Post", "value": "List-Unsubscribe=One-Click"}
        message["headers"].append(one_click)
    if urls := draft.list_unsubscribe.replace(",", " ").split():
        message["list"] = {"unsubscribe": [urls]}
    message["attachments"] = [_attachment(each) for each in draft.attachments]
    if draft.invitation is not None:
        message["icalEvent"] = _event(draft, draft.invitation)
    return _filled(message)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    path = attachment.path
    octets = Path(path).expanduser().read_bytes() if path else attachment.data
    given = {"contentType": attachment.content_type, "cid": attachment.content_id}
    return {
        "filename": attachment.name or False,  # left out, Nodemailer makes one up
        **_filled(given),
        "encoding": "base64",
        "content": base64.b64encode(octets).decode(),
    }


def _event(draft: Draft, invitation: Invitation) -> dict[str, Any]:
    people = people_of(draft)
    if not people.author:
        raise DraftError("author", "A meeting needs somebody who invites to it: From is empty.")
    occasion = Occasion()
    named = replace(invitation, summary=invitation.summary or draft.subject)
    content = calendar_of(named, people, occasion.now, occasion.random, str)
    return {"method": method_of(invitation), "content": content}


def _envelope(draft: Draft) -> dict[str, Any] | None:
    """Return the whole envelope if any of it is other than the header says."""
    if draft.envelope_from is None and draft.envelope_to is None:
        return None
    sender = draft.author if draft.envelope_from is None else draft.envelope_from
    everyone = (*draft.to, *draft.cc, *draft.bcc)
    recipients = everyone if draft.envelope_to is None else draft.envelope_to
    return {"from": sender, "to": list(recipients)}
