"""Lines from the wire, made fit to be seen: secrets hidden, everything legible, none too long.

Redaction is part of the tap: it happens before an event exists, so that nothing behind it can hold
a secret. It hides too much rather than too little. It can't hide a secret that was encoded twice,
nor a hand-typed one in a line that does not begin with AUTH. A piece of fewer than four characters
at a line break of a reply stays.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.smtp.auth.payload import Payload, read_payload
from smtp_workbench.smtp.cover import Cover
from smtp_workbench.smtp.printable import MAX_LINE, cut_note, decode, legible, printable

__all__ = ["MAX_LINE", "Redactor", "printable"]

_AUTH: Final = re.compile(rb"(\s*AUTH(?:[\s=]+|$))(\S*)(\s*)(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM: Final = re.compile(
    rb"PLAIN(-CLIENTTOKEN)?|LOGIN|(CRAM|DIGEST)-MD5|SCRAM-[A-Z0-9-]{1,20}|X?OAUTH2?|OAUTHBEARER"
    rb"|EXTERNAL|ANONYMOUS|NTLM|GSSAPI|GSS-SPNEGO|GS2-KRB5(-PLUS)?|KERBEROS_V[45]|SKEY|OTP|SRP|MSN",
    re.IGNORECASE,
)
"""What may be shown behind AUTH: anything else might be a password in the wrong place."""
_VERB: Final = re.compile(
    rb"\s*(HELO|EHLO|LHLO|STARTTLS|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|VRFY|EXPN|HELP|ETRN|TURN|ATRN"
    rb"|SEND|SOML|SAML|XCLIENT|XFORWARD)\b",
    re.IGNORECASE,
)
_SCRAM_PROOF: Final = re.compile(rb"\bdj[0-3][A-Za-z0-9+/]{16,}=*")
"""Base64 of `v=` and more: with the server's proof a reader can try passwords at home."""


class Redactor:
    """The tap's eyes for one connection: hand it every line, both ways, in order.

    *secrets* are hidden everywhere, empty ones ignored; *user* never counts as a secret.
    """

    def __init__(self, secrets: Iterable[Secret] = (), user: str = "") -> None:
        self._cover = Cover()
        self._user = user
        self._mechanism = ""
        self._prompt = b""
        self._first = True
        self._open = False
        """Whether the next line of ours belongs to an AUTH exchange."""
        self._refused = False
        """Whether an exchange was refused and the user may not have noticed."""
        self._continued = False
        for secret in secrets:
            self.hide(secret.reveal())

    def hide(self, text: str) -> None:
        """Hide *text* and its encodings from now on, in both directions."""
        for secret in (text, text.strip()):
            if secret != self._user:
                self._cover.hide(secret)

    def client(self, line: bytes) -> str:
        """Return the printable form of a *line* we sent."""
        command = _AUTH.fullmatch(line)
        if command and (not self._open or _MECHANISM.fullmatch(command[2])):
            return self._command(command)
        if self._open or (self._refused and not _VERB.match(line)):
            return self._response(b"", line)
        self._refused = False
        return self.show(line)

    def server(self, line: bytes) -> str:
        """Return the printable form of a *line* that was received."""
        if line[:3] == b"334":
            self._open, self._prompt = True, line[4:]
        elif line[:3].isdigit():
            self._refused = (self._refused or self._open) and line[:1] != b"2"
            self._open = False
        begun, self._continued = self._continued, line[3:4] == b"-"
        return self._received(line, torn=(begun, self._continued))

    def reply(self, lines: Sequence[bytes]) -> tuple[str, ...]:
        """Return the printable texts of a whole reply. Unlike `server` it notes nothing."""
        last = len(lines) - 1
        return tuple(
            self._received(line, torn=(index > 0, index < last)) for index, line in enumerate(lines)
        )

    def show(self, data: bytes, *, torn: tuple[bool, bool] = (False, False)) -> str:
        """Return the printable form of any line; *torn*: whether its start, its end are missing."""
        if len(data) <= MAX_LINE:
            return self._cover(legible(decode(data)), torn=torn)
        # A secret that lies across the cut must be seen as a whole to be known.
        window = legible(decode(data, 4 * (MAX_LINE + self._cover.reach)))
        shown = self._cover(window, MAX_LINE, torn=(torn[0], False))
        return self._cover(shown + cut_note(len(data)))

    def text(self, text: str) -> str:
        """Return *text*, of an exception for instance, in printable form; it may have lines."""
        try:
            data = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            data = text.encode("utf-8", "backslashreplace")
        return "\n".join(self.reply(data.split(b"\n")))

    def _received(self, line: bytes, torn: tuple[bool, bool]) -> str:
        if self._mechanism.startswith("SCRAM"):
            line = _SCRAM_PROOF.sub(BULLETS.encode(), line)
        return self.show(line, torn=torn)

    def _command(self, command: re.Match[bytes]) -> str:
        verb, name, gap, rest = command.groups()
        self._open, self._first, self._prompt = True, True, b""
        if _MECHANISM.fullmatch(name):
            self._mechanism = name.decode().upper()
            return self._response(verb + name + gap, rest)
        self._mechanism = ""
        return self._response(verb, name + gap + rest)

    def _response(self, before: bytes, message: bytes) -> str:
        if message.strip() in {b"", b"=", b"*"}:
            return self.show(before + message)
        payload = read_payload(self._mechanism, message, self._prompt, first=self._first)
        self._first = False
        for secret in payload.secrets:
            self.hide(secret)
        return self._cover(legible(decode(before)) + BULLETS + _who(payload))


def _who(payload: Payload) -> str:
    if not payload.user:
        return ""
    hidden = ", secret hidden" if payload.secrets else ""
    return f" (user {printable(payload.user.encode())}{hidden})"
