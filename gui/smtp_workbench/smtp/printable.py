"""Bytes from the wire as text that is safe to show in a window, a terminal and JSON."""

import re
from typing import Final

MAX_LINE: Final = 4096
"""Characters of one line that are shown; the rest is counted, not kept."""

_INVISIBLE: Final = re.compile(
    # C0, DEL, C1, soft hyphen and invisible filler, marks and overrides of direction, line
    # separators, annotations, surrogates, tags
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def legible(text: str) -> str:
    r"""Return *text* with what can't be seen or deceives the eye as an escape, such as `\x1b`."""
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def decode(data: bytes, limit: int | None = None) -> str:
    """Return *data*, its first *limit* octets if given, as UTF-8 or else as Windows-1252."""
    if limit is not None and limit < len(data):
        # Back to the start of a character; where there is none nearby, it is not UTF-8 anyway.
        start = next((at for at in range(limit, limit - 4, -1) if data[at] & 0xC0 != 0x80), limit)
        data = data[:start]
    try:
        return data.decode()
    except UnicodeDecodeError:
        # Five octets are not assigned; they come out as escapes.
        return data.decode("cp1252", "backslashreplace")


def printable(data: bytes) -> str:
    """Return a line of *data*, legible and cut after `MAX_LINE` characters with a note."""
    if len(data) <= MAX_LINE:
        return legible(decode(data))
    return legible(decode(data, 4 * MAX_LINE))[:MAX_LINE] + cut_note(len(data))


def cut_note(octets: int) -> str:
    """Return what stands at the end of a line that was cut."""
    return f" … (cut: a line of {octets:,} octets)"
