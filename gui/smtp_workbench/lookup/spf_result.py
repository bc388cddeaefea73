"""What SPF says of one sending address, evaluated by pyspf (RFC 7208).

pyspf wants its answers at once. So it runs over what the DNS has said up to now, and where
something is missing, that is asked and it runs again: a dozen runs of a millisecond instead of a
thread that can't be stopped.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import dns.rdata
import spf
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT

from smtp_workbench.net.dns import Dns, DnsAnswer, Status

_MOST_RUNS: Final = 60
"""More than the limits of RFC 7208, section 4.6.4, leave to be asked."""
_Asked = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SpfResult:
    """The result for one address."""

    domain: str
    """Of the envelope sender."""
    address: str
    result: str
    """`pass`, `fail`, `softfail`, `neutral`, `none`, `permerror` or `temperror`."""
    mechanism: str = ""
    """The term of the domain's own record that decided; empty where none fits."""
    detail: str = ""
    """Why there is no result, for the two errors."""


async def look(domain: str, address: str, hello: str, dns_: Dns) -> SpfResult:
    """Return what SPF says of mail from *domain* that *address*, greeting as *hello*, sends."""
    known: dict[_Asked, DnsAnswer] = {}
    for _ in range(_MOST_RUNS):
        query = _Query(address, domain, hello, known)
        try:
            result, detail = _checked(query)
        except _MissingError:
            result, detail = "", ""
        if not query.missing:
            mechanism = query.mechanism if result not in _ERRORS else ""
            return SpfResult(domain, address, result, mechanism or "", detail)
        answers = await asyncio.gather(*(dns_.ask(*asked) for asked in query.missing))
        known.update(zip(query.missing, answers, strict=True))
    return SpfResult(domain, address, "permerror", detail="it takes too many look-ups")


class _MissingError(Exception):
    """The DNS has yet to be asked."""


_ERRORS: Final = ("permerror", "temperror")


def _checked(query: "_Query") -> tuple[str, str]:
    """Return result and, of an error, the reason."""
    try:
        result, _, words = query.check()
    except (ValueError, IndexError, AttributeError, TypeError, AssertionError) as error:
        return "permerror", f"the record can't be read: {error}"
    detail = words.removeprefix("SPF Permanent Error: ").removeprefix("SPF Temporary Error: ")
    return result, detail if result in _ERRORS else ""


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """One run over what is known; `missing` is what it would ask."""

    def __init__(
        self, address: str, domain: str, hello: str, known: Mapping[_Asked, DnsAnswer]
    ) -> None:
        super().__init__(address, f"postmaster@{domain}", hello)
        self.known = known
        self.missing: dict[_Asked, None] = {}

    def get_explanation(self, spec: str) -> None:
        """Leave out the sender's own words about a refusal; they decide nothing."""

    def dns(
        self,
        name: str,
        qtype: str,
        cnames: object = None,  # noqa: ARG002  # pyspf's
        ignore_void: bool = False,  # noqa: FBT001, FBT002  # pyspf's
    ) -> list[Any]:
        """Answer as pyspf's own does, which also counts what finds nothing."""
        name = str(name).removesuffix(".").lower()
        if not name or not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        answer = self.known.get((name, qtype))
        if answer is None:
            self.missing[name, qtype] = None
            raise _MissingError
        if answer.status is Status.FAILED:
            raise spf.TempError(answer.detail)
        found = [_plain(record) for record in answer.records]
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return found


def _plain(record: dns.rdata.Rdata) -> Any:
    """Return *record* as pyspf wants it: TXT as octets, MX as a pair, the others as text."""
    match record:
        case TXT():
            return list(record.strings)
        case MX():
            return record.preference, record.exchange.to_text(omit_final_dot=True)
        case _:
            return record.to_text().removesuffix(".")
