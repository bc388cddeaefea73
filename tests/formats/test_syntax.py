"""Exports whose program can't run here, read by the real parser of their language."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import tree_sitter_c_sharp
import yaml
from tree_sitter import Language, Parser

from formats.programs import program, run
from formats.round_trips import NASTY
from smtp_workbench.formats.registry import by_id
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Auth, Security, Timeouts, Tls, Transport, Trust

FULL = Transport(
    host="smtp.example.com",
    ehlo_name="client.example.com",
    source_address="192.0.2.1",
    proxy="socks5://proxy.example.com:1080",
    sender="me@example.com",
    auth=Auth(user="me@example.com", mechanism="PLAIN"),
    tls=Tls(
        trust=Trust.CA_FILE,
        ca_file='/etc/ca "x".pem',
        server_name="mail.example.com",
        client_certificate="/c.pem",
        client_key="/k.pem",
    ),
    timeouts=Timeouts(connect=1.5, greeting=1.5, socket=1.5),
)
ESCAPED_FOR_SPRING = NASTY.replace("${", "\\${")
"""What YAML and Java give Spring, which takes the backslash off."""


def text_of(format_id: str, security: Security, secret: Secret | None) -> str:
    target = by_id(format_id)
    assert target
    return target.write(replace(FULL, security=security), secret).text


@pytest.mark.parametrize("secret", [None, Secret(NASTY)])
@pytest.mark.parametrize("security", Security)
def test_csharp_parses(security: Security, secret: Secret | None) -> None:
    parser = Parser(Language(tree_sitter_c_sharp.language()))
    text = text_of("mailkit", security, secret)
    assert not parser.parse(text.encode()).root_node.has_error, text
    assert parser.parse(text.replace('"', "", 1).encode()).root_node.has_error


@pytest.mark.real_server
@pytest.mark.parametrize("format_id", ["go-mail", "go-net-smtp"])
@pytest.mark.parametrize("security", Security)
def test_go_parses_and_is_laid_out_as_gofmt_does(
    security: Security, format_id: str, tmp_path: Path
) -> None:
    text = text_of(format_id, security, Secret(NASTY))
    (tmp_path / "main.go").write_text(text, "utf-8")
    assert run(program("gofmt", "golang-go"), "main.go", folder=tmp_path) == text


@pytest.mark.real_server
def test_elixir_reads_the_configuration_of_swoosh(tmp_path: Path) -> None:
    text = text_of("swoosh", Security.STARTTLS, Secret(NASTY))
    (tmp_path / "runtime.exs").write_text(text, "utf-8")
    script = """
    options = Config.Reader.read!("runtime.exs")[:my_app][MyApp.Mailer]
    IO.write(options[:password])
    :always = options[:tls]
    'mail.example.com' = options[:tls_options][:server_name_indication]
    """
    environment = {"LC_ALL": "C.UTF-8", "ELIXIR_ERL_OPTIONS": "+fnu"}
    elixir = program("elixir", "elixir")
    assert run(elixir, "-e", script, folder=tmp_path, environment=environment) == NASTY


@pytest.mark.real_server
def test_ruby_and_python_read_the_same_in_the_yaml_of_spring(tmp_path: Path) -> None:
    text = text_of("spring-yaml", Security.STARTTLS, Secret(NASTY))
    ours = yaml.safe_load(text)
    assert ours["spring"]["mail"]["password"] == ESCAPED_FOR_SPRING
    (tmp_path / "application.yaml").write_text(text, "utf-8")
    script = 'puts JSON.generate(YAML.load_file("application.yaml"))'
    command = (program("ruby", "ruby"), "-ryaml", "-rjson", "-e", script)
    assert json.loads(run(*command, folder=tmp_path, environment={"LC_ALL": "C.UTF-8"})) == ours


@pytest.mark.real_server
def test_java_reads_the_properties_of_spring(tmp_path: Path) -> None:
    text = text_of("spring-properties", Security.STARTTLS, Secret(NASTY))
    (tmp_path / "application.properties").write_text(text, "utf-8")
    (tmp_path / "Read.java").write_text(JAVA, "utf-8")
    java = program("java", "default-jdk-headless")
    assert run(java, "Read.java", folder=tmp_path) == ESCAPED_FOR_SPRING


JAVA = """
import java.io.FileInputStream;
import java.io.PrintStream;
import java.util.Properties;

class Read {
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.load(new FileInputStream("application.properties"));
        new PrintStream(System.out, true, "UTF-8").print(
            properties.getProperty("spring.mail.password"));
    }
}
"""


@pytest.mark.parametrize(
    ("secret", "line"),
    [("null", "MAIL_PASSWORD=\"'null'\""), ("'x'", "MAIL_PASSWORD=\"''x''\"")],
)
def test_laravel_gets_words_and_quotes_as_they_were(secret: str, line: str) -> None:
    """Its `env` takes `null` for nothing and quotes off a value: these are quoted once more."""
    assert line in text_of("laravel", Security.IMPLICIT_TLS, Secret(secret))
