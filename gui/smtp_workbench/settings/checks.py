"""Every live check: a pure function from settings to findings, called at each keystroke.

A check is a generator that takes the `Case` and yields findings; `_CHECKS` lists them in the order
of the form. The texts are data, see `settings.findings`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import idna

from smtp_workbench.settings import presets, url
from smtp_workbench.settings.change import Change, Finding, Severity, value_of
from smtp_workbench.settings.files import FileFacts
from smtp_workbench.settings.findings import FILE_LABELS, file_params, finding
from smtp_workbench.settings.presets import Preset
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import (
    Protocol,
    Security,
    Timeouts,
    TlsVersion,
    Transport,
    Trust,
)

KNOWN_MECHANISMS: Final = (
    "SCRAM-SHA-256",
    "SCRAM-SHA-1",
    "CRAM-MD5",
    "PLAIN",
    "LOGIN",
    "OAUTHBEARER",
    "XOAUTH2",
    "EXTERNAL",
)
"""What `smtp.auth` can do; a test holds the two together."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_STRAY: Final = " \t\r\n,;'\"`\u00a0\u200b\u2018\u2019\u201c\u201d\ufeff"
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
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_READING_PORTS: Final = {110: "POP3", 995: "POP3", 143: "IMAP", 993: "IMAP"}
_READING_HOST: Final = re.compile(r"(imap|pop|pop3|imaps|pops)\d?[.-]", re.IGNORECASE)
_IMPLICIT_PORTS: Final = (465, 2465)
_PLAINTEXT_FIRST_PORTS: Final = (25, 587, 2525, 2587)
_IMPLICIT: Final = Change({"security": Security.IMPLICIT_TLS})
_STARTTLS: Final = Change({"security": Security.STARTTLS})
_SUBMISSION: Final = Change({"port": 587, "security": Security.STARTTLS})
_SUBMISSIONS: Final = Change({"port": 465, "security": Security.IMPLICIT_TLS})


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at."""

    transport: Transport
    secret: Secret | None
    files: Mapping[str, FileFacts]
    preset: Preset | None
    now: datetime

    def value(self, path: str) -> str:
        """Return the text in the field *path*."""
        return str(value_of(self.transport, path))


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
        clean = _CONTROL.sub("", text).strip(_STRAY)
        if _CONTROL.search(text):
            yield finding(path, "control_character", strip=Change({path: clean}))
        elif text != text.strip(_STRAY):
            yield finding(path, "stray_characters", strip=Change({path: clean}))


def _password(case: Case) -> Iterator[Finding]:
    user, external = case.transport.auth.user, case.transport.auth.mechanism == "EXTERNAL"
    if case.secret:
        text = case.secret.reveal()
        if text != text.strip(" \t\r\n"):
            clean = Change(secret=Secret(text.strip(" \t\r\n")))
            yield finding("password", "secret_stray_characters", strip=clean)
        if not user and not external:
            yield finding("password", "password_without_user")
        if re.fullmatch(r"([a-z]{4} ){3}[a-z]{4}", text):
            yield finding("password", "app_password_blanks")
    elif user and not external:
        yield finding("password", "user_without_password")


def _host(case: Case) -> Iterator[Finding]:
    host = case.transport.host.strip(_STRAY)
    if not host:
        yield finding("host", "host_missing")
        return
    shape = next(_shape(host), None)
    if shape is not None:
        yield shape
        return
    if _is_address(host):
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
    ascii_form = _ascii(host)
    if ascii_form is None:
        yield finding("host", "host_invalid", {"host": host})
        return
    if ascii_form != host.lower():
        yield finding("host", "host_idn", {"ascii": ascii_form})
    if _READING_HOST.match(host) and case.transport.protocol is Protocol.SMTP:
        other = _READING_HOST.sub("smtp.", host)
        use = Change({"host": other})
        yield finding("host", "host_not_smtp", {"host": host, "other": other}, use=use)
    elif case.preset is None and (near := presets.near(host)):
        yield finding("host", "host_near", {"near": near}, use=Change({"host": near}))


def _ascii(name: str) -> str | None:
    """Return the form of *name* in the DNS, None if it can't be a host name."""
    try:
        form = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return None
    fits = len(form) <= 253 and all(_LABEL.fullmatch(label) for label in form.split("."))
    return form if fits else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Whether *host* is this machine by its spelling: nobody can listen on the way there."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _checks_names(transport: Transport) -> bool:
    trust = transport.tls.trust
    return transport.security is not Security.PLAINTEXT and trust in (Trust.SYSTEM, Trust.CA_FILE)


def _port(case: Case) -> Iterator[Finding]:
    transport = case.transport
    port, implicit = transport.port, transport.security is Security.IMPLICIT_TLS
    if port is None:
        return
    if not 1 <= port <= 65535:
        standard = 465 if implicit else 587
        fix = Change({"port": standard})
        yield finding("port", "port_invalid", {"port": standard}, standard=fix)
    elif port in _READING_PORTS:
        params = {"port": port, "service": _READING_PORTS[port]}
        yield finding(
            "port", "port_is_for_reading", params, submission=_SUBMISSION, implicit=_SUBMISSIONS
        )
    elif port in _IMPLICIT_PORTS and not implicit:
        fixes = {"implicit": _IMPLICIT, "submission": Change({"port": 587})}
        yield finding("port", "port_wants_implicit_tls", {"port": port}, **fixes)
    elif transport.protocol is Protocol.LMTP:
        if port == 25:
            yield finding("port", "lmtp_on_port_25", standard=Change({"port": 24}))
    elif port in _PLAINTEXT_FIRST_PORTS and implicit:
        fixes = {"starttls": _STARTTLS, "implicit": Change({"port": 465})}
        yield finding("port", "port_wants_starttls", {"port": port}, **fixes)
    elif port == 25:
        yield finding(
            "port",
            "port_relay",
            submission=_SUBMISSION,
            implicit=_SUBMISSIONS,
            alternative=Change({"port": 2525}),
        )


def _security(case: Case) -> Iterator[Finding]:
    transport = case.transport
    if is_local(transport.host):
        return
    if transport.security is Security.STARTTLS_IF_OFFERED:
        yield finding("security", "security_opportunistic", require=_STARTTLS)
    if transport.security is Security.PLAINTEXT and transport.auth.user:
        fixes = {"require": _STARTTLS, "implicit": _SUBMISSIONS}
        yield finding("security", "plaintext_credentials", {}, **fixes)


def _tls(case: Case) -> Iterator[Finding]:
    tls = case.transport.tls
    system = Change({"tls.trust": Trust.SYSTEM})
    if case.transport.security is Security.PLAINTEXT:
        return
    if tls.trust is Trust.NONE and not is_local(case.transport.host):
        yield finding("tls.trust", "certificate_check_off", system=system)
    if tls.trust is Trust.CA_FILE and not tls.ca_file:
        yield finding("tls.ca_file", "ca_file_missing", system=system)
    digits = re.sub(r"[:\s]", "", tls.fingerprint)
    if tls.trust is Trust.FINGERPRINT and not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        yield finding("tls.fingerprint", "fingerprint_invalid")
    if tls.client_key and not tls.client_certificate:
        yield finding("tls.client_key", "client_key_alone")
    if tls.minimum_version in (TlsVersion.TLS_1_0, TlsVersion.TLS_1_1):
        modern = Change({"tls.minimum_version": TlsVersion.TLS_1_2})
        params = {"version": tls.minimum_version.value}
        yield finding("tls.minimum_version", "old_tls_allowed", params, modern=modern)


def _files(case: Case) -> Iterator[Finding]:
    for path, facts in case.files.items():
        if facts.trouble is not None:
            yield finding(path, FILE_LABELS[facts.trouble], file_params(facts))
        if facts.matches is False:
            yield finding(path, "key_mismatch")
        if facts.not_after is not None and facts.not_after < case.now:
            yield finding(path, "certificate_file_expired", {"date": facts.not_after.date()})
        if facts.not_before is not None and facts.not_before > case.now:
            yield finding(path, "certificate_file_not_yet", {"date": facts.not_before.date()})


def _auth(case: Case) -> Iterator[Finding]:
    mechanism = case.transport.auth.mechanism.strip(_STRAY)
    if mechanism and mechanism.upper() not in KNOWN_MECHANISMS:
        params = {"mechanism": mechanism, "known": ", ".join(KNOWN_MECHANISMS)}
        automatic = Change({"auth.mechanism": ""})
        yield finding("auth.mechanism", "mechanism_unknown", params, automatic=automatic)


def _provider(case: Case) -> Iterator[Finding]:
    preset, transport = case.preset, case.transport
    if preset is None:
        return
    user = transport.auth.user.strip(_STRAY)
    name = {"provider": preset.name}
    fixed = preset.user.fixed
    if user and fixed and user != fixed:
        params = {**name, "fixed": fixed}
        yield finding("auth.user", "user_not_fixed", params, use=Change({"auth.user": fixed}))
    if user and preset.user.kind == "address" and "@" not in user:
        domain = preset.domains[0] if len(preset.domains) == 1 else ""
        address = f"{user}@{domain}"
        fixes = {"complete": Change({"auth.user": address})} if domain else {}
        yield finding("auth.user", "user_not_address", {**name, "address": address}, **fixes)
    yield from _provider_port(case, preset)
    if preset.sender == "own-address" and _is_foreign(transport.sender, user):
        params = {**name, "address": user}
        yield finding("sender", "sender_not_own", params, own=Change({"sender": user}))


def _provider_port(case: Case, preset: Preset) -> Iterator[Finding]:
    port = case.transport.port
    if port is not None and port not in preset.ports:
        ports = " and ".join(str(each) for each in preset.ports)
        params: dict[str, object] = {"provider": preset.name, "ports": ports, "port": port}
        params["standard"] = preset.main.port
        yield finding("port", "port_not_of_provider", params, standard=preset.endpoint())


def _is_foreign(sender: str, user: str) -> bool:
    domains = [text.rpartition("@")[2].strip("<> ").lower() for text in (sender, user)]
    return "@" in sender and "@" in user and domains[0] != domains[1]


def _names(case: Case) -> Iterator[Finding]:
    name = case.transport.ehlo_name.strip(_STRAY)
    literal = re.fullmatch(r"\[(?:IPv6:)?([^\]]+)\]", name, re.IGNORECASE)
    if name and not (_is_address(literal[1]) if literal else _ascii(name)):
        automatic = Change({"ehlo_name": ""})
        yield finding("ehlo_name", "ehlo_name_invalid", automatic=automatic)
    source = case.transport.source_address.strip(_STRAY)
    if source and not _is_address(source):
        yield finding("source_address", "source_address_invalid")


def _proxy(case: Case) -> Iterator[Finding]:
    text = case.transport.proxy.strip(_STRAY)
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
    _host,
    _port,
    _security,
    _tls,
    _files,
    _auth,
    _provider,
    _password,
    _names,
    _proxy,
    _limits,
)
