"""The smtp URL, as Nodemailer and many others take it; `settings.url` does the work."""

import re
from dataclasses import replace
from typing import Final

from smtp_workbench.formats.format import Export, File, Format, Group, Import
from smtp_workbench.formats.found import Found
from smtp_workbench.formats.omission import effective
from smtp_workbench.formats.quoting import variable_of
from smtp_workbench.settings import url
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Transport

_URL: Final = re.compile(
    r"""^[ \t]*(?:(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*[=:][ \t]*)?(["']?)
    ((?:smtps?|lmtp)://[^\s"']+)\1[ \t]*\r?$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)


def _write(transport: Transport, secret: Secret | None) -> Export:
    transport = effective(transport)
    plain = replace(transport, port=transport.effective_port)
    variable = variable_of(secret) if transport.auth.user else None
    if variable is None:
        text = url.write(plain, secret if transport.auth.user else None)
        return Export((File("smtp-url.txt", text + "\n"),))
    text = url.write(plain).replace("@", f":${{{variable}}}@", 1)
    assumed = f"{variable} holds the password percent-encoded, as a URL needs it."
    return Export((File("smtp-url.txt", text + "\n"),), assumed=(assumed,))


def _read(text: str) -> Import:
    match = _URL.search(text)
    if match is None:
        raise ValueError("there is no URL that begins with smtp://, smtps:// or lmtp:// in it")
    found = Found()
    found.url(match[2])
    return found.as_import("connection URL")


def _resemblance(text: str) -> float:
    match = _URL.search(text)
    if match is None:
        return 0
    return 0.95 if match[0].strip() == text.strip() else 0.6


FORMAT: Final = Format(
    "smtp-url", "smtp URL", Group.TOOL, ".txt", "plain", _write, _read, _resemblance
)
