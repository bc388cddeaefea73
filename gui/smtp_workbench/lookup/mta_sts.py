"""Whether mail for a domain may only come by verified TLS: MTA-STS (RFC 8461)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from smtp_workbench.lookup.mail_exchangers import MxFacts
from smtp_workbench.lookup.published import Published, published, read_tags
from smtp_workbench.net.dns import Dns
from smtp_workbench.net.web import Web, WebError

MODES: Final = ("enforce", "testing", "none")
_LONGEST: Final = 31_557_600
"""Seconds that a policy may be kept (RFC 8461, section 3.2)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The file at `mta-sts.DOMAIN`."""

    mode: str = ""
    patterns: tuple[str, ...] = ()
    """Names of mail exchangers, some with a star as their first label."""
    max_age: int = 0
    """Seconds; 0 where it can't be read."""
    faults: tuple[str, ...] = ()
    """Lines that can't be read, missing ones by their name."""


@dataclass(frozen=True, slots=True)
class MtaStsFacts:
    """The TXT record, and the policy if it was fetched."""

    published: Published
    identity: str = ""
    faults: tuple[str, ...] = ()
    """Of the record."""
    fetched: bool = False
    """Whether the user let it be fetched, and there was a record to fetch it for."""
    policy: Policy | None = None
    trouble: str = ""
    """Why nothing was fetched, if it wasn't."""
    kind: str = ""
    """The policy's media type, where it is another than `text/plain`."""
    unmatched: tuple[str, ...] = ()
    """Mail exchangers that no pattern fits."""


async def look(domain: str, dns: Dns, web: Web | None, mx: MxFacts) -> MtaStsFacts:
    """Ask for the record of *domain*, and by *web*, if it may be used, for the policy."""
    found = await published(dns, f"_mta-sts.{domain}", r"v\s*=\s*STSv1\s*(;|$)")
    tags = read_tags(found.record)
    identity, faults = tags.get("id"), tags.faults
    if found.record and not re.fullmatch(r"[A-Za-z0-9]{1,32}", identity):
        faults += (f"id={identity}",)
    if web is None or not found.records:
        return MtaStsFacts(found, identity, faults)
    url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
    try:
        page = await web.get(url, redirects=False)
    except WebError as error:
        return MtaStsFacts(found, identity, faults, fetched=True, trouble=str(error))
    if page.status != 200:
        trouble = f"{url}: the server answers {page.status}"
        return MtaStsFacts(found, identity, faults, fetched=True, trouble=trouble)
    policy = read_policy(page.body.decode("utf-8", "replace"))
    kind = "" if page.kind == "text/plain" else page.kind
    names = [exchanger.name for exchanger in mx.exchangers if exchanger.name]
    unmatched = tuple(name for name in names if not _fits(name, policy.patterns))
    return MtaStsFacts(
        found,
        identity,
        faults,
        fetched=True,
        policy=policy,
        kind=kind,
        unmatched=unmatched,
    )


def read_policy(text: str) -> Policy:
    """Read the file (RFC 8461, section 3.2). It never raises: what is wrong is among the faults."""
    values: dict[str, str] = {}
    patterns, faults = [], []
    for line in re.split(r"\r?\n", text):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not key and not colon:
            continue
        if not colon:
            faults.append(key)
        elif key == "mx":
            patterns.append(value.lower().removesuffix("."))
        else:
            values.setdefault(key, value)
    age = values.get("max_age", "")
    max_age = int(age) if re.fullmatch(r"[0-9]{1,10}", age, re.ASCII) else 0
    right = {
        "version": values.get("version") == "STSv1",
        "mode": values.get("mode") in MODES,
        "max_age": 0 < max_age <= _LONGEST,
        "mx": bool(patterns) or values.get("mode") == "none",
    }
    faults += [key for key, fine in right.items() if not fine]
    return Policy(values.get("mode", ""), tuple(patterns), max_age, tuple(faults))


def _fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of *patterns* allows *name*; a star stands for exactly one label."""
    above = name.partition(".")[2]
    return any(pattern in (name, f"*.{above}") for pattern in patterns)
