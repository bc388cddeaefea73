"""The parameters of MAIL and RCPT, as the client has written them.

aiosmtpd knows three of them, turns all into capitals and refuses the rest; what it does not know is
checked here and kept from it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

_PATH: Final = re.compile(r'([^<]*<(?:"(?:[^"\\]|\\.)*+"|[^">])*+>)(.*)', re.DOTALL)
_XTEXT: Final = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"
"""RFC 3461, section 4."""
_ADDRESS: Final = r"[!-~\u00a0-\U0010ffff]"


class ParameterError(Exception):
    """A parameter that can't be accepted; its text is the reply."""


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter: the EHLO keyword that it belongs to, and its value if aiosmtpd does not know."""

    keyword: str
    value: re.Pattern[str] | None = None


def _own(keyword: str, value: str) -> Known:
    return Known(keyword, re.compile(value, re.IGNORECASE))


MAIL: Final = {
    "SIZE": Known("SIZE"),
    "BODY": Known("8BITMIME"),
    "SMTPUTF8": Known("SMTPUTF8"),
    "RET": _own("DSN", "FULL|HDRS"),
    "ENVID": _own("DSN", f"{_XTEXT}{{1,100}}"),
    "AUTH": _own("AUTH", rf"<>|{_XTEXT}{{1,500}}"),
}
"""RFC 1870, 6152, 6531, 3461 and 4954."""
RCPT: Final = {
    "NOTIFY": _own("DSN", "NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2}"),
    "ORCPT": _own("DSN", rf"[a-z0-9-]+;{_ADDRESS}{{1,500}}"),
}
"""RFC 3461, and RFC 6533 for addresses in UTF-8."""


def take(
    argument: str, known: Mapping[str, Known], hidden: Collection[str]
) -> tuple[tuple[str, ...], str]:
    """Return all parameters in *argument*, and it without those that aiosmtpd does not know.

    *hidden* are EHLO keywords that are not offered. Raises ParameterError.
    """
    found = _PATH.fullmatch(argument)
    if found is None:
        return (), argument
    words = tuple(found[2].split())
    names = [word.partition("=")[0].upper() for word in words]
    if len(set(names)) < len(names):
        raise ParameterError("501 5.5.4 A parameter is there twice")
    left = [
        word for name, word in zip(names, words, strict=True) if _is_left(name, word, known, hidden)
    ]
    return words, " ".join((found[1], *left))


def _is_left(name: str, word: str, known: Mapping[str, Known], hidden: Collection[str]) -> bool:
    """Whether a parameter is left to aiosmtpd. Raises ParameterError."""
    parameter = known.get(name)
    if parameter is None:
        return True
    if parameter.keyword in hidden:
        raise ParameterError(f"555 5.5.4 {name}: parameter not recognized or not implemented")
    if parameter.value is None:
        return True
    if not parameter.value.fullmatch(word.partition("=")[2]):
        raise ParameterError(f"501 5.5.4 {name}: not a value for it")
    return False
