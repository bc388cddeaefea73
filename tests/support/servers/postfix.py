"""Postfix: one instance with a differently set service on each port, log-ins by Dovecot.

Ports: `submission` (STARTTLS required, then AUTH), `submissions` (implicit TLS, then AUTH), `relay`
(no TLS, no AUTH, takes mail for `workbench.test` only), `optional` (TLS and AUTH if the client
likes, AUTH after TLS only), `plaintext` (AUTH without TLS), `client_certificate` (STARTTLS
with a certificate of the client). Mail for the user goes to Dovecot, all else is thrown away.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support.servers.server import USER, Home, MailServer, home, running

PROGRAM = Path("/usr/sbin/postfix")
SENDMAIL = Path("/usr/sbin/sendmail")
_MASTER = Path("/usr/lib/postfix/sbin/master")
_COMMON = (
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "anvil unix - - n - 1 anvil",
    "proxymap unix - - n - - proxymap",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "scache unix - - n - 1 scache",
)
_TLS = {"smtpd_tls_security_level": "encrypt"}
_AUTH = {
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_recipient_restrictions": "permit_sasl_authenticated,reject",
}
SERVICES: Mapping[str, Mapping[str, str]] = {
    "submission": {**_TLS, **_AUTH},
    "submissions": {**_TLS, **_AUTH, "smtpd_tls_wrappermode": "yes"},
    "relay": {"smtpd_tls_security_level": "none"},
    "optional": {
        "smtpd_tls_security_level": "may",
        "smtpd_tls_auth_only": "yes",
        "smtpd_sasl_auth_enable": "yes",
    },
    "plaintext": {"smtpd_tls_security_level": "none", **_AUTH},
    "client_certificate": {**_TLS, "smtpd_tls_req_ccert": "yes"},
}


@contextmanager
def postfix(ports: Mapping[str, int], auth_socket: Path, lmtp_port: int) -> Iterator[MailServer]:
    """Run Postfix on *ports*, one for each of `SERVICES`."""
    with home("postfix") as at:
        (at.folder / "main.cf").write_text(_main(at, auth_socket, lmtp_port), "utf-8")
        (at.folder / "master.cf").write_text(_master(ports), "utf-8")
        prepare(at)
        with running(command(at), ports, at.folder / "postfix.log"):
            yield at.server(ports)


def prepare(at: Home) -> None:
    """Make the folders that the configuration in *at* names."""
    for name, owner in {"spool": "root", "data": "postfix"}.items():
        (at.folder / name).mkdir()
        shutil.chown(at.folder / name, owner)
    given = [PROGRAM, "-c", at.folder, "post-install", "create-missing"]
    subprocess.run(given, check=True, timeout=60, capture_output=True)


def command(at: Home) -> list[str | Path]:
    """Return what runs Postfix in the foreground.

    `postfix start-fg` would put a shell between us and the master's process group.
    """
    return [_MASTER, "-c", at.folder, "-s"]


def base(at: Home) -> str:
    """Return where Postfix keeps its things, and that it is on its own."""
    return f"""
compatibility_level = 3.6
queue_directory = {at.folder}/spool
data_directory = {at.folder}/data
maillog_file = {at.folder}/postfix.log
maillog_file_prefixes = {at.folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.workbench.test
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
"""


def relaying(port: int) -> str:
    """Return the services of a Postfix that only sends on; *port* shows that it runs."""
    lines = ["postlog unix-dgram n - n - 1 postlogd", f"127.0.0.1:{port} inet n - n - - smtpd"]
    lines += [*_COMMON, "smtp unix - - n - - smtp"]
    # Names of this machine are in no DNS.
    return "\n".join([*lines, "  -o smtp_host_lookup=native", ""])


def _main(at: Home, auth_socket: Path, lmtp_port: int) -> str:
    return f"""{base(at)}
virtual_mailbox_domains = workbench.test
virtual_mailbox_maps = inline:{{ {{{USER}=here}} }}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
default_transport = discard
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination

smtpd_tls_chain_files = {at.key}, {at.certificate}
smtpd_tls_CAfile = {at.ca_file}
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
# No name server is asked, nobody is slowed down.
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""


def _master(ports: Mapping[str, int]) -> str:
    lines = ["postlog unix-dgram n - n - 1 postlogd"]
    for role, options in SERVICES.items():
        lines.append(f"127.0.0.1:{ports[role]} inet n - n - - smtpd")
        lines += [f"  -o {name}={value}" for name, value in options.items()]
    lines += [*_COMMON, "discard unix - - n - - discard", "lmtp unix - - n - - lmtp"]
    return "\n".join(lines) + "\n"
