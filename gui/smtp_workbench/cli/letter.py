"""The message of a call, out of its options."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from smtp_workbench.cli.errors import CallError
from smtp_workbench.cli.target import Settings, checked_addresses
from smtp_workbench.message import addresses, nodemailer, templates
from smtp_workbench.message.draft import (
    Attachment,
    Dkim,
    Draft,
    Dsn,
    Priority,
    TransferEncoding,
)

_LISTS: Final = ("to", "cc", "bcc", "reply_to")
_PLAIN: Final = {"subject": "subject", "text": "text", "html": "html", "sender": "sender"}
_COMPOSING: Final = (
    "subject", "text", "text_file", "html", "html_file", "attach", "header", "reply_to",
    "priority", "charset", "encoding", "dkim_domain", "dkim_selector", "dkim_key",
)  # fmt: skip
"""Options that would change a message file, which goes out as it is."""
_OPTIONS: Final = {
    "author": "--from",
    "headers": "--header",
    "attachments": "--attach",
    "untouched": "--eml",
    "dkim.key_file": "--dkim-key",
}
"""Fields of the draft whose option has another name."""
_NOTIFY: Final = ("NEVER", "SUCCESS", "FAILURE", "DELAY")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add everything that says what the message is."""
    group = parser.add_argument_group("message")
    group.add_argument("--from", dest="author", metavar="ADDRESS", help="default: the log-in")
    for name in ("to", "cc", "bcc", "reply-to"):
        group.add_argument(f"--{name}", metavar="ADDRESS", action="append", default=[])
    group.add_argument("--sender", metavar="ADDRESS", help="who sends it for the author")
    group.add_argument("--subject")
    texts = group.add_mutually_exclusive_group()
    texts.add_argument("--text")
    texts.add_argument("--text-file", metavar="FILE", help="`-` reads standard input")
    pages = group.add_mutually_exclusive_group()
    pages.add_argument("--html")
    pages.add_argument("--html-file", metavar="FILE")
    group.add_argument("--attach", metavar="FILE", action="append", default=[])
    group.add_argument("--header", metavar="'NAME: VALUE'", action="append", default=[])
    group.add_argument("--priority", choices=[item.value for item in Priority if item.value])
    group.add_argument("--charset", metavar="NAME")
    group.add_argument("--encoding", choices=[item.value for item in TransferEncoding])
    whole = group.add_mutually_exclusive_group()
    whole.add_argument("--eml", metavar="FILE", help="send this message octet for octet")
    whole.add_argument("--message-json", metavar="FILE", help="a message as Nodemailer takes it")
    whole.add_argument(
        "--template", metavar="ID", choices=[each.id for each in templates.all_templates()]
    )
    _add_delivery(parser)


def _add_delivery(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("envelope and delivery")
    group.add_argument("--envelope-from", metavar="ADDRESS", help="`<>` is the null sender")
    group.add_argument("--envelope-to", metavar="ADDRESS", action="append")
    group.add_argument("--dsn", metavar="WHEN", help="never, or some of success,failure,delay")
    group.add_argument("--no-pipelining", action="store_true")
    group.add_argument("--chunking", action="store_true", help="BDAT instead of DATA")
    group.add_argument("--dkim-domain", metavar="DOMAIN")
    group.add_argument("--dkim-selector", metavar="NAME")
    group.add_argument("--dkim-key", metavar="PEM")


def draft_of(options: argparse.Namespace, settings: Settings) -> Draft:
    """Return the message that *options* describe. Raises CallError naming the option."""
    user = settings.transport.auth.user
    draft = _start(options)
    _refuse_idle(options, draft)
    fields: dict[str, object] = {
        field: getattr(options, name)
        for name, field in _PLAIN.items()
        if getattr(options, name) is not None
    }
    for name in ("text", "html"):
        path = getattr(options, f"{name}_file")
        if path is not None:
            fields[name] = _read(path, f"--{name}-file").decode(errors="replace")
    for name in _LISTS:
        if given := getattr(options, name):
            fields[name] = _addresses(given, f"--{name.replace('_', '-')}")
    if options.attach:
        fields["attachments"] = (*draft.attachments, *map(_attachment, options.attach))
    if options.header:
        fields["headers"] = (*draft.headers, *map(_header, options.header))
    if options.priority:
        fields["priority"] = Priority(options.priority)
    if options.encoding:
        fields["encoding"] = TransferEncoding(options.encoding)
    if options.charset:
        fields["charset"] = options.charset
    author = options.author or settings.transport.sender or (user if "@" in user else "")
    if options.author or not (draft.author or draft.untouched):
        fields["author"] = author
    return replace(draft, **_delivery(options, draft), **fields)  # type: ignore[arg-type]


def option_of(field: str) -> str:
    """Return the option that says what *field*, a path in `Draft`, is."""
    return _OPTIONS.get(field) or f"--{field.replace('.', '-').replace('_', '-')}"


def _refuse_idle(options: argparse.Namespace, draft: Draft) -> None:
    """Raise CallError for an option that would change nothing."""
    given = [f"--{name.replace('_', '-')}" for name in _COMPOSING if getattr(options, name)]
    if draft.untouched and given:
        raise CallError(f"{given[0]} can't change a message file, which is sent as it is")


def _start(options: argparse.Namespace) -> Draft:
    """Return the draft that the options change."""
    if options.eml:
        return Draft(untouched=options.eml)
    if options.message_json:
        text = _read(options.message_json, "--message-json").decode(errors="replace")
        try:
            imported = nodemailer.draft_of(text, files_allowed=True)
        except ValueError as error:
            raise CallError(f"--message-json: {error}") from None
        for sentence in imported.left_out:
            print(f"left out: {sentence}", file=sys.stderr)
        return imported.draft
    said = (options.subject, options.text, options.text_file, options.html, options.html_file)
    wanted = options.template or ("" if any(said) or options.attach else "plain")
    template = templates.by_id(wanted)
    return templates.apply(template, Draft()) if template else Draft()


def _signature(options: argparse.Namespace, named: Dkim) -> Dkim:
    """Return *named*, what a message in JSON says, with what the options say otherwise."""
    found = Dkim(
        domain=options.dkim_domain or named.domain,
        selector=options.dkim_selector or named.selector,
        key_file=options.dkim_key or named.key_file,
        skip=named.skip,
    )
    if (options.dkim_selector or options.dkim_key) and not found.domain:
        raise CallError("--dkim-selector and --dkim-key go with --dkim-domain")
    return found


def _delivery(options: argparse.Namespace, draft: Draft) -> dict[str, object]:
    fields: dict[str, object] = {
        "pipelining": not options.no_pipelining,
        "chunking": options.chunking,
        "dkim": _signature(options, draft.dkim),
    }
    if options.envelope_from is not None:
        fields["envelope_from"] = options.envelope_from.removeprefix("<").removesuffix(">")
    if options.envelope_to:
        fields["envelope_to"] = _addresses(options.envelope_to, "--envelope-to")
    if options.dsn:
        words = tuple(word.strip().upper() for word in options.dsn.split(","))
        if not set(words) <= set(_NOTIFY) or ("NEVER" in words and len(words) > 1):
            raise CallError("--dsn takes never, or some of success,failure,delay")
        fields["dsn"] = Dsn(notify=words)
    return fields


def _addresses(given: list[str], option: str) -> tuple[str, ...]:
    given = list(checked_addresses(given, option))
    try:
        return tuple(item.formatted() for text in given for item in addresses.parse_list(text))
    except ValueError as error:
        raise CallError(f"{option}: {error}") from None


def _attachment(path: str) -> Attachment:
    if not Path(path).is_file():
        raise CallError(f"--attach: {path} is not a file")
    return Attachment(name=Path(path).name, path=path)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise CallError("--header takes 'Name: value'")
    return name.strip(), value.strip()


def _read(path: str, option: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise CallError(f"{option}: {path}: {error.strerror}") from None
