"""Live checks of the port and of how the connection is secured."""

import re
from collections.abc import Iterator
from typing import Final

from smtp_workbench.settings.case import Case
from smtp_workbench.settings.change import Change, Finding
from smtp_workbench.settings.findings import FILE_LABELS, file_params, finding
from smtp_workbench.settings.hosts import is_local
from smtp_workbench.settings.transport import Protocol, Security, TlsVersion, Trust

_READING_PORTS: Final = {110: "POP3", 995: "POP3", 143: "IMAP", 993: "IMAP"}
_IMPLICIT_PORTS: Final = (465, 2465)
_PLAINTEXT_FIRST_PORTS: Final = (25, 587, 2525, 2587)
_IMPLICIT: Final = Change({"security": Security.IMPLICIT_TLS})
_STARTTLS: Final = Change({"security": Security.STARTTLS})
_SUBMISSION: Final = Change({"port": 587, "security": Security.STARTTLS})
_SUBMISSIONS: Final = Change({"port": 465, "security": Security.IMPLICIT_TLS})


def port(case: Case) -> Iterator[Finding]:
    """Yield what does not go together: the port, the protocol and the kind of TLS."""
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


def security(case: Case) -> Iterator[Finding]:
    """Yield what could be read on the way."""
    transport = case.transport
    if is_local(transport.host):
        return
    if transport.security is Security.STARTTLS_IF_OFFERED:
        yield finding("security", "security_opportunistic", require=_STARTTLS)
    if transport.security is Security.PLAINTEXT and transport.auth.user:
        fixes = {"require": _STARTTLS, "implicit": _SUBMISSIONS}
        yield finding("security", "plaintext_credentials", {}, **fixes)


def tls(case: Case) -> Iterator[Finding]:
    """Yield what weakens or breaks the check of the certificate."""
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


def files(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the files that are named."""
    for path, facts in case.files.items():
        if facts.trouble is not None:
            yield finding(path, FILE_LABELS[facts.trouble], file_params(facts))
        if facts.matches is False:
            yield finding(path, "key_mismatch")
        if facts.not_after is not None and facts.not_after < case.now:
            yield finding(path, "certificate_file_expired", {"date": facts.not_after.date()})
        if facts.not_before is not None and facts.not_before > case.now:
            yield finding(path, "certificate_file_not_yet", {"date": facts.not_before.date()})
