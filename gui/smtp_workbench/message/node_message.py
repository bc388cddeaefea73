"""The values of a Nodemailer message, each to the field of a draft that it belongs to.

What has no place there is noted. The names and forms are those of https://nodemailer.com/message.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from smtp_workbench.message import eml
from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    Dsn,
    Priority,
    ReturnContent,
    TransferEncoding,
)
from smtp_workbench.message.eml import Imported
from smtp_workbench.message.encoded import Sources, data_url, is_data_url, source_of
from smtp_workbench.message.invitation import invitation_of
from smtp_workbench.message.reading import read

UNKNOWN: Final = "there is nothing like it here"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


class Taken:
    """Takes the values of a message, one after the other, and notes what it can't take."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._left_out: list[str] = []
        self._encoding: object = ""
        self._groups: Mapping[str, Callable[[object], dict[str, Any]]] = {
            "text": lambda value: {"text": self._text(value)},
            "html": lambda value: {"html": self._text(value)},
            "attachments": self._attachments,
            "headers": self._headers,
            "list": self._list,
            "icalEvent": self._event,
            "envelope": self._envelope,
            "dsn": self._dsn,
            "dkim": self._dkim,
        }

    def message(self, content: Mapping[str, Any]) -> Imported:
        """Return the draft of the message *content*."""
        message = {name: value for name, value in content.items() if value is not None}
        self._encoding = message.pop("encoding", "")
        draft = Draft()
        if raw := message.pop("raw", None):
            with self._noting("raw"):
                draft = self._raw(raw)
        fields: dict[str, Any] = {}
        for key, value in message.items():
            with self._noting(key):
                if key in _LINES:
                    field, read_line = _LINES[key]
                    fields[field] = read_line(value)
                elif key in self._groups:
                    fields |= self._groups[key](value)
                else:
                    raise ValueError(UNKNOWN)
        if fields.get("html") and not fields.get("text"):
            fields["derive_text"] = False  # nor does Nodemailer
        return Imported(replace(draft, **fields), tuple(self._left_out))

    @contextmanager
    def _noting(self, key: str) -> Iterator[None]:
        """Note that *key* is left out where its value can't be taken."""
        try:
            yield
        except ValueError as error:
            self._leave(key, str(error))

    def _leave(self, key: str, why: str) -> None:
        self._left_out.append(f"{line(key)}: {why}.")

    def _rest(self, key: str, entry: Mapping[str, Any], *known: str) -> None:
        for name, value in entry.items():
            if name not in known and value not in (None, False, ""):
                self._leave(f"{key}.{name}", UNKNOWN)

    def _raw(self, value: object) -> Draft:
        """Return the draft of a whole message, which stays untouched if it is a file."""
        source = source_of(value) if isinstance(value, dict) else None
        if source and not is_data_url(source):
            return Draft(untouched=self._sources.file(source))
        imported = eml.draft_of(self._sources.octets(value), keep_identity=True)
        self._left_out += imported.left_out
        return imported.draft

    def _text(self, value: object) -> str:
        octets = self._sources.octets(value, self._encoding)
        return octets.decode("utf-8", "replace").replace("\r\n", "\n")

    def _attachments(self, value: object) -> dict[str, Any]:
        found = []
        for number, entry in enumerate(_each(value)):
            key = f"attachments[{number}]"
            with self._noting(key):
                found.append(self._attachment(key, _object(entry)))
        return {"attachments": tuple(found)}

    def _attachment(self, key: str, entry: Mapping[str, Any]) -> Attachment:
        known = ("filename", "content", "encoding", "contentType", "cid", "path", "href", "raw")
        self._rest(key, entry, *known, "contentDisposition")
        if entry.get("raw"):
            letter = read(self._sources.octets(entry["raw"]))
            if letter.parts:
                return eml.attachment_of(letter.parts[0], "")
            return Attachment(content_type="text/plain", data=letter.text.encode())
        name, kind = entry.get("filename"), line(entry.get("contentType") or "")
        path, data, source = "", b"", source_of(entry)
        if source is None:
            data = self._sources.octets(entry.get("content", ""), entry.get("encoding"))
        elif is_data_url(source):
            meant, data = data_url(source)
            kind = kind or line(meant)
        else:
            path = self._sources.file(source)
            name = re.split(r"[/\\]", path)[-1] if name is None else name
        cid = line(entry.get("cid") or "")
        shown = line(name or "")
        return Attachment(name=shown, content_type=kind, path=path, data=data, content_id=cid)

    def _headers(self, value: object) -> dict[str, Any]:
        kept: list[tuple[str, str]] = []
        found: dict[str, Any] = {}
        for name, text in _header_pairs(value):
            if not re.fullmatch(r"[!-9;-~]+", name):
                self._leave(f"headers.{name}", "this can't be the name of a header field")
            elif name.lower() == "list-unsubscribe-post":
                found["one_click"] = True
            else:
                with self._noting(f"headers.{name}"):
                    kept.append((name, line(text)))
        return {**found, "headers": tuple(kept)}

    def _list(self, value: object) -> dict[str, Any]:
        entry = _object(value)
        self._rest("list", entry, "unsubscribe")
        return {"list_unsubscribe": " ".join(_list_urls(entry.get("unsubscribe")))}

    def _event(self, value: object) -> dict[str, Any]:
        entry = value if isinstance(value, dict) else {"content": value}
        method = line(entry.get("method") or "PUBLISH")
        invitation = invitation_of(self._sources.octets(entry), method)
        if invitation is None:
            raise ValueError("it is no single meeting with a beginning and an end")
        return {"invitation": invitation}

    def _envelope(self, value: object) -> dict[str, Any]:
        entry = _object(value)
        self._rest("envelope", entry, "from", "to", "cc", "bcc")
        found: dict[str, Any] = {}
        if "from" in entry:
            found["envelope_from"] = next(iter(_addresses(entry["from"])), "")
        given = [entry[name] for name in ("to", "cc", "bcc") if name in entry]
        return {**found, "envelope_to": _addresses(given)} if given else found

    def _dsn(self, value: object) -> dict[str, Any]:
        entry = _object(value)
        self._rest("dsn", entry, "id", "envid", "return", "ret", "notify")
        asked = entry.get("notify") or []
        words = asked.split(",") if isinstance(asked, str) else asked
        quoted = line(entry.get("return") or entry.get("ret") or "").upper()
        quoted = {"HEADERS": "HDRS", "BODY": "FULL"}.get(quoted, quoted)
        if quoted not in tuple(ReturnContent) or not isinstance(words, list):
            raise ValueError("it asks for something that there isn't")
        dsn = Dsn(
            notify=tuple(line(word).strip().upper() for word in words),
            content=ReturnContent(quoted),
            envelope_id=line(entry.get("id") or entry.get("envid") or ""),
        )
        return {"dsn": dsn}

    def _dkim(self, value: object) -> dict[str, Any]:
        entry = _object(value)
        if entry.get("privateKey"):
            self._leave("dkim.privateKey", "a draft holds no secret; choose the file of the key")
        self._rest("dkim", entry, "domainName", "keySelector", "skipFields", "privateKey")
        skip = line(entry.get("skipFields") or "").split(":")
        dkim = Dkim(
            domain=line(entry.get("domainName") or ""),
            selector=line(entry.get("keySelector") or ""),
            skip=tuple(name.strip() for name in skip if name.strip()),
        )
        return {"dkim": dkim}


def line(value: object) -> str:
    """Return a text without control characters. Raises ValueError for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("it is not a text")  # noqa: TRY004  # of the JSON
    return _CONTROL.sub(" ", str(value).encode("utf-8", "replace").decode())


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is not an object")  # noqa: TRY004  # of the JSON
    return value


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _addresses(value: object) -> tuple[str, ...]:
    """Return the addresses in any form that Nodemailer takes, and Courier's `{email}`."""
    found: list[str] = []
    for each in _each(value):
        if isinstance(each, list):
            found += _addresses(each)
        elif isinstance(each, dict):
            address = line(each.get("address") or each.get("email") or "")
            found += [eml.mailbox(line(each.get("name") or ""), address)] if address else []
            found += _addresses(each.get("group") or [])
        elif each:
            found += eml.mailboxes([line(each)])
    return tuple(found)


def _author(value: object) -> str:
    return ", ".join(_addresses(value))


def _words(value: object) -> str:
    return " ".join(line(each) for each in _each(value))


def _priority(value: object) -> Priority:
    word = line(value).lower()
    if word not in tuple(Priority):
        raise ValueError("it is none of high, normal and low")
    return Priority(word)


def _encoding(value: object) -> TransferEncoding:
    word = line(value)[:1].lower()  # Nodemailer looks at the first letter only
    if word not in ("q", "b"):
        raise ValueError("it is neither quoted-printable nor base64")
    return TransferEncoding.QUOTED_PRINTABLE if word == "q" else TransferEncoding.BASE64


def _date(value: object) -> str:
    text = line(value)
    try:  # JSON has dates as ISO 8601
        return format_datetime(datetime.fromisoformat(text))
    except ValueError:
        return text


def _header_pairs(value: object) -> Iterator[tuple[str, object]]:
    """Yield name and value of each header field, in both forms that Nodemailer takes."""
    pairs = (
        list(value.items())
        if isinstance(value, dict)
        else [(each.get("key", ""), each.get("value")) for each in map(_object, _each(value))]
    )
    for name, given in pairs:
        for each in _each(given):
            yield line(name), each.get("value") if isinstance(each, dict) else each


def _list_urls(value: object) -> Iterator[str]:
    for each in _each(value):
        if isinstance(each, list):
            yield from _list_urls(each)
        elif each:
            url = re.sub(r"[\s<>]", "", line(each.get("url") if isinstance(each, dict) else each))
            if re.match(r"(https?|mailto|ftp):", url):
                yield url
            else:
                yield f"mailto:{url}" if "@" in url else f"http://{url}"


_LINES: Final[Mapping[str, tuple[str, Callable[[object], object]]]] = {
    "from": ("author", _author),
    "sender": ("sender", _author),
    "to": ("to", _addresses),
    "cc": ("cc", _addresses),
    "bcc": ("bcc", _addresses),
    "replyTo": ("reply_to", _addresses),
    "subject": ("subject", line),
    "messageId": ("message_id", line),
    "date": ("date", _date),
    "inReplyTo": ("in_reply_to", line),
    "references": ("references", _words),
    "priority": ("priority", _priority),
    "textEncoding": ("encoding", _encoding),
}
