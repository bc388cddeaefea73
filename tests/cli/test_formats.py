"""export, import and formats, as a script sees them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from smtp_workbench.store.profiles import Profiles

from .test_command_line import call

PASTED = """\
const transporter = nodemailer.createTransport({
  host: "smtp.gmail.com", port: 587, secure: true, logger: true,
  auth: { user: "me@example.com", pass: "hunter2" },
});
"""


def answer(*arguments: str, status: int = 0, **more: str) -> Any:
    done = call(*arguments, "--json", **more)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def test_formats_lists_each_with_its_group() -> None:
    found = answer("formats")["formats"]
    assert {"id": "django", "title": "Django", "group": "framework", "imports": True} in found
    assert "  nodemailer  Nodemailer" in call("formats").stdout.splitlines()


def test_an_export_is_the_text_alone_and_the_omissions_are_told_beside_it() -> None:
    done = call("export", "smtp://me@h.example:587?requireTLS=true&name=c", "--format", "django")
    assert done.returncode == 0
    assert 'EMAIL_HOST_PASSWORD = os.environ["SMTP_PASSWORD"]' in done.stdout
    assert "left out" not in done.stdout
    assert "left out: EHLO name" in done.stderr


def test_the_secret_is_in_it_only_when_asked_for() -> None:
    url = "smtp://me:hunter2@h.example"
    assert "hunter2" not in call("export", url, "--format", "nodemailer").stdout
    found = answer("export", url, "--format", "nodemailer", "--include-secret")
    assert 'pass: "hunter2"' in found["text"]
    given = ("export", "h.example", "--user", "me", "--format", "rails", "--include-secret")
    found = answer(*given, "--password-env", "PW", PW="s3cret")
    assert 'password: "s3cret"' in found["text"]
    assert call(*given).returncode == 2, "no password and no terminal"


def test_an_export_goes_into_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    place = tmp_path / "main.cf"
    found = answer("export", "smtp://me@h.example", "--format", "postfix", "-o", str(place))
    assert found["written"] == [str(place), str(tmp_path / "sasl_passwd")]
    assert place.read_text("utf-8") == found["files"][0]["text"]
    assert place.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("export", "h", "--format", "nope"), "no format 'nope'"),
        (("export", "sandbox", "--format", "django"), "nothing to export"),
        (("export", "h", "--format", "django", "-o", "/nowhere/x"), "No such file"),
        (("export", "h"), "--format"),
        (("import", "/nowhere/x"), "No such file"),
        (("import", "-", "--format", "openssl"), "can only be exported"),
    ],
)
def test_words_that_are_off_are_named(arguments: tuple[str, ...], complaint: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_import_tells_what_it_took_and_ignored_and_what_looks_wrong() -> None:
    found = answer("import", "-", stdin=PASTED)
    assert found["format"] == "nodemailer"
    assert found["changes"] == {
        "host": "smtp.gmail.com",
        "port": 587,
        "security": "implicit",
        "auth.user": "me@example.com",
        "password": "••••••••",
    }
    assert found["ignored"] == ["logger"]
    assert "port_wants_starttls" in [item["label"] for item in found["findings"]]
    done = call("import", "-", stdin=PASTED)
    assert "hunter2" not in done.stdout + done.stderr
    assert "ignored: logger" in done.stdout
    assert "Use STARTTLS" in done.stdout


def test_a_format_can_be_chosen_and_a_text_in_none_is_refused() -> None:
    text = '{"host": "h", "port": 25, "ignoreTLS": true}'
    found = answer("import", "-", stdin=text)
    assert found["format"] == "nodemailer-json"
    assert "nodemailer" in found["also"]
    assert answer("import", "-", "--format", "nodemailer", stdin=text)["format"] == "nodemailer"
    refused = answer("import", "-", stdin="dear all,", status=1)
    assert refused == {"format": None, "error": "no format is known that the text is in"}
    assert "not JSON" in call("import", "-", "--format", "nodemailer-json", stdin="{").stderr


def test_an_import_is_kept_as_a_profile_without_the_password(tmp_path: Path) -> None:
    file = tmp_path / "mail.js"
    file.write_text(PASTED, "utf-8")
    home = {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = call("import", str(file), "--save", "Pasted", **home)
    assert done.returncode == 0, done.stderr
    assert "The password is not kept: there is no keyring." in done.stdout
    kept = tmp_path / "smtp-workbench/profiles.json"
    assert "hunter2" not in kept.read_text("utf-8")
    [profile] = Profiles(kept.parent).peek()
    assert (profile.name, profile.preset) == ("Pasted", "gmail")
    assert 'host: "smtp.gmail.com"' in call(
        "export", "@Pasted", "--format", "nodemailer", **home
    ).stdout  # fmt: skip
    again = call("import", str(file), "--save", "Pasted", **home)
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)


def test_no_password_of_a_proxy_is_shown_or_exported(tmp_path: Path) -> None:
    proxy = "socks5://u:s3cret@127.0.0.1:1080"
    code = f'createTransport({{ host: "mail.example.com", port: 587, proxy: "{proxy}" }})'
    (tmp_path / "mail.js").write_text(code)
    read = call("import", str(tmp_path / "mail.js"))
    written = call("export", f"smtp://h?proxy={quote(proxy, safe='')}", "--format", "nodemailer")
    for done in (read, written):
        assert done.returncode == 0, done.stderr
        assert "socks5://u@127.0.0.1:1080" in done.stdout
        assert "s3cret" not in done.stdout + done.stderr
