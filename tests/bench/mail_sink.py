"""Postfix's smtp-sink on loopback: a server that takes everything and keeps nothing."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.servers.server import HOST, free_ports, running


@contextmanager
def sink() -> Iterator[int]:
    """Run it and yield its port."""
    program = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        sys.exit("smtp-sink is missing; it comes with Debian's postfix")
    ports = free_ports("sink")
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        command = [program, *as_user, f"{HOST}:{ports['sink']}", "1000"]
        with running(command, ports, Path(folder, "sink.log")):
            yield ports["sink"]
