"""Values that stand on a line of a file or of a shell, and references to the environment in them.

A line end in a value would begin a setting of its own; no target gets one.
"""

import re
from typing import Final

from smtp_workbench.formats.values import Variable

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BARE: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def on_one_line(text: str, target: str, without: str = "") -> str:
    """Return *text*. Raises ValueError for a control character or one in *without*.

    *target* is what can't hold it, as it begins a sentence.
    """
    for character in text:
        if _CONTROL.match(character) or character in without:
            name = {" ": "a blank", "\t": "a tab"}.get(character, repr(character))
            raise ValueError(f"{target} can't hold {name} in a value")
    return text


def shell(text: str) -> str:
    """Return *text* as one word of a POSIX shell. Raises ValueError for a control character."""
    on_one_line(text, "a command line")
    if _BARE.fullmatch(text):
        return text
    inner = text.replace("'", "'\\''")
    return f"'{inner}'"


def reference(value: object) -> object:
    """Return *value*, a `Variable` where it is `${NAME}` or `${NAME:-default}` and no more."""
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return Variable(match[1], match[2]) if match else value


def host_and_port(text: str) -> tuple[str, str]:
    """Return the two parts of `host:port`, `[host]:port`, `[host]` or `host`; the port may be "".

    An address with colons is taken whole where there are no brackets.
    """
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or ""
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, ""


def bracketed(host: str) -> str:
    """Return *host* in brackets if it has colons, as it stands before a port."""
    return f"[{host}]" if ":" in host else host
