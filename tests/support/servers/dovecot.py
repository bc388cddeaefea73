"""Dovecot: the passwords, the mail store, and a submission service of its own.

Ports: `lmtp`, `submission` (STARTTLS required), `submissions` (implicit TLS), `imaps`. Mail that
arrives by LMTP lies as files in `Dovecot.mailbox`, and is fetched with `fetch`.
"""

import base64
import hashlib
import hmac
import imaplib
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.servers.server import PASSWORD, USER, Home, MailServer, free_ports, home, running

PROGRAM = Path("/usr/sbin/dovecot")
PROTOCOLS = (
    Path("/usr/lib/dovecot/lmtp"),
    Path("/usr/lib/dovecot/submission"),
    Path("/usr/lib/dovecot/imap"),
)
"""Debian packs them apart."""
MECHANISMS = (
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
)
_TOKEN_KEY = b"the key that signs the tokens of the tests"


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot."""

    server: MailServer
    mailbox: Path
    """The user's new mail, one file each."""
    auth_socket: Path
    """Where Postfix asks about log-ins."""


@contextmanager
def dovecot(relay_port: int) -> Iterator[Dovecot]:
    """Run Dovecot; what is submitted to it goes on to *relay_port*."""
    with home("dovecot") as at:
        ports = free_ports("lmtp", "submission", "submissions", "imaps")
        for name in ("run", "state", "mail"):
            (at.folder / name).mkdir()
        (at.folder / "mail").chmod(0o777)
        (at.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n", "utf-8")
        _write_token_key(at.folder)
        config, log = at.folder / "dovecot.conf", at.folder / "dovecot.log"
        config.write_text(_config(at, ports, relay_port), "utf-8")
        with running([PROGRAM, "-F", "-c", config], ports, log):
            mailbox = at.folder / "mail" / USER / "new"
            yield Dovecot(at.server(ports), mailbox, at.folder / "run" / "auth-postfix")


def fetch(server: MailServer, message_id: str, *, limit: float = 20) -> bytes:
    """Return the message with this Message-ID as IMAP hands it out, waiting until it is there."""
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with imaplib.IMAP4_SSL("localhost", server.ports["imaps"], ssl_context=context) as imap:
        log_in = f"\0{server.user}\0{server.password}".encode()
        imap.authenticate("PLAIN", lambda _challenge: log_in)
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            imap.select("INBOX", readonly=True)
            _, found = imap.search(None, "HEADER", "Message-ID", f'"{message_id}"')
            if found[0]:
                _, parts = imap.fetch(found[0].split()[-1].decode(), "(BODY.PEEK[])")
                assert isinstance(parts[0], tuple)
                return parts[0][1]
            imap.noop()
    raise AssertionError(f"{message_id} did not arrive within {limit} s")


def token(user: str = USER, *, lifetime: float = 3600) -> str:
    """Return an OAuth2 token for *user* that Dovecot accepts for *lifetime* seconds from now."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"sub": user, "iat": now - 7200, "exp": int(now + lifetime)}
    head = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{head}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(_TOKEN_KEY, signed.encode(), hashlib.sha256))}"


def _write_token_key(folder: Path) -> None:
    key = folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(_TOKEN_KEY))
    (folder / "oauth2.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={folder}/keys/\n"
        "username_attribute = sub\n"
    )


def _config(at: Home, ports: dict[str, int], relay_port: int) -> str:
    folder = at.folder
    return f"""
protocols = lmtp submission imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
hostname = mail.workbench.test
postmaster_address = postmaster@workbench.test

ssl = required
ssl_cert = <{at.certificate}
ssl_key = <{at.key}

auth_mechanisms = {" ".join(MECHANISMS).lower()}
# No waiting after a wrong password, as far as Dovecot can: PLAIN still takes half a second.
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = {folder}/users
  default_fields = nodelay=yes
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
  default_fields = uid=nobody gid=nogroup home={folder}/mail/%u
}}
mail_location = maildir:~

submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
submission_relay_trusted = no

service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
service anvil {{
  # No waiting after wrong passwords.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {ports["lmtp"]}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {ports["imaps"]}
    ssl = yes
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {ports["submission"]}
  }}
  inet_listener submissions {{
    port = {ports["submissions"]}
    ssl = yes
  }}
}}
"""
