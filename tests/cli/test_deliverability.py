"""`deliverability` as a script calls it, over a name server on loopback."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from smtp_workbench.lookup.deliverability import Subject
from support.domains import ADDRESS, good, txt, zone
from support.name_server import serve_names

COMMAND = [sys.executable, "-m", "smtp_workbench", "deliverability"]
ALL = ("--ip", ADDRESS, "--selector", "s1", "--relay", "mail.example.org:25")


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def rows(records: Any, *arguments: str) -> dict[str, dict[str, str]]:
    with serve_names(zone(records), secure=True) as server:
        done = call("example.org", "--resolver", server.address, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["domain"] == "example.org"
    assert [item["subject"] for item in found["rows"]] == [subject.value for subject in Subject]
    return {item["subject"]: item for item in found["rows"]}


def test_a_good_domain_is_good_but_for_what_was_not_allowed() -> None:
    found = rows(good(), *ALL)
    verdicts = {subject: item["verdict"] for subject, item in found.items()}
    assert verdicts.pop("mta_sts") == "unknown"
    assert set(verdicts.values()) == {"good"}
    assert found["spf"]["found"] == "v=spf1 mx -all"
    assert all(item["advice"].endswith(".") for item in found.values())


def test_a_broken_domain_is_an_answer_too() -> None:
    records = {"example.org": [txt("v=spf1 -all"), txt("v=spf1 mx")], "_dmarc.example.org": []}
    found = rows(records, *ALL, "--envelope-from", "bounce@example.org", "--dkim-domain", "x.y")
    assert {found[subject]["verdict"] for subject in ("mx", "spf", "dkim", "dmarc")} == {"bad"}
    assert found["spf_result"]["found"].startswith("permerror")
    assert found["alignment"]["verdict"] == "warning"


def test_what_was_not_given_is_not_judged() -> None:
    found = rows(good())
    asked = {subject: item["verdict"] for subject, item in found.items()}
    for subject in ("spf_result", "dkim", "reverse_dns", "tlsa"):
        assert asked[subject] == "none"


def test_for_a_person_there_is_a_paragraph_a_subject_in_order() -> None:
    with serve_names(zone(good())) as server:
        done = call("me@example.org", "--resolver", server.address, *ALL)
    assert done.returncode == 0
    heads = [line[2:] for line in done.stdout.splitlines() if line[:2] in ("✓ ", "! ", "✗ ", "? ")]
    assert heads[:3] == ["MX", "SPF", "SPF for the sending address"]
    assert len(heads) == len(Subject)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("a b",), "DOMAIN: "),
        (("example.org\n",), "DOMAIN: "),
        (("example.org", "--ip", "mail"), "--ip: "),
        (("example.org", "--selector", "a;b"), "--selector: "),
        (("example.org", "--selector", "s", "--dkim-domain", "a b"), "--dkim-domain: "),
        (("example.org", "--envelope-from", "a@b c"), "--envelope-from: "),
        (("example.org", "--relay", "mail:port"), "--relay: "),
        (("example.org", "--relay", "ma il"), "--relay: "),
        (("example.org", "--resolver", "mail"), "--resolver: "),
    ],
)
def test_a_word_that_is_off_is_named(arguments: tuple[str, ...], named: str) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"smtp-workbench: {named}")
    assert done.stderr.count("\n") == 1


def test_ctrl_c_ends_it_while_a_server_is_silent() -> None:
    silent = frozenset({"_dmarc.example.org"})
    with (
        serve_names(zone(good()), silent=silent) as server,
        subprocess.Popen(
            [*COMMAND, "example.org", "--resolver", server.address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline().endswith("MX\n")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (130, "")
