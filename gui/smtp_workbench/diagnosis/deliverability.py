"""What the facts about a mail domain mean: a row a subject, with a verdict and what to do.

The texts are data in `resources/deliverability.toml`, by the labels that the judgements give.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from smtp_workbench.diagnosis import authentication, mail_routes
from smtp_workbench.diagnosis.said import TEXTS, Said
from smtp_workbench.lookup.deliverability import Facts, Subject
from smtp_workbench.resource import read_toml
from smtp_workbench.smtp.printable import legible

_JUDGES: Final[Mapping[Subject, Callable[[Any], Said]]] = {
    Subject.MX: mail_routes.mx,
    Subject.SPF: authentication.spf,
    Subject.SPF_RESULT: authentication.spf_result,
    Subject.DKIM: authentication.dkim,
    Subject.DMARC: authentication.dmarc,
    Subject.ALIGNMENT: authentication.alignment,
    Subject.REVERSE_DNS: mail_routes.reverse,
    Subject.MTA_STS: mail_routes.mta_sts,
    Subject.TLS_RPT: mail_routes.tls_rpt,
    Subject.TLSA: mail_routes.tlsa,
    Subject.BIMI: authentication.bimi,
}


class Verdict(StrEnum):
    """How a subject stands."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"
    """There was no answer, or not enough to tell."""
    NONE = "none"
    """It wasn't asked about, or isn't there and need not be."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one subject."""

    subject: Subject
    title: str
    verdict: Verdict
    found: str
    """The records, or in words what else there was; several lines where there are several."""
    advice: str
    """One sentence of what to do."""
    label: str
    """Of the texts."""

    def as_json(self) -> dict[str, str]:
        """Return the row as plain JSON values."""
        return {
            "subject": self.subject.value,
            "title": self.title,
            "verdict": self.verdict.value,
            "found": self.found,
            "advice": self.advice,
            "label": self.label,
        }


def row(subject: Subject, facts: Facts | None) -> Row:
    """Return what *facts* mean; None for a subject that the question lacks something for."""
    texts = read_toml(TEXTS)
    label, params = _JUDGES[subject](facts) if facts else (f"{subject.value}_not_asked", {})
    return _row(subject, label, params, texts)


def title(subject: Subject) -> str:
    """Return what *subject* is called."""
    return str(read_toml(TEXTS)["titles"][subject.value])


def _row(
    subject: Subject, label: str, params: Mapping[str, object], texts: Mapping[str, Any]
) -> Row:
    own = texts[label]
    return Row(
        subject,
        title(subject),
        Verdict(own["verdict"]),
        _legible(str(own.get("found", "{records}")).format(**params)),
        _legible(str(own["advice"]).format(**params)),
        label,
    )


def _legible(text: str) -> str:
    """Return *text*, in which strangers may have written what deceives the eye, line by line."""
    return "\n".join(legible(line) for line in text.split("\n"))
