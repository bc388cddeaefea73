"""Servers that are another one than they should be, and authorities that anyone could be called."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from support import certificates
from support.certificates import Issued
from support.scripted import Peer

OFFERED = ("PIPELINING", "AUTH PLAIN LOGIN", "STARTTLS")


@cache
def root(name: str, organization: str = "") -> Issued:
    """Return an authority that is called *name*."""
    return certificates.issue(name, authority=True, organization=organization)


def leaf(signer: Issued, *names: str) -> Issued:
    return certificates.issue(names[0], signer, names=names)


def kept(folder: Path, authority: Issued) -> Path:
    """Write *authority* to a file that can be trusted."""
    certificates.write(folder / "root.pem", authority)
    return folder / "root.pem"


def server(
    banner: str,
    name: str,
    *,
    offered: Sequence[str] = OFFERED,
    inside: str = "",
    chain: tuple[Issued, ...] = (),
    implicit: bool = False,
    answers: Mapping[str, str] | None = None,
) -> Callable[[Peer], None]:
    """Return a script: greets with *banner*, calls itself *name*, and *inside* once TLS is on."""

    def play(peer: Peer) -> None:
        context = certificates.context_of(*chain) if chain else None
        called = name
        replies = {"AUTH": "235 2.7.0 welcome", "QUIT": "221 bye", **(answers or {})}
        if implicit and context:
            peer.start_tls(context)
        peer.send(f"220{'' if banner.startswith('-') else ' '}{banner}\r\n".encode())
        while True:
            line = peer.line().decode()
            verb = line.partition(" ")[0].upper()
            if verb in replies:
                peer.send(f"{replies[verb]}\r\n".encode())
            elif verb == "EHLO":
                secured = called != name or (implicit and context is not None)
                lines = [called, *(word for word in offered if not secured or word != "STARTTLS")]
                text = [
                    f"250{'-' if at < len(lines) - 1 else ' '}{word}"
                    for at, word in enumerate(lines)
                ]
                peer.send("".join(f"{line}\r\n" for line in text).encode())
            elif verb == "STARTTLS" and context:
                peer.send(b"220 go ahead\r\n")
                peer.start_tls(context)
                called = inside or name
            else:
                peer.send(b"250 ok\r\n")

    return play
