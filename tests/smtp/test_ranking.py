"""The order of what detection found, and the reasons for it."""

import pytest

from smtp_workbench.diagnosis.reason import reason
from smtp_workbench.net.certificate import TlsFacts
from smtp_workbench.resource import read_toml
from smtp_workbench.settings.transport import Family, Security, Transport
from smtp_workbench.smtp.candidate import Candidate
from smtp_workbench.smtp.events import (
    Failure,
    Notice,
    RunFinished,
    Stage,
    StageFailed,
    StageFinished,
    Status,
)
from smtp_workbench.smtp.guesses import merged, of_address, of_host
from smtp_workbench.smtp.ranking import Ranked, best, for_login, rank
from smtp_workbench.smtp.report import Report, fold

IMPLICIT, STARTTLS, PLAINTEXT = Security.IMPLICIT_TLS, Security.STARTTLS, Security.PLAINTEXT


def works(*, tls: bool, trusted: bool = True, auth: str = "PLAIN") -> Report:
    facts = TlsFacts("TLSv1.3", "X", "a.example", (), trusted=trusted, reason="self-signed")
    return fold(
        [
            StageFinished(0.0, Stage.TLS, Status.OK, "", tls=facts if tls else None),
            StageFinished(
                0.0, Stage.EHLO, Status.OK, "", extensions={"AUTH": auth} if auth else {}
            ),
            RunFinished(0.0),
        ]
    )


def fails(stage: Stage = Stage.CONNECT, **facts: object) -> Report:
    failure = Failure("refused", "Connection refused", **facts)  # type: ignore[arg-type]
    return fold([StageFailed(0.0, stage, failure), RunFinished(0.0)])


def at(
    port: int,
    security: Security,
    *,
    source: str = "detect",
    family: Family = Family.IPV4,
    report: Report | None = None,
    auth: str = "PLAIN",
    trusted: bool = True,
) -> Candidate:
    transport = Transport(host="a.example", port=port, security=security, family=family)
    if report is not None:
        return Candidate(transport, report, source)
    seen = works(tls=security is not PLAINTEXT, trusted=trusted, auth=auth)
    if trusted or security is PLAINTEXT:
        return Candidate(transport, seen, source)
    return Candidate(transport, fails(Stage.TLS, tls=seen.tls), source, seen)


ORDER = [
    at(465, IMPLICIT, source="SRV"),
    at(465, IMPLICIT),
    at(587, STARTTLS),
    at(2465, IMPLICIT),
    at(2587, STARTTLS),
    at(2525, STARTTLS),
    at(25, STARTTLS),
    at(587, STARTTLS, auth=""),
    at(465, IMPLICIT, trusted=False),
    at(587, STARTTLS, trusted=False),
    at(25, STARTTLS, auth=""),
    at(587, PLAINTEXT),
    at(25, PLAINTEXT),
    at(2500, STARTTLS, report=fails()),
]
"""The better first; some are about the same settings and never meet in one ranking."""


@pytest.mark.parametrize("place", range(len(ORDER) - 1))
def test_the_better_comes_first_whatever_came_first(place: int) -> None:
    better = ORDER[place]
    for worse in ORDER[place + 1 :]:
        if (better.port, better.security) == (worse.port, worse.security):
            continue
        for pair in ((better, worse), (worse, better)):
            assert [item.candidate for item in rank(pair)] == [better, worse]


def labels(item: Ranked) -> list[str]:
    return [notice.label for notice in item.reasons]


def test_the_reasons_are_what_was_seen() -> None:
    (item,) = rank([at(465, IMPLICIT, source="autoconfig")])
    assert labels(item) == [
        "implicit_tls_registered",
        "certificate_trusted",
        "auth_offered",
        "published",
    ]
    (item,) = rank([at(25, PLAINTEXT, auth="")])
    assert labels(item) == ["plaintext", "relay_port", "auth_missing"]
    (item,) = rank([at(2465, IMPLICIT, trusted=False)])
    assert labels(item) == ["implicit_tls", "certificate_untrusted", "auth_offered"]


def test_both_families_are_one_entry_with_a_word_about_the_other() -> None:
    silent = at(465, IMPLICIT, family=Family.IPV6, report=fails())
    good = at(465, IMPLICIT)
    (item,) = rank([silent, good])
    assert item.candidate == good
    assert item.others == (silent,)
    words = reason(item.reasons[-1])
    assert words.text == "IPv6 does not work: Connection refused."
    (item,) = rank([at(465, IMPLICIT, family=Family.IPV6), good])
    assert labels(item)[-1] == "both_families"


def test_nothing_that_fails_is_best() -> None:
    assert best(rank([at(465, IMPLICIT, report=fails())])) is None
    assert best(()) is None


def test_a_log_in_is_tried_under_trusted_tls_only() -> None:
    unsafe = [at(587, PLAINTEXT), at(465, IMPLICIT, trusted=False), at(2587, STARTTLS, auth="")]
    assert for_login(rank(unsafe)) is None
    safe = at(2525, STARTTLS)
    assert for_login(rank([*unsafe, safe])) == safe


def test_every_reason_has_its_text_and_every_text_is_used() -> None:
    values = dict.fromkeys(("port", "reason", "mechanisms", "source", "reply", "detail"), "x")
    params = {**values, "family": "IPv6"}
    for label in read_toml("reasons.toml"):
        assert "{" not in reason(Notice(label, params)).text


def test_guesses_for_an_address_are_the_service_or_the_usual_names() -> None:
    known = merged(of_address("me@gmail.com"))
    assert {guess.host for guess in known} == {"smtp.gmail.com"}
    assert known[0].source == "preset"
    assert {guess.source for guess in known} == {"preset", "detect"}
    assert len({guess.port for guess in known}) == len(known)
    own = of_address("me@workbench.example")
    assert [guess.host for guess in own[::7]] == [
        "smtp.workbench.example",
        "mail.workbench.example",
        "workbench.example",
    ]


def test_guesses_for_a_known_host_name_its_service() -> None:
    assert {guess.source for guess in merged(of_host("smtp.gmail.com"))} == {"preset", "detect"}
    assert {guess.source for guess in of_host("mail.workbench.example")} == {"detect"}
