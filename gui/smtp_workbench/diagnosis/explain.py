"""From a failure to its diagnosis: of a run of ours, or of any text that somebody pasted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from smtp_workbench.diagnosis.case import Case, Context
from smtp_workbench.diagnosis.diagnosis import Diagnosis
from smtp_workbench.diagnosis.likeness import known
from smtp_workbench.diagnosis.marking import decide, likely_span
from smtp_workbench.diagnosis.matcher import Rule, fitting
from smtp_workbench.diagnosis.middle import ANSWERS, HIDES, READS, Middle, middle, party_in
from smtp_workbench.diagnosis.reading import is_trouble_of_mail
from smtp_workbench.diagnosis.wording import diagnosis_of, of_setting
from smtp_workbench.net.certificate import Distrust, TlsFacts
from smtp_workbench.settings import presets
from smtp_workbench.settings.change import Change, Fix, Safety, value_of
from smtp_workbench.settings.transport import Transport, Trust
from smtp_workbench.smtp.events import Failure, Kind, Stage
from smtp_workbench.smtp.report import Report

__all__ = ["UNKNOWN", "Context", "by_rules", "diagnose", "explain", "explain_and_mark", "meaning"]

UNKNOWN: Final = "unknown"
_MAX_ALSO: Final = 3
_DOUBT: Final = 0.36
"""A rule that is less certain than the first by more than this has nothing to add: of the causes
that such rules added for texts that no rule had seen, 1 in 100 was right."""
_LOG: Final = 2_000
"""Characters; in a longer text nobody can tell which line matters if no rule does."""
_GUESSED: Final = 0.5
"""The confidence where all texts that are like this one mean the same."""
_KNOWN: Final = 1.0
"""The confidence of rules that go by what the run itself met, and not by anybody's words."""
_MAX_TEXT: Final = 4_000
"""Characters of what a server said that the rules read: what matters comes first."""
_MAX_NAMES: Final = 2
"""Names of a certificate that are offered as the host."""
_NO_NAME: Final = {"tls.server_name": ""}
_SAYS_NO_TLS: Final = (
    Kind.STARTTLS_NOT_OFFERED,
    Kind.STARTTLS_MASKED,
    Kind.PLAINTEXT_CREDENTIALS,
    Kind.AUTH_NOT_OFFERED,
    Kind.AUTH_NOT_OFFERED_BEFORE_TLS,
)


def diagnose(report: Report, transport: Transport) -> Diagnosis | None:
    """Return what the failure in *report* means; None when there is none."""
    found = _diagnosis(report, transport)

    def stands(path: str, value: object) -> bool:
        is_port = path == "port"
        return value == (transport.effective_port if is_port else value_of(transport, path))

    return found and _without_idle(found, stands)


def _diagnosis(report: Report, transport: Transport) -> Diagnosis | None:
    failure, stage = report.failure, report.failed_stage
    if stage is None:
        return None
    refused = next((item for item in report.recipients if not item.accepted), None)
    if refused is not None and (failure is None or failure.kind == Kind.NO_ADDRESS_ACCEPTED):
        failure = Failure(Kind.REPLY, str(refused.reply), refused.reply, "RCPT")
    if failure is None:
        return None
    between = middle(report, transport)
    case = _case(failure, stage, transport)
    params = _params(case, transport.host, failure.tls)
    if between is not None and between.cause == ANSWERS:
        case = replace(case, provider=None)  # it is not the provider who answers
    found = _of_failure(failure, case, params)
    if "label" in failure.params:  # a finding that blocks the run
        return of_setting(found)
    if between is None:
        return found
    if _is_doing_of(between, failure, stage):
        return _of_middle(between, found, {**params, "host": transport.host})
    return replace(found, also=_others([between.cause, *found.also], found.cause))


def _of_failure(failure: Failure, case: Case, params: Mapping[str, str]) -> Diagnosis:
    if failure.kind == "tls_untrusted" and failure.tls is not None:
        return _of_certificate(case, failure.tls, params)
    fits = list(islice(fitting(case), 12))
    return _of_rules(fits, failure.evidence, params)


def _is_doing_of(between: Middle, failure: Failure, stage: Stage) -> bool:
    """Whether the failure comes from who is in the middle, and not from the server behind."""
    if between.cause == READS:
        return stage is Stage.TLS
    if between.cause == HIDES:
        return failure.kind in _SAYS_NO_TLS
    return between.cause == ANSWERS


def _of_middle(between: Middle, found: Diagnosis, params: Mapping[str, str]) -> Diagnosis:
    evidence = "\n".join(between.evidence)
    params = {**params, "party": between.party}
    told = diagnosis_of(between.cause, evidence, params, confidence=between.confidence)
    usual = [] if found.cause == UNKNOWN else [found.cause]
    return replace(told, also=_others([*usual, *found.also], told.cause))


def _case(failure: Failure, stage: Stage, transport: Transport) -> Case:
    reply = failure.reply
    preset = presets.by_host(transport.host)
    spoken = "" if reply is None else failure.evidence
    return Case(
        text=" ".join((spoken or failure.evidence)[:_MAX_TEXT].split()),
        stage=stage.value,
        kind=None if failure.kind == Kind.REPLY else failure.kind,
        codes=frozenset({reply.code} if reply else ()),
        enhanced=frozenset({reply.enhanced} if reply and reply.enhanced else ()),
        port=transport.effective_port,
        security=transport.security.value,
        provider=preset.id if preset else None,
        params=failure.params,
    )


def _of_certificate(case: Case, facts: TlsFacts, params: Mapping[str, str]) -> Diagnosis:
    """Name the first reason."""
    causes = [reason.value for reason in facts.reasons if reason is not Distrust.OTHER]
    evidence = facts.reason or case.text
    if not causes:
        return diagnosis_of("untrusted_ca", evidence, params, confidence=0.5)
    if causes[0] == "missing_intermediate":
        # Which of the two it is, nobody can tell from here for sure.
        causes.append("untrusted_ca")
    if case.provider and causes[0] in (Distrust.UNTRUSTED_CA, Distrust.SELF_SIGNED):
        # The big services have certificates that everyone trusts.
        causes.append(READS)
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
    return explain_and_mark(text, context)[0]


def explain_and_mark(
    text: str, context: Context | None = None
) -> tuple[Diagnosis, tuple[int, int] | None]:
    """Return what *text* means, and where the part stands that says so; None: nothing fits.

    Start and end are characters of *text* as it was pasted: `text[start:end]` is the evidence.
    """
    context = context or Context()
    told, span = by_rules(text, context)
    guess = told.cause == UNKNOWN and len(text) <= _LOG
    if guess and is_trouble_of_mail(told.evidence, context.stage):
        told = _of_the_like(told.evidence, context.stage, _params_of(context))
    return _without_idle(told, _knows(context)), None if told.cause == UNKNOWN else span


def by_rules(text: str, context: Context) -> tuple[Diagnosis, tuple[int, int]]:
    """Return what the rules alone say of *text*, and where the part stands that they go by."""
    found = decide(text, context)
    span = (found.start, found.end) if found else likely_span(text)
    rules = found.rules if found else ()
    return _of_rules(rules, text[slice(*span)], _params_of(context)), span


def meaning(cause: str, evidence: str, context: Context | None = None) -> Diagnosis:
    """Return what *evidence* means if its cause is *cause*, one of those in `Diagnosis.also`."""
    context = context or Context()
    return _without_idle(diagnosis_of(cause, evidence, _params_of(context)), _knows(context))


def _knows(context: Context) -> Callable[[str, object], bool]:
    known: dict[str, object] = {"port": context.port, "security": context.security}
    return lambda path, value: known.get(path) == value


def _without_idle(diagnosis: Diagnosis, stands: Callable[[str, object], bool]) -> Diagnosis:
    """Leave out fixes that change nothing: *stands* tells whether a field has that value."""
    fixes = (
        fix
        for fix in diagnosis.fixes
        if not fix.change.fields or not all(stands(*pair) for pair in fix.change.fields.items())
    )
    return replace(diagnosis, fixes=tuple(fixes))


def _of_the_like(evidence: str, stage: str | None, params: Mapping[str, str]) -> Diagnosis:
    """Return what texts like *evidence*, of which no rule knows anything, mean."""
    like = known().like(evidence, stage)
    if like is None:
        return diagnosis_of(UNKNOWN, evidence, params)
    found = diagnosis_of(like.cause, evidence, params, confidence=_GUESSED * like.share)
    return replace(found, also=_others(like.others, like.cause))


def _of_rules(fits: Sequence[Rule], evidence: str, params: Mapping[str, str]) -> Diagnosis:
    if not fits:
        return diagnosis_of(UNKNOWN, evidence, params)
    first, *others = fits
    least = first.confidence - _DOUBT
    near = [rule.cause for rule in others if rule.confidence >= least]
    params = {**params, "party": party_in(evidence, first.cause) or ""}
    found = diagnosis_of(first.cause, evidence, params, confidence=first.confidence)
    also = _others([*first.also, *(near if first.confidence < _KNOWN else ())], first.cause)
    return replace(found, also=also)


def _others(causes: Iterable[str], but: str) -> tuple[str, ...]:
    """Return the first few of *causes*, each once, without *but*."""
    return tuple(islice((cause for cause in dict.fromkeys(causes) if cause != but), _MAX_ALSO))


def _params_of(context: Context) -> dict[str, str]:
    params = {}
    preset = presets.by_id(context.provider) if context.provider else None
    if context.host:
        params["host"] = context.host
        preset = presets.by_host(context.host) or preset
    if preset is not None:
        params["provider"] = preset.service
    if context.port:
        params["port"] = str(context.port)
    return params


def _params(case: Case, host: str, facts: TlsFacts | None) -> dict[str, str]:
    params = {**case.params, "host": host, "port": str(case.port)}
    preset = presets.by_id(case.provider) if case.provider else None
    if preset is not None:
        params["provider"] = preset.service
    if facts is not None and facts.leaf is not None:
        params["host"] = facts.server_name or host
        params["names"] = ", ".join(facts.leaf.names) or "no name at all"
        params["reason"] = facts.reason or ""
    return params
