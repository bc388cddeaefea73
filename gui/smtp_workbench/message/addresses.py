"""Addresses as people write and paste them (RFC 5322, section 3.4, with all of Unicode)."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

import idna

_QUOTED: Final = r'"(?:[^"\\\r\n]|\\[^\r\n])*"'
_COMMENT: Final = r"\((?:[^()\\\r\n]|\\.|\((?:[^()\\\r\n]|\\.)*\))*\)"
"""With one comment in it; nobody nests them deeper."""
_TOKEN: Final = re.compile(
    rf'(?P<quoted>{_QUOTED})|(?P<angle><(?:{_QUOTED}|[^"<>\r\n])*>)|(?P<comment>{_COMMENT})'
    r'|(?P<separator>[,;\r\n])|(?P<text>[^",;\r\n<(]+|.)',
    re.DOTALL,
)
_GROUP: Final = re.compile(r"\A\s*[^@:\[\]]*:")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NO_ATOM: Final = re.compile(r'[()<>\[\]:;@\\,."]')
_NOT_BARE: Final = re.compile(r"[\s(),;<>:]")
_SENDABLE: Final = re.compile(r"[^\s<>]{1,900}")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. Raises ValueError for a line break or another control character in it."""

    name: str
    """What people see; may be empty [display-name]."""
    spec: str
    """Such as `jane@example.org`, as it was written [addr-spec]."""

    def __post_init__(self) -> None:
        """Refuse what would end a header field or a command."""
        for what, text in (("display name", self.name), ("address", self.spec)):
            if _CONTROL.search(text):
                raise ValueError(f"the {what} {text!r} has a line break or control character in it")

    @property
    def local(self) -> str:
        """What stands before the last @-sign [local-part]."""
        return self.spec.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands after the last @-sign."""
        return self.spec.rpartition("@")[2] if "@" in self.spec else ""

    @property
    def needs_smtputf8(self) -> bool:
        """Whether it has no form in ASCII: a domain has one, a local part has none (RFC 6531)."""
        return not self.local.isascii()

    @property
    def wire(self) -> str:
        """The address with its domain as the DNS has it: A-labels (RFC 5891).

        Raises ValueError with one sentence if there is none.
        """
        if self.domain.isascii():
            return self.spec
        try:
            domain = idna.encode(self.domain, uts46=True).decode()
        except idna.IDNAError:
            raise ValueError(
                f"The domain {self.domain} can't be right: DNS can't have it."
            ) from None
        return f"{self.local}@{domain}"

    @property
    def display(self) -> str:
        """What a person reads: the name, and the domain in its own letters [U-labels]."""
        spec = self.spec
        if "xn--" in self.domain.lower():
            with suppress(idna.IDNAError):
                spec = f"{self.local}@{idna.decode(self.domain)}"
        return f"{self.name} <{spec}>" if self.name else spec

    @property
    def key(self) -> str:
        """What is the same for addresses that mean the same mailbox: domains have no case."""
        try:
            local, at, domain = self.wire.rpartition("@")
        except ValueError:
            return self.spec
        return f"{local}{at}{domain.lower()}"

    def formatted(self) -> str:
        """Return it as it stands in a draft: `Name <jane@example.org>`, quoted where needed."""
        if not self.name:
            return f"<{self.spec}>" if _NOT_BARE.search(self.spec) else self.spec
        name = self.name
        if _NO_ATOM.search(name) or name != " ".join(name.split()):
            name = quoted(name)
        return f"{name} <{self.spec}>"


def quoted(text: str) -> str:
    """Return *text* as a quoted-string (RFC 5322, section 3.2.4)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_list(text: str) -> list[Address]:
    """Return the addresses in *text*, each once, in order, whether they are right or not.

    They are separated by commas, semicolons or line ends; comments and the names of groups are
    left out. Raises ValueError for a control character in one.
    """
    return unique(_addresses(text))


def unique(addresses: Iterable[Address]) -> list[Address]:
    """Return *addresses* without those that mean the same mailbox as one before."""
    found: dict[str, Address] = {}
    for address in addresses:
        found.setdefault(address.key, address)
    return list(found.values())


def check(address: Address | str) -> str | None:
    """Return one sentence on what is wrong with the form of *address*, None if nothing is.

    No network: whether the domain exists is not asked.
    """
    import email_validator  # noqa: PLC0415  # 20 ms that a start need not wait for

    # The library's own way to let addresses of test machines pass, such as `root@localhost`.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    spec = address if isinstance(address, str) else address.spec
    try:
        email_validator.validate_email(
            spec,
            check_deliverability=False,
            globally_deliverable=False,
            allow_quoted_local=True,
            allow_domain_literal=True,
        )
    except email_validator.EmailNotValidError as error:
        return str(error)
    return None


def is_sendable(spec: str) -> bool:
    """Whether *spec*, right or not, can stand in a command (RFC 5321, section 4.1.2)."""
    return spec.isprintable() and _SENDABLE.fullmatch(spec) is not None


def _addresses(text: str) -> Iterator[Address]:
    before = ""
    for tokens, separator in _pieces(text):
        angle = next((token for kind, token in tokens if kind == "angle"), "")
        if angle:
            name = _name(tokens)
            if before and name:
                # `Doe, Jane <jane@example.org>`, as address books of companies have it.
                name = f"{before}, {name}"
            elif before:
                yield Address("", before)
            yield Address(name, angle[1:-1].strip())
            before = ""
            continue
        if before:
            yield Address("", before)
        before = "".join(token for _, token in tokens).strip()
        if "@" in before or separator != ",":
            words = before.split()
            specs = words if all("@" in word for word in words) else [before]
            yield from (Address("", spec) for spec in specs if spec)
            before = ""
    if before:
        yield Address("", before)


def _pieces(text: str) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Yield what stands between two separators as kinds and texts, with the separator after it."""
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        if kind == "separator":
            yield tokens, token
            tokens = []
        elif kind != "comment":
            if kind == "text" and not any(word.strip() for _, word in tokens):
                token = _GROUP.sub("", token)
            tokens.append((kind, token))
    yield tokens, ""


def _name(tokens: list[tuple[str, str]]) -> str:
    words = []
    for kind, group in groupby(tokens, itemgetter(0)):
        texts = [token for _, token in group]
        if kind == "quoted":
            words += [_ESCAPE.sub(r"\1", text[1:-1]) for text in texts]
        elif kind == "text":
            words.append(" ".join("".join(texts).split()))
    return " ".join(word for word in words if word)
