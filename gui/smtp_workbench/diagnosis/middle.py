"""Is someone in the middle? What was asked for, against who answered, before and inside TLS.

Pure: a report and its settings in, who stands between and how that shows out. Who there is to be
known is data in `resources/middle.toml`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from smtp_workbench.net.certificate import Distrust, TlsFacts
from smtp_workbench.resource import read_toml
from smtp_workbench.settings import presets
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.smtp.events import Stage, Status
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.report import Report

DATA: Final = "middle.toml"
READS: Final = "tls_intercepted"
ANSWERS: Final = "outbound_smtp_redirected"
HIDES: Final = "starttls_stripped"
_HOST_NAME: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.IGNORECASE)
_MASKED_WORD: Final = re.compile(r"X{3,}[A-Z]?|\*{3,}")
_MASKED_BANNER: Final = re.compile(r"(?=.*\*{4})[*02 ]+")
"""PIX and ASA put asterisks for all of a greeting but, of some versions, these digits."""
_MOST_NAMES: Final = 4
"""Names of a certificate that are shown."""


@dataclass(frozen=True, slots=True)
class Middle:
    """Someone between us and the server."""

    cause: str
    """`tls_intercepted`, `outbound_smtp_redirected` or `starttls_stripped`."""
    party: str
    """Who it is, to begin a sentence with."""
    stage: Stage
    """Where it shows."""
    evidence: tuple[str, ...]
    """What was compared, a line each."""
    confidence: float


@dataclass(frozen=True, slots=True)
class _Hello:
    """An answer to EHLO or HELO that was taken."""

    name: str
    keywords: tuple[str, ...]
    esmtp: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a report shows of who answers."""

    asked: str
    preset: Preset | None
    """The service that was asked for."""
    banner: str
    plain: _Hello | None
    """Before TLS."""
    secured: _Hello | None
    tls: TlsFacts | None

    @property
    def certified(self) -> bool:
        """Whether the certificate, whoever issued it, is for the name that was asked for."""
        tls = self.tls
        return (
            tls is not None
            and tls.leaf is not None
            and Distrust.HOSTNAME_MISMATCH not in tls.reasons
        )

    def answering(self) -> tuple[str, ...]:
        """Return the names under which someone answered, in lower case."""
        hellos = [hello.name for hello in (self.plain, self.secured) if hello]
        said = [_first_word(self.banner), *hellos]
        leaf = self.tls.leaf if self.tls else None
        certified = [name.removeprefix("*.") for name in leaf.names] if leaf else []
        names = [name.lower() for name in (*said, *certified) if _HOST_NAME.fullmatch(name)]
        return tuple(dict.fromkeys(names))


def middle(report: Report, transport: Transport) -> Middle | None:
    """Return who stands between us and the server that *transport* asks for, as far as it shows."""
    seen = _seen(report, transport)
    return _reader(seen) or _stand_in(seen) or _stripper(seen)


def other_name_inside(report: Report, transport: Transport) -> tuple[str, str] | None:
    """Return what the server called itself before TLS and inside it, where these differ."""
    seen = _seen(report, transport)
    if seen.plain is None or seen.secured is None:
        return None
    before, inside = seen.plain.name, seen.secured.name
    both_names = _HOST_NAME.fullmatch(before) and _HOST_NAME.fullmatch(inside)
    return (before, inside) if both_names and before.lower() != inside.lower() else None


def party_in(text: str, cause: str) -> str | None:
    """Return who *text*, an error that means *cause*, tells to be in the middle."""
    if cause == READS:
        return next((entry["party"] for entry in _readers() if entry["issuer"].search(text)), None)
    if cause == ANSWERS:
        hoster = _hoster([match[0] for match in _HOST_NAME.finditer(text.lower())], text)
        return str(hoster["party"]) if hoster else None
    return None


def _seen(report: Report, transport: Transport) -> _Seen:
    asked = transport.tls.server_name or transport.host
    banner, secured = "", False
    hellos: dict[bool, _Hello] = {}
    for stage in report.stages:
        if stage.stage is Stage.GREETING and stage.reply is not None:
            banner = stage.reply.text
        elif stage.stage is Stage.TLS and stage.status in (Status.OK, Status.WARNING):
            secured = True
        elif stage.stage is Stage.EHLO and stage.reply is not None and stage.reply.positive:
            fallback = any(notice.label == "helo_fallback" for notice in stage.notices)
            hellos[secured] = _hello(stage.reply, esmtp=not fallback)
    service = presets.by_host(asked)
    return _Seen(asked, service, banner, hellos.get(False), hellos.get(True), report.tls)


def _hello(reply: Reply, *, esmtp: bool) -> _Hello:
    words = tuple(_first_word(line).upper() for line in reply.lines[1:])
    return _Hello(_first_word(reply.lines[0]), words, esmtp)


def _first_word(line: str) -> str:
    return next(iter(line.split()), "")


# TLS that was opened on the way


def _reader(seen: _Seen) -> Middle | None:
    tls = seen.tls
    if tls is None or tls.leaf is None:
        return None
    issuers = [certificate.issuer for certificate in tls.chain]
    for entry in _readers():
        if entry.get("gateway") and (not seen.certified or tls.leaf.self_signed):
            continue
        if any(entry["issuer"].search(issuer) for issuer in issuers):
            lines = tuple(_lines(seen, "asked", "names", "issuer"))
            return Middle(READS, entry["party"], Stage.TLS, lines, 1.0)
    return None


@cache
def _readers() -> tuple[Mapping[str, Any], ...]:
    entries = read_toml(DATA)["reader"]
    return tuple({**entry, "issuer": _pattern(entry["issuer"])} for entry in entries)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# Another server than the one asked for


def _stand_in(seen: _Seen) -> Middle | None:
    """Tell a known service from someone in its place; of any other host nobody knows its names."""
    if seen.preset is None:
        return None
    service, own = _names_of(seen.preset)
    names = seen.answering()
    if any(_below(name, own) for name in names):
        return None
    hoster = _hoster(names, seen.banner)
    if hoster is not None and not any(_below(name, hoster.get("domains", ())) for name in own):
        party, confidence = str(hoster["party"]), 0.95
    elif service and names:
        party, confidence = names[0], 0.8
    else:
        return None
    lines = tuple(_lines(seen, "asked", "banner", "plain", "secured", "names", "issuer"))
    stage = Stage.TLS if seen.tls is not None else Stage.GREETING
    return Middle(ANSWERS, party, stage, lines, confidence)


def _names_of(preset: Preset) -> tuple[bool, tuple[str, ...]]:
    """Return whether the names of the service's servers are known, and its domains."""
    hosts = [host.replace("{region}.", "") for host in (preset.host, *preset.hosts)]
    own = {
        host.partition(".")[2].lstrip("*.") if host.count(".") > 1 else host
        for host in (*hosts, *preset.domains)
    }
    entries = read_toml(DATA)["service"]
    known = next((entry for entry in entries if preset.id in entry["presets"]), None)
    return known is not None, (*own, *(known["domains"] if known else ()))


def _hoster(names: Iterable[str], said: str) -> Mapping[str, Any] | None:
    """Return the hosting provider whose *names* these are, or whose words are in *said*."""
    given = tuple(names)
    for entry in read_toml(DATA)["hoster"]:
        if any(_below(name, entry.get("domains", ())) for name in given):
            return dict(entry)
        if "banner" in entry and _pattern(entry["banner"]).search(" ".join(said.split())):
            return dict(entry)
    return None


def _below(name: str, domains: Iterable[str]) -> bool:
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


# STARTTLS that is not there


def _stripper(seen: _Seen) -> Middle | None:
    hello = seen.plain
    if hello is None or "STARTTLS" in hello.keywords:
        return None
    masked = any(_MASKED_WORD.fullmatch(word) for word in hello.keywords)
    if masked or _MASKED_BANNER.fullmatch(" ".join(seen.banner.split())):
        party, confidence = str(read_toml(DATA)["masking"]["party"]), 1.0
    elif seen.preset is not None and _always_offers(seen.preset):
        party, confidence = str(read_toml(DATA)["unknown"]["party"]), 0.9
    else:
        return None
    kinds = ("asked", "banner", "plain", "offered" if hello.esmtp else "helo")
    return Middle(HIDES, party, Stage.STARTTLS, tuple(_lines(seen, *kinds)), confidence)


def _always_offers(preset: Preset) -> bool:
    endpoints = (preset.main, *preset.alternatives)
    return not preset.trust and any(item.security is Security.STARTTLS for item in endpoints)


# Evidence


def _lines(seen: _Seen, *kinds: str) -> Iterator[str]:
    texts = read_toml(DATA)["lines"]
    leaf = seen.tls.leaf if seen.tls else None
    greeted = _first_word(seen.banner)
    plain, secured = (hello.name if hello else "" for hello in (seen.plain, seen.secured))
    found = {
        "asked": seen.asked,
        "banner": _short(seen.banner),
        # A name that was told before would only fill the card.
        "plain": plain if plain != greeted else "",
        "secured": secured if secured not in (greeted, plain) else "",
        "offered": " ".join(seen.plain.keywords) or "nothing" if seen.plain else "",
        "helo": "-",
        "names": ", ".join(leaf.names[:_MOST_NAMES]) or leaf.subject if leaf else "",
        "issuer": leaf.issuer if leaf else "",
    }
    return (texts[kind].format(seen=found[kind]) for kind in kinds if found[kind])


def _short(text: str) -> str:
    line = re.sub(r"\*{9,}", "*" * 8, text.partition("\n")[0].strip())
    return line if len(line) <= 120 else line[:119] + "…"
