"""Nodemailer's smtp-server. Ports: `submission` (STARTTLS, AUTH after it), `submissions` (implicit
TLS), `lmtp` (no TLS, no AUTH). It waits 100 ms before each greeting, by its own design.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.servers.server import CACHE, PASSWORD, USER, MailServer, free_ports, home, running

MODULES = CACHE / "smtp-server/node_modules"
TOKEN = "the token that smtp-server takes"
_ROLES = {
    "submission": {},
    "submissions": {"secure": True},
    "lmtp": {"lmtp": True, "authOptional": True, "disabledCommands": ["STARTTLS", "AUTH"]},
}


def node() -> Path | None:
    """Return where Node.js is, if it is here and has the package."""
    found = shutil.which("node")
    return Path(found) if found and (MODULES / "smtp-server").is_dir() else None


@contextmanager
def smtp_server() -> Iterator[MailServer]:
    """Run it."""
    program = node()
    assert program is not None
    with home("smtp-server") as at:
        ports = free_ports(*_ROLES)
        given = {
            "user": USER,
            "password": PASSWORD,
            "token": TOKEN,
            "key": str(at.key),
            "certificate": str(at.certificate),
            "ports": ports,
            "roles": _ROLES,
        }
        command = [program, Path(__file__).with_suffix(".js"), json.dumps(given)]
        environment = {**os.environ, "NODE_PATH": str(MODULES)}
        with running(command, ports, at.folder / "smtp-server.log", environment):
            yield at.server(ports)
