"""The files of services are read by the parsers that those services use."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from formats import mailers
from formats.programs import run
from formats.round_trips import NASTY
from formats.test_tools import reachable
from smtp_workbench.formats.registry import by_id, recognise
from smtp_workbench.sandbox.server import Sandbox
from smtp_workbench.settings.change import Change
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Transport, Trust
from support.needed import need
from support.practice import practice_server

WITHOUT_REFERENCE = NASTY.replace("${x}", "$ {x}")
"""Grafana would replace `${x}` however it is written."""
SETTINGS = Transport(
    host="smtp.example.com", sender="me@example.com", auth=Auth(user="me@example.com")
)


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with practice_server(WITHOUT_REFERENCE) as sandbox:
        yield sandbox


@pytest.mark.real_server
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.STARTTLS_IF_OFFERED])
def test_grafanas_own_libraries_send_with_the_file(
    security: Security, server: Sandbox, tmp_path: Path
) -> None:
    target = by_id("grafana")
    assert target
    export = target.write(reachable(server, security), server.password)
    server.inbox.clear()
    mailers.grafana(export, tmp_path, server)
    [message] = server.inbox
    assert message.user == server.user
    assert message.tls


@pytest.mark.real_server
def test_gitea_reads_every_value_as_it_was(tmp_path: Path) -> None:
    target = by_id("gitea")
    assert target
    mailers.write(target.write(SETTINGS, Secret(NASTY.replace("%", "%("))), tmp_path)
    text = """package main

import (
	"fmt"

	"gopkg.in/ini.v1"
)

func main() {
	file, err := ini.Load("app.ini")
	if err != nil {
		panic(err)
	}
	section := file.Section("mailer")
	for _, name := range []string{"SMTP_ADDR", "SMTP_PORT", "USER", "PASSWD", "FROM"} {
		fmt.Println(section.Key(name).String())
	}
}
"""
    assert mailers.go(text, tmp_path).split("\n") == [
        "smtp.example.com",
        "587",
        "me@example.com",
        NASTY.replace("%", "%("),
        "me@example.com",
        "",
    ]


@pytest.mark.parametrize("format_id", ["grafana", "gitea"])
@pytest.mark.parametrize("password", ["%(host)s", "a %(b)s c"])
def test_what_an_ini_file_would_replace_is_refused(format_id: str, password: str) -> None:
    target = by_id(format_id)
    assert target
    with pytest.raises(ValueError, match=r"would replace what stands in %\(…\)s"):
        target.write(SETTINGS, Secret(password))


def test_what_grafana_would_replace_is_refused() -> None:
    target = by_id("grafana")
    assert target
    for password in ("a${b}", "$__file{/etc/passwd}"):
        with pytest.raises(ValueError, match="Grafana would replace"):
            target.write(SETTINGS, Secret(password))


@pytest.mark.real_server
@pytest.mark.parametrize("port", [465, 587])
@pytest.mark.parametrize("secret", [None, Secret(NASTY)])
def test_alertmanagers_own_check_takes_the_file(
    port: int, secret: Secret | None, tmp_path: Path
) -> None:
    need("prometheus-alertmanager", there=mailers.AMTOOL.exists())
    target = by_id("alertmanager")
    assert target
    security = Security.IMPLICIT_TLS if port == 465 else Security.STARTTLS
    change = Change({"security": security, "port": port, "ehlo_name": "client.example.com"})
    export = target.write(change.apply(SETTINGS), secret)
    assert export.left_out == ()
    receiver = """
route: {receiver: mail}
receivers:
  - name: mail
    email_configs: [{to: you@example.com}]
"""
    (tmp_path / "alertmanager.yml").write_text(export.text + receiver, "utf-8")
    output = run(mailers.AMTOOL, "check-config", "alertmanager.yml", folder=tmp_path)
    assert "SUCCESS" in output


@pytest.mark.real_server
@pytest.mark.parametrize("format_id", ["env", "docker-mailserver"])
def test_a_shell_reads_every_value_as_it_was(format_id: str, tmp_path: Path) -> None:
    target = by_id(format_id)
    assert target
    export = target.write(SETTINGS, Secret(NASTY))
    (tmp_path / "env").write_text(export.text, "utf-8")
    name = "SMTP_PASS" if format_id == "env" else "RELAY_PASSWORD"
    command = ["sh", "-c", f'set -a; . ./env; printf %s "${name}"']
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout == (
        NASTY.encode()
    )


def test_the_yaml_files_hold_what_was_said() -> None:
    workflow, alerts = by_id("workflow-provider"), by_id("alertmanager")
    assert workflow
    assert alerts
    tree = yaml.safe_load(workflow.write(SETTINGS, Secret(NASTY)).text)
    config = tree["providers"]["email"]["config"]
    assert config == {
        "platform": "smtp",
        "host": "smtp.example.com",
        "port": 587,
        "user": "me@example.com",
        "pass": NASTY,
        "from": "me@example.com",
    }
    tree = yaml.safe_load(alerts.write(SETTINGS, Secret(NASTY)).text)
    assert tree["global"]["smtp_auth_password"] == NASTY


def test_keycloak_gets_texts_only() -> None:
    target = by_id("keycloak")
    assert target
    server = json.loads(target.write(SETTINGS, Secret(NASTY)).text)["smtpServer"]
    assert server["password"] == NASTY
    assert server["port"] == "587"
    assert all(isinstance(value, str) for value in server.values())


COURIER = """{
  "message": {
    "template": "NOTIFICATION_TEMPLATE_ID",
    "to": { "email": "alice@acme.com" },
    "providers": {
      "smtp": {
        "override": {
          "config": {
            "auth": { "user": "username", "pass": "hunter2" },
            "host": "smtp.example.com",
            "secure": true,
            "port": 587,
            "tls": { "rejectUnauthorized": false }
          }
        }
      }
    }
    // ... rest of message definition
  }
}"""
WORKFLOW = """version: "1.0"
providers:
  email:
    name: Email Notifications
    provider: email.smtp  # directly specify email.smtp
    enabled: true
    config:
      host: smtp.example.com
      port: 587
      user: username
      pass: hunter2
      from: noreply@example.com
      tls_skip_verify: true
"""
ENVIRONMENT = """# SelfMX
SMTP_HOST=smtp.example.com
SMTP_PORT=587
SMTP_USER=username
SMTP_PASS=hunter2
SMTP_TLS=true
SMTP_TLS_VERIFY=false
SMTP_TIMEOUT=30
SMTP_POOL_SIZE=10
"""


@pytest.mark.parametrize(
    ("format_id", "text", "security"),
    [
        ("courier", COURIER, Security.IMPLICIT_TLS),
        ("courier", f"await courier.send({COURIER});", Security.IMPLICIT_TLS),
        ("workflow-provider", WORKFLOW, Security.STARTTLS_IF_OFFERED),
        (
            "workflow-provider",
            WORKFLOW.replace("email.smtp  #", "email  #").replace(
                "host:", "platform: smtp\n      host:"
            ),
            Security.STARTTLS_IF_OFFERED,
        ),
        ("env", ENVIRONMENT, Security.STARTTLS),
    ],
)
def test_the_documented_examples_are_recognised_and_read(
    format_id: str, text: str, security: Security
) -> None:
    best, _ = recognise(text)[0]
    assert best.id == format_id
    assert best.read
    read = best.read(text)
    transport = read.change.apply(Transport())
    assert (transport.host, transport.port) == ("smtp.example.com", 587)
    assert transport.auth.user == "username"
    assert transport.security is security
    assert transport.tls.trust is Trust.NONE
    assert read.change.secret == Secret("hunter2")
    assert "hunter2" not in repr(read)


def test_a_provider_of_another_platform_is_none_of_ours() -> None:
    target = by_id("workflow-provider")
    assert target
    assert target.read
    with pytest.raises(ValueError, match=r"no email\.smtp"):
        target.read(
            WORKFLOW.replace("email.smtp  #", "email  #").replace(
                "host:", "platform: ses\n      host:"
            )
        )
