"""The history of runs: complete, safe from kills, bounded, and without secrets."""

import asyncio
import json
import random
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings

from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Transport
from smtp_workbench.smtp.events import Delivered, Line, MessageDone, RepeatStarted, Stage
from smtp_workbench.smtp.report import Report, fold
from smtp_workbench.smtp.verify import verify
from smtp_workbench.store import reports as kept_reports
from smtp_workbench.store.history import History, HistoryError, Run
from store.reports import reports
from support.leaks import find_leak

NOW = datetime.now(UTC).replace(microsecond=0)
TRANSPORT = Transport(host="smtp.example.com", security=Security.IMPLICIT_TLS)


def added(history: History, number: int = 0, **more: object) -> Run:
    words = {"kind": "verify", "name": "Billing", "profile": "1", **more}
    at = words.pop("at", NOW + timedelta(seconds=number))
    return history.add(Report(), TRANSPORT, at=at, **words)  # type: ignore[arg-type]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=200)
@given(reports())
def test_a_report_comes_back_as_it_was(report: Report) -> None:
    text = json.dumps(kept_reports.to_plain(report))
    assert kept_reports.from_plain(json.loads(text)) == report


@pytest.mark.parametrize(
    ("plain", "named"),
    [
        ([], "report"),
        ({"lines": [{"t": "soon"}]}, "report.lines[0].t"),
        ({"lines": [{"t": 1}]}, "report.lines[0].direction"),
        ({"stages": [{"stage": "coffee", "started": 1}]}, "report.stages[0].stage"),
    ],
)
def test_what_is_no_report_is_named(plain: object, named: str) -> None:
    with pytest.raises(ValueError, match=named.replace("[", r"\[")):
        kept_reports.from_plain(plain)


def test_a_very_long_run_is_shortened_and_says_so() -> None:
    report = Report(lines=[Line(float(at), "S", tls=True, text=str(at)) for at in range(12_000)])
    lines = kept_reports.from_plain(kept_reports.to_plain(report)).lines
    assert len(lines) == kept_reports.MOST_LINES + 1
    assert (lines[0].text, lines[-1].text) == ("0", "11999")
    assert "7000 lines" in lines[2_500].text
    assert len(report.lines) == 12_000


def test_the_times_of_many_messages_are_thinned() -> None:
    done = (MessageDone(at / 9, at, 1, at / 7, Delivered.ACCEPTED) for at in range(20_000))
    report = fold([RepeatStarted(0.0, 20_000, 1), *done])
    tally = kept_reports.from_plain(kept_reports.to_plain(report)).tally
    assert tally is not None
    assert tally.accepted == 20_000
    assert len(tally.seconds) <= kept_reports.MOST_LINES
    assert report.tally is not None
    assert tally.percentiles()[49] == pytest.approx(report.tally.percentiles()[49], rel=0.01)


def test_runs_come_back_newest_first(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.open() == []
    first, second = added(history, 1), added(history, 2, kind="send", cause="bad_credentials")
    assert History(tmp_path).list() == (second, first)
    assert history.list(limit=1) == (second,)
    kept = history.get(first.id)
    assert kept is not None
    assert (kept.run, kept.transport, kept.report) == (first, TRANSPORT, Report())


def test_runs_are_found_by_name_host_and_cause(tmp_path: Path) -> None:
    history = History(tmp_path)
    run = added(history, name="Büro %", cause="bad_credentials")
    added(history, name="Other")
    for text in ("BÜRO", "ro %", "bad_cred"):
        assert history.list(text=text) == (run,)
    assert len(history.list(text="Example.com")) == 2
    assert history.list(text="_") == (run,)


def test_runs_are_deleted_and_cleared(tmp_path: Path) -> None:
    history = History(tmp_path)
    runs = [added(history, number) for number in range(4)]
    history.delete([runs[0].id, runs[2].id])
    assert history.list() == (runs[3], runs[1])
    assert history.get(runs[0].id) is None
    history.clear()
    assert history.list() == ()
    assert added(history).id > runs[3].id  # an id never means another run


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    history = History(tmp_path, most=3, days=10)
    runs = [added(history, number) for number in range(5)]
    assert history.list() == tuple(reversed(runs[2:]))
    added(history, at=NOW - timedelta(days=11))
    assert history.list() == tuple(reversed(runs[2:]))


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    history = History(tmp_path / "new")
    added(history)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()} == {0o600}


@pytest.mark.parametrize("damage", ["text", "page", "empty table"])
def test_an_unreadable_file_is_set_aside(tmp_path: Path, damage: str) -> None:
    history = History(tmp_path)
    for number in range(30):
        added(history, number)
    octets = bytearray(history.path.read_bytes())
    if damage == "text":
        octets = bytearray(b"not a database at all" * 100)
    elif damage == "page":
        octets[4096:8192] = random.Random(1).randbytes(4096)
    else:
        octets[100:108] = b"\xff" * 8
    history.path.write_bytes(octets)
    (trouble,) = history.open()
    (aside,) = tmp_path.glob("history.sqlite.unreadable-*")
    assert aside.name in trouble
    assert aside.read_bytes() == octets
    assert history.list() == ()
    run = added(history)
    assert history.list() == (run,)


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    history = History(tmp_path)
    added(history)
    with sqlite3.connect(history.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = history.path.read_bytes()
    (trouble,) = history.open()
    assert "newer" in trouble
    with pytest.raises(HistoryError, match="newer"):
        added(history)
    assert history.path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file")
    (trouble,) = history.open()
    assert "can't be used" in trouble
    with pytest.raises(HistoryError):
        history.list()


def test_two_programs_share_it(tmp_path: Path) -> None:
    first, second = History(tmp_path), History(tmp_path)
    runs = {added(first, 1), added(second, 2)}
    assert set(first.list()) == set(second.list()) == runs


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from smtp_workbench.settings.transport import Transport
from smtp_workbench.smtp.events import Line
from smtp_workbench.smtp.report import Report
from smtp_workbench.store.history import History
history = History(Path(sys.argv[1]), most=10**6)
report = Report(lines=[Line(1.0, "S", False, "x" * 200)] * 50)
print("ready", flush=True)
while True:
    run = history.add(report, Transport(host="h"), at=datetime.now(UTC), kind="verify")
    print(run.id, flush=True)
"""


def test_a_kill_never_loses_what_was_reported_written(tmp_path: Path) -> None:
    chance, reported = random.Random(7), set()
    for _ in range(30):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            for _ in range(chance.randrange(6)):
                reported.add(int(process.stdout.readline()))
            # However long that takes, it lands somewhere in the next write.
            for _ in range(chance.randrange(100_000)):
                pass
            process.kill()
            reported |= {int(line) for line in process.stdout if line.endswith("\n")}
        history = History(tmp_path, most=10**6)
        assert history.open() == []
        assert reported <= {run.id for run in history.list(limit=10**6)}
    assert len(reported) > 30
    assert not list(tmp_path.glob("*unreadable*"))


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_no_secret_is_kept(tmp_path: Path, mechanism: str) -> None:
    secret = "hunter2 sehr geheim ü"
    history = History(tmp_path)

    async def run() -> Report:
        async with Sandbox() as sandbox:
            transport = sandbox.transport()
            tried = replace(
                transport,
                auth=Auth(user=transport.auth.user, mechanism=mechanism),
                proxy=f"socks5://me:{quote(secret)}@127.0.0.1:9",
            )
            report = await verify(replace(tried, proxy=""), Secret(secret))
            history.add(report, tried, at=NOW, kind="verify", name="Mine")
            return report

    report = asyncio.run(run())
    assert report.failed_stage is Stage.AUTH
    for file in tmp_path.iterdir():
        assert find_leak(file.read_bytes(), secret) is None
    (entry,) = history.list()
    kept = history.get(entry.id)
    assert kept is not None
    assert kept.report == report
