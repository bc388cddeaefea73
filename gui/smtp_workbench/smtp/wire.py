"""Lines from the wire, made fit to be seen: secrets hidden, everything legible, none too long.

Redaction is part of the tap: it happens before an event exists, so that nothing behind it can hold
a secret. Where it has to guess it hides too much rather than too little. It can't hide a secret
that was encoded twice, one that was typed in a line that does not look like AUTH, and a piece of
fewer than four characters at a line break inside a reply.
"""

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Final

from smtp_workbench.settings.secret import BULLETS, Secret
from smtp_workbench.smtp.auth.payload import read_payload
from smtp_workbench.smtp.cover import Cover
from smtp_workbench.smtp.printable import MAX_LINE, cut_note, decode, legible

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


class _Phase(Enum):
    """What our next line is."""

    COMMAND = auto()
    RESPONSE = auto()
    """A part of an AUTH exchange."""
    DATA = auto()
    """A command, unless the server says 354 first."""
    CONTENT = auto()
    """A line of the message."""


class Redactor:
    """The tap's eyes for one connection: hand it every line, both ways, in order.

    *secrets* are hidden everywhere, empty ones ignored. *user* is not taken for a secret where it
    is met in a hand-typed log-in.
    """

    def __init__(self, secrets: Iterable[Secret] = (), user: str = "") -> None:
        self._cover = Cover()
        self._user = user
        self._phase = _Phase.COMMAND
        self._mechanism: str | None = None
        """Of the last AUTH on this connection; empty where it had no known one."""
        self._prompt = b""
        """What the next response answers."""
        self._first = True
        self._continued = False
        for secret in secrets:
            self.hide(secret.reveal())

    def hide(self, text: str) -> None:
        """Hide *text* and its encodings from now on, in both directions."""
        self._cover.hide(text)
        self._cover.hide(text.strip())

    def client(self, line: bytes) -> str:
        """Return the printable form of a *line* we sent."""
        if self._phase is _Phase.CONTENT:
            self._phase = _Phase.COMMAND if line == b"." else _Phase.CONTENT
            return self.show(line)
        command = _AUTH.fullmatch(line)
        if command and (self._phase is not _Phase.RESPONSE or _MECHANISM.fullmatch(command[2])):
            return self._command(command)
        if self._phase is _Phase.RESPONSE:
            return self._response(b"", line)
        verb = _VERB.match(line)
        self._phase = _Phase.DATA if verb and verb[1].upper() == b"DATA" else _Phase.COMMAND
        # Someone who pastes a log-in may go on after the server has refused it.
        if self._mechanism is not None and not verb and len(line.split()) == 1:
            return self._response(b"", line)
        return self.show(line)

    def server(self, line: bytes) -> str:
        """Return the printable form of a *line* that was received."""
        code = line[:3]
        if code == b"334":
            self._phase, self._prompt = _Phase.RESPONSE, line[4:]
        elif code == b"354" and self._phase is _Phase.DATA:
            self._phase = _Phase.CONTENT
        elif code.isdigit() and self._phase is not _Phase.DATA:
            self._phase = _Phase.COMMAND
        begun, self._continued = self._continued, line[3:4] == b"-"
        return self._received(line, torn=(begun, self._continued))

    def reply(self, lines: Sequence[bytes], *, whole: bool = True) -> tuple[str, ...]:
        """Return the printable lines of a reply, with or without its code; it notes nothing.

        *whole* is false for the start of a reply whose end never came.
        """
        last = len(lines) - 1
        return tuple(
            self._received(line, torn=(index > 0, index < last or not whole))
            for index, line in enumerate(lines)
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
        if self._mechanism and self._mechanism.startswith("SCRAM"):
            line = _SCRAM_PROOF.sub(BULLETS.encode(), line)
        return self.show(line, torn=torn)

    def _command(self, command: re.Match[bytes]) -> str:
        verb, name, gap, rest = command.groups()
        self._phase, self._prompt, self._first = _Phase.RESPONSE, b"", True
        if _MECHANISM.fullmatch(name):
            self._mechanism = name.decode().upper()
            return self._response(verb + name + gap, rest)
        self._mechanism = ""
        return self._response(verb, name + gap + rest)

    def _response(self, before: bytes, message: bytes) -> str:
        if message.strip() in {b"", b"=", b"*"}:
            return self.show(before + message)
        payload = read_payload(self._mechanism or "", message, self._prompt, first=self._first)
        self._first = False
        for secret in payload.secrets:
            if secret != self._user:
                self.hide(secret)
        shown = decode(before) + BULLETS
        if payload.user:
            hidden = ", secret hidden" if payload.secrets else ""
            shown += f" (user {payload.user[:MAX_LINE]}{hidden})"
        return self._cover(legible(shown))
