"""Failures of our own runs, each kind of them, as facts of the engine alone."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from smtp_workbench.diagnosis.explain import diagnose
from smtp_workbench.net.certificate import Certificate, Distrust, TlsFacts
from smtp_workbench.net.errors import NetKind
from smtp_workbench.settings.transport import Security, Transport, Trust
from smtp_workbench.smtp.events import Failure, Kind, Stage, StageFailed, StageStarted
from smtp_workbench.smtp.reply import Reply
from smtp_workbench.smtp.report import Report

START = Transport(host="smtp.example.com", port=587, security=Security.STARTTLS)


def report(kind: str, stage: Stage, **known: Any) -> Report:
    return failed(stage, Failure(kind, "as it was seen", **known))


def failed(stage: Stage, failure: Failure) -> Report:
    found = Report()
    found.take(StageStarted(0, stage))
    found.take(StageFailed(0.1, stage, failure))
    return found


def refused(*reasons: Distrust, issuer: str = "CN=Example CA") -> TlsFacts:
    chain = (certificate(issuer),)
    return TlsFacts("TLSv1.3", "", "smtp.example.com", chain, False, reasons, "it is refused")


def certificate(issuer: str = "CN=Example CA") -> Certificate:
    now = datetime.now(UTC)
    return Certificate(
        "CN=smtp.example.com", issuer, ("smtp.example.com",), now, now, "ab" * 32,
        "RSA 2048", "sha256", False, False, "",
    )  # fmt: skip


@pytest.mark.parametrize("kind", [*Kind, *NetKind])
def test_no_kind_of_failure_is_unknown_to_us(kind: str) -> None:
    if kind in {Kind.REPLY, Kind.NO_ADDRESS_ACCEPTED, NetKind.OTHER}:
        return  # what these mean is in the server's or the system's words
    stages = {"tls": Stage.TLS, "res": Stage.DNS, "sta": Stage.STARTTLS}
    stage = stages.get(kind[:3], Stage.CONNECT)
    known: dict[str, Any] = {}
    if kind == NetKind.TLS_UNTRUSTED:
        known["tls"] = refused(Distrust.EXPIRED)
    known["params"] = {"field": "host", "weak": "dh", "alert": "internal_error"}
    known["params"] |= {"service": "http", "spoken": "lmtp"}
    diagnosis = diagnose(report(kind, stage, **known), START)
    assert diagnosis is not None
    assert diagnosis.cause != "unknown"
    assert diagnosis.confidence == 1.0
    assert "{" not in diagnosis.title + diagnosis.explanation


def test_no_failure_no_diagnosis() -> None:
    assert diagnose(Report(), START) is None


def test_what_the_system_says_is_not_guessed_at() -> None:
    diagnosis = diagnose(report(NetKind.OTHER, Stage.CONNECT), START)
    assert diagnosis is not None
    assert (diagnosis.cause, diagnosis.evidence) == ("unknown", "as it was seen")


@pytest.mark.parametrize(
    ("stage", "reply", "cause"),
    [
        (Stage.GREETING, "554 5.3.2 no SMTP service here", "smtp_service_refused"),
        (Stage.GREETING, "421 4.3.2 try later", "service_unavailable"),
        (Stage.EHLO, "550 5.7.1 no", "helo_name_rejected"),
        (Stage.STARTTLS, "454 4.7.0 TLS not available", "server_tls_unavailable"),
        (Stage.AUTH, "535 5.7.8 no", "bad_credentials"),
        (Stage.AUTH, "454 4.7.0 no", "temporary_auth_failure"),
        (Stage.AUTH, "538 5.7.11 no", "auth_needs_encryption"),
        (Stage.AUTH, "432 4.7.12 no", "password_transition"),
        (Stage.AUTH, "534 5.7.9 Authentication mechanism is too weak", "auth_mechanism_too_weak"),
        (Stage.MAIL, "530 5.7.0 Must issue STARTTLS first", "starttls_required_by_server"),
        (Stage.MAIL, "530 5.7.0 Authentication required", "auth_required"),
        (Stage.RCPT, "550 5.1.1 no", "unknown_recipient"),
        (Stage.RCPT, "554 5.7.1 <a@b.example>: Relay access denied", "relay_denied"),
    ],
)  # fmt: skip
def test_a_reply_means_what_its_stage_and_code_say(stage: Stage, reply: str, cause: str) -> None:
    code, text = reply.split(" ", 1)
    said = Reply(int(code), (text,))
    diagnosis = diagnose(failed(stage, Failure(Kind.REPLY, reply, said)), START)
    assert diagnosis is not None
    assert (diagnosis.cause, diagnosis.evidence) == (cause, reply)


@pytest.mark.parametrize(
    ("mechanism", "cause"),
    [("PLAIN", "bad_credentials"), ("OAUTHBEARER", "oauth_token_rejected")],
)
def test_a_token_that_is_refused_is_no_wrong_password(mechanism: str, cause: str) -> None:
    known = {"reply": Reply(535, ("5.7.8 no",)), "params": {"mechanism": mechanism}}
    diagnosis = diagnose(report(Kind.REPLY, Stage.AUTH, **known), START)
    assert diagnosis is not None
    assert diagnosis.cause == cause


def test_each_reason_not_to_trust_is_named_and_the_fingerprint_offered() -> None:
    facts = refused(Distrust.EXPIRED, Distrust.HOSTNAME_MISMATCH)
    diagnosis = diagnose(report(NetKind.TLS_UNTRUSTED, Stage.TLS, tls=facts), START)
    assert diagnosis is not None
    assert (diagnosis.cause, diagnosis.also) == ("certificate_expired", ("hostname_mismatch",))
    pinned = next(
        fix.change.apply(START).tls for fix in diagnosis.fixes if fix.change.fields.get("tls.trust")
    )
    assert (pinned.trust, pinned.fingerprint) == (Trust.FINGERPRINT, "ab" * 32)


def test_who_reads_along_is_named_before_the_certificate_is_blamed() -> None:
    facts = refused(Distrust.UNTRUSTED_CA, issuer="CN=Avast Web/Mail Shield Root")
    diagnosis = diagnose(report(NetKind.TLS_UNTRUSTED, Stage.TLS, tls=facts), START)
    assert diagnosis is not None
    assert (diagnosis.cause, diagnosis.also) == ("tls_intercepted", ("untrusted_ca",))


def test_the_names_of_a_certificate_are_offered() -> None:
    facts = refused(Distrust.HOSTNAME_MISMATCH)
    start = replace(START, host="mail.example.org")
    diagnosis = diagnose(report(NetKind.TLS_UNTRUSTED, Stage.TLS, tls=facts), start)
    assert diagnosis is not None
    assert "smtp.example.com" in diagnosis.title
    offered = [fix.change.apply(start) for fix in diagnosis.fixes[:2]]
    assert offered[0].host == "smtp.example.com"
    assert offered[1].tls.server_name == "smtp.example.com"


def test_what_is_set_already_is_no_fix() -> None:
    labels = [
        {fix.label for fix in found.fixes}
        for port, security in ((587, Security.STARTTLS), (25, Security.STARTTLS))
        if (
            found := diagnose(
                report(NetKind.REFUSED, Stage.CONNECT), replace(START, port=port, security=security)
            )
        )
    ]
    assert labels[1] - labels[0] == {"Use port 587 with STARTTLS"}
