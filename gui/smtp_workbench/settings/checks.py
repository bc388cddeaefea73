"""Every live check: a pure function from settings to findings, called at each keystroke.

A check is a generator that takes the `Case` and yields findings; `_CHECKS` lists them in the order
of the form. The texts are data, see `settings.findings`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from smtp_workbench.settings import host_checks, login_checks, presets, security_checks
from smtp_workbench.settings.case import STRAY, Case
from smtp_workbench.settings.change import Change, Finding, Severity
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.findings import finding
from smtp_workbench.settings.hosts import ascii_form, is_address
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Timeouts, Transport

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TEXT_FIELDS: Final = (
    "host",
    "auth.user",
    "auth.mechanism",
    "ehlo_name",
    "source_address",
    "proxy",
    "sender",
    "tls.ca_file",
    "tls.fingerprint",
    "tls.server_name",
    "tls.client_certificate",
    "tls.client_key",
    "tls.ciphers",
)


def check(
    transport: Transport,
    *,
    secret: Secret | None = None,
    files: Mapping[str, FileFacts] | None = None,
    preset: Preset | None = None,
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Return what is to be said about *transport*, the blocking things first, else in form order.

    *files* are facts about the files that it names, by field (`net.pem.read_facts`). It never
    raises, whatever was typed.
    """
    preset = preset or presets.by_host(transport.host)
    case = Case(transport, secret, files or {}, preset, now or datetime.now(UTC))
    found = [item for each in _CHECKS for item in each(case)]
    return tuple(sorted(found, key=lambda item: item.severity is not Severity.BLOCKING))


def _characters(case: Case) -> Iterator[Finding]:
    for path in _TEXT_FIELDS:
        text = case.value(path)
        clean = _CONTROL.sub("", text).strip(STRAY)
        if _CONTROL.search(text):
            yield finding(path, "control_character", strip=Change({path: clean}))
        elif text != text.strip(STRAY):
            yield finding(path, "stray_characters", strip=Change({path: clean}))


def _names(case: Case) -> Iterator[Finding]:
    name = case.transport.ehlo_name.strip(STRAY)
    literal = re.fullmatch(r"\[(?:IPv6:)?([^\]]+)\]", name, re.IGNORECASE)
    if name and not (is_address(literal[1]) if literal else ascii_form(name)):
        automatic = Change({"ehlo_name": ""})
        yield finding("ehlo_name", "ehlo_name_invalid", automatic=automatic)
    source = case.transport.source_address.strip(STRAY)
    if source and not is_address(source):
        yield finding("source_address", "source_address_invalid")


def _proxy(case: Case) -> Iterator[Finding]:
    text = case.transport.proxy.strip(STRAY)
    if not text:
        return
    try:
        parts = urlsplit(text)
        fits = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits, parts = False, urlsplit("")
    if not fits or parts.scheme not in ("http", "socks4", "socks4a", "socks5", "socks5h"):
        yield finding("proxy", "proxy_invalid")


def _limits(case: Case) -> Iterator[Finding]:
    for name in ("dns", "connect", "greeting", "socket", "total"):
        seconds = float(getattr(case.transport.timeouts, name))
        if 0.1 <= seconds <= 7200:
            continue
        usual = getattr(Timeouts(), name)
        judgement = "no limit to work with" if seconds < 0.1 else "longer than anyone waits"
        params = {"seconds": f"{seconds:g}", "name": name, "judgement": judgement}
        path = f"timeouts.{name}"
        fix = Change({path: usual})
        yield finding(path, "timeout_absurd", {**params, "usual": f"{usual:g}"}, usual=fix)
    pool = case.transport.pool
    for name, least, usual in (
        ("max_connections", 1, 5),
        ("max_messages", 1, 100),
        ("rate_limit", 0, 0),
    ):
        if getattr(pool, name) < least:
            params = {"name": name.replace("_", " "), "wanted": f"at least {least}"}
            path = f"pool.{name}"
            fix = Change({path: usual})
            yield finding(path, "pool_absurd", {**params, "usual": usual}, usual=fix)


_CHECKS: Final[tuple[Callable[[Case], Iterator[Finding]], ...]] = (
    _characters,
    host_checks.host,
    security_checks.port,
    security_checks.security,
    security_checks.tls,
    security_checks.files,
    login_checks.mechanism,
    login_checks.provider,
    login_checks.password,
    _names,
    _proxy,
    _limits,
)
