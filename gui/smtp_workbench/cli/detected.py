"""What detection found: the JSON of CLI.md; for a person a row for each try, then the best."""

from collections.abc import Sequence
from typing import Final

from smtp_workbench.cli.paint import BAD, BOLD, GOOD, QUIET, WARNING, painter, wrapped
from smtp_workbench.cli.table import print_diagnosis
from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.diagnosis.reason import Tone, reason
from smtp_workbench.settings.transport import Family, Security
from smtp_workbench.smtp.candidate import Candidate
from smtp_workbench.smtp.ranking import Ranked, best

_MARKS: Final = {Tone.GOOD: ("+", GOOD), Tone.BAD: ("-", WARNING), Tone.PLAIN: ("·", QUIET)}
_FAMILIES: Final = {Family.IPV4: "IPv4", Family.IPV6: "IPv6", Family.ANY: ""}
_SECURITIES: Final = {
    Security.IMPLICIT_TLS: "implicit TLS",
    Security.STARTTLS: "STARTTLS",
    Security.PLAINTEXT: "plaintext",
}
_ROOM: Final = 90
"""Characters that a row's last column has."""


def as_json(ranked: Sequence[Ranked]) -> dict[str, object]:
    """Return the answer of `detect`: the best first, an address family's failures in `families`."""
    chosen = best(ranked)
    return {
        "candidates": [_entry(item) for item in ranked],
        "best": None if chosen is None else ranked.index(chosen),
    }


def _entry(item: Ranked) -> dict[str, object]:
    found = item.candidate
    diagnosis = diagnose(found.telling, found.transport)
    return {
        "host": found.host,
        "port": found.port,
        "security": found.security.value,
        "ok": found.ok,
        "ms": round(found.ms, 3),
        "auth": list(found.auth),
        "source": found.source,
        "diagnosis": diagnosis.as_json() if diagnosis else None,
        "trusted": found.trusted if found.report.tls else None,
        "families": {each.family.value: each.ok for each in (found, *item.others)},
        "reasons": [reason(notice).text for notice in item.reasons],
    }


class Detected:
    """Prints candidates as they come."""

    def __init__(self) -> None:
        self._paint = painter()

    def take(self, found: Candidate) -> None:
        """Print a row."""
        mark, style = ("✓", GOOD) if found.ok else ("!", WARNING) if found.answers else ("✗", BAD)
        where = f"{found.host}:{found.port}"
        words = f"{_SECURITIES[found.security]:<13}{_FAMILIES[found.family]:<5}"
        row = f"  {self._paint(mark, style)} {where:<32} {words}{found.ms:7.0f} ms  "
        print(row + _outcome(found), flush=True)

    def conclude(self, ranked: Sequence[Ranked], *, stopped: bool) -> None:
        """Print what is best and why."""
        chosen = best(ranked)
        print()
        if chosen is None:
            words = "Stopped before anything was found." if stopped else "No mail server answers."
            print(self._paint(words, BAD, BOLD))
            return
        found = chosen.candidate
        words = f"Best: {found.host}:{found.port}, {_SECURITIES[found.security]}"
        print(self._paint(words, GOOD if found.ok else WARNING, BOLD))
        for item in map(reason, chosen.reasons):
            mark, style = _MARKS[item.tone]
            print(f"  {self._paint(mark, style)} {wrapped(item.text, ' ' * 4).lstrip()}")
        diagnosis = diagnose(found.telling, found.transport)
        if diagnosis is not None:
            print_diagnosis(diagnosis, self._paint)
        if stopped:
            print("\nStopped: not all was tried.")


def _outcome(found: Candidate) -> str:
    if found.login is not None:
        words = "log-in accepted" if found.login.ok else "log-in refused"
    elif found.answers:
        words = ", ".join(found.auth) or "no log-in"
        if not found.encrypted:
            words = f"not encrypted · {words}"
        elif not found.trusted:
            words = f"certificate not trusted · {words}"
    else:
        failed = found.report.failed
        words = failed.detail if failed else ""
    line = " ".join(words.split())
    return line if len(line) <= _ROOM else line[: _ROOM - 1] + "…"
