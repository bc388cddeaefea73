"""A scripted SMTP server for sending: answers by verb, takes DATA and BDAT, can fail anywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from support.scripted import Peer

Answer = bytes | Callable[[Peer], bytes]


@dataclass
class MailScript:
    """Plays a server that takes mail. Its fields tell how it fails, `messages` what it got."""

    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "SIZE")
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By verb, or by the whole command line; `.` stands for the end of a message."""
    lmtp: tuple[bytes, ...] = ()
    """The replies after a message, one for each recipient."""
    in_message: Callable[[Peer, int], bool] = lambda _peer, _octets: False
    """Called as octets of DATA arrive; true ends the script."""
    messages: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __call__(self, peer: Peer) -> None:
        """Serve one connection."""
        peer.send(b"220 here ESMTP\r\n")
        pieces: list[bytes] = []
        accepted = 0
        while True:
            line = peer.line().decode()
            self.commands.append(line)
            verb = line.partition(" ")[0].upper()
            if verb in {"EHLO", "LHLO"}:
                lines = ["here", *self.extensions]
                last = len(lines) - 1
                for at, text in enumerate(lines):
                    peer.send(f"250{' ' if at == last else '-'}{text}\r\n".encode())
            elif verb == "BDAT":
                pieces.append(peer.octets(int(line.split()[1])))
                if line.endswith("LAST"):
                    self.messages.append(b"".join(pieces))
                    self._end(peer)
                else:
                    peer.send(self._answer(peer, line, verb, b"250 2.0.0 go on\r\n"))
            elif verb == "DATA":
                usual = b"354 go ahead\r\n" if accepted else b"554 5.5.1 no valid recipients\r\n"
                reply = self._answer(peer, line, verb, usual)
                peer.send(reply)
                if reply.startswith(b"354"):
                    if not self._take_data(peer):
                        return
                    self._end(peer)
            elif verb == "QUIT":
                peer.send(b"221 2.0.0 bye\r\n")
                return
            else:
                reply = self._answer(peer, line, verb, b"250 2.1.0 ok\r\n")
                accepted += verb == "RCPT" and reply.startswith(b"25")
                accepted *= verb != "MAIL"
                peer.send(reply)

    def _take_data(self, peer: Peer) -> bool:
        lines: list[bytes] = []
        octets = 0
        while (line := peer.raw_line()) != b".\r\n":
            octets += len(line)
            lines.append(line.removeprefix(b"."))
            if self.in_message(peer, octets):
                return False
        self.messages.append(b"".join(lines))
        return True

    def _end(self, peer: Peer) -> None:
        self.commands.append(".")
        if self.lmtp:
            peer.send(b"".join(self.lmtp))
        else:
            peer.send(self._answer(peer, ".", ".", b"250 2.0.0 Ok: queued as 4F1C22E06\r\n"))

    def _answer(self, peer: Peer, line: str, verb: str, usual: bytes) -> bytes:
        answer = self.answers.get(line, self.answers.get(verb, usual))
        return answer if isinstance(answer, bytes) else answer(peer)
