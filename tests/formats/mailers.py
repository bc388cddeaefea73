"""How each tool and service is made to send one message with an export, or to say what it read.

A consumer takes the export, a folder of its own and the sandbox. It ends with the message accepted,
or with what the program printed.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from formats import programs
from formats.programs import RECIPIENT, SENDER, program, run
from smtp_workbench.formats.format import Export, File
from smtp_workbench.sandbox.server import Sandbox
from support.needed import need
from support.servers import exim as exim_module
from support.servers import postfix as postfix_module
from support.servers.server import CACHE, free_ports, home, running

MESSAGE = f"From: {SENDER}\nTo: {RECIPIENT}\nSubject: x\n\nx\n"
NULLMAILER = CACHE / "nullmailer"
SSMTP = CACHE / "ssmtp/usr/sbin/ssmtp"
AMTOOL = CACHE / "prometheus-alertmanager/usr/bin/amtool"
GO_PATH = Path("/usr/share/gocode")


def write(export: Export, folder: Path) -> None:
    """Write all files of *export* for their owner only, as tools want it where passwords are."""
    for file in export.files:
        (folder / file.name).write_text(file.text, "utf-8")
        (folder / file.name).chmod(0o600)


def shell(export: Export, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run an exported command by a shell."""
    write(export, folder)
    (folder / "message.eml").write_text(MESSAGE.replace("\n", "\r\n"))
    return run("sh", export.files[0].name, folder=folder, environment=environment)


def curl(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with curl."""
    program("curl", "curl")
    shell(export, folder)


def swaks(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with swaks."""
    program("swaks", "swaks, libnet-ssleay-perl")
    shell(export, folder)


def openssl(export: Export, folder: Path) -> str:
    """Open the connection with openssl and end it; return what it printed."""
    program("openssl", "openssl")
    write(export, folder)
    return run("sh", "-c", "echo QUIT | sh s_client.sh", folder=folder)


def msmtp(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with msmtp."""
    name = program("msmtp", "msmtp")
    write(export, folder)
    given = [name, "-C", "msmtprc", "--from", SENDER, RECIPIENT]
    feed(given, folder)


def feed(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run *command* with the message as its input."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **(environment or {})},
        input=MESSAGE.encode(),
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


def git(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with git send-email."""
    name = program("git", "git-email", Path("/usr/lib/git-core/git-send-email"))
    write(export, folder)
    (folder / "x.patch").write_text(MESSAGE)
    options = ["--confirm=never", "--suppress-cc=all", f"--from={SENDER}", f"--to={RECIPIENT}"]
    environment = {"HOME": str(folder), "GIT_TERMINAL_PROMPT": "0"}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "x", f"GIT_{role}_EMAIL": SENDER}
    run(name, "send-email", *options, "x.patch", folder=folder, environment=environment)


def mutt(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with NeoMutt."""
    name = program("neomutt", "neomutt")
    write(export, folder)
    options = ["-F", "muttrc", "-e", f"set copy=no from={SENDER}", "-s", "x", RECIPIENT]
    feed([name, *options], folder)


def ssmtp(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with sSMTP."""
    need("ssmtp", there=SSMTP.exists())
    write(export, folder)
    feed([str(SSMTP), "-Cssmtp.conf", RECIPIENT], folder)


def nullmailer(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with nullmailer, which looks below a folder for all it has where it is told so."""
    need("nullmailer", there=(NULLMAILER / "usr/sbin/nullmailer-send").exists())
    for name in ("conf", "queue/queue", "queue/tmp", "queue/failed"):
        (folder / name).mkdir(parents=True)
    os.mkfifo(folder / "queue/trigger")
    (folder / "protocols").symlink_to(NULLMAILER / "usr/lib/nullmailer")
    (folder / "sbin").symlink_to(NULLMAILER / "usr/sbin")
    (folder / "bin").symlink_to(NULLMAILER / "usr/bin")
    write(export, folder / "conf")
    (folder / "conf/me").write_text("mail.example.com\n")
    (folder / "conf/pausetime").write_text("0\n")
    queued = f"{SENDER}\n{RECIPIENT}\n\n{MESSAGE}"
    (folder / "queue/queue/1").write_text(queued)
    environment = {"NULLMAILER_TEST_PREFIX": str(folder)}
    output = run(NULLMAILER / "usr/sbin/nullmailer-send", folder=folder, environment=environment)
    assert not list((folder / "queue/queue").iterdir()), output


def postfix(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Relay a message with a Postfix of its own."""
    root = postfix_module.PROGRAM.exists() and os.geteuid() == 0
    need("postfix, libsasl2-modules, and root", there=root)
    arrived = Event()
    with home("postfix") as at, ExitStack() as stack:
        stack.callback(sandbox.inbox.subscribe(lambda _: arrived.set()))
        write(export, at.folder)
        main = (at.folder / "main.cf").read_text("utf-8")
        main = main.replace("/etc/postfix/", f"{at.folder}/")
        (at.folder / "main.cf").write_text(main + postfix_module.base(at), "utf-8")
        ports = free_ports("relay")
        (at.folder / "master.cf").write_text(postfix_module.relaying(ports["relay"]), "utf-8")
        postfix_module.prepare(at)
        with running(postfix_module.command(at), ports, at.folder / "postfix.log"):
            feed([str(postfix_module.SENDMAIL), "-C", str(at.folder), RECIPIENT], at.folder)
            log = at.folder / "postfix.log"
            deadline = time.monotonic() + 30
            # What can't be delivered would be tried again, for days.
            while not arrived.wait(0.05) and time.monotonic() < deadline:
                if "status=deferred" in log.read_text():
                    break
            assert arrived.is_set(), log.read_text()


def exim(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Relay a message with Exim, which has to be told that it may go to its own machine."""
    need("exim4-daemon-light, and root", there=exim_module.PROGRAM.exists() and os.geteuid() == 0)
    with home("exim") as at:
        (at.folder / "spool").mkdir()
        exim_module.own(at.folder / "spool")
        text = export.text.replace("driver = manualroute", "driver = manualroute\n  self = send")
        head = f"exim_path = {at.folder}/exim\ndomainlist local_domains =\n"
        head += exim_module.base(at)
        # Its own user can't enter where the program and the certificates lie.
        ca_file = sandbox.transport().tls.ca_file
        text = text.replace(ca_file, str(shutil.copy(ca_file, at.folder / "ca.pem")))
        own_copy = shutil.copy(exim_module.PROGRAM, at.folder / "exim")
        (at.folder / "exim.conf").write_text(head + text, "utf-8")
        given = [str(own_copy), "-C", str(at.folder / "exim.conf"), "-odf", "-oi"]
        feed([*given, "-f", SENDER, RECIPIENT], at.folder)
        log = at.folder / "spool/main.log"
        assert len(sandbox.inbox), log.read_text() if log.exists() else "nothing logged"


def courier(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with Nodemailer as Courier does: with the config that is in the message."""
    config = json.loads(export.text)["message"]["providers"]["smtp"]["override"]["config"]
    ca_file = Path(sandbox.transport().tls.ca_file)
    programs.node(Export((File("mail.json", json.dumps(config)),)), folder, ca_file)


def gitlab(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with the Mail gem, with the settings that GitLab's package hands to it."""
    head = "gitlab_rails = {}\n"
    tail = """
require "mail"
given = %w[address port user_name password domain authentication enable_starttls_auto tls
  openssl_verify_mode ca_file].to_h { |name| [name.to_sym, gitlab_rails["smtp_#{name}"]] }.compact
given[:authentication] = given[:authentication].to_sym
Mail.defaults { delivery_method :smtp, given }
"""
    text = Export((File("mail.rb", head + export.text + tail),))
    programs.ruby_mail(text, folder, Path(sandbox.transport().tls.ca_file))


_GO_SEND = """
	mailer := mail.NewDialer(host, port, user, password)
	mailer.StartTLSPolicy = policy
	mailer.TLSConfig = &tls.Config{ServerName: host, InsecureSkipVerify: skip}
	message := mail.NewMessage()
	message.SetHeader("From", "SENDER")
	message.SetHeader("To", "RECIPIENT")
	message.SetBody("text/plain", "x")
	if err := mailer.DialAndSend(message); err != nil {
		panic(err)
	}
""".replace("SENDER", SENDER).replace("RECIPIENT", RECIPIENT)


def grafana(export: Export, folder: Path, sandbox: Sandbox) -> None:
    """Send with the libraries that Grafana reads its file and sends its mail with."""
    write(export, folder)
    text = f"""package main

import (
	"crypto/tls"
	"net"
	"strconv"

	"gopkg.in/ini.v1"
	"gopkg.in/mail.v2"
)

func main() {{
	file, err := ini.Load("grafana.ini")
	if err != nil {{
		panic(err)
	}}
	section := file.Section("smtp")
	host, digits, err := net.SplitHostPort(section.Key("host").String())
	if err != nil {{
		panic(err)
	}}
	port, _ := strconv.Atoi(digits)
	user, password := section.Key("user").String(), section.Key("password").String()
	skip := section.Key("skip_verify").MustBool(false)
	policy := map[string]mail.StartTLSPolicy{{"NoStartTLS": -1, "MandatoryStartTLS": 1}}[
		section.Key("startTLS_policy").String()]
{_GO_SEND}}}
"""
    go(text, folder, Path(sandbox.transport().tls.ca_file))


def go(text: str, folder: Path, ca_file: Path | None = None) -> str:
    """Compile and run a program of Go with Debian's packages of libraries; return its output."""
    packages = [GO_PATH / "src/gopkg.in" / name for name in ("ini.v1", "mail.v2")]
    libraries = "golang-go, golang-gopkg-ini.v1-dev, golang-gopkg-mail.v2-dev"
    name = program("go", libraries, *packages)
    (folder / "main.go").write_text(text, "utf-8")
    environment = {"GOPATH": str(GO_PATH), "GO111MODULE": "off", "GOFLAGS": ""}
    environment |= {"SSL_CERT_FILE": str(ca_file)} if ca_file else {}
    return run(name, "run", "main.go", folder=folder, environment=environment)
