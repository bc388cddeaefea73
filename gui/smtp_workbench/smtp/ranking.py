"""Which of the settings that were found are best, and why: the order of RFC 8314.

Encrypted before plaintext, trusted before untrusted, a log-in before none; then what the service
itself published, implicit TLS on 465 before STARTTLS on 587 (RFC 8314, section 3), these before
other ports, and 25, which is for mail between servers, last. The texts of the reasons are data in
`resources/reasons.toml`, keyed by their label.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from smtp_workbench.settings.transport import Family, Security
from smtp_workbench.smtp.candidate import DETECT, PORTS, Candidate
from smtp_workbench.smtp.events import Notice

_REGISTERED: Final = {465: Security.IMPLICIT_TLS, 587: Security.STARTTLS}
_RELAY: Final = 25
_FAMILY_NAMES: Final = {Family.IPV4: "IPv4", Family.IPV6: "IPv6"}


@dataclass(frozen=True, slots=True)
class Ranked:
    """Settings in their place among the others."""

    candidate: Candidate
    """Over the address family where they do best."""
    reasons: tuple[Notice, ...]
    """What speaks for and against them; for settings that do not work, nothing."""
    others: tuple[Candidate, ...] = ()
    """The same settings over the host's other address family."""


def rank(candidates: Iterable[Candidate]) -> tuple[Ranked, ...]:
    """Return the settings that *candidates* are about, the best first; equals keep their order."""
    groups: dict[tuple[str, int, Security], list[Candidate]] = {}
    for item in candidates:
        groups.setdefault((item.host, item.port, item.security), []).append(item)
    ranked = []
    for group in groups.values():
        best, *others = sorted(group, key=_order)
        ranked.append(Ranked(best, tuple(_reasons(best, others)), tuple(others)))
    return tuple(sorted(ranked, key=lambda item: _order(item.candidate)))


def best(ranked: Sequence[Ranked]) -> Ranked | None:
    """Return what is to be used; None where no mail server answers at all."""
    return ranked[0] if ranked and ranked[0].candidate.answers else None


def for_login(ranked: Sequence[Ranked]) -> Candidate | None:
    """Return where a password may be tried: the best that is under TLS and is accepted as it is."""
    for item in ranked:
        found = item.candidate
        if found.ok and found.encrypted and found.auth:
            return found
    return None


def _order(item: Candidate) -> tuple[int, ...]:
    if not item.answers:
        return (1, -len(item.report.stages))
    ports = [*PORTS]
    return (
        0,
        not item.encrypted,
        item.port == _RELAY and not item.auth,
        not item.trusted,
        not item.auth,
        item.source == DETECT,
        item.port == _RELAY,
        _REGISTERED.get(item.port) is not item.security,
        item.security is not Security.IMPLICIT_TLS,
        ports.index(item.port) if item.port in ports else len(ports),
    )


def _reasons(item: Candidate, others: Sequence[Candidate]) -> Iterator[Notice]:
    if not item.answers:
        return
    yield from _of_login(item)
    yield from _of_port(item)
    yield from _of_certificate(item)
    if item.auth:
        yield Notice("auth_offered", {"mechanisms": ", ".join(item.auth)})
    else:
        yield Notice("auth_missing")
    if item.source != DETECT:
        yield Notice("published", {"source": item.source})
    yield from _of_families(others)


def _of_login(item: Candidate) -> Iterator[Notice]:
    if item.login is None:
        return
    failed = item.login.failed
    if failed is None:
        yield Notice("login_accepted")
    else:
        yield Notice("login_refused", {"reply": " ".join(failed.detail.split())})


def _of_port(item: Candidate) -> Iterator[Notice]:
    port = {"port": str(item.port)}
    if _REGISTERED.get(item.port) is item.security:
        implicit = item.security is Security.IMPLICIT_TLS
        yield Notice("implicit_tls_registered" if implicit else "starttls_registered", port)
    elif item.security is Security.IMPLICIT_TLS:
        yield Notice("implicit_tls", port)
    elif item.security is Security.STARTTLS:
        yield Notice("starttls", port)
    else:
        yield Notice("plaintext", port)
    if item.port == _RELAY:
        yield Notice("relay_port")


def _of_certificate(item: Candidate) -> Iterator[Notice]:
    tls = item.report.tls
    if not item.encrypted or tls is None:
        return
    if tls.trusted:
        yield Notice("certificate_trusted")
    else:
        yield Notice("certificate_untrusted", {"reason": tls.reason or "nobody vouches for it"})


def _of_families(others: Sequence[Candidate]) -> Iterator[Notice]:
    for other in others:
        if other.answers:
            yield Notice("both_families")
        else:
            failed = other.report.failed
            detail = failed.detail if failed else "stopped"
            name = _FAMILY_NAMES.get(other.family, "")
            yield Notice("family_fails", {"family": name, "detail": detail})
