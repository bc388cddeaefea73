"""Exim: STARTTLS and AUTH PLAIN, LOGIN, CRAM-MD5 after it on `submission`; the same with implicit
TLS on `submissions`. Takes mail for `workbench.test`, and for the world after a log-in; accepted
mail is thrown away.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.servers.server import (
    CACHE,
    PASSWORD,
    USER,
    Home,
    MailServer,
    free_ports,
    home,
    running,
)

PROGRAM = CACHE / "exim4/usr/sbin/exim4"
"""Unpacked, not installed: Debian allows one mail server at a time."""
_USER = "Debian-exim"
"""Exim was compiled to become this one."""


@contextmanager
def exim() -> Iterator[MailServer]:
    """Run Exim."""
    with home("exim") as at:
        ports = free_ports("submission", "submissions")
        (at.folder / "spool").mkdir()
        for path in (at.folder / "spool", at.key):
            own(path)
        config = at.folder / "exim.conf"
        config.write_text(_config(at, ports), "utf-8")
        interfaces = "<; " + " ; ".join(f"[127.0.0.1]:{port}" for port in ports.values())
        command = [PROGRAM, "-C", config, "-bdf", "-oX", interfaces]
        with running(command, ports, at.folder / "exim.log"):
            yield at.server(ports)


def own(path: Path) -> None:
    """Give *path* to the user that Exim becomes."""
    shutil.chown(path, _USER)


def base(at: Home) -> str:
    """Return where Exim keeps its things, the beginning of any configuration."""
    return f"""
primary_hostname = mail.workbench.test
spool_directory = {at.folder}/spool
log_file_path = {at.folder}/spool/%s.log
pid_file_path = {at.folder}/exim.pid
"""


def _config(at: Home, ports: dict[str, int]) -> str:
    return f"""{base(at)}
keep_environment =
host_lookup =
rfc1413_hosts =
helo_lookup_domains =
smtp_accept_max_per_connection = 0

tls_on_connect_ports = {ports["submissions"]}
tls_advertise_hosts = *
tls_certificate = {at.certificate}
tls_privatekey = {at.key}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}

domainlist ours = workbench.test
acl_smtp_rcpt = recipient
acl_smtp_data = accept

begin acl
recipient:
  accept authenticated = *
  accept domains = +ours
         local_parts = {USER.partition("@")[0]}
  deny   domains = +ours
         message = Unrouteable address
  deny   message = relay not permitted

begin routers
away:
  driver = redirect
  data = :blackhole:

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{ {{eq{{$auth2}}{{{USER}}}}} {{eq{{$auth3}}{{{PASSWORD}}}}} }}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and {{ {{eq{{$auth1}}{{{USER}}}}} {{eq{{$auth2}}{{{PASSWORD}}}}} }}}}
  server_set_id = $auth1
cram_md5:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{USER}}}{{{PASSWORD}}}fail}}
  server_set_id = $auth1
"""
