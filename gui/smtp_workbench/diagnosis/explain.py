"""From a failure to its diagnosis: of a run of ours, or of any text that somebody pasted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Final

from smtp_workbench.diagnosis.case import Case, Context
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.marking import decide, likely_span
from smtp_workbench.diagnosis.matcher import Rule, fitting
from smtp_workbench.diagnosis.wording import diagnosis_of
from smtp_workbench.net.certificate import Distrust, TlsFacts
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Fix, Safety
from smtp_workbench.settings.transport import Transport, Trust
from smtp_workbench.smtp.events import Failure, Kind, Stage
from smtp_workbench.smtp.report import Report

__all__ = ["UNKNOWN", "Context", "diagnose", "explain"]

UNKNOWN: Final = "unknown"
_MAX_ALSO: Final = 3
_MAX_NAMES: Final = 2
"""Names of a certificate that are offered as the host."""
_NO_NAME: Final = {"tls.server_name": ""}


def diagnose(report: Report, transport: Transport) -> Diagnosis | None:
    """Return what the failure in *report* means; None when there is none."""
    failure, stage = report.failure, report.failed_stage
    if stage is None:
        return None
    refused = next((item for item in report.recipients if not item.accepted), None)
    if refused is not None and (failure is None or failure.kind == Kind.NO_ADDRESS_ACCEPTED):
        failure = Failure(Kind.REPLY, str(refused.reply), refused.reply, "RCPT")
    if failure is None:
        return None
    case = _case(failure, stage, transport)
    params = _params(case, transport.host, failure.tls)
    if failure.kind == "tls_untrusted" and failure.tls is not None:
        return _of_certificate(case, failure.tls, params)
    fits = list(islice(fitting(case), 12))
    if not fits:
        return diagnosis_of(UNKNOWN, failure.evidence, params)
    return _of_rules(fits, failure.evidence, params)


def _case(failure: Failure, stage: Stage, transport: Transport) -> Case:
    reply = failure.reply
    preset = presets.by_host(transport.host)
    spoken = "" if reply is None else failure.evidence
    return Case(
        text=" ".join((spoken or failure.evidence).split()),
        stage=stage.value,
        kind=None if failure.kind == Kind.REPLY else failure.kind,
        codes=frozenset({reply.code} if reply else ()),
        enhanced=frozenset({reply.enhanced} if reply and reply.enhanced else ()),
        port=transport.effective_port,
        security=transport.security.value,
        provider=preset.id if preset else None,
        params=failure.params,
        tls=failure.tls,
    )


def _of_certificate(case: Case, facts: TlsFacts, params: Mapping[str, str]) -> Diagnosis:
    """Name the first reason, or whoever sits in the middle."""
    reasons = [reason.value for reason in facts.reasons if reason is not Distrust.OTHER]
    between = next((rule.cause for rule in fitting(case)), None)
    causes = [between, *reasons] if between else reasons
    evidence = facts.reason or case.text
    if not causes:
        return diagnosis_of("untrusted_ca", evidence, params, confidence=0.5)
    if causes[0] == "missing_intermediate":
        # Which of the two it is, nobody can tell from here for sure.
        causes.append("untrusted_ca")
    found = _specific(diagnosis_of(causes[0], evidence, params, confidence=1.0), facts)
    return replace(found, also=tuple(causes[1:]))


def _specific(diagnosis: Diagnosis, facts: TlsFacts) -> Diagnosis:
    """Offer what this very certificate makes possible: its names, its fingerprint."""
    leaf = facts.leaf
    if leaf is None:
        return diagnosis
    pin = {"tls.trust": Trust.FINGERPRINT, "tls.fingerprint": leaf.sha256}
    fixes = [
        replace(fix, change=Change(pin))
        if fix.change.fields.get("tls.trust") is Trust.FINGERPRINT
        else fix
        for fix in diagnosis.fixes
    ]
    if diagnosis.cause == Distrust.HOSTNAME_MISMATCH:
        names = [name for name in leaf.names if "*" not in name][:_MAX_NAMES]
        fixes[:0] = [
            *(Fix(f"Connect to {name}", Change({"host": name, **_NO_NAME})) for name in names),
            *(
                Fix(f"Expect {name} here", Change({"tls.server_name": name}), Safety.ASK)
                for name in names[:1]
            ),
        ]
    return replace(diagnosis, fixes=tuple(fixes))


def explain(text: str, context: Context | None = None) -> Diagnosis:
    """Return what *text* means, printed by whatever server or program.

    Nothing fits: the cause is `unknown` and the confidence 0. It never raises.
    """
    context = context or Context()
    found = decide(text, context)
    if found is None:
        start, end = likely_span(text)
        return diagnosis_of(UNKNOWN, text[start:end], _params_of(context))
    return _of_rules(found.rules, text[found.start : found.end], _params_of(context))


def _of_rules(fits: Iterable[Rule], evidence: str, params: Mapping[str, str]) -> Diagnosis:
    first, *others = fits
    causes = dict.fromkeys([*first.also, *(rule.cause for rule in others)])
    causes.pop(first.cause, None)
    also = tuple(islice(causes, _MAX_ALSO))
    found = diagnosis_of(first.cause, evidence, params, confidence=first.confidence)
    return replace(found, also=also)


def _params_of(context: Context) -> dict[str, str]:
    params = {}
    if context.host:
        params["host"] = context.host
        preset = presets.by_host(context.host)
        if preset is not None:
            params["provider"] = preset.name
    if context.port:
        params["port"] = str(context.port)
    return params


def _params(case: Case, host: str, facts: TlsFacts | None) -> dict[str, str]:
    params = {**case.params, "host": host, "port": str(case.port)}
    preset = presets.by_id(case.provider) if case.provider else None
    if preset is not None:
        params["provider"] = preset.name
    if facts is not None and facts.leaf is not None:
        params["host"] = facts.server_name or host
        params["names"] = ", ".join(facts.leaf.names) or "no name at all"
        params["reason"] = facts.reason or ""
    return params
