"""What a run notices without failing, and the short texts of facts that stages carry."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from smtp_workbench.net.certificate import Certificate, Distrust, TlsFacts
from smtp_workbench.net.dial import Attempt
from smtp_workbench.smtp.stages import Outcome

_OLD_TLS: Final = ("SSLv3", "TLSv1", "TLSv1.1")
_SOON: Final = 14
"""Days before its end from which a certificate is worth a word."""
_WEAK: Final = (Distrust.WEAK_KEY, Distrust.WEAK_SIGNATURE)


def of_attempts(outcome: Outcome, attempts: Sequence[Attempt]) -> None:
    """Notice the addresses that failed although another one answered."""
    failed = [item for item in attempts if item.kind not in (None, "unused")]
    if not failed:
        return
    detail = "; ".join(f"{item.address}: {item.detail or item.kind}" for item in failed)
    answered = next(item for item in attempts if item.kind is None)
    if ":" not in answered.address and all(":" in item.address for item in failed):
        outcome.notice("ipv6_failed", detail=detail)
    else:
        outcome.notice("addresses_failed", failed=len(failed), total=len(attempts), detail=detail)


def of_tls(outcome: Outcome, facts: TlsFacts) -> None:
    """Notice what is weak in a session that works."""
    if facts.protocol in _OLD_TLS:
        outcome.notice("old_tls_in_use", protocol=facts.protocol)
    if not facts.trusted:
        outcome.notice("certificate_untrusted_accepted", reason=facts.reason)
    elif any(reason in _WEAK for reason in facts.reasons):
        outcome.notice("weak_certificate", detail=facts.reason)
    leaf = facts.leaf
    if leaf is not None and 0 <= (days := days_left(leaf)) < _SOON:
        outcome.notice("certificate_expires_soon", days=days, date=leaf.not_after.date())


def days_left(certificate: Certificate) -> int:
    """Return the whole days until *certificate* ends, negative after that."""
    return (certificate.not_after - datetime.now(UTC)).days


def summary_of_tls(facts: TlsFacts) -> str:
    """Return one line about a handshake: protocol, cipher, name, issuer, days left."""
    parts = [facts.protocol, facts.cipher]
    if facts.leaf is not None:
        parts += [
            facts.leaf.subject or "no subject",
            f"issued by {facts.leaf.issuer}",
            f"{days_left(facts.leaf)} days left",
        ]
    return " · ".join(parts)
