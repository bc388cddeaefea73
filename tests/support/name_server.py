"""A name server on loopback that answers from zone files in the tests, over UDP and TCP."""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone

_UDP_SIZE = 1232


@dataclass
class NameServer:
    """A running one."""

    address: str
    """As a resolver is named: `127.0.0.1:port`."""
    asked: list[str] = field(default_factory=list)
    """`name TYPE` of each question, without the final dot."""


@contextmanager
def serve_names(
    zones: Mapping[str, str],
    *,
    secure: bool = False,
    silent: frozenset[str] = frozenset(),
    broken: frozenset[str] = frozenset(),
) -> Iterator[NameServer]:
    """Serve *zones*: origin to text as in a zone file, where SOA and NS may be left out.

    *secure* claims that all is validated; *silent* names get no answer, *broken* ones SERVFAIL.
    """
    made = [
        dns.zone.from_text(text, origin, relativize=False, check_origin=False)
        for origin, text in zones.items()
    ]
    server = NameServer("")

    def answer(octets: bytes) -> bytes | None:
        query = dns.message.from_wire(octets)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        name = question.name.to_text(omit_final_dot=True)
        server.asked.append(f"{name} {kind}")
        if name in silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA | (dns.flags.AD if secure else 0)
        response.set_rcode(dns.rcode.SERVFAIL if name in broken else dns.rcode.NXDOMAIN)
        if name not in broken:
            _fill(response, question.name, question.rdtype, made)
        return response.to_wire(max_size=65535)

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            octets, sock = self.request
            found = answer(octets)
            if found is None:
                return
            if len(found) > _UDP_SIZE:
                query = dns.message.from_wire(octets)
                short = dns.message.make_response(query)
                short.flags |= dns.flags.TC
                found = short.to_wire()
            sock.sendto(found, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            found = answer(self.rfile.read(length))
            if found is not None:
                self.wfile.write(struct.pack("!H", len(found)) + found)

    with _both(Udp, Tcp) as (udp, tcp):
        server.address = f"127.0.0.1:{udp.server_address[1]}"
        threads = [threading.Thread(target=item.serve_forever, args=(0.02,)) for item in (udp, tcp)]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            for item, thread in zip((udp, tcp), threads, strict=True):
                item.shutdown()
                thread.join()


@contextmanager
def _both(
    udp_handler: type[socketserver.BaseRequestHandler],
    tcp_handler: type[socketserver.BaseRequestHandler],
) -> Iterator[tuple[socketserver.UDPServer, socketserver.TCPServer]]:
    """Open a port that is free for UDP and for TCP; one is often taken where the other is not."""
    while True:
        with socketserver.ThreadingUDPServer(("127.0.0.1", 0), udp_handler) as udp:
            try:
                tcp = socketserver.ThreadingTCPServer(udp.server_address, tcp_handler)
            except OSError:
                continue
            with tcp:
                yield udp, tcp
            return


def _fill(
    response: dns.message.Message,
    name: dns.name.Name,
    kind: dns.rdatatype.RdataType,
    zones: list[dns.zone.Zone],
) -> None:
    """Put in what the zones have, following aliases (RFC 1034, section 4.3.2)."""
    for _ in range(8):
        exists = False
        target = None
        for zone in zones:
            if not name.is_subdomain(zone.origin or dns.name.root):
                continue
            exists |= any(node.is_subdomain(name) for node in zone.nodes)
            for wanted in (kind, dns.rdatatype.CNAME):
                found = zone.get_rdataset(name, wanted)
                if found is not None:
                    response.answer.append(dns.rrset.from_rdata_list(name, found.ttl, found))
                    target = found[0].target if wanted != kind else None
                    break
        if exists:
            response.set_rcode(dns.rcode.NOERROR)
        if target is None:
            return
        name = target
