"""The rules and the texts of causes: data that hangs together, each rule winning what it is for."""

import re
import string
from typing import Any

import pytest

from smtp_workbench.diagnosis import matcher
from smtp_workbench.diagnosis.catalogue import causes
from smtp_workbench.diagnosis.explain import Context, by_rules, explain
from smtp_workbench.diagnosis.matcher import Rule, rules
from smtp_workbench.diagnosis.wording import diagnosis_of
from smtp_workbench.net.errors import NetKind
from smtp_workbench.settings.change import Safety, value_of
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.smtp.events import Kind, Stage

TEXTS: dict[str, Any] = dict(causes())
WITH_SAMPLE = [rule for rule in rules() if rule.sample]


@pytest.mark.parametrize("rule", WITH_SAMPLE, ids=lambda rule: rule.sample["sample"][:60])
def test_each_rule_wins_its_sample(rule: Rule) -> None:
    sample = rule.sample
    known = Context(
        sample.get("sample_port"), sample.get("sample_security"), sample.get("sample_stage")
    )
    assert explain(sample["sample"], known).cause == rule.cause


@pytest.mark.parametrize(
    "rule", [rule for rule in rules() if rule.miss], ids=lambda rule: rule.miss[:60]
)
def test_a_near_miss_is_something_else(rule: Rule) -> None:
    known = Context(stage=rule.sample.get("sample_stage"))
    assert by_rules(rule.miss, known)[0].cause != rule.cause


@pytest.mark.parametrize(
    "rule",
    [rule for rule in WITH_SAMPLE if "text" in rule.when],
    ids=lambda rule: f"{rule.cause}-{rule.sample['sample'][:40]}",
)
def test_what_reads_a_text_says_its_source_and_a_near_miss(rule: Rule) -> None:
    assert len(rule.source) > 3
    assert rule.miss not in ("", rule.sample["sample"])


def test_every_word_that_a_pattern_names_is_in_its_file() -> None:
    patterns = [
        rule.when[name].pattern for rule in rules() for name in ("text", "not") if name in rule.when
    ]
    assert not [pattern for pattern in patterns if re.search(r"@[a-z_]+@", pattern)]


def test_what_reads_a_text_has_a_sample() -> None:
    bare = [rule.cause for rule in rules() if not rule.sample and "text" in rule.when]
    # What our own engine writes is sampled by its own tests.
    assert set(bare) == {
        "http_server",
        "ssh_server",
        "imap_server",
        "pop3_server",
        "oauth_required",
    }


def test_every_cause_of_a_rule_has_its_text() -> None:
    named = {cause for rule in rules() for cause in (rule.cause, *rule.also)}
    assert named - TEXTS.keys() == set()


@pytest.mark.parametrize("cause", sorted(TEXTS))
def test_a_cause_is_told_in_plain_words_with_a_way_out(cause: str) -> None:
    text = TEXTS[cause]
    assert text.keys() - {"again", "elsewhere"} == {"title", "why", "fixes"}
    assert text.get("again", 1) > 0
    assert text.get("elsewhere", True) is True
    assert text["title"][0].isupper() or text["title"].startswith("{")
    assert not text["title"].endswith(".")
    assert text["why"].endswith(".")
    filled = {"host", "port", "provider", "offered", "names", "reason", "field", "alert", "party"}
    for told in (text["title"], text["why"], *(fix["label"] for fix in text["fixes"])):
        assert {name for _, name, _, _ in string.Formatter().parse(told) if name} <= filled
    assert text["fixes"]
    for fix in text["fixes"]:
        assert fix.keys() <= {"label", "safety", "set"}
        assert Safety(fix["safety"])
        assert not fix["label"].endswith(".")


@pytest.mark.parametrize("cause", sorted(TEXTS))
def test_a_text_is_a_sentence_where_nothing_is_known(cause: str) -> None:
    told = diagnosis_of(cause, "evidence", {})
    for text in (told.title, told.explanation, *(fix.label for fix in told.fixes)):
        assert not {"{", "}"} & {*text}
        assert text[0].isupper()
        assert "port this" not in text.lower()


@pytest.mark.parametrize("cause", sorted(TEXTS))
def test_what_a_fix_sets_are_settings(cause: str) -> None:
    start = Transport(host="smtp.example.com", port=25, security=Security.PLAINTEXT)
    for fix in diagnosis_of(cause, "evidence", {}).fixes:
        changed = fix.change.apply(start)
        for path, value in fix.change.fields.items():
            assert value_of(changed, path) == value


@pytest.mark.parametrize("name", ["stage", "kind", "port", "security", "provider"])
def test_conditions_name_what_exists(name: str) -> None:
    known: dict[str, set[object]] = {
        "stage": {stage.value for stage in Stage},
        "kind": {*map(str, Kind), *map(str, NetKind)},
        "security": {item.value for item in Security},
    }
    for rule in rules():
        for value in rule.when.get(name, ()):
            if name == "port":
                assert 0 < value < 65536
            else:
                assert value in known.get(name, {value})


def test_a_misspelled_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown keys"):
        matcher._rule({"cause": "x", "when": {"stages": ["tls"]}}, {"confidence": 1.0})


@pytest.mark.parametrize("address", ["5.1.1.8", "5.2.2.10", "5.7.8.1", "192.5.3.4", "4.4.6.20"])
def test_an_address_is_not_read_as_an_enhanced_code(address: str) -> None:
    text = "host mx.example.org[{}]:25 said: 421 please wait (in reply to end of DATA command)"
    told = explain(text.format(address), Context(25, None, "data"))
    assert told.cause == explain(text.format("203.0.113.9"), Context(25, None, "data")).cause


@pytest.mark.parametrize("word", ["spam", "relay", "auth", "login", "block", "full", "sender"])
def test_what_a_mailbox_is_called_has_no_meaning(word: str) -> None:
    text = "550 <{}@example.com>... cannot be found, says {}@{}.example.com"
    told = explain(text.format(word, word, word), Context(25, None, "rcpt"))
    assert told.cause == explain(text.format("joe", "joe", "mx"), Context(25, None, "rcpt")).cause
