"""Nodemailer: the options object in JavaScript and as JSON, a pool, and the connection URL."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from smtp_workbench.formats import nodemailer_options as options
from smtp_workbench.formats import quoting
from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.literals import statements, value_of
from smtp_workbench.formats.omission import effective, left_out, reduced
from smtp_workbench.formats.rendering import JAVASCRIPT as STYLE
from smtp_workbench.formats.rendering import render
from smtp_workbench.formats.tokens import JAVASCRIPT
from smtp_workbench.formats.values import Assignment, Call, calls
from smtp_workbench.settings import url
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

_URL: Final = re.compile(r"""["'`]((?:smtps?|lmtp)://[^\s"'`]*)["'`]""", re.IGNORECASE)
_COMPUTED: Final = re.compile(
    r"\$\{(?:encodeURIComponent\()?process\.env\.([A-Za-z_][A-Za-z0-9_]*)\)?\}"
)
_TELLTALES: Final = frozenset(
    ("secure", "requireTLS", "ignoreTLS", "authMethod", "tls", "auth", "connectionTimeout", "pool")
)


def _write_code(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    given = options.options_of(transport, options.written(secret), files=True)
    said = options.SAID | options.SAID_BY_FILES | {"sender"}
    said |= options.SAID_BY_POOL if transport.pool.enabled else set()
    arguments = render(given, STYLE)
    if transport.sender:
        arguments += f", {render({'from': transport.sender}, STYLE)}"
    lines = ['const fs = require("node:fs");'] if _reads_files(transport) else []
    lines += ['const nodemailer = require("nodemailer");', ""]
    lines += [f"const transporter = nodemailer.createTransport({arguments});", ""]
    return Export(
        (File("mail.js", "\n".join(lines)),),
        left_out(transport, said, mechanisms=options.MECHANISMS),
    )


def _reads_files(transport: Transport) -> bool:
    return bool(transport.tls.ca_file or transport.tls.client_certificate)


def _write_pool(transport: Transport, secret: Secret | None) -> Export:
    pooled = replace(transport, pool=replace(effective(transport).pool, enabled=True))
    export = _write_code(pooled, secret)
    if transport.pool.enabled:
        return export
    return replace(
        export,
        assumed=("The pool has Nodemailer's own size: 5 connections, 100 messages over each.",),
    )


def _write_json(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    password = quoting.in_place_of(secret, "${{{}}}".format, str)
    given = options.options_of(transport, password, files=False)
    said = options.SAID | (options.SAID_BY_POOL if transport.pool.enabled else set())
    text = json.dumps(given, indent=2, ensure_ascii=False) + "\n"
    return Export(
        (File("mail.json", text),),
        left_out(transport, said, mechanisms=options.MECHANISMS),
        () if secret or not transport.auth.user else (
            "JSON knows no variables: your program has to put the password in.",
        ),
    )  # fmt: skip


def _write_url(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    mechanisms = tuple(name for name in options.MECHANISMS if name != "XOAUTH2")
    said = options.SAID | (options.SAID_BY_POOL if transport.pool.enabled else set())
    said |= {"sender"}
    plain = reduced(transport, said, mechanisms=mechanisms)
    plain = replace(plain, sender="")
    variable = quoting.variable_of(secret) if transport.auth.user else None
    if variable is None:
        address = quoting.javascript(url.write(plain, secret if transport.auth.user else None))
    else:
        hole = f":${{encodeURIComponent(process.env.{variable})}}@"
        address = f"`{url.write(plain).replace('@', hole, 1)}`"
    defaults = f", {render({'from': transport.sender}, STYLE)}" if transport.sender else ""
    text = f"""\
const nodemailer = require("nodemailer");

const transporter = nodemailer.createTransport({address}{defaults});
"""
    return Export((File("mail.js", text),), left_out(transport, said, mechanisms=mechanisms))


def _read_code(text: str) -> Import:
    found = Found()
    created = _created(text)
    first = created[0] if created else None
    if isinstance(first, str):
        return _read_url(text)
    given = first if isinstance(first, Mapping) else next(_candidates(text), None)
    if given is None:
        raise ValueError("there is no object with Nodemailer's options in it")
    options.take_options(given, found)
    if len(created) > 1 and isinstance(created[1], Mapping):
        _take_defaults(created[1], found)
    return found.as_import("option of Nodemailer")


def _take_defaults(defaults: Mapping[str, object], found: Found) -> None:
    for name, value in defaults.items():
        if name == "from":
            found.put("sender", value, "from")
        else:
            found.ignore(name)


def _created(text: str) -> tuple[object, ...]:
    """Return what `createTransport` is given, in the first call of it."""
    found = calls([*statements(text, JAVASCRIPT)])
    return next((call.arguments for call in found if call.last == "createTransport"), ())


def _candidates(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in *text* that could be options."""
    if text.lstrip().startswith("{"):
        yield from _objects(value_of(text, JAVASCRIPT))
    for item in statements(text, JAVASCRIPT):
        if isinstance(item, Assignment):
            yield from _objects(item.value)
        elif isinstance(item, Call):
            yield from _objects(list(item.arguments))


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if ("host" in value or "service" in value) and _TELLTALES & set(value):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _read_url(text: str) -> Import:
    match = _URL.search(_COMPUTED.sub(r"${\1}", text))
    if match is None:
        raise ValueError("there is no connection URL of Nodemailer in it")
    found = Found()
    found.url(match[1])
    created = _created(text)
    if len(created) > 1 and isinstance(created[1], Mapping):
        _take_defaults(created[1], found)
    return found.as_import("connection URL")


def _read_json(text: str) -> Import:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from None
    return _read_code(text)


def _options_in(text: str) -> Mapping[str, Any] | None:
    try:
        created = _created(text)
        if created:
            return created[0] if isinstance(created[0], Mapping) else None
        return next(_candidates(text), None)
    except ValueError:
        return None


def _resembles_code(text: str) -> float:
    if "createTransport" not in text and not re.search(r"\b(host|service)\b", text):
        return 0
    given = _options_in(text)
    if given is None:
        return 0.3 if "createTransport" in text and not _URL.search(text) else 0
    if "createTransport" in text:
        return 0.9 if given.get("pool") else 1
    return 0.6 + 0.05 * min(len(_TELLTALES & set(given)), 4)


def _resembles_pool(text: str) -> float:
    given = _options_in(text) if "pool" in text and "createTransport" in text else None
    return 1 if given and given.get("pool") is True else 0


def _resembles_json(text: str) -> float:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return 0
    if not isinstance(given, dict) or "host" not in given:
        return 0
    return 0.85 + 0.05 * min(len(_TELLTALES & set(given)), 3) if _TELLTALES & set(given) else 0


def _resembles_url(text: str) -> float:
    if "createTransport" not in text or not _URL.search(_COMPUTED.sub("x", text)):
        return 0
    return 1 if _options_in(text) is None else 0


FORMATS: Final = (
    Format(
        "nodemailer", "Nodemailer", Group.CODE, ".js", "js",
        _write_code, _read_code, _resembles_code,
    ),
    Format(
        "nodemailer-json", "Nodemailer as JSON", Group.CODE, ".json", "json",
        _write_json, _read_json, _resembles_json,
    ),
    Format(
        "nodemailer-url", "Nodemailer URL", Group.CODE, ".js", "js",
        _write_url, _read_url, _resembles_url,
    ),
    Format(
        "nodemailer-pool", "Nodemailer pool", Group.CODE, ".js", "js",
        _write_pool, _read_code, _resembles_pool,
    ),
)  # fmt: skip
