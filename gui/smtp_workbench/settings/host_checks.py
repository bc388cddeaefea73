"""Live checks of the host: what was pasted instead of one, and what it can't be."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from smtp_workbench.settings import presets, url
from smtp_workbench.settings.case import STRAY, Case
from smtp_workbench.settings.change import Change, Finding
from smtp_workbench.settings.findings import finding
from smtp_workbench.settings.hosts import ascii_form, is_address
from smtp_workbench.settings.transport import Protocol, Security, Transport, Trust

_READING_HOST: Final = re.compile(r"(imap|pop|pop3|imaps|pops)\d?[.-]", re.IGNORECASE)


def host(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the host, and which one may be meant."""
    host = case.transport.host.strip(STRAY)
    if not host:
        yield finding("host", "host_missing")
        return
    shape = next(_shape(host), None)
    if shape is not None:
        yield shape
        return
    if is_address(host):
        if _checks_names(case.transport) and not case.transport.tls.server_name:
            yield finding("tls.server_name", "address_without_server_name")
        return
    yield from _name(case, host)


def _shape(host: str) -> Iterator[Finding]:
    """Yield what a pasted host is instead of a host."""
    if "://" in host:
        split = _split_url(host)
        fixes = {"split": split} if split else {}
        yield finding("host", "host_is_url", {}, **fixes)
    elif re.fullmatch(r"[^\s/:@]+@[^\s/:@]+", host):
        domain = host.rpartition("@")[2]
        yield finding("host", "host_is_address", {"host": domain}, split=Change({"host": domain}))
    elif match := re.fullmatch(r"(?:\[([^\]]+)\]|([^\s/:]+)):(\d{1,5})/?", host):
        name, port = match[1] or match[2], int(match[3])
        split = Change({"host": name, "port": port})
        yield finding("host", "host_has_port", {"port": port}, split=split)
    elif "/" in host and (name := host.partition("/")[0]):
        yield finding("host", "host_has_path", {"host": name}, split=Change({"host": name}))


def _split_url(text: str) -> Change | None:
    try:
        return url.parse(text).change
    except ValueError:
        pass
    try:
        parts = urlsplit(text)
        fields: dict[str, object] = {"host": parts.hostname or ""}
    except ValueError:
        return None
    return Change(fields) if fields["host"] else None


def _name(case: Case, host: str) -> Iterator[Finding]:
    if host.endswith(".") and host.strip("."):
        yield finding("host", "host_trailing_dot", strip=Change({"host": host.rstrip(".")}))
        host = host.rstrip(".")
    in_dns = ascii_form(host)
    if in_dns is None:
        yield finding("host", "host_invalid", {"host": host})
        return
    if in_dns != host.lower():
        yield finding("host", "host_idn", {"ascii": in_dns})
    if _READING_HOST.match(host) and case.transport.protocol is Protocol.SMTP:
        other = _READING_HOST.sub("smtp.", host)
        use = Change({"host": other})
        yield finding("host", "host_not_smtp", {"host": host, "other": other}, use=use)
    elif case.preset is None and (near := presets.near(host)):
        yield finding("host", "host_near", {"near": near}, use=Change({"host": near}))


def _checks_names(transport: Transport) -> bool:
    trust = transport.tls.trust
    return transport.security is not Security.PLAINTEXT and trust in (Trust.SYSTEM, Trust.CA_FILE)
