"""The command line as a script sees it: a process, its output and its exit status."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from smtp_workbench.sandbox.faults import FAULTS
from smtp_workbench.settings.transport import Security, Transport
from smtp_workbench.store.profiles import Profile, Profiles
from support.in_the_middle import kept, leaf, root, server
from support.scripted import Peer, serve

ALL_STAGES = ("dns", "connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "quit")
KEYS = {
    "ok",
    "target",
    "stages",
    "failed_stage",
    "reply",
    "diagnosis",
    "findings",
    "tls",
    "extensions",
    "traffic",
    "recipients",
}


def call(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smtp_workbench", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def answer(*arguments: str, status: int = 0, **more: str) -> dict[str, Any]:
    done = call(*arguments, "--json", **more)
    assert done.returncode == status, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_verify_sandbox_goes_through_all_stages() -> None:
    found = answer("verify", "sandbox")
    assert set(found) == KEYS
    assert found["ok"] is True
    assert [(s["stage"], s["status"]) for s in found["stages"]] == [
        (name, "ok") for name in ALL_STAGES
    ]
    assert found["tls"]["trusted"] is True
    assert found["reply"]["code"] == 235  # the last thing that was asked for
    assert found["failed_stage"] is None
    assert found["diagnosis"] is None
    assert found["traffic"]


def test_the_envelope_check_adds_its_stages() -> None:
    found = answer("verify", "sandbox", "--mail-from", "a@b.example", "--rcpt-to", "c@d.example")
    assert [s["stage"] for s in found["stages"]][-3:] == ["mail", "rcpt", "quit"]
    assert found["recipients"][0]["accepted"] is True


MET_BY_VERIFY = [item for item in FAULTS if item.stage != "data" and not item.special]


@pytest.mark.parametrize("fault", MET_BY_VERIFY, ids=lambda item: item.id)
def test_a_fault_of_the_sandbox_gets_its_cause(fault: Any) -> None:
    arguments = ["--mail-from", "a@b.example", "--rcpt-to", "c@d.example", "--timeout", "2"]
    found = answer("verify", "sandbox", "--fault", fault.id, *arguments, status=1)
    assert (found["failed_stage"], found["diagnosis"]["cause"]) == (fault.stage, fault.cause)
    assert found["diagnosis"]["title"]
    assert found["diagnosis"]["evidence"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["verify"], "TARGET"),
        (["frobnicate"], "frobnicate"),
        (["verify", "sandbox", "--security", "ssl"], "--security"),
        (["verify", "sandbox", "--timeout", "soon"], "--timeout"),
        (["verify", "sandbox", "--timeout", "0"], "--timeout"),
        (["verify", "@nobody"], "nobody"),
        (["verify", "provider:nobody"], "nobody"),
        (["verify", "me:s3cret@127.0.0.1:25"], "TARGET"),
        (["verify", "smtp:/me:s3cret@127.0.0.1"], "TARGET"),
        (["detect", "smtp://me:s3cret@127.0.0.1"], "HOST|ADDRESS"),
        (["verify", "smtp://h?colour=red"], "colour"),
        (["verify", "smtp://h:99999"], "port"),
        (["verify", "smtps://:465"], "host"),
        (["verify", "smtp://me@127.0.0.1"], "password"),
        (["verify", "smtp://127.0.0.1", "--password-env", "NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE"),
        (["verify", "sandbox", "--rcpt-to", "a\r\nb@c"], "--rcpt-to"),
        (["verify", "sandbox", "--fault", "bad-luck"], "--fault"),
        (["sandbox", "--tls-port", "99999"], "--tls-port"),
        (["sandbox", "--port", "-1"], "--port"),
        (["explain", ""], "TEXT"),
        (["explain", "--jsonl", "/no/such/file"], "/no/such/file"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(arguments: list[str], named: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
    assert "s3cret" not in done.stderr


def refusing(peer: Peer) -> None:
    peer.send(b"220 here ESMTP\r\n")
    peer.dialogue(b"250-here\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 not with aW7Xs3cr3tZZ\r\n")
    peer.wait_for_close()


@pytest.mark.parametrize("way", ["url", "env", "stdin"])
def test_a_refused_login_is_status_1_and_shows_no_password(way: str) -> None:
    secret = "aW7Xs3cr3tZZ"
    with serve(refusing) as server:
        user = f"me:{secret}" if way == "url" else "me"
        arguments = ["verify", f"smtp://{user}@127.0.0.1:{server.port}", "--json"]
        more: dict[str, str] = {}
        if way == "env":
            arguments += ["--password-env", "THE_PASSWORD"]
            more = {"THE_PASSWORD": secret}
        if way == "stdin":
            arguments += ["--password-stdin"]
        done = call(*arguments, stdin=secret + "\n" if way == "stdin" else "", **more)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["failed_stage"] == "auth"
    assert found["diagnosis"]["cause"] == "bad_credentials"
    assert found["reply"]["enhanced"] == "5.7.8"
    assert secret not in done.stdout + done.stderr


def test_an_ipv6_address_stands_in_brackets_before_its_port() -> None:
    assert call("verify", "smtp://[::1]:1").stdout.startswith("[::1]:1 ")


def test_a_file_that_is_not_there_is_not_blamed_on_the_server() -> None:
    found = answer("verify", "127.0.0.1:1", "--client-cert", "/no/such/file", status=1)["diagnosis"]
    assert "/no/such/file" in found["title"]
    assert "server does not accept" not in found["title"] + found["explanation"]


def test_the_table_for_people_ends_with_the_verdict() -> None:
    done = call("verify", "sandbox")
    assert done.returncode == 0
    assert "starttls" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("It works")
    assert "\x1b" not in done.stdout


def silent(peer: Peer) -> None:
    peer.wait_for_close()


def test_ctrl_c_stops_at_once_and_tells_what_was_known() -> None:
    with serve(silent) as server:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "smtp_workbench",
                "verify",
                f"127.0.0.1:{server.port}",
                "--json",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not server.peers:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=5)
    assert process.returncode == 130
    assert err == ""
    found = json.loads(out)
    assert found["ok"] is False
    assert [s["stage"] for s in found["stages"]][:2] == ["dns", "connect"]


def test_providers_lists_and_searches() -> None:
    found = answer("providers")["providers"]
    assert {"gmail", "sandbox"} <= {provider["id"] for provider in found}
    assert [provider["id"] for provider in answer("providers", "sendgrid")["providers"]] == [
        "sendgrid"
    ]


def test_an_empty_list_says_so(tmp_path: Path) -> None:
    none = call("providers", "no-such-service")
    assert (none.returncode, none.stdout) == (1, "")
    assert "'no-such-service'" in none.stderr
    fresh = call("profiles", XDG_CONFIG_HOME=str(tmp_path), HOME=str(tmp_path))
    assert (fresh.returncode, fresh.stdout) == (0, "")
    assert "no profile" in fresh.stderr


def test_the_sandbox_serves_until_it_is_stopped() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "smtp_workbench", "sandbox", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())
    found = answer(
        "verify",
        f"127.0.0.1:{facts['ports']['starttls']}",
        "--user",
        facts["user"],
        "--password-env",
        "SANDBOX_PASSWORD",
        "--ca-file",
        facts["ca_file"],
        SANDBOX_PASSWORD=facts["password"],
    )
    assert found["ok"] is True
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (130, "")
    assert not Path(facts["ca_file"]).exists()


def test_a_saved_profile_is_a_target(tmp_path: Path) -> None:
    transport = Transport(host="127.0.0.1", port=1, security=Security.PLAINTEXT)
    folder = tmp_path / "smtp-workbench"
    store = Profiles(folder)
    store.load()
    store.save([Profile("1", "My relay", transport)])
    store.close()
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    run = partial(subprocess.run, env=env, capture_output=True, check=False)
    command = [sys.executable, "-m", "smtp_workbench"]
    listed = run([*command, "profiles", "--json"])
    (profile,) = json.loads(listed.stdout)["profiles"]
    assert profile["name"] == "My relay"
    assert "127.0.0.1" in profile["url"]
    tried = run([*command, "verify", "@My relay", "--json"])
    found = json.loads(tried.stdout)
    assert found["target"]["port"] == 1
    assert found["diagnosis"]["cause"] == "connection_refused"
    missing = run([*command, "verify", "@Other"])
    assert missing.returncode == 2
    assert b"Other" in missing.stderr
    (folder / "profiles.json").write_text("{", "utf-8")
    broken = run([*command, "profiles"])
    assert broken.returncode == 2
    assert broken.stderr.count(b"\n") == 1


def test_who_reads_along_is_among_the_findings(tmp_path: Path) -> None:
    avast = root("Avast Web/Mail Shield Root")
    script = server("here ESMTP", "here", chain=(leaf(avast, "127.0.0.1"),), implicit=True)
    with serve(script) as listening:
        target = (f"127.0.0.1:{listening.port}", "--security", "implicit")
        trusting = ("--ca-file", str(kept(tmp_path, avast)))
        found = answer("verify", *target, *trusting)
        printed = call("verify", *target, *trusting)
        refused = answer("verify", *target, status=1)
    assert found["ok"] is True
    assert "tls_intercepted" in {item["label"] for item in found["findings"]}
    assert "tls: Avast reads the TLS connection" in printed.stdout
    assert refused["diagnosis"]["cause"] == "tls_intercepted"
    assert refused["diagnosis"]["title"].startswith("Avast")
