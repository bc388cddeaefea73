"""NSD, a name server that answers for its own zones, over UDP and TCP on one port of loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support.servers.server import HOST, free_ports, home, running

PROGRAM = Path("/usr/sbin/nsd")
_HEAD = """\
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
"""


@contextmanager
def nsd(zones: Mapping[str, str]) -> Iterator[str]:
    """Serve *zones*, origin to text as in a zone file without SOA and NS; give the address."""
    with home("nsd") as at:
        ports = free_ports("dns")
        lines = [
            "server:",
            f"  ip-address: {HOST}@{ports['dns']}",
            '  username: ""',
            '  chroot: ""',
            f'  zonesdir: "{at.folder}"',
            f'  zonelistfile: "{at.folder}/zones.list"',
            f'  xfrdfile: "{at.folder}/xfrd.state"',
            f'  xfrdir: "{at.folder}"',
            '  pidfile: ""',
            '  database: ""',
            "  server-count: 1",
            "remote-control:",
            "  control-enable: no",
        ]
        for number, (origin, text) in enumerate(zones.items()):
            (at.folder / f"{number}.zone").write_text(_HEAD + text, "utf-8")
            lines += ["zone:", f'  name: "{origin}"', f'  zonefile: "{number}.zone"']
        configuration = at.folder / "nsd.conf"
        configuration.write_text("\n".join(lines) + "\n", "utf-8")
        command = [PROGRAM, "-d", "-c", configuration]
        with running(command, ports, at.folder / "nsd.log"):
            yield f"{HOST}:{ports['dns']}"
