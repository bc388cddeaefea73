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
_MASTER = Path("/usr/lib/postfix/sbin/master")
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
        for name, owner in {"spool": "root", "data": "postfix"}.items():
            (at.folder / name).mkdir()
            shutil.chown(at.folder / name, owner)
        (at.folder / "main.cf").write_text(_main(at, auth_socket, lmtp_port), "utf-8")
        (at.folder / "master.cf").write_text(_master(ports), "utf-8")
        log = at.folder / "postfix.log"
        prepare = [PROGRAM, "-c", at.folder, "post-install", "create-missing"]
        subprocess.run(prepare, check=True, timeout=60, capture_output=True)
        # `postfix start-fg` would put a shell between us and the master's process group.
        with running([_MASTER, "-c", at.folder, "-s"], ports, log):
            yield at.server(ports)


def _main(at: Home, auth_socket: Path, lmtp_port: int) -> str:
    folder = at.folder
    return f"""
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.workbench.test
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =

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
    lines += [
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
        "discard unix - - n - - discard",
        "error unix - - n - - error",
        "retry unix - - n - - error",
        "lmtp unix - - n - - lmtp",
        "scache unix - - n - 1 scache",
    ]
    return "\n".join(lines) + "\n"
