"""Who may send for a domain: the SPF record and all that it leads to (RFC 7208).

pyspf knows the syntax of a term; what it can't tell, as it stops at the first that fits, is how
many look-ups the whole takes. So the records are walked here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import spf

from smtp_workbench.lookup.host_addresses import addresses_of
from smtp_workbench.lookup.published import Published, published
from smtp_workbench.net.dns import Dns, Status

MOST_LOOKUPS: Final = 10
MOST_VOID: Final = 2
"""Look-ups without an answer (RFC 7208, section 4.6.4)."""
BEGINS: Final = r"v=spf1( |$)"
_ENOUGH: Final = 4 * MOST_LOOKUPS
"""Look-ups after which nobody needs to know the number any more."""
_ASKING: Final = frozenset({"a", "mx", "ptr", "exists", "include", "redirect"})
_TERM: Final = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9._-]*)(?:([:=])([^\s]*))?(/[0-9/]+)?")


@dataclass(frozen=True, slots=True)
class SpfFacts:
    """The SPF record of a domain."""

    domain: str
    published: Published
    lookups: int = 0
    """Of the whole tree; more than 40 are not counted."""
    void: int = 0
    """Of these, those that find nothing."""
    end: str = ""
    """What becomes of all others: `+all`, `?all`, `~all`, `-all`; empty where nothing says so."""
    unreachable: tuple[str, ...] = ()
    """Terms behind `all`, which nobody looks at."""
    uses_ptr: bool = False
    faults: tuple[str, ...] = ()
    """What is wrong with the syntax, or with a record that it leads to, a sentence each."""


@dataclass
class _Walk:
    """The walk from a domain's record through `include` and `redirect`."""

    dns: Dns
    lookups: int = 0
    void: int = 0
    uses_ptr: bool = False
    faults: list[str] = field(default_factory=list)

    async def record(self, domain: str, text: str, path: tuple[str, ...]) -> str:
        """Count what *text*, the record of *domain*, needs; return the qualifier of its end."""
        end = ""
        redirect = ""
        path = (*path, domain)
        self.faults += _faults(domain, text)
        for qualifier, name, target in _terms(text):
            if name == "all":
                end = end or f"{qualifier or '+'}all"
            elif name == "redirect":
                redirect = target
            elif name in _ASKING and not end:
                await self.term(name, target or domain, path)
        if redirect and not end:
            return await self.follow(redirect, path)
        return end

    async def term(self, name: str, target: str, path: tuple[str, ...]) -> None:
        self.uses_ptr |= name == "ptr"
        if name == "include":
            await self.follow(target, path)
            return
        self.lookups += 1
        if name in ("a", "mx") and "%" not in target and self.lookups <= _ENOUGH:
            await self.host(name, target)

    async def host(self, name: str, target: str) -> None:
        """See whether `a` or `mx` finds something."""
        if name == "mx":
            self.void += (await self.dns.ask(target, "MX")).status in _NOTHING
            return
        hosts = await addresses_of(self.dns, target)
        self.void += not hosts.found and not hosts.failed

    async def follow(self, target: str, path: tuple[str, ...]) -> str:
        self.lookups += 1
        if "%" in target or self.lookups > _ENOUGH:
            return ""
        if target.lower() in path:
            self.faults.append(f"{path[-1]} leads back to {target}")
            return ""
        found = await published(self.dns, target, BEGINS)
        self.void += found.status is Status.NO_SUCH_NAME
        if found.record:
            return await self.record(target.lower(), found.record, path)
        reason = "did not answer" if found.status is Status.FAILED else "has no SPF record"
        if len(found.records) > 1:
            reason = "has more than one SPF record"
        self.faults.append(f"{target} {reason}")
        return ""


_NOTHING: Final = (Status.NO_SUCH_NAME, Status.NO_SUCH_RECORD)


async def look(domain: str, dns: Dns) -> SpfFacts:
    """Ask for the record of *domain*, and for those that it leads to."""
    found = await published(dns, domain, BEGINS)
    if not found.record:
        return SpfFacts(domain, found)
    walk = _Walk(dns)
    end = await walk.record(domain, found.record, ())
    return SpfFacts(
        domain,
        found,
        walk.lookups,
        walk.void,
        end,
        _behind_all(found.record),
        walk.uses_ptr,
        tuple(dict.fromkeys(walk.faults)),
    )


def _terms(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield qualifier, name and target of each term that can be read."""
    for word in text.split(" ")[1:]:
        match = _TERM.fullmatch(re.sub(r"(/[0-9]+)?(//[0-9]+)?$", "", word))
        if match:
            yield match[1], match[2].lower(), (match[4] or "").removesuffix(".")


def _behind_all(text: str) -> tuple[str, ...]:
    words = [word for word in text.split(" ")[1:] if word]
    ends = [place for place, word in enumerate(words) if word.lower().lstrip("+?~-") == "all"]
    if not ends:
        return ()
    # `exp` may stand anywhere (RFC 7208, section 6).
    return tuple(word for word in words[ends[0] + 1 :] if not word.lower().startswith("exp="))


class _Grammar(spf.query):  # type: ignore[misc]  # pyspf has no types
    """Judges terms without asking anyone."""

    def dns(self, *_arguments: Any, **_named: Any) -> list[Any]:
        return []


def _faults(domain: str, text: str) -> Iterable[str]:
    """Return what pyspf says of the terms of *text*."""
    grammar = _Grammar("192.0.2.1", f"postmaster@{domain}", domain)
    grammar.d = domain
    names = [name for _, name, _ in _terms(text)]
    yield from (
        f"{domain} has more than one {name}"
        for name in ("redirect", "exp")
        if names.count(name) > 1
    )
    for word in text.split(" ")[1:]:
        if not word or spf.RE_MODIFIER.match(word):
            continue
        try:
            grammar.validate_mechanism(word)
        except spf.PermError as error:
            yield f"{error.msg}: {word}"
        except (ValueError, IndexError, AttributeError, TypeError):
            yield f"it can't be read: {word}"
