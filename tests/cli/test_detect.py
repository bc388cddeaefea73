"""`detect` as a script sees it."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from support.certificates import authority
from support.leaks import find_leak
from support.mail_ports import MailPort, refusing, serving, silent
from support.name_server import serve_names
from support.scripted import Peer, serve

KEYS = {"host", "port", "security", "ok", "ms", "auth", "source", "diagnosis"}
PASSWORD = "correct-h0rse-battery"


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    """The tests' authority, in a file."""
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smtp_workbench", "detect", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def answer(*arguments: str, status: int = 0, **environment: str) -> dict[str, Any]:
    done = call(*arguments, "--json", **environment)
    assert done.returncode == status, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_the_best_of_several_ports_is_found_without_being_told_their_ways(ca_file: str) -> None:
    with serving(MailPort(implicit=True), MailPort()) as (implicit, starttls), refusing() as closed:
        ports = f"{closed},{starttls.port},{implicit.port}"
        found = answer("127.0.0.1", "--ports", ports, "--ca-file", ca_file)
    ways = {(item["port"], item["security"]): item["ok"] for item in found["candidates"]}
    assert ways == {
        (implicit.port, "implicit"): True,
        (starttls.port, "starttls"): True,
        (starttls.port, "plaintext"): True,
        (closed, "starttls"): False,
    }
    assert all(set(item) >= KEYS for item in found["candidates"])
    best = found["candidates"][found["best"]]
    assert (best["port"], best["security"]) == (implicit.port, "implicit")
    assert best["auth"] == ["PLAIN", "LOGIN"]
    assert best["source"] == "detect"
    assert best["diagnosis"] is None
    refused = next(item for item in found["candidates"] if item["port"] == closed)
    assert refused["diagnosis"]["cause"] == "connection_refused"


def test_nothing_that_works_is_status_1() -> None:
    with refusing() as closed:
        assert answer("127.0.0.1", "--ports", str(closed), status=1)["best"] is None
        done = call(f"127.0.0.1:{closed}")
    assert done.returncode == 1
    assert "No mail server answers" in done.stdout


def test_an_untrusted_certificate_is_best_where_nothing_else_is_encrypted(ca_file: str) -> None:
    with serve(MailPort(auth_before_tls=True)) as server:
        found = answer("127.0.0.1", "--ports", str(server.port), status=1)
        table = call("127.0.0.1", "--ports", str(server.port))
        trusting = call("127.0.0.1", "--ports", str(server.port), "--ca-file", ca_file)
    best = found["candidates"][found["best"]]
    assert (best["security"], best["ok"], best["auth"]) == ("starttls", False, ["PLAIN", "LOGIN"])
    assert best["diagnosis"]["cause"] == "untrusted_ca"
    assert "certificate not trusted" in table.stdout
    assert "The certificate is trusted." in trusting.stdout


def test_a_wrong_password_is_tried_once_and_not_shown(ca_file: str) -> None:
    ports = [MailPort(implicit=True), MailPort(auth_before_tls=True)]
    with serving(*ports) as servers:
        words = ["127.0.0.1", "--ca-file", ca_file, "--user", "me", "--password-env", "PW"]
        words += ["--ports", ",".join(str(server.port) for server in servers), "--json"]
        done = call(*words, PW=PASSWORD)
    assert done.returncode == 1
    said = [(tls, line) for port in ports for tls, line in port.commands]
    assert [tls for tls, line in said if line.startswith("AUTH")] == [True]
    best = json.loads(done.stdout)["candidates"][0]
    assert best["diagnosis"]["cause"] == "bad_credentials"
    assert find_leak(done.stdout + done.stderr, PASSWORD) is None


def test_an_address_leads_to_the_usual_names_that_its_domain_has(ca_file: str) -> None:
    zone = {"workbench.example": "mail 60 IN A 127.0.0.1\n"}
    with serve_names(zone) as resolver, serve(MailPort(implicit=True)) as server:
        found = answer(
            "me@workbench.example",
            *("--ports", str(server.port), "--resolver", resolver.address),
            *("--ca-file", ca_file, "--server-name", "localhost"),
        )
    (only,) = found["candidates"]
    assert (only["host"], only["ok"], only["source"]) == ("mail.workbench.example", True, "detect")
    assert found["best"] == 0


def test_an_address_leads_to_the_server_that_its_domain_names(ca_file: str) -> None:
    with serve(MailPort(implicit=True)) as server:
        named = f"_submissions._tcp 60 IN SRV 0 1 {server.port} out.other.example.\n"
        zones = {
            "workbench.example": named,
            "other.example": "out 60 IN A 127.0.0.1\n",
        }
        with serve_names(zones) as resolver:
            found = answer(
                "me@workbench.example",
                *("--ports", str(server.port), "--resolver", resolver.address),
                *("--ca-file", ca_file, "--server-name", "localhost"),
            )
    best = found["candidates"][found["best"]]
    assert (best["host"], best["source"], best["security"]) == (
        "out.other.example",
        "srv",
        "implicit",
    )
    assert "Named by SRV records." in best["reasons"]


def test_stopping_tells_what_is_known(ca_file: str) -> None:
    came = threading.Event()

    def patient(peer: Peer) -> None:
        came.set()
        silent(peer)

    with serving(MailPort(), patient) as (quick, slow):
        ports = f"{quick.port},{slow.port}"
        words = ["detect", "127.0.0.1", "--ports", ports, "--ca-file", ca_file, "--timeout", "50"]
        with subprocess.Popen(
            [sys.executable, "-m", "smtp_workbench", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert came.wait(30)
            assert process.stdout is not None
            rows = [process.stdout.readline(), process.stdout.readline()]
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == ""
    assert all(str(quick.port) in row for row in rows)
    assert f"Best: 127.0.0.1:{quick.port}" in out
    assert "Stopped" in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "HOST|ADDRESS"),
        ([""], "HOST|ADDRESS"),
        (["a\r\nb"], "HOST|ADDRESS"),
        (["@workbench.example"], "HOST|ADDRESS"),
        (["me@"], "HOST|ADDRESS"),
        (["127.0.0.1:smtp"], "HOST|ADDRESS"),
        (["127.0.0.1", "--ports", "smtp"], "--ports"),
        (["127.0.0.1", "--ports", "70000"], "--ports"),
        (["127.0.0.1", "--ports", ","], "--ports"),
        (["127.0.0.1:25", "--ports", "25"], "port"),
        (["127.0.0.1", "--resolver", "nobody"], "--resolver"),
        (["127.0.0.1", "--timeout", "0"], "--timeout"),
        (["127.0.0.1", "--user", "me"], "password"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(arguments: list[str], named: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr
