"""The parts of a message and how they become octets (RFC 2046), by the standard library.

Bodies are put in at the end: files stay on the disk, and nothing in a body is ever changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import MIMEPart
from email.policy import EmailPolicy
from io import BytesIO
from typing import Final

from smtp_workbench.message.content import Piece

_HOLE: Final = "\0"
"""Stands for a body while the parts are put together; no header field has one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that has no parts in it."""

    headers: tuple[tuple[str, str], ...]
    """Names and folded values, as `headers` makes them."""
    body: Piece
    eight_bit: bool = False
    """Whether there are octets over 127 in it."""


class _Folded(EmailPolicy):
    """Writes the values of header fields as they are: they are folded already."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002
        return value

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}:{value}\r\n".encode()


_POLICY: Final = _Folded(linesep="\r\n", cte_type="8bit")


class _LeafPart(MIMEPart):
    def __init__(self, leaf: Leaf) -> None:
        super().__init__(policy=_POLICY)
        self.leaf = leaf
        for name, value in leaf.headers:
            self[name] = value
        self.set_payload(_HOLE)


class Assembly:
    """Puts parts together, with boundaries made of *random*."""

    def __init__(self, random: str) -> None:
        self._random = random
        self._count = 0

    def leaf(self, leaf: Leaf) -> MIMEPart:
        """Return *leaf* as a part."""
        return _LeafPart(leaf)

    def multipart(self, subtype: str, parts: Sequence[MIMEPart]) -> MIMEPart:
        """Return *parts* as one."""
        self._count += 1
        # "=_" is in no base64 and no quoted-printable (RFC 2045, section 6.7).
        kind = f' multipart/{subtype}; boundary="=_{self._random}_{self._count}"'
        if subtype == "related":
            kind += f';\r\n type="{parts[0].get_content_type()}"'  # RFC 2387, section 3.1
        whole = MIMEPart(policy=_POLICY)
        whole["Content-Type"] = kind
        for part in parts:
            whole.attach(part)
        return whole


def octets_of(root: MIMEPart) -> tuple[bytes, list[Piece], bool]:
    """Return the first octets of *root*, the others, and whether some in bodies are over 127."""
    stream = BytesIO()
    BytesGenerator(stream).flatten(root)
    first, *between = stream.getvalue().split(_HOLE.encode())
    leaves = [part.leaf for part in root.walk() if isinstance(part, _LeafPart)]
    pieces: list[Piece] = []
    for leaf, octets in zip(leaves, between, strict=True):
        pieces += [leaf.body, octets]
    return first, pieces, any(leaf.eight_bit for leaf in leaves)
